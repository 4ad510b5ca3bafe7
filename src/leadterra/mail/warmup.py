"""Warm-up letters: what they say, and the signed mark by which they are known (R8).

The letter says in plain words what it is, and nothing else. Its field `X-Leadterra-Warmup` is
`<version>; <workspace>.<letter>; <signature>`, ids and signature in URL-safe base 64, the signature half of
an HMAC-SHA256 with the workspace's secret. A reader that drops warm-up letters must ask `is_warmup`: a mark
that anybody could write must not make a person's reply invisible.
"""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from html import escape
from uuid import UUID

from leadterra.mail.headers import WARMUP_FIELD
from leadterra.mail.incoming import Incoming
from leadterra.mail.letter import Letter, Mailbox

FIELD = WARMUP_FIELD.lower()
"""By this name an `Incoming` has the mark."""

FOLDER = "Leadterra Warm-up"
"""Where letters are filed when they were counted."""

_VERSION = "1"
_PURPOSE = b"leadterra warm-up 1"
# 22 characters are 16 octets; the last of them says two bits only.
_ID = r"([A-Za-z0-9_-]{21}[AQgw])"
_MARK = re.compile(rf"{_VERSION}; ?{_ID}\.{_ID}; ?{_ID}", re.ASCII)
_LONGEST = 200
_MESSAGE_ID = re.compile(r"<warm-up\.([0-9a-f]{32})@[^<>@]{1,255}>", re.ASCII)

_WHY = (
    "It is sent so that the servers of both mailboxes get to know the sender a few letters at a time.",
    "It is one of a few a day, by which a new mailbox begins to send, and more follow as they arrive.",
    "It measures one thing: whether mail from this sender arrives in the inbox, in spam, or not at all.",
    "A mailbox that is new sends little at first; this letter is a part of that little.",
)
_WHAT_NEXT = (
    "Nobody needs to read it. Once it was counted it is moved out of the inbox.",
    "No answer is expected, and none will be made up. It is filed away when it was counted.",
    "There is nothing to do: the program that sent it looks for it here, and files it.",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as read, not yet believed. signature: 16 octets, to be checked with `verify`."""

    workspace_id: UUID
    letter_id: UUID
    signature: bytes

    def verify(self, secret: bytes) -> bool:
        """Whether the workspace's secret signed it, in constant time."""
        return hmac.compare_digest(self.signature, _sign(secret, self.workspace_id, self.letter_id))


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a letter is about. day: UTC. number: of the sender's letters of that day, from 1; `limit` of them
    are allowed.
    """

    workspace_id: UUID
    letter_id: UUID
    day: date
    number: int
    limit: int


def sign_mark(secret: bytes, workspace_id: UUID, letter_id: UUID) -> str:
    """The field's value for a letter."""
    signature = _text(_sign(secret, workspace_id, letter_id))
    return f"{_VERSION}; {_text(workspace_id.bytes)}.{_text(letter_id.bytes)}; {signature}"


def read_mark(value: str) -> Mark | None:
    """A field's value taken apart; None if it is not written as `sign_mark` writes."""
    found = _MARK.fullmatch(" ".join(value.split())) if len(value) <= _LONGEST else None
    if found is None:
        return None
    workspace, letter, signature = (urlsafe_b64decode(f"{part}==") for part in found.groups())
    return Mark(UUID(bytes=workspace), UUID(bytes=letter), signature)


def is_warmup(value: str, secret: bytes) -> bool:
    """Whether a field's value was signed with this workspace's secret: a forged one, or one of another
    workspace, is no reason to pass a letter over.
    """
    mark = read_mark(value)
    return mark is not None and mark.verify(secret)


def without_forged_mark(letter: Incoming, secret: bytes) -> Incoming:
    """The letter; without its mark unless this workspace made that, so that nothing is passed over because
    somebody wrote such a field.
    """
    if FIELD not in letter.headers or is_warmup(letter.header(FIELD), secret):
        return letter
    return replace(letter, headers={name: each for name, each in letter.headers.items() if name != FIELD})


def warmup_message_id(letter_id: UUID, domain: str) -> str:
    """The letter's Message-ID, in angle brackets."""
    return f"<warm-up.{letter_id.hex}@{domain}>"


def read_warmup_message_id(text: str) -> UUID | None:
    """The letter of a Message-ID, such as a bounce returns; None if it is of no warm-up letter. Anybody may
    write one: look the letter up.
    """
    found = _MESSAGE_ID.fullmatch(text.strip()) if len(text) <= 2 * _LONGEST else None
    return UUID(hex=found.group(1)) if found else None


def write_warmup_letter(
    occasion: Occasion, sender: Mailbox, recipient: Mailbox, *, secret: bytes, domain: str, now: datetime
) -> Letter:
    """The letter of an occasion. domain: the right side of its Message-ID. now: its Date."""
    paragraphs = _paragraphs(occasion, sender, recipient)
    return Letter(
        sender=sender,
        recipient=recipient,
        subject=f"Warm-up letter {occasion.number} of {occasion.day.isoformat()} from {sender.address}",
        html="".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs),
        text="\n\n".join(paragraphs) + "\n",
        message_id=warmup_message_id(occasion.letter_id, domain),
        date=now,
        references=(),
        unsubscribe_url="",
        warmup_mark=sign_mark(secret, occasion.workspace_id, occasion.letter_id),
    )


def _paragraphs(occasion: Occasion, sender: Mailbox, recipient: Mailbox) -> list[str]:
    """Honest words. Which of them is drawn from the letter's id."""
    drawn = occasion.letter_id.int
    return [
        f"This is an automatic warm-up letter from {sender.address} to {recipient.address}, both of them "
        "mailboxes of one sender pool.",
        f"{_WHY[drawn % len(_WHY)]} {_WHAT_NEXT[drawn // len(_WHY) % len(_WHAT_NEXT)]}",
        f"It is letter {occasion.number} of at most {occasion.limit} on {occasion.day.isoformat()}. "
        f"Leadterra knows it by the field {WARMUP_FIELD} in its header.",
    ]


def _text(octets: bytes) -> str:
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def _sign(secret: bytes, workspace_id: UUID, letter_id: UUID) -> bytes:
    return hmac.digest(secret, _PURPOSE + workspace_id.bytes + letter_id.bytes, sha256)[:16]
