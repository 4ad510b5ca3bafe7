"""What `?dryRun=true` says before a sender account is paused or removed."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from leadterra.store.database import Database
from leadterra.store.ids import encode
from tests.support.clock import NOW, ManualClock
from tests.support.outreach import refused, shown
from tests.support.pools import TestPool

BOTH_WAYS = pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/pause")])


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The workspace's pool."""
    return TestPool(database, workspace)


async def bind(pool: TestPool, enrollments: list[UUID], account: UUID, state: str = "waiting") -> None:
    """Have the account begin with these leads: one step is behind them."""
    await pool.execute(
        "update enrollments set sender_account_id = :account, position = 1, state = :state,"
        " claim_number = case when :state = 'sending' then 1 end where workspace_id = :w and id = any(:ids)",
        account=account,
        state=state,
        ids=enrollments,
    )
    if state in ("sending", "uncertain"):
        await pool.execute(
            "insert into messages (workspace_id, enrollment_id, step_id, id, campaign_id, lead_id,"
            " step_position, sender_account_id, state, fence, day, created_at, claimed_at, settled_at)"
            " select :w, e.id, s.id, s.id, e.campaign_id, e.lead_id, 1, :account, :state, 1, :day, :now,"
            " :now, case when :state = 'uncertain' then :now end"
            " from enrollments e join sequence_steps s on s.campaign_id = e.campaign_id and s.position = 1"
            " where e.workspace_id = :w and e.id = any(:ids)",
            account=account,
            state=state,
            day=NOW.date(),
            now=NOW,
            ids=enrollments,
        )


async def previewed(
    api: httpx.AsyncClient, account: UUID, method: str = "DELETE", path: str = ""
) -> dict[str, Any]:
    """What the loss of the account would mean."""
    answer = await api.request(
        method, f"/v1/sender-accounts/{encode('sa', account)}{path}", params={"dryRun": "true"}
    )
    assert answer.status_code == 200
    return shown(answer)


def counts(loss: dict[str, Any]) -> list[int]:
    """Of leads, by campaign."""
    return [campaign["leads"] for campaign in loss["campaigns"]]


@BOTH_WAYS
async def test_the_leads_of_an_account_are_counted_by_campaign(
    api: httpx.AsyncClient, pool: TestPool, clock: ManualClock, method: str, path: str
) -> None:
    """With each campaign's policy, oldest campaign first; the days only where leads would wait."""
    account, other = await pool.account("one", 50), await pool.account("two", 50)
    first = await pool.campaign(steps=2)
    clock.advance(seconds=1)
    second = await pool.campaign(steps=2, status="paused", now=clock.now())
    await pool.change("campaigns", first, sender_loss="wait", sender_loss_wait_days=2.5)
    await pool.change("campaigns", second, name="Second", sender_loss="newThread")
    leads = await pool.leads(first, 5)
    await bind(pool, leads[:3], account)
    await bind(pool, leads[3:4], other)
    await bind(pool, await pool.leads(second, 1, prefix="more"), account)

    assert await previewed(api, account, method, path) == {
        "id": encode("sa", account),
        "boundLeads": 4,
        "campaigns": [
            {
                "campaignId": encode("camp", first),
                "name": "Test",
                "action": "wait",
                "waitDays": 2.5,
                "leads": 3,
            },
            {
                "campaignId": encode("camp", second),
                "name": "Second",
                "action": "newThread",
                "waitDays": None,
                "leads": 1,
            },
        ],
    }


@BOTH_WAYS
async def test_it_changes_nothing(api: httpx.AsyncClient, pool: TestPool, method: str, path: str) -> None:
    """The account is there, and active."""
    account = await pool.account("one", 50)

    assert counts(await previewed(api, account, method, path)) == []
    assert await pool.account_field(account, "status, removed_at, lost_at") == ("active", None, None)
    assert await pool.events() == []


@BOTH_WAYS
async def test_an_account_that_is_not_there_has_no_loss(
    api: httpx.AsyncClient, method: str, path: str
) -> None:
    """404, as without dryRun."""
    answer = await api.request(
        method, f"/v1/sender-accounts/sa_01hx3kqp7mbn2vd9czf6yw4e8r{path}", params={"dryRun": "true"}
    )

    assert refused(answer)[:2] == (404, "sender_account_not_found")


