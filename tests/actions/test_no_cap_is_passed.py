"""Several campaigns under caps of every level, with people who change everything and workers that die: the
rows themselves are asked after each step whether a cap was passed, and whether anything that could go waits.
"""

import json
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from leadterra.actions.campaigns import CampaignSettings, change_campaign, pause_campaign, start_campaign
from leadterra.actions.claiming import Claim
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import (
    AccountChange,
    Settings,
    activate_sender_account,
    change_sender_account,
    pause_sender_account,
)
from leadterra.actions.workspaces import WorkspaceChange, change_workspace
from leadterra.domain.outcomes import (
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Withheld,
)
from leadterra.store.claims import ClaimedRow
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.ids import drawing_ids
from leadterra.store.sealing import KeyRing
from tests.support.clock import NOW
from tests.support.pool_rules import PoolRules
from tests.support.pools import TAKEN, TestPool

KEYS = KeyRing({"test": bytes(32)})
OFFICE = json.dumps(
    {
        "timeZone": "Europe/Berlin",
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "hours": {"from": "09:00", "to": "17:00"},
    }
)
ENDED = {"finished", "bounced", "failed", "uncertain"}
ENDINGS: list[tuple[int, Ending]] = [
    (60, TAKEN),
    (10, Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "greylisted"))),
    (8, Deferred(Scope.ACCOUNT, Answer(Command.MAIL, 450, "4.7.0", "slow down"))),
    (6, Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))),
    (8, Withheld(Reason.NOT_CLEARED)),
]
UNSURE = Uncertain(Answer(Command.BODY, None, None, "closed"))


