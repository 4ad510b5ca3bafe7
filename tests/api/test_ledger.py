"""`GET /v1/sender-pools/ledger` and `/history`: what became of each unit of a day, and the days in a row."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from leadterra.domain.outcomes import Answer, Command, Refused, Scope, Uncertain
from leadterra.store.database import Database
from leadterra.store.ids import encode
from tests.support.clock import ManualClock
from tests.support.outreach import refused, shown
from tests.support.pools import TAKEN, TestPool

LEDGER = "/v1/sender-pools/ledger"
HISTORY = "/v1/sender-pools/history"
UNSURE = Uncertain(Answer(Command.BODY, None, None, "closed"))
BOUNCED = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
FIELDS = ("limit", "sent", "uncertain", "reserved", "remaining")


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The pool that the client sees."""
    return TestPool(database, workspace)


async def read(api: httpx.AsyncClient, day: str | None = None) -> dict[str, Any]:
    """The ledger of a day."""
    return shown(await api.get(LEDGER, params={"date": day} if day else {}))


def units(line: dict[str, Any]) -> tuple[int, ...]:
    """Its five numbers."""
    return tuple(line[name] for name in FIELDS)


def by_name(ledger: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """The five numbers of each account."""
    return {line["name"]: units(line) for line in ledger["accounts"]}


async def busy(pool: TestPool) -> UUID:
    """An account of 10 a day with three messages taken, two uncertain, one bounced, and one in flight."""
    account = await pool.account("a", 10)
    await pool.leads(await pool.campaign(), 7)
    taken, unsure, bounced, _ = [await pool.must_claim(limit=limit) for limit in (3, 2, 1, 1)]
    for claim, ending in ((taken, TAKEN), (bounced, BOUNCED), (unsure, UNSURE)):
        await pool.settle(claim, ending)
    return account


async def test_today_by_account_and_in_total(api: httpx.AsyncClient, pool: TestPool) -> None:
    """Exactly these fields; a bounce has given its unit back."""
    account = await busy(pool)

    line = {"limit": 10, "sent": 3, "uncertain": 2, "reserved": 1, "remaining": 4}
    about = {"email": "a@acme.test", "name": "A", "status": "active"}
    assert await read(api) == {
        "date": "2026-03-10",
        "total": line,
        "accounts": [{"senderAccountId": encode("sa", account), **about, **line}],
    }


async def test_the_total_is_what_the_pool_says(api: httpx.AsyncClient, pool: TestPool) -> None:
    """An active account that sent nothing yet is there with its limit, an idle warming one is not; what
    remains is `remainingVolume`, under the workspace's quota."""
    await busy(pool)
    await pool.account("idle", 20)
    await pool.account("young", 5, status="warming")
    whole = await read(api)
    await api.patch("/v1/workspace", json={"dailyQuota": 12})
    capped = await read(api)
    state = shown(await api.get("/v1/sender-pools"))

    assert by_name(whole) == {"A": (10, 3, 2, 1, 4), "Idle": (20, 0, 0, 0, 20)}
    assert units(whole["total"]) == (30, 3, 2, 1, 24)
    assert (units(capped["total"]), state["remainingVolume"]) == ((12, 3, 2, 1, 6), 6)


async def test_a_paused_account_counts_with_what_it_used(api: httpx.AsyncClient, pool: TestPool) -> None:
    """Its line keeps its own limit; the total has no use for the rest of it."""
    account = await busy(pool)
    await pool.change("sender_accounts", account, status="paused")

    found = await read(api)

    assert by_name(found) == {"A": (10, 3, 2, 1, 4)}
    assert units(found["total"]) == (6, 3, 2, 1, 0)


async def test_a_lowered_limit_shows_that_it_was_passed(api: httpx.AsyncClient, pool: TestPool) -> None:
    """Nothing remains, and the units stay what they are: the one case in which the sum does not hold."""
    account = await busy(pool)
    await api.patch(f"/v1/sender-accounts/{encode('sa', account)}", json={"dailyLimit": 2})

    assert by_name(await read(api)) == {"A": (2, 3, 2, 1, 0)}


async def test_a_removed_account_is_there_while_it_has_units(
    api: httpx.AsyncClient, pool: TestPool, clock: ManualClock
) -> None:
    """Today and in the past, with its address, its name and the limit that it had; not on days without it."""
    account = await busy(pool)
    await api.delete(f"/v1/sender-accounts/{encode('sa', account)}")
    today = await read(api)
    clock.advance(days=1)

    past, next_day = await read(api, "2026-03-10"), await read(api)

    (line,) = today["accounts"]
    assert (line["email"], line["status"], units(line)) == ("a@acme.test", "removed", (10, 3, 2, 1, 4))
    assert past["accounts"] == today["accounts"]
    assert (next_day["accounts"], units(next_day["total"])) == ([], (0, 0, 0, 0, 0))


async def test_a_past_day_has_the_limits_of_that_day(
    api: httpx.AsyncClient, pool: TestPool, clock: ManualClock
) -> None:
    """Whatever was changed since: limits, the workspace's quota, accounts that came later."""
    account = await busy(pool)
    clock.advance(days=1)
    await api.patch(f"/v1/sender-accounts/{encode('sa', account)}", json={"dailyLimit": 99})
    await api.patch("/v1/workspace", json={"dailyQuota": 1})
    await pool.account("later", 5)

    found = await read(api, "2026-03-10")

    assert by_name(found) == {"A": (10, 3, 2, 1, 4)}
    assert units(found["total"]) == (10, 3, 2, 1, 4)


@pytest.mark.parametrize(
    "day",
    [
        "2026-03-11",
        "9999-12-31",
        "",
        "yesterday",
        "2026-02-30",
        "20260310",
        "2026-W11-2",
        "2026-03-10T00:00:00Z",
    ],
)
async def test_another_day_is_refused(api: httpx.AsyncClient, day: str) -> None:
    """One that is to come, and what is no day."""
    answer = await api.get(LEDGER, params={"date": day})

    assert refused(answer) == (400, "invalid_request", ["?date"])


async def test_a_day_before_everything_is_empty(api: httpx.AsyncClient) -> None:
    """And no error."""
    assert (await read(api, "0001-01-01"))["accounts"] == []


async def test_the_last_days_in_a_row(api: httpx.AsyncClient, pool: TestPool, clock: ManualClock) -> None:
    """Oldest first, today last, none left out; capacity, sent and bounced of each."""
    await busy(pool)
    await pool.account("idle", 20)
    clock.advance(days=2)

    found = shown(await api.get(HISTORY, params={"days": "4"}))

    assert str(found["senderPoolId"]).startswith("sp_")
    names = ("date", "capacity", "sent", "bounced", "replied")
    assert [tuple(day[name] for name in names) for day in found["days"]] == [
        ("2026-03-09", 0, 0, 0, 0),
        ("2026-03-10", 10, 3, 1, 0),
        ("2026-03-11", 0, 0, 0, 0),
        ("2026-03-12", 30, 0, 0, 0),
    ]


async def test_a_bounce_counts_on_the_day_of_its_message(
    api: httpx.AsyncClient, pool: TestPool, clock: ManualClock
) -> None:
    """Also where it is settled after midnight."""
    await pool.account("a", 10)
    await pool.leads(await pool.campaign(), 1)
    claim = await pool.must_claim()
    clock.advance(days=1)
    await pool.settle(claim, BOUNCED, clock.now())

    days = shown(await api.get(HISTORY, params={"days": "2"}))["days"]

    assert [(day["date"], day["bounced"]) for day in days] == [("2026-03-10", 1), ("2026-03-11", 0)]


async def test_thirty_days_unless_told_otherwise(api: httpx.AsyncClient) -> None:
    """A leap year's worth at most."""
    lengths = [
        len(shown(await api.get(HISTORY, params=params))["days"])
        for params in ({}, {"days": "1"}, {"days": "366"})
    ]

    assert lengths == [30, 1, 366]


@pytest.mark.parametrize("days", ["0", "367", "-1", "1.5", "many", ""])
async def test_another_number_of_days_is_refused(api: httpx.AsyncClient, days: str) -> None:
    """From 1 to 366."""
    answer = await api.get(HISTORY, params={"days": days})

    assert refused(answer) == (400, "invalid_request", ["?days"])
