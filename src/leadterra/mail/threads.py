"""What makes follow-ups one conversation: the Message-ID and the reply subject. Deterministic; nothing is
drawn.

The Message-ID of a step is the same on every attempt, so that a message whose fate is unknown can be found
again in the sender's Sent folder (R6). It can be read back: what answers it names the enrollment, and nothing
has to be kept to know that. `message_id` raises ValueError for a domain that could break the header.
"""

import re
from base64 import b32decode
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

_PURPOSE = b"leadterra message-id 2"
_MASK = b"leadterra message-id mask"
# Octets that differ from step to step; the other sixteen are the enrollment's.
_TAG = 4
# Base 32 (RFC 4648 §6) in lower case, two characters at once: the standard library's own is written in
# Python.
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_TEN_BITS = range(150, -1, -10)

_OURS = re.compile(r"<?([a-zA-Z2-7]{32})@")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\Z")

# RFC 5322 §3.6.5 knows `Re: ` alone; mail programs localise it and some count: Aw (German), Antw (Dutch),
# Sv (Nordic), Odp (Polish), Ynt (Turkish), Vs (Finnish), Re[2] (The Bat!).
_REPLY_MARKS = re.compile(
    r"(?:(?:re|aw|antw|sv|vs|odp|ynt|回复|答复|回覆)(?:[\[(]\d{1,4}[\])]|\^\d{1,4})?[ \t]*[:：]\s*)+", re.I
)


def message_id(workspace_id: UUID, enrollment_id: UUID, step_id: UUID, domain: str) -> str:
    """Return the Message-ID, in angle brackets, of a step for an enrollment, at the sender's ASCII domain."""
    host = _host(domain)
    tag = sha256(_PURPOSE + workspace_id.bytes + enrollment_id.bytes + step_id.bytes).digest()[:_TAG]
    number = int.from_bytes(tag, "big") << 128 | enrollment_id.int ^ _mask(workspace_id, tag)
    return f"<{''.join([_PAIRS[number >> shift & 0x3FF] for shift in _TEN_BITS])}@{host}>"


def enrollment_in(identifier: str, workspace_id: UUID) -> UUID | None:
    """The enrollment that a Message-ID may be of; None if it is none of ours. Whether it is, shows by making
    it again from that enrollment's steps. Servers may have changed the case of its letters.
    """
    found = _OURS.match(identifier)
    if found is None:
        return None
    octets = b32decode(found[1].upper())
    tag, masked = octets[:_TAG], int.from_bytes(octets[_TAG:], "big")
    return UUID(int=masked ^ _mask(workspace_id, tag))


def _mask(workspace_id: UUID, tag: bytes) -> int:
    """What makes the Message-IDs of one import, whose enrollments have like ids, look nothing like each
    other.
    """
    return int.from_bytes(sha256(_MASK + workspace_id.bytes + tag).digest()[:16], "big")


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
