"""Claiming: what is taken, what is reserved for it, and when the pool wants to be looked at again."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from leadterra.domain.day import next_reset
from leadterra.domain.outcomes import Answer, Command, Deferred, Scope, Uncertain
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import LEASE, TestPool

MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
DAY = timedelta(days=1)
GREYLISTED = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "greylisted"))
UNKNOWN = Uncertain(Answer(Command.BODY, 600, None, "what?"))


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def test_a_claim_takes_message_enrollment_unit_and_fence_together(pool: TestPool) -> None:
    """All of them in one transaction, before the first SMTP byte (R2)."""
    account = await pool.account("ada", 10)
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    claim = await pool.must_claim()
    assert await pool.enrollment(enrollment, "state, claim_number, sender_account_id") == (
        "sending",
        claim.number,
        account,
    )
    assert await pool.message(enrollment, "state, fence, day, data_at") == (
        "sending",
        claim.number,
        NOW.date(),
        None,
    )
    assert await pool.ledger(NOW.date()) == {"ada": (0, 0, 1)}
    assert await pool.ask("select number, worker, lease_until from claims where workspace_id = :w") == [
        (claim.number, "test", NOW + LEASE)
    ]
    await pool.check_books()


async def test_many_claimers_at_once_take_each_message_once(pool: TestPool) -> None:
    """Whoever finds the pool locked takes nothing; together they take what the limits allow, and no message
    twice (R6).
    """
    await pool.account("ada", 25)
    await pool.account("bob", 15)
    await pool.leads(await pool.campaign(), 60)
    taken: list[UUID] = []
    for _ in range(12):
        for claim in await asyncio.gather(*(pool.claim(limit=7, worker=f"worker-{n}") for n in range(4))):
            taken += [row.enrollment_id for row in claim.rows] if claim else []
    assert len(taken) == len(set(taken)) == 40
    assert await pool.ledger() == {"ada": (0, 0, 25), "bob": (0, 0, 15)}
    await pool.check_books()


async def test_a_pool_that_is_locked_is_somebody_else_s(pool: TestPool) -> None:
    """A claimer does not wait for it; afterwards the work is still there."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 1)
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await uow.lock_pool()
        async with asyncio.timeout(10):
            assert await pool.claim() is None
    assert await pool.claim() is not None


async def test_every_claim_has_a_higher_fence(pool: TestPool) -> None:
    """Also the one after a recovery."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 2)
    numbers = [(await pool.must_claim(NOW + n * LEASE, limit=1)).number for n in range(4)]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("fields", [{"status": "draft"}, {"status": "paused"}, {"removed_at": NOW}])
async def test_only_a_running_campaign_is_sent(pool: TestPool, fields: dict[str, object]) -> None:
    """Not a draft, a paused or a removed one, and the pool does not wake for it."""
    await pool.account("ada", 10)
    campaign = await pool.campaign()
    await pool.leads(campaign, 1)
    await pool.change("campaigns", campaign, **fields)
    assert await pool.claim() is None
    assert await pool.wake_at() is None


@pytest.mark.parametrize(
    "state", ["uncertain", "held", "paused", "finished", "replied", "bounced", "unsubscribed", "removed"]
)
async def test_only_a_waiting_lead_is_claimed(pool: TestPool, state: str) -> None:
    """Whatever else it is, it is not the pool's turn."""
    await pool.account("ada", 10)
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    await pool.change("enrollments", enrollment, state=state)
    assert await pool.claim() is None


@pytest.mark.parametrize(
    "fields", [{"status": "warming"}, {"status": "paused"}, {"removed_at": NOW}, {"smtp_host": None}]
)
async def test_an_account_that_cannot_send_takes_nothing(pool: TestPool, fields: dict[str, object]) -> None:
    """Warming, paused, removed or without a server; the pool sleeps until a person changes that."""
    account = await pool.account("ada", 10)
    await pool.change("sender_accounts", account, **fields)
    await pool.leads(await pool.campaign(), 1)
    assert await pool.claim() is None
    assert await pool.wake_at() is None


