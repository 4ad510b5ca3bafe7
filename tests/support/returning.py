"""Letters that come back, made by hand: what was read of them, and what they were found to be."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from leadterra.actions.receiving import Arrival, receive_letter
from leadterra.actions.running import run
from leadterra.mail.finding import Classification, Failure, Finding, Kind
from leadterra.mail.incoming import Incoming
from leadterra.mail.letter import Mailbox
from leadterra.mail.threads import message_id
from tests.support.clock import NOW
from tests.support.pools import TestPool

DOMAIN = "acme.test"
LATER = NOW + timedelta(hours=1)

REPLY = Finding(Kind.REPLY, Classification.INTERESTED, new_text="Tell me more", evidence=("asks for more",))
UNSUBSCRIBE = Finding(Kind.UNSUBSCRIBE, Classification.UNSUBSCRIBE, new_text="Take me off your list")
AWAY = Finding(Kind.OUT_OF_OFFICE, Classification.OUT_OF_OFFICE, return_on=date(2026, 6, 1))
AWAY_SOMEHOW = Finding(Kind.OUT_OF_OFFICE, Classification.OUT_OF_OFFICE)
AUTOMATIC = Finding(Kind.AUTO_REPLY, Classification.OTHER)
GONE = Finding(Kind.AUTO_REPLY, Classification.REFERRAL, is_gone=True, referral="jane@leads.test")
OTHER = Finding(Kind.OTHER, Classification.OTHER)


def failed(address: str, *, hard: bool, delayed: bool = False) -> Finding:
    """A bounce of that address."""
    status, code, reason = ("5.1.1", 550, "no_such_mailbox") if hard else ("5.2.2", 552, "mailbox_full")
    failure = Failure(address, status, code, hard, reason, f"{code} {status} no", delayed, hard)
    return Finding(Kind.BOUNCE, Classification.BOUNCE, recipients=(failure,))


def complaint(address: str) -> Finding:
    """A complaint of that address."""
    failure = Failure(address, None, None, False, "complaint")
    return Finding(Kind.COMPLAINT, Classification.OTHER, recipients=(failure,))


@dataclass
class Mailroom:
    """Whoever reads the mailboxes of a pool's accounts."""

    pool: TestPool
    account_id: UUID
    count: int = field(default=0)

    async def step_of(self, enrollment_id: UUID) -> UUID:
        """The step that was sent last."""
        rows = await self.pool.ask(
            "select step_id from messages where workspace_id = :w and enrollment_id = :id"
            " order by created_at desc, id desc limit 1",
            id=enrollment_id,
        )
        step_id: UUID = rows[0][0]
        return step_id

    async def message_id(self, enrollment_id: UUID) -> str:
        """The Message-ID of what was sent last."""
        step_id = await self.step_of(enrollment_id)
        return message_id(self.pool.workspace_id, enrollment_id, step_id, DOMAIN)

    def letter(
        self,
        sender: str,
        *,
        subject: str = "Re: Hello Ada",
        references: Sequence[str] = (),
        identifier: str | None = None,
    ) -> Incoming:
        """A letter from that address, another one each time."""
        self.count += 1
        return Incoming(
            headers={"from": (sender,), "subject": (subject,)},
            sender=Mailbox("", sender),
            message_id=f"<{self.count}@elsewhere.test>" if identifier is None else identifier,
            in_reply_to=tuple(references[-1:]),
            references=tuple(references),
            subject=subject,
            text="Tell me more",
        )

    async def take(
        self, letter: Incoming, finding: Finding, *, now: datetime = LATER, account_id: UUID | None = None
    ) -> UUID | None:
        """Receive it."""
        arrival = Arrival(account_id or self.account_id, letter, finding, now)
        return await run(
            self.pool.database, self.pool.workspace_id, lambda uow: receive_letter(uow, arrival, now=now)
        )

    async def answer(self, enrollment_id: UUID, finding: Finding, *, now: datetime = LATER) -> UUID | None:
        """Receive a letter that answers, or is about, what was sent last to that lead."""
        references = [await self.message_id(enrollment_id)]
        return await self.take(self.letter("somebody@else.test", references=references), finding, now=now)
