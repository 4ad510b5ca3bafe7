"""What a letter that came turns out to be, and by what signs: values, made by `mail.classification`."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What kind of letter it is."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    OUT_OF_OFFICE = "out_of_office"
    AUTO_REPLY = "auto_reply"
    UNSUBSCRIBE = "unsubscribe"
    REPLY = "reply"
    OTHER = "other"
    """Nobody's answer: own copies, mailing lists, warm-up letters, what cannot be read."""


class Classification(StrEnum):
    """What it means, as `GET /v1/replies` says it."""

    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"
    OUT_OF_OFFICE = "out_of_office"
    BOUNCE = "bounce"
    UNSUBSCRIBE = "unsubscribe"
    REFERRAL = "referral"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Failure:
    """What a report says about one recipient.

    address: as written, without angle brackets, perhaps none that could exist. status: RFC 3463, such as
    "5.1.1"; code: the SMTP reply code; None where the report has none. hard: the answer was final, and the
    same letter would get it again. dead: for the address's sake; it will not work later either. delayed: not
    failed yet, still being tried. reason: a word such as "no_such_mailbox", see `mail.bounce_reasons`. text:
    the server's words, one line, at most 500 characters.
    """

    address: str
    status: str | None
    code: int | None
    hard: bool
    reason: str
    text: str = ""
    delayed: bool = False
    dead: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """All that was found.

    recipients: of a bounce or complaint. original_ids: Message-IDs that the letter says it is about or
    answers, the most telling first; with angle brackets. original_subject: of the returned letter.
    return_on: first day back, of an out-of-office. referral: the address that somebody else should be
    written to. is_gone: whoever was written to is no longer there. new_text: of a reply, without quote and
    signature. quoted_text: what it answers. evidence: for people, the most telling first: what was seen,
    and where.
    """

    kind: Kind
    classification: Classification
    recipients: tuple[Failure, ...] = ()
    original_ids: tuple[str, ...] = ()
    original_subject: str = ""
    return_on: date | None = None
    referral: str | None = None
    is_gone: bool = False
    new_text: str = ""
    quoted_text: str = ""
    evidence: tuple[str, ...] = ()
