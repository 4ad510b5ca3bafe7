"""Campaign totals: running sums, kept in the transaction in which it happened."""

import asyncio
from uuid import UUID

import pytest

from leadterra.store.campaign_totals import Changes
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TestPool


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def save(pool: TestPool, changes: Changes) -> None:
    """In a transaction of its own."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await changes.save(uow, now=NOW)


async def test_changes_add_up_and_take_away(pool: TestPool) -> None:
    """Over a batch and over batches."""
    campaign = await pool.campaign()
    changes = Changes()
    changes.add(campaign, "open", 5)
    changes.add(campaign, "sent", 2)
    changes.add(campaign, "sent")
    await save(pool, changes)
    changes = Changes()
    changes.add(campaign, "open", -2)
    await save(pool, changes)
    assert await pool.totals(campaign) == {
        "enrolled": 0,
        "open": 3,
        "sent": 3,
        "bounced": 0,
        "failed": 0,
        "uncertain": 0,
    }


async def test_changes_that_cancel_out_are_no_changes(pool: TestPool) -> None:
    """Nothing is counted, and nothing is complete because of them."""
    campaign = await pool.campaign()
    changes = Changes()
    changes.add(campaign, "sent", 0)
    changes.add(campaign, "uncertain", 1)
    changes.add(campaign, "uncertain", -1)
    await save(pool, changes)
    assert set((await pool.totals(campaign)).values()) == {0}
    assert await pool.events() == []


async def test_each_campaign_has_its_own(pool: TestPool) -> None:
    """Several in one statement."""
    campaigns = [await pool.campaign() for _ in range(3)]
    changes = Changes()
    for number, campaign in enumerate(campaigns):
        changes.add(campaign, "open", number + 1)
    await save(pool, changes)
    assert [(await pool.totals(campaign))["open"] for campaign in campaigns] == [1, 2, 3]


async def test_many_at_once_lose_nothing(pool: TestPool) -> None:
    """Sums are made in the database, row locks taken in one order."""
    campaigns = [await pool.campaign() for _ in range(2)]

    async def add() -> None:
        changes = Changes()
        for campaign in campaigns:
            changes.add(campaign, "sent", 1)
        await save(pool, changes)

    await asyncio.gather(*(add() for _ in range(20)))
    assert [(await pool.totals(campaign))["sent"] for campaign in campaigns] == [20, 20]


@pytest.mark.parametrize(
    ("status", "steps", "said"),
    [
        ("running", [-3], 1),
        ("running", [-1, -1, -1], 1),
        ("running", [-2], 0),
        ("running", [-3, 1, -1], 2),
        ("paused", [-3], 0),
    ],
)
async def test_a_running_campaign_is_complete_when_nobody_is_left(
    pool: TestPool, status: str, steps: list[int], said: int
) -> None:
    """Once for each time that its last lead ends; a paused one is not told of."""
    campaign = await pool.campaign(status=status)
    await pool.leads(campaign, 3)
    for step in steps:
        changes = Changes()
        changes.add(campaign, "open", step)
        await save(pool, changes)
    assert [kind for kind, _ in await pool.events()] == ["campaign.completed"] * said
