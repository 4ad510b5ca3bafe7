"""The header of a letter that came: fields unfolded (RFC 5322 §2.2.3), within limits. Never raises; linear.

Whatever is no field and continues none ends the header, as an empty line does: some senders forget it, and
the rest is better read as text than lost.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from leadterra.mail.charsets import decode

MOST_FIELDS = 1_000
LONGEST_FIELD = 16_384
LONGEST_HEADER = 262_144

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_PARAMETER = re.compile(rb"[A-Za-z*0-9-]{1,40}=")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_BLANKS = re.compile(r"[ \t]*\n[ \t]*")


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """fields: lower-case name and value, unfolded and not yet decoded (RFC 2047), in their order. end: where
    the body begins. faults: what was cut, for people.
    """

    fields: tuple[tuple[str, str], ...]
    end: int
    faults: tuple[str, ...] = ()

    def first(self, name: str) -> str:
        """The first value of a field, empty if there is none."""
        return next((value for field, value in self.fields if field == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for field, value in self.fields if field == name]


def read_header(content: bytes, start: int = 0, stops: Collection[bytes] = ()) -> HeaderBlock:
    """Read the header that begins at `start`.

    stops: lines that end it although no empty line was seen: the boundaries of the multiparts around it.
    """
    gathered: list[tuple[str, list[bytes]]] = []
    faults: list[str] = []
    position, end, count = start, min(len(content), start + LONGEST_HEADER), 0
    while position < end:
        found = _LINE.match(content, position)
        line = found.group().rstrip(b"\r\n") if found else b""
        after = found.end() if found else end
        if not line.strip():
            position = after
            break
        if gathered and (line[:1] in b" \t" or _lacks_its_rest(gathered[-1][1], line)):
            gathered[-1][1].append(line)
        elif (field := _FIELD.match(line)) and line.rstrip() not in stops:
            count += 1
            if count <= MOST_FIELDS:
                gathered.append((field[1].decode("ascii").lower(), [line[field.end() :]]))
        else:
            faults += [] if line.rstrip() in stops or not gathered else ["a header without an empty line"]
            break
        position = after
    else:
        faults += ["the header was cut"] if position < len(content) else []
    if count > MOST_FIELDS:
        faults.append(f"{count} header fields, of which {MOST_FIELDS} were read")
    return HeaderBlock(tuple((name, _unfold(lines)) for name, lines in gathered), position, tuple(faults))


def _lacks_its_rest(lines: list[bytes], line: bytes) -> bool:
    """Whether a parameter stands at the start of a line that should have been indented."""
    return lines[-1].rstrip().endswith(b";") and _PARAMETER.match(line) is not None


def _unfold(lines: list[bytes]) -> str:
    text, _ = decode(b"\n".join(lines)[:LONGEST_FIELD])
    return _BLANKS.sub(" ", text).strip()
