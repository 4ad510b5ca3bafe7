"""The workspace's log: in order, without a gap, in the transaction of what it tells of."""

import asyncio
from uuid import UUID

import pytest

from leadterra.store.database import Database
from leadterra.store.events import Event, EventType, append_events
from tests.support.clock import NOW
from tests.support.pools import TestPool


def event(number: int) -> Event:
    """One that can be told from the others."""
    return Event(EventType.CAMPAIGN_STARTED, {"campaignId": str(number)})


async def append(database: Database, workspace: UUID, *numbers: int) -> None:
    """In a transaction of its own."""
    async with database.unit_of_work(workspace) as uow:
        await append_events(uow, [event(number) for number in numbers], now=NOW)


async def log(database: Database, workspace: UUID) -> list[tuple[int, str]]:
    """(number, what) in order."""
    rows = await TestPool(database, workspace).ask(
        "select number, payload ->> 'campaignId' from events where workspace_id = :w order by number"
    )
    return [(number, what) for number, what in rows]


async def test_events_are_numbered_from_one_in_the_order_given(database: Database, workspace: UUID) -> None:
    """Over as many batches as it takes; an empty one takes none."""
    await append(database, workspace, 7, 8)
    await append(database, workspace)
    await append(database, workspace, 9)
    assert await log(database, workspace) == [(1, "7"), (2, "8"), (3, "9")]


async def test_a_transaction_that_is_undone_leaves_no_gap(database: Database, workspace: UUID) -> None:
    """Its numbers are given again."""
    await append(database, workspace, 1)

    async def fail() -> None:
        async with database.unit_of_work(workspace) as uow:
            await append_events(uow, [event(2), event(3)], now=NOW)
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    await append(database, workspace, 4)
    assert await log(database, workspace) == [(1, "1"), (2, "4")]


async def test_many_writers_at_once_make_one_log(database: Database, workspace: UUID) -> None:
    """No number twice, none missing, each batch together."""
    await asyncio.gather(*(append(database, workspace, 10 * n, 10 * n + 1, 10 * n + 2) for n in range(12)))
    found = await log(database, workspace)
    assert [number for number, _ in found] == list(range(1, 37))
    written = [int(what) for _, what in found]
    assert all(written[i : i + 3] == list(range(written[i], written[i] + 3)) for i in range(0, 36, 3))


async def test_every_workspace_has_its_own_numbers(database: Database, workspace: UUID) -> None:
    """And every event its own id."""
    await append(database, workspace, *range(50))
    rows = await TestPool(database, workspace).ask(
        "select count(distinct id)::int, max(number) from events where workspace_id = :w"
    )
    assert rows == [(50, 50)]
