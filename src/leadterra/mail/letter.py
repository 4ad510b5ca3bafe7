"""One letter before it is bytes: the envelope and all its header will say. A value; it checks nothing."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A display name (may be empty, any Unicode) and a bare address (local part may be Unicode, RFC 6532)."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One rendered message, ready to be composed.

    sender, recipient: header and envelope at once. subject: already with its `Re:`.
    html: the HTML body. text: the plain alternative. message_id: with angle brackets. date: instant in UTC.
    references: Message-IDs of the thread, oldest first; the last is also In-Reply-To. Empty: a new thread.
    unsubscribe_url: the RFC 8058 one-click address. warmup_mark: see `mail.warmup`; empty for all other
    letters.
    """

    sender: Mailbox
    recipient: Mailbox
    subject: str
    html: str
    text: str
    message_id: str
    date: datetime
    references: tuple[str, ...]
    unsubscribe_url: str
    warmup_mark: str = ""
