"""A lead that wrote back, and a person who answers it.

desk = await AnswerDesk.opened(pool)
await desk.respond()
(item,) = (await desk.claim()).letters
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadterra.actions.ports import Attempt
from leadterra.actions.responding import Draft, respond_to_reply
from leadterra.actions.response_claims import ResponseLetter, ResponseRound, claim_responses
from leadterra.actions.response_settling import ResponseSettlement, clear_response, settle_responses
from leadterra.actions.running import run
from leadterra.domain.outcomes import Ending
from leadterra.store.responses import Response
from tests.support.clock import NOW
from tests.support.pools import LEASE, TAKEN, TestPool
from tests.support.returning import LATER, REPLY, Mailroom

DRAFT = Draft(body_text="Gladly.\n\nTomorrow at ten?")
MINUTE = timedelta(minutes=1)


@dataclass
class AnswerDesk:
    """One account with room for some letters, of which a lead has had one and answered it, an hour ago."""

    pool: TestPool
    account_id: UUID
    enrollment_id: UUID
    reply_id: UUID
    mailroom: Mailroom

    @classmethod
    async def opened(cls, pool: TestPool, *, limit: int = 10, gap: float | None = None) -> "AnswerDesk":
        """With one unit of the day used."""
        account_id = await pool.account("ada", limit, gap=gap)
        await pool.execute("update sender_pools set message_domain = 'acme.test' where workspace_id = :w")
        campaign_id = await pool.campaign()
        (enrollment_id,) = await pool.leads(campaign_id, 1)
        await pool.settle(await pool.must_claim())
        mailroom = Mailroom(pool, account_id)
        reply_id = await mailroom.answer(enrollment_id, REPLY, now=LATER)
        assert reply_id is not None
        return cls(pool, account_id, enrollment_id, reply_id, mailroom)

    async def respond(self, draft: Draft = DRAFT, now: datetime = LATER) -> Response:
        """A person answers."""
        return await self.act(lambda uow: respond_to_reply(uow, self.reply_id, draft, now=now))

    async def claim(
        self, now: datetime = LATER, *, limit: int = 50, lease: timedelta = LEASE
    ) -> ResponseRound:
        """As a worker would."""
        found = await self.claim_or_none(now, limit=limit, lease=lease)
        assert found is not None
        return found

    async def claim_or_none(
        self, now: datetime = LATER, *, limit: int = 50, lease: timedelta = LEASE
    ) -> ResponseRound | None:
        """The same, where somebody else may have the pool."""
        found: ResponseRound | None = await self.act(
            lambda uow: claim_responses(uow, limit=limit, lease=lease, now=now)
        )
        return found

    async def one(self, now: datetime = LATER) -> tuple[ResponseLetter, int]:
        """The only letter that may go, and the number of its claim."""
        work = await self.claim(now)
        (item,) = work.letters
        return item, work.fence

    async def clear(self, item: ResponseLetter, fence: int, now: datetime = LATER) -> bool:
        """Whether it may go."""
        found: bool = await self.act(lambda uow: clear_response(uow, item.id, fence, now=now))
        return found

    async def settle(
        self, item: ResponseLetter, fence: int, ending: Ending = TAKEN, now: datetime = LATER
    ) -> int:
        """Say what became of it."""
        attempt = Attempt(ending, "smtp.test:25", now, now, now)
        batch = [ResponseSettlement(item.id, fence, attempt)]
        found: int = await self.act(lambda uow: settle_responses(uow, batch, now=now))
        return found

    async def state(self, fields: str = "state") -> Any:
        """Of the only answer."""
        ((*found,),) = await self.pool.ask(f"select {fields} from responses where workspace_id = :w")
        return found[0] if len(found) == 1 else tuple(found)

    async def act(self, action: Any) -> Any:
        """Run an action."""
        return await run(self.pool.database, self.pool.workspace_id, action)

    async def used(self) -> tuple[int, int, int]:
        """Sent, uncertain and reserved units of the account's day."""
        return (await self.pool.ledger(NOW.date()))["ada"]

    async def check(self, now: datetime = LATER) -> None:
        """The books are exact."""
        await self.pool.check_books(now=now)
