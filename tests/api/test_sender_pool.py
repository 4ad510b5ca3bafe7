"""`GET /v1/sender-pools`: exactly seven fields, and R3's sums."""

from uuid import UUID

import httpx

from leadterra.store.database import Database
from leadterra.store.ids import encode
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool


async def read_pool(api: httpx.AsyncClient) -> dict[str, object]:
    """The pool, as the API shows it."""
    answer = await api.get("/v1/sender-pools")
    assert answer.status_code == 200
    return answer.json()["data"]


async def use(pool: TestPool, account: UUID, *, sent: int = 0, uncertain: int = 0, reserved: int = 0) -> None:
    """Book units of today."""
    await pool.execute(
        "insert into ledger (workspace_id, day, sender_account_id, daily_limit, sent, uncertain, reserved)"
        " values (:w, :day, :account, 1, :sent, :uncertain, :reserved)",
        day=NOW.date(),
        account=account,
        sent=sent,
        uncertain=uncertain,
        reserved=reserved,
    )


async def test_the_pool_of_the_reference_page(api: httpx.AsyncClient, workspace: UUID) -> None:
    """Two active accounts of 1000 and a warming one: 2000 a day, 3 accounts, 2 active, reset at midnight
    UTC."""
    for number, status in enumerate(("active", "active", "warming")):
        account = {"email": f"s{number}@example.com", "name": "S", "dailyLimit": 1000, "status": status}
        await api.post("/v1/sender-accounts", json=account)

    pool = await read_pool(api)

    assert str(pool.pop("id")).startswith("sp_")
    assert pool == {
        "workspaceId": encode("ws", workspace),
        "dailyCapacity": 2000,
        "remainingVolume": 2000,
        "resetAt": "2026-03-11T00:00:00Z",
        "senderAccountCount": 3,
        "activeSenderAccountCount": 2,
    }


async def test_an_empty_pool_has_nothing_to_send_with(api: httpx.AsyncClient) -> None:
    """Without accounts all numbers are zero."""
    pool = await read_pool(api)

    assert [pool["dailyCapacity"], pool["remainingVolume"], pool["senderAccountCount"]] == [0, 0, 0]


async def test_what_is_sent_uncertain_or_reserved_is_not_left(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """remainingVolume is the limit without all three."""
    pool = TestPool(database, workspace)
    await use(pool, await pool.account("a", 100), sent=10, uncertain=5, reserved=3)

    assert (await read_pool(api))["remainingVolume"] == 82


async def test_a_limit_lowered_below_what_was_sent_leaves_nothing(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """remainingVolume is never negative, and one account's excess does not eat another's rest."""
    pool = TestPool(database, workspace)
    await use(pool, await pool.account("a", 10), sent=50)
    await pool.account("b", 7)

    assert (await read_pool(api))["remainingVolume"] == 7


async def test_the_workspace_quota_caps_both(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """What paused accounts sent today counts against the workspace's quota too."""
    pool = TestPool(database, workspace)
    await pool.account("a", 100)
    await use(pool, await pool.account("b", 100, status="paused"), sent=20)
    await api.patch("/v1/workspace", json={"dailyQuota": 60})

    shown = await read_pool(api)

    assert (shown["dailyCapacity"], shown["remainingVolume"]) == (60, 40)


async def test_a_removed_account_counts_no_more(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """It leaves the counts and the capacity."""
    pool = TestPool(database, workspace)
    account = await pool.account("a", 100)
    await api.delete(f"/v1/sender-accounts/{encode('sa', account)}")

    shown = await read_pool(api)

    assert (shown["dailyCapacity"], shown["senderAccountCount"]) == (0, 0)


async def test_the_next_day_begins_full(
    api: httpx.AsyncClient, database: Database, workspace: UUID, clock: ManualClock
) -> None:
    """At midnight UTC what was sent the day before counts no more."""
    pool = TestPool(database, workspace)
    await use(pool, await pool.account("a", 100), sent=100)
    clock.advance(hours=12)

    shown = await read_pool(api)

    assert (shown["remainingVolume"], shown["resetAt"]) == (100, "2026-03-12T00:00:00Z")
