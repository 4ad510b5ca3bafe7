"""What an IMAP server says, cut into responses and read as values (RFC 9051 §9, RFC 3501 §9).

`Reader.read` never raises and keeps at most `LONGEST_LINE` octets beside the literals that it was allowed.
What is no response, has no end or holds more than was asked for sets `fault`; responses that came before it
are still given, nothing after it is. `parse` raises `Unreadable` and nothing else. Both take time in
proportion to the octets, whatever they are.
"""

import re
from typing import NamedTuple

# The longest line that a well-behaved server sends us answers SEARCH: this holds 25 000 of the longest UIDs.
LONGEST_LINE = 256 * 1024
DEEPEST = 16
MOST_LITERALS = 64
USUAL_ALLOWANCE = 64 * 1024
UNTAGGED, PROMPT = "*", "+"

Value = str | bytes | None | list["Value"]
"""An atom or number (str), a string (bytes), NIL, or a list in parentheses."""

_STATUS = frozenset({"OK", "NO", "BAD", "BYE", "PREAUTH"})
_ENDINGS = frozenset({"OK", "NO", "BAD"})
_READ = frozenset({"CAPABILITY", "LIST", "XLIST", "SEARCH", "FETCH", "NAMESPACE", "STATUS", "VANISHED"})
_WORDS_ONLY = re.compile(rb"\+|[!-~]{1,32} (?:OK|NO|BAD|BYE|PREAUTH)(?: |\Z)", re.IGNORECASE)
_ANNOUNCED = re.compile(rb"~?\{([0-9]{1,10})\+?\}\Z")
_TAG = re.compile(rb"[!-~]{1,32}")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
_PLAIN = re.compile(rb'[^ ()"\[]*+')
_LONGEST_ANNOUNCEMENT = 14
_SHOWN = 200


class Unreadable(ValueError):
    """No IMAP response, in words for people."""


class Response(NamedTuple):
    """tag: of the command that it ends; "*" if it ends none, "+" where the server waits for more. name: in
    upper case, empty after "+". number: the one before the name, of a letter or a count. values: what follows
    the name, where we read it; of a status, what stands in its brackets. text: for people.
    """

    tag: str
    name: str = ""
    number: int | None = None
    values: tuple[Value, ...] = ()
    text: str = ""

    @property
    def code(self) -> str:
        """The response code of a status in upper case (RFC 5530), empty if it has none."""
        first = self.values[0] if self.values and self.name in _STATUS else None
        return first.upper() if isinstance(first, str) else ""


class Reader:
    """Octets in, responses out.

    allowance: octets that the literals of one response may have together. fault: why no more is read, in
    words for people; None while all is well.
    """

    __slots__ = ("_literal", "_missing", "_pieces", "_rest", "_size", "allowance", "fault")

    def __init__(self) -> None:
        self._rest: bytearray | None = None
        self._literal: bytearray | None = None
        self._missing = 0
        self._pieces: list[bytes] | None = None
        self._size = 0
        self.allowance = USUAL_ALLOWANCE
        self.fault: str | None = None

    @property
    def is_between_responses(self) -> bool:
        """Whether nothing of a next response has come."""
        return self._rest is None and self._pieces is None

    def read(self, octets: bytes) -> list[Response]:
        """The responses that end in these octets."""
        responses: list[Response] = []
        start = 0
        while self.fault is None and start < len(octets):
            if self._literal is not None:
                start = self._take_literal(octets, start)
            else:
                start = self._take_line(octets, start, responses)
        return responses

    def _take_literal(self, octets: bytes, start: int) -> int:
        assert self._literal is not None
        piece = octets[start : start + self._missing]
        self._literal += piece
        self._missing -= len(piece)
        if self._missing == 0:
            self._end_literal()
        return start + len(piece)

    def _end_literal(self) -> None:
        assert self._literal is not None
        assert self._pieces is not None
        self._pieces.append(bytes(self._literal))
        self._literal = None

    def _take_line(self, octets: bytes, start: int, responses: list[Response]) -> int:
        end = octets.find(b"\n", start)
        stop = len(octets) if end == -1 else end
        if self._size + len(self._rest or b"") + stop - start > LONGEST_LINE:
            self._give_up("The server's response has no end.")
        elif end == -1:
            if self._rest is None:
                self._rest = bytearray()
            self._rest += octets[start:]
        else:
            line = octets[start:end] if self._rest is None else bytes(self._rest + octets[start:end])
            self._rest = None
            self._end_line(line.removesuffix(b"\r"), responses)
        return stop + 1

    def _end_line(self, line: bytes, responses: list[Response]) -> None:
        if not line and self._pieces is None:
            return  # Some servers end a literal's response twice.
        is_first = self._pieces is None
        announced = None
        if not (is_first and _WORDS_ONLY.match(line)):
            announced = _ANNOUNCED.search(line, max(0, len(line) - _LONGEST_ANNOUNCEMENT))
        if announced is not None:
            self._begin_literal(line[: announced.start()], int(announced[1]))
            return
        pieces = [*(self._pieces or ()), line]
        self._pieces, self._size = None, 0
        try:
            responses.append(parse(pieces))
        except Unreadable as error:
            self._give_up(str(error))

    def _begin_literal(self, line: bytes, size: int) -> None:
        if self._pieces is None:
            self._pieces = []
        self._pieces.append(line)
        self._size += len(line)
        stored = sum(len(piece) for piece in self._pieces[1::2])
        if stored + size > self.allowance or len(self._pieces) > 2 * MOST_LITERALS:
            self._give_up("The server sends more than it was asked for.")
            return
        self._literal, self._missing = bytearray(), size
        if size == 0:
            self._end_literal()

    def _give_up(self, fault: str) -> None:
        self.fault = fault
        self._rest = self._literal = self._pieces = None
        self._size = self._missing = 0


