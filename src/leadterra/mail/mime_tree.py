"""A letter taken apart into its leaves (RFC 2045, RFC 2046), whatever its bytes are like. Never raises.

One walk from the first octet to the last, without recursion: a stack holds the multiparts that are open, and
every line that is one of their boundaries ends all that is inside of it (RFC 2046 §5.1.2). So a boundary that
never ends costs nothing, and one that occurs in another's parts is that other's only if it is inside. Past
the limits the rest is left out, with a fault that says so. Nothing grows: a leaf's content is never longer
decoded than it came.
"""

import re
from binascii import a2b_qp
from collections.abc import Iterator
from dataclasses import dataclass

from leadterra.mail.header_fields import HeaderBlock, read_header
from leadterra.mail.header_values import decode_base64, read_parameters

MOST_PARTS = 200
DEEPEST = 20
LONGEST_BOUNDARY = 200

_DELIMITER = re.compile(rb"^--([^\r\n]*)(?:\r\n|\n|\r|\Z)", re.MULTILINE)
_CARRIAGE_RETURNS = re.compile(rb"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Multipart:
    """An inner node. number: no other node of the letter has it. subtype: lower case."""

    number: int
    subtype: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A part that is no multipart. content_type: lower case, without parameters. parameters: of Content-Type.
    disposition: "attachment", "inline" or empty. is_named: it has a file name. content: decoded from its
    transfer encoding. inside: the multiparts around it, outermost first.
    """

    content_type: str
    parameters: dict[str, str]
    disposition: str
    is_named: bool
    content: bytes
    inside: tuple[Multipart, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """header: of the letter itself. content_type, parameters: its own. report_type: of the first
    multipart/report. faults: for people.
    """

    header: HeaderBlock
    content_type: str
    report_type: str
    leaves: tuple[Leaf, ...]
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Open:
    """A multipart whose end was not seen yet."""

    boundary: bytes
    node: Multipart


class _Walk:
    """The state of one walk."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.stack: list[_Open] = []
        self.leaves: list[Leaf] = []
        self.faults: dict[str, None] = {}
        self.report_type = ""
        self.count = 0

    def run(self) -> Tree:
        header = read_header(self.content)
        content_type, _ = _type_of(header, "text/plain")
        self._enter(header, "text/plain")
        return Tree(header, content_type, self.report_type, tuple(self.leaves), tuple(self.faults))

    def _enter(self, header: HeaderBlock, default: str) -> None:
        """Go through the letter, part by part."""
        while True:
            self.faults.update(dict.fromkeys(header.faults))
            position = self._open_or_keep(header, default)
            # What stands between an end of an inner multipart and the next boundary is an epilogue.
            while position is not None and not position[1]:
                position = self._next_delimiter(position[0])
            if position is None or not self.stack:
                return
            if len(self.leaves) + self.count >= MOST_PARTS:
                self.faults[f"more than {MOST_PARTS} parts"] = None
                return
            header = read_header(self.content, position[0], self._stops())
            default = "message/rfc822" if self.stack[-1].node.subtype == "digest" else "text/plain"

    def _open_or_keep(self, header: HeaderBlock, default: str) -> tuple[int, bool] | None:
        """Open a multipart or keep a leaf, and go on to the boundary that follows."""
        content_type, parameters = _type_of(header, default)
        kind, _, subtype = content_type.partition("/")
        boundary = parameters.get("boundary", "").rstrip().encode("utf-8", "replace")[:LONGEST_BOUNDARY]
        if kind == "multipart" and boundary and len(self.stack) < DEEPEST:
            self.count += 1
            self.stack.append(_Open(boundary, Multipart(self.count, subtype)))
            if subtype == "report" and not self.report_type:
                self.report_type = parameters.get("report-type", "").lower()
            first = self._find_delimiter(header.end)
            if first is None or not first[1].startswith(boundary):
                self.faults["a multipart without its boundary"] = None
                self._keep("text/plain", parameters, header, first.start() if first else len(self.content))
            return self._take(first) if first else None
        if kind == "multipart":
            self.faults[
                "a multipart without a boundary" if not boundary else f"nested deeper than {DEEPEST}"
            ] = None
            content_type = content_type if boundary else "text/plain"
        start = self._find_delimiter(header.end)
        self._keep(content_type, parameters, header, start.start() if start else len(self.content))
        return self._take(start) if start else None

    def _keep(self, content_type: str, parameters: dict[str, str], header: HeaderBlock, end: int) -> None:
        disposition, more = read_parameters(header.first("content-disposition"))
        raw = self.content[header.end : max(header.end, end)]
        if end < len(self.content):
            # The line end before a boundary belongs to it (RFC 2046 §5.1.1).
            raw = raw.removesuffix(b"\n").removesuffix(b"\r")
        self.leaves.append(
            Leaf(
                content_type,
                parameters,
                disposition,
                "filename" in more or "name" in parameters,
                _decoded(raw, header.first("content-transfer-encoding")),
                tuple(each.node for each in self.stack),
            )
        )

    def _next_delimiter(self, position: int) -> tuple[int, bool] | None:
        found = self._find_delimiter(position)
        return self._take(found) if found else None

    def _find_delimiter(self, position: int) -> re.Match[bytes] | None:
        """The next line that is a boundary of an open multipart."""
        stops = self._stops()
        for found in _delimiters(self.content, position):
            if b"--" + found[1].rstrip() in stops:
                return found
        return None

    def _take(self, found: re.Match[bytes]) -> tuple[int, bool]:
        """End what the boundary ends: where the next octet is, and whether a part begins there."""
        line = found[1].rstrip()
        while self.stack:
            boundary = self.stack[-1].boundary
            if line == boundary:
                return found.end(), True
            node = self.stack.pop()
            if line == node.boundary + b"--":
                break
        return found.end(), False

    def _stops(self) -> frozenset[bytes]:
        return frozenset(
            line for each in self.stack for line in (b"--" + each.boundary, b"--" + each.boundary + b"--")
        )


def take_apart(content: bytes) -> Tree:
    """The leaves of a letter, multiparts and leaves together at most `MOST_PARTS`."""
    return _Walk(_CARRIAGE_RETURNS.sub(b"\r\n", content)).run()


def _delimiters(content: bytes, position: int) -> Iterator[re.Match[bytes]]:
    return _DELIMITER.finditer(content, position)


def _type_of(header: HeaderBlock, default: str) -> tuple[str, dict[str, str]]:
    content_type, parameters = read_parameters(header.first("content-type"))
    if "/" not in content_type:
        # `Content-Type: text` is older than MIME.
        content_type = "text/plain" if content_type == "text" else default
    return content_type, parameters


def _decoded(raw: bytes, encoding: str) -> bytes:
    words = encoding.lower().split()
    if "base64" in words[:1]:
        return decode_base64(raw)
    if "quoted-printable" in words[:1]:
        return a2b_qp(raw)
    return raw
