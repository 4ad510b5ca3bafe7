"""Recovery: what a worker held that is gone, or only slow. Nothing is lost or sent twice (R6)."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadterra.actions.claiming import Claim
from leadterra.actions.running import run
from leadterra.domain.outcomes import Answer, Command, Deferred, Ending, Refused, Scope, Uncertain
from leadterra.store.claims import renew_claims
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import LEASE, TAKEN, TestPool
from tests.support.waiting import eventually

UNKNOWN = Uncertain(Answer(Command.BODY, None, None, "closed"))
GREYLISTED = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "greylisted"))
NO_MAILBOX = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
SECOND = timedelta(seconds=1)


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def one_claimed(pool: TestPool) -> tuple[UUID, UUID, Claim]:
    """One lead of a campaign of two steps, claimed: the account, the enrollment and the claim."""
    account = await pool.account("ada", 10)
    [enrollment] = await pool.leads(await pool.campaign(steps=2), 1)
    return account, enrollment, await pool.must_claim()


async def test_a_lost_claim_that_was_not_cleared_goes_back_to_the_queue(pool: TestPool) -> None:
    """Certainly not sent: its unit is free, and the next claim takes it with another fence (R6)."""
    _, enrollment, first = await one_claimed(pool)
    second = await pool.must_claim(NOW + LEASE)
    assert [row.enrollment_id for row in second.rows] == [enrollment]
    assert second.number > first.number
    assert await pool.ledger() == {"ada": (0, 0, 1)}


async def test_a_lost_claim_that_was_cleared_is_uncertain_and_keeps_its_unit(pool: TestPool) -> None:
    """Nobody knows what the dead worker still said; it is not claimed again (R6)."""
    _, enrollment, claim = await one_claimed(pool)
    await pool.clear(claim)
    assert await pool.claim(NOW + LEASE) is None
    assert await pool.enrollment(enrollment) == "uncertain"
    assert await pool.ledger() == {"ada": (0, 1, 0)}
    assert [kind for kind, _ in await pool.events()] == ["message.uncertain"]
    await pool.check_books()


async def test_a_claim_is_not_lost_before_its_lease_ends(pool: TestPool) -> None:
    """Nor after it, where the worker has prolonged it."""
    _, enrollment, claim = await one_claimed(pool)
    await pool.claim(NOW + LEASE - SECOND)
    until = NOW + 2 * LEASE
    await run(
        pool.database,
        pool.workspace_id,
        lambda uow: renew_claims(uow, [claim.number], worker="test", lease_until=until, now=NOW + SECOND),
    )
    await pool.claim(NOW + LEASE)
    assert await pool.enrollment(enrollment) == "sending"


async def test_a_lost_lease_cannot_be_prolonged(pool: TestPool) -> None:
    """Nor can anybody else's."""
    _, _, claim = await one_claimed(pool)

    async def renewed(worker: str, now: datetime) -> set[int]:
        return await run(
            pool.database,
            pool.workspace_id,
            lambda uow: renew_claims(uow, [claim.number], worker=worker, lease_until=now + LEASE, now=now),
        )

    assert await renewed("test", NOW + LEASE) == set()
    assert await renewed("another", NOW) == set()
    assert await renewed("test", NOW) == {claim.number}


@pytest.mark.parametrize(
    ("ending", "message", "enrollment", "units"),
    [
        (TAKEN, "sent", "waiting", (1, 0, 0)),
        (NO_MAILBOX, "refused", "bounced", (0, 0, 0)),
        (GREYLISTED, "deferred", "waiting", (0, 0, 0)),
        (UNKNOWN, "uncertain", "uncertain", (0, 1, 0)),
    ],
)
async def test_a_worker_thought_dead_settles_its_uncertain_message_after_all(
    pool: TestPool, ending: Ending, message: str, enrollment: str, units: tuple[int, int, int]
) -> None:
    """It was there: that is the best evidence. The unit moves in the ledger of its own day."""
    _, enrollment_id, claim = await one_claimed(pool)
    await pool.clear(claim)
    await pool.claim(NOW + LEASE)
    tomorrow = NOW + timedelta(days=1)
    assert await pool.settle(claim, ending, tomorrow) == (ending is not UNKNOWN)
    assert await pool.message(enrollment_id) == message
    assert await pool.enrollment(enrollment_id) == enrollment
    assert await pool.ledger(NOW.date()) == {"ada": units}
    assert (await pool.ledger(tomorrow.date())).get("ada", (0, 0, 0)) == (0, 0, 0)
    await pool.check_books()


