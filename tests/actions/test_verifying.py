"""The books are recomputed from messages, attempts and enrollments, and whatever differs is told."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress as suppress_errors
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from psycopg import errors

from leadterra.actions.claiming import Claim
from leadterra.actions.enrolling import enroll_bulk
from leadterra.actions.leads import erase_lead, pause_lead, remove_lead_from_campaign, resume_lead
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import remove_sender_account
from leadterra.actions.suppressions import suppress
from leadterra.actions.verifying import find_differences
from leadterra.actions.workspaces import WorkspaceChange, change_workspace
from leadterra.domain.errors import InvalidState, NotFound
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
from leadterra.store.database import Database, UnitOfWork
from tests.support.clock import NOW
from tests.support.pools import LEASE, TAKEN, TestPool

UNSURE = Uncertain(Answer(Command.BODY, None, None, "closed"))
REFUSED = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
FULL = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 552, "5.2.2", "mailbox full"))
GREYLISTED = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "later"))
BROKEN = Unsendable(Reason.UNRENDERABLE, "no such filter")
ENDINGS: list[Ending] = [TAKEN, TAKEN, UNSURE, REFUSED, GREYLISTED, BROKEN, Withheld(Reason.NOT_CLEARED)]
TODAY = NOW.date()


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def act(pool: TestPool, action: Callable[[UnitOfWork], Awaitable[object]]) -> None:
    """What a person does; nothing if it cannot be done now."""
    with suppress_errors(InvalidState, NotFound):
        await run(pool.database, pool.workspace_id, action)


async def sent(pool: TestPool, count: int = 3) -> tuple[UUID, UUID]:
    """So many messages that were taken; their account and campaign."""
    account, campaign = await pool.account("ada", 50), await pool.campaign()
    await pool.leads(campaign, count)
    await pool.settle(await pool.must_claim(), TAKEN)
    return account, campaign


class Storm:
    """Workers and people, one after the other, as the dice have it, over several days."""

    def __init__(self, pool: TestPool, campaign: UUID, accounts: list[UUID], seed: int) -> None:
        self.pool, self.campaign, self.accounts = pool, campaign, accounts
        self.dice, self.now = random.Random(seed), NOW
        self.claims: list[Claim] = []

    async def turn(self) -> None:
        """One thing happens."""
        self.now += timedelta(hours=self.dice.choice((0, 0, 1, 9)))
        await self.dice.choice((self._claim, self._claim, self._settle, self._settle, self._person))()

    async def _claim(self) -> None:
        """Take some; what others hold may be lost by now, and they may speak up late all the same."""
        if claim := await self.pool.claim(self.now, limit=self.dice.randint(1, 6)):
            self.claims.append(claim)
            if self.dice.random() < 0.5:
                await self.pool.clear(claim, self.now)

    async def _settle(self) -> None:
        if self.claims:
            claim = self.dice.choice(self.claims)
            await self.pool.settle(claim, lambda row: self.dice.choice(ENDINGS), self.now)

    async def _person(self) -> None:
        pool, now, campaign = self.pool, self.now, self.campaign
        (lead_id, email), account = await self._somebody(), self.dice.choice(self.accounts)
        values = [{"email": email}]
        await self.dice.choice(
            (
                self._resolve,
                lambda: act(pool, lambda uow: remove_lead_from_campaign(uow, campaign, lead_id, now=now)),
                lambda: act(
                    pool, lambda uow: enroll_bulk(uow, campaign, values, skips_invalid=True, now=now)
                ),
                lambda: act(pool, lambda uow: pause_lead(uow, campaign, lead_id, now=now)),
                lambda: act(pool, lambda uow: resume_lead(uow, campaign, lead_id, now=now)),
                lambda: act(pool, lambda uow: suppress(uow, [email], [], source="test", now=now)),
                lambda: act(pool, lambda uow: erase_lead(uow, lead_id, now=now)),
                lambda: pool.change("sender_accounts", account, daily_limit=self.dice.randint(1, 9)),
                lambda: act(pool, lambda uow: remove_sender_account(uow, self.accounts[0], now=now)),
                lambda: pool.execute(
                    "update step_variants set removed_at = :t where workspace_id = :w", t=now
                ),
                lambda: act(pool, lambda uow: change_workspace(uow, self._limits(), now=now)),
            )
        )()

    def _limits(self) -> WorkspaceChange:
        """Caps set, moved and taken away."""
        day, hour, own = (self.dice.choice((None, 4, 9, 30)) for _ in range(3))
        return WorkspaceChange(
            recipient_domain_daily_limit=day,
            recipient_domain_hourly_limit=hour,
            sending_domain_daily_limit=own,
        )

    async def _somebody(self) -> tuple[UUID, str]:
        found = await self.pool.ask("select id, email from leads where workspace_id = :w order by email")
        lead_id, email = self.dice.choice(found)
        return lead_id, email

    async def _resolve(self) -> None:
        found = await self.pool.ask(
            "select id from messages where workspace_id = :w and state = 'uncertain' order by id"
        )
        if found:
            await self.pool.resolve(
                self.dice.choice(found)[0], self.dice.choice(("sent", "not_sent")), self.now
            )


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_the_books_are_right(pool: TestPool, seed: int) -> None:
    """After every turn: lost claims, late settlements, other days and accounts for the same message, people
    who resolve, remove, enrol anew, suppress and erase."""
    accounts = [await pool.account(name, 9) for name in ("ada", "bob", "cyd")]
    campaign = await pool.campaign(steps=2, delay_days=0.3)
    await pool.leads(campaign, 12)
    await pool.set_caps(9)
    await pool.vary()
    storm = Storm(pool, campaign, accounts, seed)
    for _ in range(45):
        await storm.turn()
        assert await pool.differences(now=storm.now) == []
    await pool.check_books(now=storm.now)


async def test_a_message_counts_for_the_account_and_day_of_its_last_claim(pool: TestPool) -> None:
    """Deferred here and today, sent from another account the day after: one unit, there and then."""
    first = await pool.account("ada", 5)
    await pool.leads(await pool.campaign(), 1)
    await pool.settle(await pool.must_claim(), Withheld(Reason.NOT_CLEARED))
    await pool.change("sender_accounts", first, status="paused")
    await pool.account("bob", 5)
    tomorrow = NOW + timedelta(days=1)
    await pool.settle(await pool.must_claim(tomorrow), TAKEN, tomorrow)

    assert await pool.ledger(tomorrow.date()) == {"bob": (1, 0, 0)}
    assert await pool.ledger(TODAY) == {"ada": (0, 0, 0)}
    assert await pool.differences() == []


@pytest.mark.parametrize("outcome", ["sent", "not_sent"])
async def test_what_a_person_resolves_verifies(pool: TestPool, outcome: str) -> None:
    """It has an attempt that was uncertain, and none that was accepted."""
    await pool.account("ada", 5)
    (enrollment,) = await pool.leads(await pool.campaign(), 1)
    await pool.settle(await pool.must_claim(), UNSURE)
    await pool.resolve(await pool.message(enrollment, "id"), "sent" if outcome == "sent" else "not_sent")

    assert await pool.differences() == []


@pytest.mark.parametrize(("ending", "state"), [(FULL, "bounced"), (BROKEN, "failed")])
async def test_who_is_given_up_while_being_removed_comes_back_as_that(
    pool: TestPool, ending: Ending, state: str
) -> None:
    """And is sent nothing more: its message is in the totals as it is, and stays so."""
    await pool.account("ada", 5)
    campaign = await pool.campaign()
    (enrollment,) = await pool.leads(campaign, 1)
    claim = await pool.must_claim()
    lead_id = await pool.enrollment(enrollment, "lead_id")
    await act(pool, lambda uow: remove_lead_from_campaign(uow, campaign, lead_id, now=NOW))
    await pool.settle(claim, ending)
    again: list[object] = [{"email": "lead00000@leads.test"}]
    await act(pool, lambda uow: enroll_bulk(uow, campaign, again, skips_invalid=False, now=NOW))

    assert (await pool.enrollment(enrollment), await pool.claim()) == (state, None)
    assert await pool.differences() == []


async def test_a_unit_too_many_is_told(pool: TestPool) -> None:
    """With the account, the day, the number that is kept and the one that is right, and no other number."""
    account, _ = await sent(pool)
    await pool.execute("update ledger set sent = sent + 1, bounced = 4 where workspace_id = :w")

    (found,) = await pool.differences()

    assert (found.book, found.day, found.id) == ("ledger", TODAY, account)
    assert (found.kept, found.counted) == ({"sent": 4, "bounced": 4}, {"sent": 3, "bounced": 0})


async def test_a_missing_row_is_told(pool: TestPool) -> None:
    """Of the ledger and of the totals: nothing is kept where something was counted."""
    account, campaign = await sent(pool)
    await pool.execute("delete from ledger where workspace_id = :w")
    await pool.execute("delete from campaign_totals where workspace_id = :w")

    found = await pool.differences()

    assert [(each.book, each.id, each.kept) for each in found] == [
        ("ledger", account, {"sent": 0}),
        ("campaign", campaign, {"enrolled": 0, "sent": 0}),
    ]


async def test_wrong_totals_are_told(pool: TestPool) -> None:
    """Each number that differs."""
    _, campaign = await sent(pool)
    await pool.execute("update campaign_totals set open = 5, failed = 1 where workspace_id = :w")

    (found,) = await pool.differences()

    assert (found.book, found.day, found.id) == ("campaign", None, campaign)
    assert (found.kept, found.counted) == ({"open": 5, "failed": 1}, {"open": 0, "failed": 0})


@pytest.mark.parametrize(
    "change",
    [
        "update attempts set outcome = 'deferred' where workspace_id = :w",
        "delete from attempts where workspace_id = :w",
        "update messages set attempts = 0 where workspace_id = :w",
        "insert into attempts select workspace_id, enrollment_id, step_id, 2, sender_account_id, outcome,"
        " scope, server, command, code, enhanced_code, answer, started_at, data_at, ended_at"
        " from attempts where workspace_id = :w",
    ],
    ids=["never accepted", "never tried", "tried unknown times", "accepted twice"],
)
async def test_a_message_that_cannot_be_what_it_is_is_told(pool: TestPool, change: str) -> None:
    """By its attempts."""
    await sent(pool, 1)
    await pool.execute(change)

    assert [(each.book, each.day) for each in await pool.differences()] == [("message", TODAY)]


async def test_an_accepted_message_that_is_not_sent_is_told(pool: TestPool) -> None:
    """Its unit is missing too."""
    await sent(pool, 1)
    await pool.execute("update messages set state = 'queued' where workspace_id = :w")

    assert [each.book for each in await pool.differences()] == ["ledger", "message", "campaign"]


async def test_one_day_alone_is_verified(pool: TestPool) -> None:
    """What is wrong on another day, or of no day, is not told then."""
    await sent(pool)
    await pool.execute("update ledger set sent = 9 where workspace_id = :w")
    await pool.execute("update campaign_totals set open = 5 where workspace_id = :w")

    async def books(day: date) -> list[str]:
        return [each.book for each in await pool.differences(day)]

    assert await books(TODAY) == ["ledger"]
    assert await books(TODAY - timedelta(days=1)) == []


async def test_a_running_system_verifies_cleanly(pool: TestPool) -> None:
    """All of it is seen as it was at one instant, whatever is settled between one statement and the next."""
    await sent(pool)
    async with pool.database.snapshot(pool.workspace_id) as uow:
        before = [each async for each in find_differences(uow, now=NOW)]
        await pool.leads(await pool.campaign(), 2, prefix="more")
        await pool.settle(await pool.must_claim(limit=1), TAKEN)
        after = [each async for each in find_differences(uow, now=NOW)]
        shown = await uow.value("select count(*) from messages")

    assert (before, after, shown) == ([], [], 3)


async def test_verifying_changes_nothing(pool: TestPool) -> None:
    """The database would refuse it."""
    with pytest.raises(errors.ReadOnlySqlTransaction):
        async with pool.database.snapshot(pool.workspace_id) as uow:
            await uow.execute("delete from ledger")


async def test_many_differences_come_a_few_at_a_time(pool: TestPool) -> None:
    """The first is told while the others are still with the database."""
    account, _ = await sent(pool)
    await pool.execute(
        "insert into ledger (workspace_id, day, sender_account_id, daily_limit, sent)"
        " select :w, date '2020-01-01' + number, :account, 9, 1 from generate_series(1, 1000) number"
        " on conflict do nothing",
        account=account,
    )
    async with pool.database.snapshot(pool.workspace_id) as uow:
        differences = find_differences(uow, now=NOW)
        first = await anext(differences)
        left = [each async for each in differences]

    assert (first.day, len(left)) == (date(2020, 1, 2), 999)


async def test_a_lost_message_verifies(pool: TestPool) -> None:
    """Before DATA it has no unit, behind it an uncertain one."""
    await pool.account("ada", 5)
    await pool.leads(await pool.campaign(), 2)
    for is_cleared in (True, False):
        claim = await pool.must_claim(limit=1)
        if is_cleared:
            await pool.clear(claim)
    later: datetime = NOW + LEASE
    await pool.claim(later, limit=1)

    assert await pool.ledger() == {"ada": (0, 1, 1)}
    assert await pool.differences() == []