def parse(pieces: list[bytes]) -> Response:
    """One response: its line, cut at each literal; literals and pieces of the line take turns. Raises
    Unreadable.
    """
    line = pieces[0]
    if line[:1] == b"+":
        return Response(PROMPT, text=_text(line[1:]))
    tag, _, rest = line.partition(b" ")
    word, _, rest = rest.partition(b" ")
    number = None
    if tag == b"*" and word.isdigit() and len(word) <= 10:
        number = int(word)
        word, _, rest = rest.partition(b" ")
    name = word[:32].decode("ascii", "replace").upper()
    if not _TAG.fullmatch(tag) or (tag != b"*" and name not in _ENDINGS):
        raise Unreadable(f"The server said something that is no IMAP response: {_text(line[:_SHOWN])}")
    if name in _STATUS:
        values, text = _read_status(rest)
        return Response(tag.decode("ascii"), name, None, values, text)
    if name in _READ:
        return Response(UNTAGGED, name, number, tuple(read_values([rest, *pieces[1:]])))
    return Response(UNTAGGED, name, number)


def read_values(pieces: list[bytes]) -> list[Value]:
    """The values of a line that is cut at its literals. Raises Unreadable."""
    top: list[Value] = []
    stack = [top]
    for index, piece in enumerate(pieces):
        if index % 2:
            stack[-1].append(piece)
        else:
            _read_piece(piece, stack)
    if len(stack) != 1:
        raise Unreadable("The server opened a list and did not close it.")
    return top


def _read_piece(line: bytes, stack: list[list[Value]]) -> None:
    """Add its values to the innermost open list, opening and closing lists on the way."""
    last_bracket = line.rfind(b"]")
    at = 0
    while at < len(line):
        first = line[at : at + 1]
        if first == b" ":
            at += 1
        elif first in (b"(", b")"):
            _open_or_close(first, stack)
            at += 1
        elif first == b'"':
            at = _read_quoted(line, at, stack[-1])
        else:
            end = _end_of_atom(line, at, last_bracket)
            atom = line[at:end].decode("utf-8", "surrogateescape")
            stack[-1].append(None if atom.upper() == "NIL" else atom)
            at = end


def _open_or_close(parenthesis: bytes, stack: list[list[Value]]) -> None:
    if parenthesis == b"(":
        if len(stack) > DEEPEST:
            raise Unreadable("The server nests lists too deeply.")
        inner: list[Value] = []
        stack[-1].append(inner)
        stack.append(inner)
    elif len(stack) == 1:
        raise Unreadable("The server closed a list that it did not open.")
    else:
        stack.pop()


def _read_quoted(line: bytes, at: int, into: list[Value]) -> int:
    quoted = _QUOTED.match(line, at)
    if quoted is None:
        raise Unreadable("The server opened a string and did not close it.")
    into.append(_ESCAPED.sub(rb"\1", quoted[1]))
    return quoted.end()


def _end_of_atom(line: bytes, at: int, last_bracket: int) -> int:
    """Where it ends. What stands in brackets belongs to it: `BODY[HEADER.FIELDS (MESSAGE-ID)]`."""
    while True:
        plain = _PLAIN.match(line, at)
        at = plain.end() if plain else at
        if line[at : at + 1] != b"[":
            return at
        at = line.index(b"]", at) + 1 if at < last_bracket else at + 1


def _read_status(rest: bytes) -> tuple[tuple[Value, ...], str]:
    """The values in the brackets, and the words after them."""
    end = rest.find(b"]") if rest[:1] == b"[" else -1
    if end == -1:
        return (), _text(rest)
    try:
        values = tuple(read_values([rest[1:end]]))
    except Unreadable:
        values = ()
    return values, _text(rest[end + 1 :])


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "replace").strip()
