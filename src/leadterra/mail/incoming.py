"""A letter that came, as far as the engine needs it: a value, whatever the bytes were like. It checks
nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from leadterra.mail.letter import Mailbox

_NOBODY = Mailbox("", "")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of the letter's tree that is no text for people: a report's fields, a returned letter or header.

    content_type: lower case, without parameters. content: decoded from its transfer encoding, cut at the
    limits.
    """

    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """One letter.

    headers: by lower-case name, values unfolded and decoded (RFC 2047), in their order. sender: the first of
    From; its address is as written, empty if there is none. recipients: addresses of To and Cc. message_id,
    in_reply_to, references: with angle brackets; empty where absent. date: aware, UTC, None if it cannot be
    read. subject: decoded, one line. content_type: of the whole letter, lower case, without parameters.
    report_type: of a multipart/report (RFC 6522), lower case, else empty. text: what a person reads, "\\n"
    line ends; quotes of an HTML part begin with "> ". parts: see `Part`. faults: what was cut, refused or
    could not be decoded, for people.
    """

    headers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sender: Mailbox = _NOBODY
    reply_to: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    subject: str = ""
    content_type: str = "text/plain"
    report_type: str = ""
    text: str = ""
    parts: tuple[Part, ...] = ()
    faults: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """The first value of a field, by its lower-case name; empty if there is none."""
        return next(iter(self.headers.get(name, ())), "")