class Story:
    """One run: the pool, the time, the dice, and what reached whom."""

    def __init__(self, pool: TestPool, seed: int) -> None:
        self.pool, self.dice, self.now = pool, random.Random(seed), NOW
        self.accounts: list[UUID] = []
        self.campaigns: list[UUID] = []
        self.reached: set[tuple[UUID, UUID | None]] = set()

    async def build(self) -> None:
        """Five accounts of two domains, three campaigns, leads of three domains, and a cap of everything."""
        pool, dice = self.pool, self.dice
        for number in range(5):
            account = await pool.account(
                f"a{number}", dice.randint(2, 5), domain=dice.choice(("acme.test", "own.test"))
            )
            await pool.change(
                "sender_accounts",
                account,
                weight=dice.choice((1, 1, 3)),
                tags=dice.choice(([], ["north"])) if number else ["north"],
                min_gap_seconds=dice.choice((None, None, 90)),
                pacing_mode="spread" if number == 4 else None,
            )
            self.accounts.append(account)
        for number in range(3):
            campaign = await pool.campaign(steps=2, delay_days=1.5)
            await pool.execute(
                "update campaigns set schedule = :schedule::jsonb, weight = :weight, sender_tags = :tags,"
                " sender_loss = :loss, sender_loss_wait_days = 2 where workspace_id = :w and id = :id",
                id=campaign,
                schedule=OFFICE if number == 1 else None,
                weight=dice.choice((0.5, 1, 4)),
                tags=["north"] if number == 2 else [],
                loss=("handover", "wait", "newThread")[number],
            )
            for domain in ("one.test", "two.test", "three.test"):
                await pool.leads(campaign, 2, prefix=f"c{number}", domain=domain)
            self.campaigns.append(campaign)
        for _ in range(4):
            await self._limit()

    async def live(self, turns: int) -> None:
        """Time goes on, by jumps; after each look at the pool its rows are asked."""
        for turn in range(turns):
            await self._pass_time()
            await self._look()
            if self.dice.random() < 0.35:
                await self._meddle()
            if turn % 5 == 0:
                await self.pool.check_books(now=self.now)

    async def end(self) -> None:
        """People let everybody go on, and the pool is looked at when it says so, until nobody waits."""
        for account in self.accounts:
            await self._act(partial(activate_sender_account, account_id=account, now=self.now))
        for campaign in self.campaigns:
            await self._act(partial(start_campaign, campaign_id=campaign, now=self.now))
        for _ in range(400):
            wake_at = await self.pool.wake_at()
            if wake_at is None:
                break
            self.now = max(self.now, wake_at)
            await self._look(dies=0.0)
        await self.pool.check_books(now=self.now)

    async def _pass_time(self) -> None:
        wake_at = await self.pool.wake_at()
        if wake_at is not None and self.dice.random() < 0.6:
            self.now = max(self.now, wake_at)
        else:
            seconds = self.dice.choice((0, 7, 61, 600, 3600, 9 * 3600, 86400, 3 * 86400))
            self.now += timedelta(seconds=seconds)

    async def _look(self, dies: float = 0.15) -> None:
        """A claim, the rules, and what becomes of what was claimed."""
        claim = await self.pool.claim(self.now, limit=self.dice.choice((1, 3, 8, 50)))
        rules = await PoolRules.read(self.pool, self.now)
        assert claim is None or rules.passed(claim.number) == []
        if claim is None:
            assert rules.could_go() == []
            wake_at = await self.pool.wake_at()
            assert wake_at is None or wake_at > self.now
        elif self.dice.random() < dies:
            if self.dice.random() < 0.5:
                self._reach(claim, await self.pool.clear(claim, self.now))
        else:
            await self._send(claim)

    async def _send(self, claim: Claim) -> None:
        """Some time after the claim comes the clearance, and some time after that the ending."""
        begun = self.now + timedelta(seconds=self.dice.choice((0, 0, 5, 50)))
        cleared = await self.pool.clear(claim, begun)
        self.now = begun + timedelta(seconds=self.dice.randint(0, 20))
        endings = {row.enrollment_id: self._ending(row, cleared) for row in claim.rows}
        done = {key for key, ending in endings.items() if ending in (TAKEN, UNSURE)}
        self._reach(claim, done)
        await self.pool.settle(claim, lambda row: endings[row.enrollment_id], self.now, data_at=begun)

    def _ending(self, row: ClaimedRow, cleared: set[UUID]) -> Ending:
        if row.enrollment_id not in cleared:
            return Withheld(Reason.NOT_CLEARED)
        return self.dice.choices([ending for _, ending in ENDINGS], [weight for weight, _ in ENDINGS])[0]

    def _reach(self, claim: Claim, enrollments: set[UUID]) -> None:
        """Nobody gets a step twice, not even perhaps."""
        letters = {(row.enrollment_id, row.step_id) for row in claim.rows if row.enrollment_id in enrollments}
        assert not letters & self.reached
        self.reached |= letters

    async def _meddle(self) -> None:
        account, campaign, now = self.dice.choice(self.accounts), self.dice.choice(self.campaigns), self.now
        match self.dice.randint(0, 5):
            case 0:
                await self._act(lambda uow: pause_sender_account(uow, account, now=now))
            case 1:
                await self._act(lambda uow: activate_sender_account(uow, account, now=now))
            case 2:
                await self._act(lambda uow: pause_campaign(uow, campaign, now=now))
            case 3:
                await self._act(lambda uow: start_campaign(uow, campaign, now=now))
            case _:
                await self._limit()

    async def _limit(self) -> None:
        """A cap is set, moved or taken away."""
        dice, now = self.dice, self.now
        account, campaign = dice.choice(self.accounts), dice.choice(self.campaigns)
        few, some, many = (dice.choice((None, least, least + 2)) for least in (1, 2, 4))
        match dice.randint(0, 2):
            case 0:
                limits = WorkspaceChange(
                    daily_quota=many and many + 3,
                    sending_domain_daily_limit=many,
                    recipient_domain_daily_limit=some,
                    recipient_domain_hourly_limit=few,
                )
                await self._act(lambda uow: change_workspace(uow, limits, now=now))
            case 1:
                settings = CampaignSettings(daily_limit=some, new_leads_daily_limit=few)
                await self._act(lambda uow: change_campaign(uow, campaign, settings, now=now))
            case _:
                change = AccountChange(Settings(rolling_limit=some, daily_limit=dice.randint(2, 5)))
                await self._act(
                    lambda uow: change_sender_account(uow, account, change, key_ring=KEYS, now=now)
                )

    async def _act(self, action: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        await run(self.pool.database, self.pool.workspace_id, action)


@pytest.mark.parametrize("seed", range(4))
async def test_no_cap_is_passed_and_nothing_waits_that_could_go(
    database: Database, workspace: UUID, seed: int
) -> None:
    """Through limits, pauses, deaths and jumps of days; in the end everybody has had every step once, or
    waits for a person.
    """
    story = Story(TestPool(database, workspace), seed)
    with drawing_ids(random.Random(seed).getrandbits):
        await story.build()
        await story.live(40)
        await story.end()
    assert set(await story.pool.states()) <= ENDED
    assert await story.pool.ask("select number from claims where workspace_id = :w") == []
