"""Units under caps: taken, given back, moved, and counted anew from the messages."""

from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import errors

from leadterra.store import cap_units
from leadterra.store.cap_units import CapKeyRow, CapScope, CapUnits, RollingMove
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TestPool

MIDNIGHT = NOW.replace(hour=0)
MINUTE = timedelta(minutes=1)
KEY, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


def units(key: UUID, taken: int, scope: CapScope = CapScope.CAMPAIGN) -> CapUnits:
    """Of today."""
    return CapUnits(scope, key, MIDNIGHT, taken)


async def taken(pool: TestPool) -> dict[tuple[str, UUID], int]:
    """What is kept of today, by scope and key."""
    keys = [CapKeyRow(scope, key, MIDNIGHT) for scope in CapScope for key in (KEY, OTHER)]
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        return await cap_units.list_caps(uow, keys)


async def take(pool: TestPool, *rows: CapUnits) -> None:
    """Take them."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await cap_units.take_cap_units(uow, rows)


async def give_back(pool: TestPool, *rows: CapUnits) -> None:
    """Give them back."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await cap_units.return_cap_units(uow, rows)


async def move(pool: TestPool, *moves: RollingMove) -> None:
    """Count them by other minutes."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await cap_units.move_rolling_units(uow, moves)


async def rolling(pool: TestPool, account: UUID) -> dict[int, int]:
    """An account's units, by the minute after noon."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = await cap_units.list_units(uow, since=MIDNIGHT)
    return {int((row.bucket - NOW) / MINUTE): row.taken for row in found if row.key == account}


async def test_units_add_up(pool: TestPool) -> None:
    """By scope, key and bucket; others are not touched."""
    await take(pool, units(KEY, 2), units(OTHER, 5))
    await take(pool, units(KEY, 3), units(KEY, 1, CapScope.CAMPAIGN_NEW))
    assert await taken(pool) == {
        (CapScope.CAMPAIGN, KEY): 5,
        (CapScope.CAMPAIGN, OTHER): 5,
        (CapScope.CAMPAIGN_NEW, KEY): 1,
    }


async def test_units_come_back(pool: TestPool) -> None:
    """To the cap that they were taken of; of one that is not kept there is nothing to give back."""
    await take(pool, units(KEY, 5))
    await give_back(pool, units(KEY, 2), units(OTHER, 1))
    assert await taken(pool) == {(CapScope.CAMPAIGN, KEY): 3}


async def test_what_was_not_taken_cannot_come_back(pool: TestPool) -> None:
    """By a constraint."""
    await take(pool, units(KEY, 1))
    with pytest.raises(errors.CheckViolation):
        await give_back(pool, units(KEY, 2))


async def test_a_key_is_full_when_nothing_of_its_bucket_is_left(pool: TestPool) -> None:
    """Also when the limit was lowered below what was taken; another scope or bucket is another cap."""
    scope = CapScope.RECIPIENT_DOMAIN
    await take(pool, units(KEY, 3, scope), units(OTHER, 2, scope), units(UUID(int=3), 9))
    await take(pool, CapUnits(scope, OTHER, MIDNIGHT - timedelta(days=1), 9))
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        full = [await cap_units.list_full_keys(uow, scope, MIDNIGHT, limit) for limit in (3, 4, 1)]
    assert [sorted(keys) for keys in full] == [[KEY], [], [KEY, OTHER]]


async def account_with_limit(pool: TestPool) -> UUID:
    """An account with a limit of its last 24 hours."""
    account = await pool.account("ada", 100)
    await pool.change("sender_accounts", account, rolling_limit=50)
    return account


def minute(number: int) -> timedelta:
    """That minute after noon."""
    return number * MINUTE


def in_minutes(account: UUID, **counts: int) -> list[CapUnits]:
    """Units by minute: `m0=2` are two of the first minute after noon."""
    return [
        CapUnits(CapScope.ACCOUNT_24H, account, NOW + minute(int(name[1:])), count)
        for name, count in counts.items()
    ]