async def test_a_worker_thought_dead_whose_message_was_taken_anew_changes_nothing(pool: TestPool) -> None:
    """Its fence is an old one: the new holder alone settles."""
    _, enrollment, old = await one_claimed(pool)
    new = await pool.must_claim(NOW + LEASE)
    assert await pool.settle(old, NO_MAILBOX, NOW + LEASE) == 0
    assert await pool.enrollment(enrollment, "state, claim_number") == ("sending", new.number)
    assert await pool.settle(new, TAKEN, NOW + LEASE) == 1
    assert await pool.settle(old, NO_MAILBOX, NOW + LEASE) == 0
    await pool.check_books()


async def test_a_worker_thought_dead_whose_message_is_queued_again_changes_nothing(pool: TestPool) -> None:
    """Recovered and not yet taken: it stays in the queue."""
    account, enrollment, old = await one_claimed(pool)
    await pool.change("sender_accounts", account, status="paused")
    await pool.claim(NOW + LEASE)
    assert await pool.settle(old, TAKEN, NOW + LEASE) == 0
    assert await pool.enrollment(enrollment) == "waiting"


async def test_a_clearance_during_recovery_is_not_overlooked(pool: TestPool) -> None:
    """The old worker is cleared, by a clock a moment behind, while recovery is under way: uncertain or
    refused, never sent and queued (R6).
    """
    _, enrollment, claim = await one_claimed(pool)
    async with pool.database.unit_of_work(pool.workspace_id) as blocking:
        await blocking.rows("select 1 from claims where workspace_id = %(workspace_id)s for update")
        recovering = asyncio.create_task(pool.claim(NOW + LEASE))
        await until_blocked(pool, 1)
        clearing = asyncio.create_task(pool.clear(claim, NOW + LEASE - SECOND))
        await until_blocked(pool, 2, clearing)
    again = await recovering
    cleared = await clearing
    sent_twice = (
        bool(cleared) and again is not None and [row.enrollment_id for row in again.rows] == [enrollment]
    )
    assert not sent_twice


async def test_a_lease_prolonged_during_recovery_is_not_overlooked(pool: TestPool) -> None:
    """The renewal commits first: the claim is its worker's, and so are its messages."""
    _, enrollment, claim = await one_claimed(pool)
    async with pool.database.unit_of_work(pool.workspace_id) as renewing:
        await renew_claims(
            renewing, [claim.number], worker="test", lease_until=NOW + 3 * LEASE, now=NOW + SECOND
        )
        recovering = asyncio.create_task(pool.claim(NOW + LEASE))
        await until_blocked(pool, 1)
    await recovering
    held = await pool.ask("select number from claims where workspace_id = :w and number = :n", n=claim.number)
    state, number = await pool.enrollment(enrollment, "state, claim_number")
    assert (bool(held), state, number) == (True, "sending", claim.number)


async def blocked(pool: TestPool) -> int:
    """How many connections of this database wait for a lock."""
    rows = await pool.ask(
        "select count(*)::int from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )
    found: int = rows[0][0]
    return found


async def until_blocked(pool: TestPool, count: int, task: "asyncio.Task[set[UUID]] | None" = None) -> None:
    """Wait until so many connections wait for locks, or the task has ended."""

    async def is_so() -> bool:
        return (task is not None and task.done()) or await blocked(pool) >= count

    await eventually(is_so, what=f"{count} to be blocked")