async def test_the_change_itself_answers_as_ever(api: httpx.AsyncClient, pool: TestPool) -> None:
    """The account after a pause, and nothing after a removal."""
    account = encode("sa", await pool.account("one", 50))

    paused = await api.post(f"/v1/sender-accounts/{account}/pause", params={"dryRun": "false"})
    removed = await api.delete(f"/v1/sender-accounts/{account}")

    assert (shown(paused)["status"], removed.status_code, removed.content) == ("paused", 204, b"")


@pytest.mark.parametrize(
    ("state", "counted"),
    [
        ("waiting", 2),
        ("sending", 2),
        ("uncertain", 2),
        ("held", 2),
        ("paused", 2),
        ("finished", 0),
        ("replied", 0),
        ("bounced", 0),
        ("removed", 0),
    ],
)
async def test_only_leads_to_whom_something_may_still_happen_are_counted(
    api: httpx.AsyncClient, pool: TestPool, state: str, counted: int
) -> None:
    """Those who wait, are in flight or were set aside; not those who are through."""
    account = await pool.account("one", 50)
    await bind(pool, await pool.leads(await pool.campaign(steps=2), 2), account, state)

    assert (await previewed(api, account))["boundLeads"] == counted


async def test_leads_of_many_zones_are_all_counted(api: httpx.AsyncClient, pool: TestPool) -> None:
    """Each zone has a stretch of the index of its own."""
    account = await pool.account("one", 50)
    leads = await pool.leads(await pool.campaign(steps=2), 6)
    await bind(pool, leads[:5], account)
    for lead, zone in zip(leads, ("Asia/Tokyo", "Asia/Tokyo", "Europe/Berlin", "", "", "Zulu"), strict=True):
        await pool.change("enrollments", lead, time_zone=zone)

    assert counts(await previewed(api, account)) == [5]


async def test_what_has_no_step_left_or_was_not_started_is_not_counted(
    api: httpx.AsyncClient, pool: TestPool, clock: ManualClock
) -> None:
    """A campaign of one step is behind its leads; drafts and removed campaigns send nothing."""
    account = await pool.account("one", 50)
    for prefix, steps, status in (("a", 1, "running"), ("b", 2, "draft"), ("c", 2, "running")):
        campaign = await pool.campaign(steps=steps, status=status)
        await bind(pool, await pool.leads(campaign, 1, prefix=prefix), account)
        if prefix == "c":
            await pool.change("campaigns", campaign, removed_at=clock.now())

    assert counts(await previewed(api, account)) == []


async def test_who_has_not_had_a_first_letter_loses_no_thread(api: httpx.AsyncClient, pool: TestPool) -> None:
    """A first letter that was deferred, or is still asked about, may come from any account."""
    account = await pool.account("one", 50)
    leads = await pool.leads(await pool.campaign(steps=2), 3)
    for lead, state in zip(leads, ("waiting", "held", "paused"), strict=True):
        await pool.change("enrollments", lead, sender_account_id=account, state=state)

    assert counts(await previewed(api, account)) == []


async def test_both_answers_of_a_removal_are_described(api: httpx.AsyncClient) -> None:
    """204 without a body, and 200 with the loss; and those of a pause."""
    paths = (await api.get("/openapi.json")).json()["paths"]
    removal = paths["/v1/sender-accounts/{senderAccountId}"]["delete"]["responses"]
    pause = paths["/v1/sender-accounts/{senderAccountId}/pause"]["post"]["responses"]
    page = (await api.get("/docs")).text

    def data(response: dict[str, Any]) -> Any:
        return response["content"]["application/json"]["schema"]["properties"]["data"]

    loss, account = (
        {"$ref": f"#/components/schemas/{name}"} for name in ("SenderLossView", "SenderAccountView")
    )
    assert (data(removal["200"]), "content" in removal["204"]) == (loss, False)
    assert data(pause["200"]) == {"anyOf": [account, loss]}
    assert "Answers <b>204</b> without a body." in page
