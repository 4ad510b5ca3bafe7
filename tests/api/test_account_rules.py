"""The rules that a sender account sends by, as `/v1/sender-accounts` takes and shows them; and since when an
account is lost.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from leadterra.store.database import Database
from tests.support.clock import ManualClock
from tests.support.outreach import shown
from tests.support.pools import TestPool

ACCOUNT = {"email": "james.walker@acmecorp.io", "name": "James Walker"}
RULES: list[dict[str, object]] = [
    {"pacing": {"mode": "spread", "minGapSeconds": 1.5, "jitter": 0}},
    {"rollingLimit": 30},
    {"weight": 2.5},
    {"tags": ["vip", "east"]},
    {"provider": "google"},
    {"dailyLimit": 7},
]


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The workspace's pool."""
    return TestPool(database, workspace)


async def create(api: httpx.AsyncClient, **fields: object) -> dict[str, Any]:
    """A new account, as the API shows it."""
    return shown(await api.post("/v1/sender-accounts", json=ACCOUNT | fields))


@pytest.mark.parametrize("change", RULES)
async def test_a_rule_of_sending_is_changed_alone(api: httpx.AsyncClient, change: dict[str, object]) -> None:
    """PATCH changes what it names, and what is created with it is the same."""
    account = await create(api)
    path = f"/v1/sender-accounts/{account['id']}"

    changed = (await api.patch(path, json=change)).json()["data"]
    other = await create(api, email="other@example.com", **change)

    remaining = {"remainingToday": 7} if "dailyLimit" in change else {}
    assert changed == account | change | remaining
    own = {"id": other["id"], "email": "other@example.com"}
    assert other == changed | own


async def test_null_goes_back_to_what_the_workspace_says(api: httpx.AsyncClient) -> None:
    """Part by part, or all of the pacing at once; and takes a cap and a provider away."""
    account = await create(api)
    path = f"/v1/sender-accounts/{account['id']}"
    pacing = {"mode": "spread", "minGapSeconds": 5.0, "jitter": 0.1}
    await api.patch(path, json={"pacing": pacing, "rollingLimit": 5, "provider": "other"})

    part = (await api.patch(path, json={"pacing": {"mode": None}})).json()["data"]["pacing"]
    back = await api.patch(path, json={"pacing": None, "rollingLimit": None, "provider": None})

    assert part == {**pacing, "mode": None}
    assert back.json()["data"] == account


async def test_tags_are_kept_trimmed_in_lower_case_and_once(api: httpx.AsyncClient) -> None:
    """In the order in which they are first named."""
    account = await create(api, tags=[" VIP ", "East", "vip", "Ä", "A\u0308"])

    assert account["tags"] == ["vip", "east", "ä"]


async def test_a_change_of_a_rule_wakes_the_pool(
    api: httpx.AsyncClient, pool: TestPool, clock: ManualClock
) -> None:
    """The next claim goes by it."""
    account = await create(api)
    clock.advance(hours=-1)

    await api.patch(f"/v1/sender-accounts/{account['id']}", json={"weight": 3})

    assert await pool.wake_at() == clock.now()


async def lost_at(pool: TestPool) -> datetime | None:
    """Since when the workspace's only account is lost."""
    rows = await pool.ask("select lost_at from sender_accounts where workspace_id = :w")
    found: datetime | None = rows[0][0]
    return found


async def ask(api: httpx.AsyncClient, account: dict[str, Any], path: str, **body: object) -> httpx.Response:
    """A request of an account: a path is posted to, a body changes it, neither removes it."""
    method = "POST" if path else "PATCH" if body else "DELETE"
    return await api.request(method, f"/v1/sender-accounts/{account['id']}{path}", json=body or None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/pause", {}),
        ("", {"status": "paused"}),
        ("", {"status": "warming", "name": "James"}),
        ("", {}),
    ],
    ids=["paused", "changed to paused", "changed to warming", "removed"],
)
async def test_it_is_kept_since_when_an_account_is_lost(
    api: httpx.AsyncClient, pool: TestPool, clock: ManualClock, path: str, body: dict[str, object]
) -> None:
    """On every way on which it can cease to be active; and no other change moves that instant."""
    account = await create(api)
    before = await lost_at(pool)
    clock.advance(hours=1)
    lost = clock.now()

    await ask(api, account, path, **body)
    kept = await lost_at(pool)
    clock.advance(hours=1)
    await ask(api, account, "", name="Jim", status="paused")
    await ask(api, account, "")

    assert (before, kept) == (None, lost)
    assert await lost_at(pool) == lost


@pytest.mark.parametrize("status", ["warming", "paused"])
async def test_an_account_that_was_never_active_is_lost_from_the_beginning(
    api: httpx.AsyncClient, pool: TestPool, clock: ManualClock, status: str
) -> None:
    """Nothing was ever bound to it, but what is revived may have leads."""
    await create(api, status=status)

    assert await lost_at(pool) == clock.now()


@pytest.mark.parametrize(
    ("path", "body"), [("/activate", {}), ("", {"status": "active"})], ids=["activated", "changed to active"]
)
async def test_an_account_that_is_active_is_not_lost(
    api: httpx.AsyncClient, pool: TestPool, path: str, body: dict[str, object]
) -> None:
    """On every way on which it can become active again."""
    account = await create(api, status="paused")

    await ask(api, account, path, **body)

    assert await lost_at(pool) is None


@pytest.mark.parametrize(("status", "is_lost"), [("active", False), ("paused", True)])
async def test_a_revived_account_is_lost_since_its_removal_unless_it_is_active(
    api: httpx.AsyncClient, pool: TestPool, clock: ManualClock, status: str, is_lost: bool
) -> None:
    """Leads that waited for it have waited since then."""
    account = await create(api)
    await ask(api, account, "")
    removed = clock.now()
    clock.advance(hours=1)

    await create(api, status=status)

    assert await lost_at(pool) == (removed if is_lost else None)
