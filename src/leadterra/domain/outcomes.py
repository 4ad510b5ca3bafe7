"""How an attempt ends: a value, never an exception.

An SMTP conversation about one message ends in exactly one of `Accepted`, `Deferred`, `Refused`, `Uncertain`.
A claimed message about which no conversation took place ends as `Withheld` (it may go later) or `Unsendable`
(no server was asked, and asking would not help).
"""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """Whom a refusal concerns. Only recipient-scope refusals are bounces (R9)."""

    RECIPIENT = "recipient"
    ACCOUNT = "account"
    SERVER = "server"


class Command(StrEnum):
    """The point of the SMTP dialogue that an answer belongs to."""

    CONNECT = "CONNECT"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "BODY"
    """The end of data: the lone dot of RFC 5321 §4.1.1.4."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said last, as it said it.

    command: where in the dialogue. code: the three digits, None when the connection broke or timed out.
    enhanced: RFC 3463 status such as "5.1.1", None when absent. text: the server's line or the local error,
    at most 500 characters.
    """

    command: Command
    code: int | None
    enhanced: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server took responsibility for the message (2xx after the end of data)."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not taken now; may be tried again. `daily`: the sender's quota at the provider is used up until
    tomorrow.
    """

    scope: Scope
    answer: Answer
    daily: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken, and not by asking again. `authentication`: the server refused the login."""

    scope: Scope
    answer: Answer
    authentication: bool = False


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The server may have taken the message and we cannot know. Never re-sent by itself (R6)."""

    answer: Answer


class Reason(StrEnum):
    """Why a claimed message was not put to a server."""

    NOT_CLEARED = "not_cleared"
    """The check right before DATA refused it: paused, suppressed, deleted, another day, or the claim was lost
    (R7).
    """
    LOST = "lost"
    """The worker that had claimed it was gone before DATA."""
    NOT_SENT = "not_sent"
    """An uncertain message had not arrived: a person says so, or its Sent folder shows it."""
    ACCOUNT_RESTS = "account_rests"
    """Another message has just shown that its account or server is in trouble; it did not begin."""
    DRAINED = "drained"
    """The worker is stopping."""
    MISSING_VARIABLE = "missing_variable"
    """The campaign holds leads for whom a template's field is missing."""
    UNRENDERABLE = "unrenderable"
    """The template failed for this lead, or passed its limits."""
    UNADDRESSABLE = "unaddressable"
    """The address needs SMTPUTF8 and the server does not offer it (RFC 6531 §3.2), or the letter is larger
    than it takes.
    """


@dataclass(frozen=True, slots=True)
class Withheld:
    """No message data was sent; the message keeps its place. `detail` is for people."""

    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unsendable:
    """No server was asked, and asking would not help. `detail` is for people."""

    reason: Reason
    detail: str


Outcome = Accepted | Deferred | Refused | Uncertain
"""What one SMTP conversation about one message ends in."""

Ending = Outcome | Withheld | Unsendable
"""What one claim of one message ends in."""