async def test_what_is_left_of_a_lost_account_is_handed_over(pool: TestPool) -> None:
    """A follow-up of a paused account goes through another, in the same thread (R4)."""
    ada = await pool.account("ada", 10)
    [enrollment] = await pool.leads(await pool.campaign(steps=2, delay_days=1), 1)
    await pool.settle(await pool.must_claim())
    bob = await pool.account("bob", 10)
    await pool.change("sender_accounts", ada, status="paused")
    claim = await pool.must_claim(NOW + DAY)
    assert [row.sender_account_id for row in claim.rows] == [bob]
    assert len(claim.threads[enrollment]) == 1


async def test_each_day_has_its_own_ledger(pool: TestPool) -> None:
    """The reset is a new key: the same account has its limit again at midnight (R3)."""
    await pool.account("ada", 3)
    await pool.leads(await pool.campaign(), 5)
    await pool.settle(await pool.must_claim(MIDNIGHT - timedelta(minutes=1)))
    await pool.settle(await pool.must_claim(MIDNIGHT))
    assert await pool.ledger(NOW.date()) == {"ada": (3, 0, 0)}
    assert await pool.ledger(MIDNIGHT.date()) == {"ada": (2, 0, 0)}


async def test_the_workspace_s_quota_counts_what_every_account_used(pool: TestPool) -> None:
    """Of a paused one too: 5 a day are 5 a day (R3)."""
    await pool.execute("update workspaces set daily_quota = 5 where workspace_id = :w")
    ada = await pool.account("ada", 3)
    await pool.leads(await pool.campaign(), 10)
    await pool.settle(await pool.must_claim())
    await pool.change("sender_accounts", ada, status="paused")
    await pool.account("bob", 10)
    assert len((await pool.must_claim()).rows) == 2
    assert await pool.claim() is None
    assert await pool.wake_at() == NOW + LEASE


async def test_an_uncertain_message_keeps_its_unit_of_the_limit(pool: TestPool) -> None:
    """Two uncertain, one left of three (R2)."""
    await pool.account("ada", 3)
    await pool.leads(await pool.campaign(), 6)
    await pool.settle(await pool.must_claim(limit=2), UNKNOWN)
    assert len((await pool.must_claim()).rows) == 1


async def test_a_lowered_limit_holds_at_once(pool: TestPool) -> None:
    """Nothing is claimed beyond it, whatever was used before; raised again, the rest goes."""
    ada = await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 20)
    await pool.settle(await pool.must_claim(limit=6))
    await pool.change("sender_accounts", ada, daily_limit=4)
    assert await pool.claim() is None
    await pool.change("sender_accounts", ada, daily_limit=8)
    assert len((await pool.must_claim()).rows) == 2


async def test_an_enrollment_with_no_step_left_is_finished(pool: TestPool) -> None:
    """Its steps were taken away: it ends, without a message and without a unit."""
    await pool.account("ada", 10)
    campaign = await pool.campaign(steps=0)
    [enrollment] = await pool.leads(campaign, 1)
    assert await pool.claim() is None
    assert await pool.enrollment(enrollment) == "finished"
    assert (await pool.totals(campaign))["open"] == 0
    await pool.check_books()


@pytest.mark.parametrize(
    ("message", "expected"), [("sent", ("finished", 2)), ("uncertain", ("uncertain", 1))]
)
async def test_a_step_that_was_sent_is_never_sent_again(
    pool: TestPool, message: str, expected: tuple[str, int]
) -> None:
    """An enrollment that stands before it all the same is moved past it, or waits with it (R6)."""
    await pool.account("ada", 10)
    [enrollment] = await pool.leads(await pool.campaign(steps=2, delay_days=0), 1)
    await pool.settle(await pool.must_claim())
    await pool.settle(await pool.must_claim())
    await pool.execute(
        "update messages set state = :s where workspace_id = :w and step_position = 1", s=message
    )
    await pool.change("enrollments", enrollment, state="waiting", position=1)
    await pool.execute("update campaign_totals set open = 1 where workspace_id = :w")
    assert await pool.claim() is None
    await pool.claim()
    assert await pool.enrollment(enrollment, "state, position") == expected


