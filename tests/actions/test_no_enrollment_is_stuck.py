"""The engine in virtual time, looking at the pool only when it says so: whatever happens, everybody comes to
an end.

A random script of endings, lost workers, pauses and edits; the seed is the script. A lead may end up in a
state that waits for a person (uncertain, held, paused), never in one that waits for nothing.
"""

import random
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from leadterra.actions.campaigns import pause_campaign, start_campaign
from leadterra.actions.claiming import Claim
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import activate_sender_account, pause_sender_account
from leadterra.domain.outcomes import (
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.store.claims import ClaimedRow
from leadterra.store.database import Database
from leadterra.store.enrollments import pause_enrollment
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool

ENDED = {"finished", "bounced", "failed"}
WAITS_FOR_A_PERSON = {"uncertain", "held", "paused"}

ENDINGS: list[tuple[int, Ending]] = [
    (50, TAKEN),
    (10, Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "greylisted"))),
    (10, Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "refused"))),
    (5, Refused(Scope.ACCOUNT, Answer(Command.AUTH, 535, "5.7.8", "no"), authentication=True)),
    (5, Deferred(Scope.ACCOUNT, Answer(Command.MAIL, 550, "5.4.5", "daily quota exceeded"), daily=True)),
    (5, Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))),
    (4, Uncertain(Answer(Command.BODY, None, None, "closed"))),
    (4, Withheld(Reason.NOT_CLEARED)),
    (4, Withheld(Reason.DRAINED)),
    (2, Withheld(Reason.MISSING_VARIABLE, "company")),
    (1, Unsendable(Reason.UNRENDERABLE, "no such filter")),
]


class Story:
    """One run of the engine: a pool, a campaign, the time, and the dice."""

    def __init__(
        self, pool: TestPool, campaign: UUID, accounts: list[UUID], enrollments: list[UUID], seed: int
    ) -> None:
        self.pool, self.campaign, self.accounts, self.enrollments = pool, campaign, accounts, enrollments
        self.now: datetime = NOW
        self.dice = random.Random(seed)

    async def run(self) -> int:
        """Go from one instant that the pool names to the next until it names none; how many there were."""
        for turns in range(600):
            wake_at = await self.pool.wake_at()
            if wake_at is None and not await self._repair():
                return turns
            self.now = max(self.now, wake_at or self.now)
            await self._look()
            if turns < 60 and self.dice.random() < 0.2:
                await self._meddle()
        raise AssertionError(f"no end: {await self.pool.states()}")

    async def _look(self) -> None:
        """One claim and what becomes of it. A claim that finds nothing may not ask to be repeated at once."""
        claim = await self.pool.claim(self.now, limit=self.dice.randint(1, 8))
        if claim is None:
            wake_at = await self.pool.wake_at()
            assert wake_at is None or wake_at > self.now
        elif self.dice.random() < 0.15:
            await self._die(claim)
        else:
            data_at, self.now = self.now, self.now + timedelta(seconds=self.dice.randint(0, 20))
            await self.pool.clear(claim, data_at)
            await self.pool.settle(claim, self._ending, self.now, data_at=data_at)

    async def _die(self, claim: Claim) -> None:
        """The worker is gone, before or after clearance."""
        if self.dice.random() < 0.3:
            await self.pool.clear(claim, self.now)

    def _ending(self, row: ClaimedRow) -> Ending:
        return self.dice.choices([ending for _, ending in ENDINGS], [weight for weight, _ in ENDINGS])[0]

    async def _meddle(self) -> None:
        """A person changes something, by the engine's own actions."""
        database, workspace, now = self.pool.database, self.pool.workspace_id, self.now
        account, enrollment = self.dice.choice(self.accounts), self.dice.choice(self.enrollments)
        match self.dice.randint(0, 4):
            case 0:
                await run(database, workspace, lambda uow: pause_sender_account(uow, account, now=now))
            case 1:
                await run(database, workspace, lambda uow: activate_sender_account(uow, account, now=now))
            case 2:
                await self.pool.change("sender_accounts", account, daily_limit=self.dice.randint(1, 6))
                await self.pool.wake(now)
            case 3:
                await run(database, workspace, lambda uow: pause_campaign(uow, self.campaign, now=now))
            case _:
                await run(
                    database, workspace, lambda uow: pause_enrollment(uow, enrollment, "by hand", now=now)
                )

    async def _repair(self) -> bool:
        """If leads wait for a campaign or for accounts that are paused, a person lets them go on; whether
        that was so.
        """
        if "waiting" not in await self.pool.states():
            return False
        stopped = await self.pool.ask(
            "select 1 from campaigns where workspace_id = :w and status = 'paused' union all"
            " select 1 from sender_accounts where workspace_id = :w and status = 'paused'"
        )
        assert stopped, "leads wait, nothing is stopped, and the pool sleeps"
        database, workspace, now = self.pool.database, self.pool.workspace_id, self.now
        for account in self.accounts:
            await run(database, workspace, partial(activate_sender_account, account_id=account, now=now))
        await run(database, workspace, lambda uow: start_campaign(uow, self.campaign, now=now))
        return True


@pytest.mark.parametrize("seed", range(4))
async def test_everybody_comes_to_an_end(database: Database, workspace: UUID, seed: int) -> None:
    """In finitely many looks at the pool; no limit passed on any day; the books right; no step sent twice."""
    pool = TestPool(database, workspace)
    accounts = [
        await pool.account(name, 3, gap=gap) for name, gap in (("ada", None), ("bob", 90), ("cyd", None))
    ]
    campaign = await pool.campaign(steps=3, delay_days=1.5)
    enrollments = await pool.leads(campaign, 8)
    story = Story(pool, campaign, accounts, enrollments, seed)
    await story.run()
    assert set(await pool.states()) <= ENDED | WAITS_FOR_A_PERSON
    assert set(await pool.states("messages")) <= {"sent", "refused", "uncertain", "queued", "deferred"}
    assert await pool.ask("select number from claims where workspace_id = :w") == []
    over = await pool.ask(
        "select day from ledger"
        " where workspace_id = :w and sent + uncertain + reserved > greatest(daily_limit, 6)"
    )
    assert over == []
    await pool.check_books()
