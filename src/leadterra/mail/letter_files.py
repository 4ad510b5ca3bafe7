"""Whether the octets of a file are a letter or a plain text. Never raises; looks at their start only."""

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


def is_letter(content: bytes) -> bool:
    """Whether it begins with a header: fields of which one is a mail system's, or From, Date and one more."""
    start = content[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if start.startswith((b"From ", b">From ")):
        start = start.partition(b"\n")[2]
    names = {name for name, _ in read_header(start).fields}
    if names & _TRACES:
        return bool(names & _OWN_FIELDS) or len(names & _TRACES) > 1
    return {"from", "date"} <= names and len(names & _OWN_FIELDS) > 2
