"""The letter that a report is about, as far as it came back: whole, its header, or lines in a text. Never
raises; linear.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from leadterra.mail.header_fields import read_header
from leadterra.mail.header_values import one_line, read_identifiers, read_mailboxes
from leadterra.mail.incoming import Part

_RETURNED = re.compile(r"message/(rfc822|global|global-headers|partial|news)|text/rfc822(-headers)?")
_LONGEST = 262_144
_HEADER_LINE = re.compile(
    r"(received|return-path|message-id|from|to|subject|date|dkim-signature|mime-version|delivered-to"
    r"|x-[a-z-]{1,60})[ \t]*:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Returned:
    """ids: its Message-ID, then what it answered. recipients: addresses of its To. subject: decoded. fields:
    how many were read; without any nothing came back.
    """

    ids: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    subject: str = ""
    fields: int = 0


def read_returned(parts: Sequence[Part], text: str) -> Returned:
    """Read the first returned letter of a report's parts, or else the one that stands in its text."""
    for part in parts:
        if _RETURNED.fullmatch(part.content_type):
            found = _read(part.content[:_LONGEST].lstrip(b"\r\n"))
            if found.fields:
                return found
    return _read(_header_lines(text).encode("utf-8", "replace")) if text else Returned()


def _read(content: bytes) -> Returned:
    header = read_header(content)
    ids = [
        each
        for name in ("message-id", "x-original-message-id")
        for each in read_identifiers(header.first(name))
    ]
    thread = [
        each
        for name in ("in-reply-to", "references")
        for each in reversed(read_identifiers(header.first(name)))
    ]
    return Returned(
        ids=tuple(dict.fromkeys((*ids, *thread))),
        recipients=tuple(each.address for each in read_mailboxes(header.first("to"))),
        subject=one_line(header.first("subject")),
        fields=len(header.fields),
    )


def _header_lines(text: str) -> str:
    """The text from its first line that is a header field, without indentation."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        bare = line.lstrip(" \t>|")
        if _HEADER_LINE.match(bare):
            indent = len(line) - len(bare)
            return "\n".join(
                each[indent:] if not each[:indent].strip(" \t>|") else each for each in lines[number:]
            )
    return ""
