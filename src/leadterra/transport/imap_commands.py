"""What we say to an IMAP server, so that no string from outside can become a command.

A command is written as words: `bytes` are ours and go as they are, `Text` came from somebody and goes quoted,
or as a literal where quotes cannot hold it (RFC 9051 §4.3). Raises ValueError for what cannot be said at all:
NUL, line ends in a word of ours, a UID that is none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

HIGHEST_UID = 2**32 - 1
_LONGEST_QUOTED = 1000
_LONGEST_MINUS = 4096  # RFC 7888 §5
_LONGEST_SET = 1000
_QUOTABLE = re.compile(rb"[ -~]*")
_SPECIAL = re.compile(rb'(["\\])')


@dataclass(frozen=True, slots=True)
class Text:
    """A string that came from outside: a name, a password, a letter. is_literal: never quoted."""

    octets: bytes = field(repr=False)
    is_literal: bool = False


class Literals:
    """How literals are announced: by leave of the server, or without (RFC 7888)."""

    __slots__ = ("_longest_unasked",)

    def __init__(self, capabilities: frozenset[str] = frozenset()) -> None:
        if "LITERAL+" in capabilities:
            self._longest_unasked = 2**32
        else:
            self._longest_unasked = _LONGEST_MINUS if "LITERAL-" in capabilities else -1

    def write(self, words: Sequence[bytes | Text]) -> list[bytes]:
        """The command without its tag, in the pieces between which the server has to say "go on". Each piece
        is sent with a line end behind it.
        """
        pieces: list[bytes] = []
        line = b""
        for index, word in enumerate(words):
            line += b" " if index else b""
            if isinstance(word, bytes):
                line += _our_word(word)
            elif (quoted := _quote(word)) is not None:
                line += quoted
            elif len(word.octets) <= self._longest_unasked:
                line += b"{%d+}\r\n%b" % (len(word.octets), word.octets)
            else:
                pieces.append(line + b"{%d}" % len(word.octets))
                line = word.octets
        return [*pieces, line]


def _our_word(word: bytes) -> bytes:
    if not _QUOTABLE.fullmatch(word):
        raise ValueError("A command of ours has printable characters only.")
    return word


def _quote(text: Text) -> bytes | None:
    """In quotes; None if only a literal can hold it."""
    if b"\0" in text.octets:
        raise ValueError("IMAP has no NUL.")
    if text.is_literal or len(text.octets) > _LONGEST_QUOTED or not _QUOTABLE.fullmatch(text.octets):
        return None
    return b'"' + _SPECIAL.sub(rb"\\\1", text.octets) + b'"'


def uid_sets(uids: Iterable[int]) -> Iterator[bytes]:
    """These UIDs as sets (`3,7:9`) that fit into a command line, each UID once. Raises ValueError."""
    line = b""
    for first, last in _ranges(sorted(set(uids))):
        part = b"%d" % first if first == last else b"%d:%d" % (first, last)
        if len(line) + len(part) >= _LONGEST_SET:
            yield line
            line = b""
        line += b"," + part if line else part
    if line:
        yield line


def _ranges(uids: list[int]) -> Iterator[tuple[int, int]]:
    if uids and not (uids[0] >= 1 and uids[-1] <= HIGHEST_UID):
        raise ValueError("A UID is between 1 and 2^32-1 (RFC 9051 §2.3.1.1).")
    start = 0
    for index, uid in enumerate(uids):
        if index + 1 == len(uids) or uids[index + 1] != uid + 1:
            yield uids[start], uid
            start = index + 1