async def test_old_first_steps_are_not_starved_by_follow_ups_of_their_account(pool: TestPool) -> None:
    """A greylisted first message, bound to its account, is the oldest of its class and has its turn (R5)."""
    ada = await pool.account("ada", 1000)
    [waiting] = await pool.leads(await pool.campaign(), 1)
    await pool.settle(await pool.must_claim(), GREYLISTED)
    later = NOW + timedelta(minutes=6)
    for enrollment in await pool.leads(await pool.campaign(steps=2), 12, prefix="follow"):
        await pool.change("enrollments", enrollment, sender_account_id=ada, position=1, due_at=later)
    claim = await pool.must_claim(later, limit=10)
    assert waiting in {row.enrollment_id for row in claim.rows}


async def test_the_pool_says_once_a_day_that_it_is_exhausted(pool: TestPool) -> None:
    """And again on the next day, with the instant of the reset."""
    await pool.account("ada", 1)
    await pool.leads(await pool.campaign(), 3)
    for now in (NOW, NOW, MIDNIGHT, MIDNIGHT):
        claim = await pool.claim(now)
        if claim:
            await pool.settle(claim, now=now)
        await pool.claim(now)
    said = [data["resetAt"] for kind, data in await pool.events() if kind == "pool.exhausted"]
    assert said == ["2026-03-11T00:00:00Z", "2026-03-12T00:00:00Z"]


async def test_a_pool_that_is_only_spaced_is_not_exhausted(pool: TestPool) -> None:
    """One account is used up, the other is between two letters."""
    await pool.account("ada", 10, gap=60)
    await pool.account("bob", 1)
    await pool.leads(await pool.campaign(), 5)
    await pool.must_claim()
    await pool.claim()
    assert await pool.events() == []


# When the pool is to be looked at again.


async def test_the_pool_is_looked_at_again_at_once_after_a_claim(pool: TestPool) -> None:
    """There may be more; the claim that finds nothing says how long to sleep."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 5)
    await pool.must_claim(limit=5)
    assert await pool.wake_at() == NOW


async def test_an_empty_pool_sleeps(pool: TestPool) -> None:
    """Nothing due, nothing ever will be: until somebody wakes it."""
    await pool.account("ada", 10)
    await pool.wake(NOW)
    await pool.claim()
    assert await pool.wake_at() is None


async def test_the_pool_wakes_for_what_is_due_next(pool: TestPool) -> None:
    """The earliest of what is not due yet."""
    await pool.account("ada", 10)
    enrollments = await pool.leads(await pool.campaign(), 3)
    for number, enrollment in enumerate(enrollments):
        await pool.change("enrollments", enrollment, due_at=NOW + (3 - number) * DAY)
    await pool.claim()
    assert await pool.wake_at() == NOW + DAY


async def test_the_pool_wakes_at_the_reset_when_it_is_exhausted(pool: TestPool) -> None:
    """No sooner: what else waits is due later."""
    await pool.account("ada", 1)
    await pool.leads(await pool.campaign(), 3)
    await pool.settle(await pool.must_claim())
    await pool.claim()
    assert await pool.wake_at() == MIDNIGHT


async def test_the_pool_wakes_at_the_reset_when_its_workspace_s_quota_is_used_up(pool: TestPool) -> None:
    """Though the account has room."""
    await pool.execute("update workspaces set daily_quota = 1 where workspace_id = :w")
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 3)
    await pool.settle(await pool.must_claim())
    await pool.claim()
    assert await pool.wake_at() == MIDNIGHT


@pytest.mark.parametrize("field", ["rest_until", "next_send_at"])
@pytest.mark.parametrize("bound", [True, False])
async def test_the_pool_wakes_when_its_account_may_send_again(
    pool: TestPool, field: str, bound: bool
) -> None:
    """Rested or spaced; for those bound to it and those that are not."""
    account = await pool.account("ada", 10)
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    if bound:
        await pool.change("enrollments", enrollment, sender_account_id=account)
    await pool.change("sender_accounts", account, **{field: LATER})
    assert await pool.claim() is None
    assert await pool.wake_at() == LATER
    assert await pool.claim(LATER) is not None


async def test_the_pool_wakes_after_the_gap(pool: TestPool) -> None:
    """One letter, then the other, a gap later."""
    await pool.account("ada", 10, gap=90)
    await pool.leads(await pool.campaign(), 2)
    claim = await pool.must_claim()
    assert len(claim.rows) == 1
    assert await pool.claim() is None
    await pool.settle(claim, data_at=NOW + timedelta(seconds=2))
    await pool.claim(NOW + timedelta(seconds=3))
    assert await pool.wake_at() == NOW + timedelta(seconds=92)
    assert await pool.claim(NOW + timedelta(seconds=92)) is not None


async def test_the_pool_wakes_when_a_lease_runs_out(pool: TestPool) -> None:
    """Somebody must look whether the worker is dead."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 1)
    await pool.must_claim()
    await pool.claim()
    assert await pool.wake_at() == NOW + LEASE


