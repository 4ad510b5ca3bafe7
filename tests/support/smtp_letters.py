"""Builders for the courier's tests: letters, submissions, a composer and a clock that stands still until
told.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID

from leadterra.actions.ports import Security, Submission
from leadterra.mail.letter import Letter, Mailbox
from leadterra.transport.connections import Limits
from leadterra.transport.courier import Compose, SmtpCourier
from leadterra.transport.timeouts import Timeouts
from leadterra.transport.trust import Trust
from tests.support.smtp_servers import ScriptedServer

ACCOUNT = UUID("01890000-0000-7000-8000-000000000001")
START = datetime(2025, 1, 15, 12, 0, tzinfo=UTC)


def impatient(point: str) -> Timeouts:
    """Short at this one point, where the server will say nothing; RFC 5321's patience elsewhere."""
    short = {"EHLO": "command", "STARTTLS": "command", "AUTH": "command", "QUIT": "farewell"}.get(
        point, point.lower()
    )
    # EHLO, STARTTLS and AUTH share one limit, and some of them are answered: a busy machine needs a moment.
    return replace(Timeouts(), **{short: 0.4 if short == "command" else 0.1})


class MakeCourier(Protocol):
    """The fixture `make_courier`."""

    def __call__(
        self,
        timeouts: Timeouts | None = None,
        limits: Limits | None = None,
        composer: Compose = ...,
        trusting: Trust = ...,
        helo_name: str | None = None,
    ) -> SmtpCourier: ...


class StepClock:
    """Every look at it is a second later."""

    def __init__(self) -> None:
        self._looks = 0

    def now(self) -> datetime:
        self._looks += 1
        return START + timedelta(seconds=self._looks)


@dataclass(frozen=True, slots=True)
class Composition:
    """What a composer gives."""

    content: bytes
    needs_smtputf8: bool = False
    is_eight_bit: bool = False


def compose(letter: Letter, *, eight_bit: bool = False) -> Composition:
    """The subject and the text, nothing else: the courier's tests look at octets."""
    content = f"Subject: {letter.subject}\r\n\r\n{letter.text}\r\n".encode()
    return Composition(content, is_eight_bit=eight_bit and not content.isascii())


def letter(recipient: str = "kim@lead.example", **changes: object) -> Letter:
    """A plain letter to somebody."""
    plain = Letter(
        sender=Mailbox("James Walker", "james@acme.example"),
        recipient=Mailbox("Kim", recipient),
        subject="Hello",
        html="<p>Hi</p>",
        text="Hi",
        message_id="<1@acme.example>",
        date=START,
        references=(),
        unsubscribe_url="https://acme.example/u/1",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def submission(server: ScriptedServer, account: UUID = ACCOUNT, **changes: object) -> Submission:
    """How this account submits to this server; no protection and no login unless told."""
    plain = Submission(account, server.host, server.port, Security.NONE)
    return replace(plain, **changes)  # type: ignore[arg-type]


async def allow() -> bool:
    """A clearance that is given."""
    return True


async def deny() -> bool:
    """A clearance that is refused."""
    return False


class Asked:
    """A clearance that counts how often it is wanted."""

    def __init__(self, *, allowed: bool = True) -> None:
        self.times = 0
        self._allowed = allowed

    async def __call__(self) -> bool:
        self.times += 1
        return self._allowed


class Gate:
    """A clearance that waits: `asked` is set when it is wanted, `open` lets it pass."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self) -> bool:
        self.asked.set()
        await self.open.wait()
        return True
