"""What the actions and workers need from outside, as small Protocols. `bootstrap` wires the real ones."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from leadterra.domain.outcomes import Accepted, Deferred, Refused, Uncertain, Unsendable, Withheld
from leadterra.mail.letter import Letter


class Security(StrEnum):
    """How the SMTP connection is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Submission:
    """Where and as whom one sender account submits.

    account_id: connections are kept by account. username, password: both None where the server asks for no
    login. Two equal values may share a connection; a changed value (new password, new host) never reuses an
    old one.
    """

    account_id: UUID
    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one letter, and when.

    ending: see `domain.outcomes`. server: "host:port" as connected to. started_at: when the conversation
    about this letter began. data_at: when DATA was written, None if it never was. ended_at: when the ending
    was known.
    """

    ending: Accepted | Deferred | Refused | Uncertain | Withheld | Unsendable
    server: str
    started_at: datetime
    data_at: datetime | None
    ended_at: datetime


class Clock(Protocol):
    """The time. Virtual in demos, tests and simulations (R12)."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


Clear = Callable[[], Awaitable[bool]]
"""Asked right before DATA; False means that the letter must not go (R7)."""


class Resolver(Protocol):
    """Asks the domain name system."""

    async def list_mx(self, domain: str) -> list[str] | None:
        """The hosts that take a domain's mail, most preferred first; none if there is no such domain or it
        has none; `["."]` if it says that it takes no mail (RFC 7505). None if there was no answer: ask again
        later. Never raises for what a name, a server or a network does.
        """
        ...


class Courier(Protocol):
    """Hands letters to mail servers."""

    async def deliver(self, submission: Submission, letter: Letter, clear: Clear) -> Attempt:
        """One conversation about one letter. Never raises for what a server or a network does. What `clear`
        raises passes through, and nothing was sent. Cancelled once DATA was answered, it still ends in a
        value.
        """
        ...

    async def close(self) -> None:
        """Say QUIT on idle connections and drop them all."""
        ...
