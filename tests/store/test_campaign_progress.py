"""How far a campaign has come, known without counting all that waits."""

from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.store.campaigns import count_scheduled, get_progress
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TestPool

FEW = 3
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """A pool without accounts."""
    return TestPool(database, workspace)


async def pending(pool: TestPool, campaign_id: UUID) -> tuple[int, int, int, int]:
    """(due, scheduled, deferred, in flight)."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = await get_progress(uow, campaign_id)
        scheduled = await count_scheduled(uow, campaign_id, waiting=found.waiting, now=NOW, few=FEW)
    return found.waiting - scheduled, scheduled, found.deferred, found.in_flight


@pytest.mark.parametrize("due", [0, 2, 3, 5])
@pytest.mark.parametrize("scheduled", [0, 2, 3, 5])
async def test_due_and_scheduled_are_told_apart(pool: TestPool, due: int, scheduled: int) -> None:
    """Whichever of them are few, or none of them."""
    campaign = await pool.campaign()
    await pool.leads(campaign, due, prefix="due")
    later = await pool.leads(campaign, scheduled, prefix="later")
    await pool.execute(
        "update enrollments set due_at = :at where workspace_id = :w and id = any(:ids)", at=LATER, ids=later
    )

    assert await pending(pool, campaign) == (due, scheduled, 0, 0)


async def test_what_does_not_wait_its_turn_is_not_due(pool: TestPool) -> None:
    """What is held, paused or uncertain; what is deferred counts as such, whenever it is due."""
    campaign = await pool.campaign()
    enrollments = await pool.leads(campaign, 8)
    for enrollment_id, state in zip(enrollments, ("held", "paused", "uncertain"), strict=False):
        await pool.change("enrollments", enrollment_id, state=state)
    await pool.change("enrollments", enrollments[3], attempt=1)
    await pool.change("enrollments", enrollments[4], attempt=2, due_at=LATER)

    assert await pending(pool, campaign) == (3, 0, 2, 0)


async def test_what_a_worker_holds_is_in_flight(pool: TestPool) -> None:
    """Also where the lead was paused meanwhile; and only of that campaign."""
    await pool.account("ada", 100, gap=0)
    campaign, other = await pool.campaign(), await pool.campaign()
    await pool.leads(campaign, 6)
    await pool.leads(other, 4, prefix="other")
    claim = await pool.must_claim(limit=7)
    mine = [row.enrollment_id for row in claim.rows if row.campaign_id == campaign]
    await pool.change("enrollments", mine[0], state="paused")

    assert await pending(pool, campaign) == (6 - len(mine), 0, 0, len(mine))
    assert await pending(pool, other) == (len(mine) - 3, 0, 0, 7 - len(mine))
