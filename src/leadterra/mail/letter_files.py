"""Letters in files: whether octets are a letter or a plain text, and the letters of an mbox (RFC 4155).

Raises what reading the file raises; memory is bounded, whatever the file holds.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from leadterra.mail.header_fields import read_header

_LOOKED_AT = 65_536
# What mail systems write; people who copy "From:" and "Subject:" into a text leave these out.
_TRACES = frozenset(
    {
        "received",
        "message-id",
        "mime-version",
        "content-type",
        "return-path",
        "delivered-to",
        "dkim-signature",
        "x-original-to",
        "envelope-to",
        "authentication-results",
    }
)
_OWN_FIELDS = frozenset({"from", "to", "date", "subject"})
# With a time and a year: "From the start" begins a paragraph.
_ENVELOPE = re.compile(rb"From \S{1,320} .{0,40}\d{1,2}:\d\d.{0,20}\b(?:19|20)\d\d\b")
_LONGEST_LINE = 65_536


def is_letter(content: bytes) -> bool:
    """Whether it begins with a header: fields of which one is a mail system's, or From, Date and one more."""
    start = content[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith((b"From ", b">From ")):
        start = start.partition(b"\n")[2]
    names = {name for name, _ in read_header(start).fields}
    if names & _TRACES:
        return bool(names & _OWN_FIELDS) or len(names & _TRACES) > 1
    return {"from", "date"} <= names and len(names & _OWN_FIELDS) > 2


def letters_in(file: BinaryIO, most: int) -> Iterator[bytes]:
    """Yield the letters of an mbox, or all of any other file as one; of each its first `most` octets."""
    kept, is_mailbox, is_start = bytearray(), False, True
    while line := file.readline(_LONGEST_LINE):
        if is_start and _ENVELOPE.match(line):
            if kept and is_mailbox:
                yield bytes(kept[:most])
                kept.clear()
            is_mailbox = is_mailbox or not kept
        elif not is_mailbox and len(kept) > most:
            break
        if len(kept) <= most:
            kept += line
        is_start = not line.strip()
    if kept or not is_mailbox:
        yield bytes(kept[:most])