async def test_the_pool_wakes_at_midnight_when_the_day_closes(pool: TestPool) -> None:
    """In the last second nothing is claimed."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 1)
    assert await pool.claim(MIDNIGHT - timedelta(milliseconds=700)) is None
    assert await pool.wake_at() == MIDNIGHT


async def test_a_batch_of_bound_work_does_not_hide_what_others_could_send(pool: TestPool) -> None:
    """Sixty leads wait for a spaced account; the one of the free account is sent within a few claims."""
    slow = await pool.account("slow", 100, gap=600)
    quick = await pool.account("quick", 100)
    old = await pool.leads(await pool.campaign(), 60, prefix="old")
    for enrollment in old:
        await pool.change("enrollments", enrollment, sender_account_id=slow, due_at=NOW - DAY)
    [young] = await pool.leads(await pool.campaign(), 1, prefix="young")
    await pool.change("enrollments", young, sender_account_id=quick)
    found = [await pool.claim(limit=20) for _ in range(3)]
    assert Counter(row.sender_account_id for claim in found if claim for row in claim.rows) == {
        slow: 1,
        quick: 1,
    }


async def test_a_campaign_whose_last_lead_has_no_step_left_is_completed(pool: TestPool) -> None:
    """Ended by the claim that found nothing to send, and said as any other end is."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(steps=0), 1)
    await pool.claim()
    assert [kind for kind, _ in await pool.events()] == ["campaign.completed"]


async def test_what_falls_due_does_not_wake_a_pool_that_is_used_up(pool: TestPool) -> None:
    """Somebody waits for the reset already; each follow-up that falls due before would cost a claim."""
    await pool.account("ada", 1)
    campaign = await pool.campaign()
    await pool.leads(campaign, 2)
    await pool.leads(campaign, 1, prefix="later", now=NOW + timedelta(minutes=5))
    await pool.settle(await pool.must_claim())
    assert await pool.claim() is None
    assert await pool.wake_at() == next_reset(NOW)


async def test_what_falls_due_wakes_a_pool_that_is_used_up_and_has_not_said_so(pool: TestPool) -> None:
    """Nobody waits yet: the first that does is what the pool is exhausted for."""
    await pool.account("ada", 1)
    campaign = await pool.campaign()
    await pool.leads(campaign, 1)
    await pool.leads(campaign, 1, prefix="later", now=NOW + timedelta(minutes=5))
    await pool.settle(await pool.must_claim())
    assert await pool.claim() is None
    assert await pool.wake_at() == NOW + timedelta(minutes=5)
