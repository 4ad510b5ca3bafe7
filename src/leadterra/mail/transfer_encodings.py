"""Bodies as the octets of a transfer encoding (RFC 2045 §6), in the very spelling of the standard `email`
package.

The package's own quoted-printable is written in Python and looks at every octet. Here the C codec of
`binascii` does, and only its line breaks, which are elsewhere, are made anew. Never fails.
"""

import re
from binascii import b2a_base64, b2a_qp

_LONGEST_LINE = 76
# All that stands for itself: blanks, line ends and printable ASCII without `=`.
_LITERAL = bytes({0x09, 0x0A, *range(0x20, 0x7F)} - {ord("=")})
_EQUALS = ord("=")
_BLANKS = (b"=20", b"=09")
# As much of a line that is too long as goes before a soft break, which is never inside of an escape; or the
# rest of a line, with its end.
_PIECE = re.compile(rb"(?=[^\n]{77})[^\n]{73}(?:(?==)|[^\n](?:(?==)|[^\n]))|[^\n]*\n?")


def quoted_printable(octets: bytes) -> bytes:
    """Encode text with plain line ends (RFC 2045 §6.7); so has the result."""
    # The codec escapes a dot where it is all of a line, and a blank at the end of one.
    escaped = b2a_qp(octets).replace(b"=\n", b"").replace(b"=2E", b".")
    if any(blank in escaped for blank in _BLANKS):
        return b"\n".join([_line(line) for line in escaped.split(b"\n")])
    pieces = [
        piece if piece.endswith(b"\n") else piece + b"=\n" for piece in _PIECE.findall(escaped) if piece
    ]
    broken = b"".join(pieces)
    return broken if escaped.endswith(b"\n") else broken.removesuffix(b"=\n")


def is_mostly_escaped(octets: bytes) -> bool:
    """Tell whether quoted-printable would make twice the size of a text out of it."""
    return 2 * len(octets.translate(None, _LITERAL)) > len(octets)


def base64_lines(octets: bytes) -> bytes:
    """Encode octets (RFC 2045 §6.8) in lines of 76, each with its CRLF."""
    encoded = b2a_base64(octets, newline=False)
    starts = range(0, len(encoded), _LONGEST_LINE)
    return b"".join([encoded[start : start + _LONGEST_LINE] + b"\r\n" for start in starts])


def _line(line: bytes) -> bytes:
    """Break one escaped line softly, never inside of an escape, and protect a blank at its end."""
    if line.endswith(_BLANKS):
        line = line[:-3] + bytes.fromhex(line[-2:].decode())
    pieces = []
    start = 0
    while len(line) - start > _LONGEST_LINE:
        stop = start + _LONGEST_LINE - 1
        if line[stop - 2] == _EQUALS:
            stop -= 2
        elif line[stop - 1] == _EQUALS:
            stop -= 1
        pieces.append(line[start:stop] + b"=\n")
        start = stop
    return b"".join(pieces) + _protected(line[start:])


def _protected(line: bytes) -> bytes:
    """Rule 3 of RFC 2045 §6.7: a blank at the end of a line is escaped, or has a soft break behind it."""
    if not line.endswith((b" ", b"\t")):
        return line
    if len(line) <= _LONGEST_LINE - 2:
        return b"%b=%02X" % (line[:-1], line[-1])
    if len(line) == _LONGEST_LINE - 1:
        return line + b"=\n"
    return b"%b=\n=%02X" % (line[:-1], line[-1])
