"""What makes follow-ups one conversation: the Message-ID and the reply subject. Deterministic; nothing is
drawn.

The Message-ID of a step is the same on every attempt, so that a message whose fate is unknown can be found
again in the sender's Sent folder (R6). `message_id` raises ValueError for a domain that could break the
header.
"""

import re
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

_PURPOSE = b"leadterra message-id 1"
# Base 32 (RFC 4648 §6) in lower case, two characters at once: the standard library's own is written in
# Python.
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_TEN_BITS = range(150, -1, -10)

_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\Z")

# RFC 5322 §3.6.5 knows `Re: ` alone; mail programs localise it and some count: Aw (German), Antw (Dutch),
# Sv (Nordic), Odp (Polish), Ynt (Turkish), Vs (Finnish), Re[2] (The Bat!).
_REPLY_MARKS = re.compile(
    r"(?:(?:re|aw|antw|sv|vs|odp|ynt|回复|答复|回覆)(?:[\[(]\d{1,4}[\])]|\^\d{1,4})?[ \t]*[:：]\s*)+", re.I
)


def message_id(workspace_id: UUID, enrollment_id: UUID, step_id: UUID, domain: str) -> str:
    """Return the Message-ID, in angle brackets, of a step for an enrollment, at the sender's ASCII domain."""
    host = _host(domain)
    digest = sha256(_PURPOSE + workspace_id.bytes + enrollment_id.bytes + step_id.bytes).digest()
    number = int.from_bytes(digest[:20], "big")
    return f"<{''.join([_PAIRS[number >> shift & 0x3FF] for shift in _TEN_BITS])}@{host}>"


@lru_cache(maxsize=1024)
def _host(domain: str) -> str:
    host = domain.lower()
    if not _HOST.match(host):
        raise ValueError("a Message-ID needs an ASCII domain")
    return host


def reply_subject(subject: str) -> str:
    """Return the subject with exactly one `Re: ` in front, whatever reply marks it had."""
    bare = subject.strip()
    marks = _REPLY_MARKS.match(bare)
    if marks:
        bare = bare[marks.end() :]
    return f"Re: {bare}" if bare else "Re:"