async def test_the_last_24_hours_are_a_sum_of_minutes(pool: TestPool) -> None:
    """Those that begin after the instant, and the first of them; an account without any is missing."""
    account = await account_with_limit(pool)
    await take(pool, *in_minutes(account, m0=1, m1=2, m5=4))
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = [
            await cap_units.list_rolling(uow, [account, OTHER], since=NOW + minute(number))
            for number in (-1, 0, 1, 5)
        ]
    assert found == [
        {account: (7, NOW)},
        {account: (6, NOW + minute(1))},
        {account: (4, NOW + minute(5))},
        {},
    ]


async def test_units_are_counted_by_another_minute(pool: TestPool) -> None:
    """As many as are named; the rest stays."""
    account = await account_with_limit(pool)
    await take(pool, *in_minutes(account, m0=5))
    await move(
        pool, RollingMove(account, NOW, NOW + minute(1), 2), RollingMove(account, NOW, NOW + minute(2), 1)
    )
    assert await rolling(pool, account) == {0: 2, 1: 2, 2: 1}


async def test_a_minute_may_lose_and_gain_at_once(pool: TestPool) -> None:
    """What was claimed in it comes to DATA later, and what was claimed before comes to DATA in it."""
    account = await account_with_limit(pool)
    await take(pool, *in_minutes(account, m0=3, m1=4))
    await move(
        pool,
        RollingMove(account, NOW, NOW + minute(1), 3),
        RollingMove(account, NOW + minute(1), NOW + minute(2), 4),
    )
    assert await rolling(pool, account) == {1: 3, 2: 4}


async def test_minutes_of_an_account_without_the_limit_are_not_kept(pool: TestPool) -> None:
    """There is nothing to move."""
    account = await pool.account("ada", 100)
    await move(pool, RollingMove(account, NOW, NOW + minute(1), 2))
    assert await rolling(pool, account) == {}


async def test_old_buckets_are_forgotten(pool: TestPool) -> None:
    """Those that begin before the horizon, and no others."""
    account = await account_with_limit(pool)
    await take(pool, *in_minutes(account, m0=1, m1=2))
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await cap_units.delete_old_units(uow, horizon=NOW + minute(1))
    assert await rolling(pool, account) == {1: 2}


ALL_SCOPES = sorted(CapScope)


async def kept_and_counted(pool: TestPool) -> tuple[list[CapUnits], list[CapUnits]]:
    """What was kept as it went, and what the messages say now."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        kept = await cap_units.list_units(uow, since=MIDNIGHT)
        counted = await cap_units.count_units(uow, since=MIDNIGHT)
    return sorted(kept, key=repr), sorted(counted, key=repr)


async def test_what_is_counted_is_what_was_taken(pool: TestPool) -> None:
    """Of every scope: sent in another minute than claimed, in flight, lost behind DATA, and given back."""
    await pool.account("ada", 100)
    await pool.account("bob", 100, domain="other.test")
    await pool.leads(await pool.campaign(steps=2), 8)
    await pool.leads(await pool.campaign(), 4, prefix="more", domain="more.test")
    await pool.set_caps(100)
    sent = await pool.must_claim(limit=5)
    await pool.clear(sent, NOW + 2 * MINUTE)
    await pool.settle(sent, now=NOW + 3 * MINUTE, data_at=NOW + 2 * MINUTE)
    flying = await pool.must_claim(NOW + 4 * MINUTE, limit=3)
    await pool.clear(flying, NOW + 4 * MINUTE)
    kept, counted = await kept_and_counted(pool)
    assert kept == counted
    assert sorted({row.scope for row in counted}) == ALL_SCOPES
    assert sum(row.taken for row in counted) == sum(8 for _ in ALL_SCOPES)


async def test_only_caps_that_are_set_are_counted(pool: TestPool) -> None:
    """Nothing is kept of the others, and nothing is read of the messages for them."""
    await pool.account("ada", 100)
    await pool.leads(await pool.campaign(), 4)
    await pool.must_claim()
    assert await kept_and_counted(pool) == ([], [])
    await pool.set_caps(100)
    _, counted = await kept_and_counted(pool)
    assert {row.taken for row in counted} == {4}
