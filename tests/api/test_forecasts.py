"""`GET /v1/campaigns/{id}/forecast` and `GET /v1/sender-pools/forecast`: contract, horizon, and what is
forecast of whom.
"""

from typing import Any

import httpx
import pytest

from tests.support.clock import ManualClock
from tests.support.outreach import STEPS, Outreach, launched, outreach, refused, shown

TODAY, TOMORROW = "2026-03-10", "2026-03-11"


async def account(api: httpx.AsyncClient, name: str = "ada", limit: int = 2) -> str:
    """A sender account; its id."""
    smtp = {"host": "127.0.0.1", "security": "none"}
    body = {"email": f"{name}@acme.test", "name": name, "dailyLimit": limit, "smtp": smtp}
    return str(shown(await api.post("/v1/sender-accounts", json=body))["id"])


def people(count: int) -> list[str]:
    """Addresses."""
    return [f"lead{number}@example.com" for number in range(count)]


async def forecast(plan: Outreach, **query: object) -> dict[str, Any]:
    """The campaign's forecast."""
    return shown(await plan.api.get(f"{plan.path}/forecast", params={k: str(v) for k, v in query.items()}))


async def test_a_forecast_tells_each_day_by_step(api: httpx.AsyncClient) -> None:
    """Three leads, two steps two days apart, two letters a day."""
    sender = await account(api)
    plan = await launched(api, *people(3))
    found = await forecast(plan)
    assert [
        (day["date"][-2:], day["capacity"], day["sends"], day["overflow"], day["bySteps"])
        for day in found["days"]
    ] == [
        ("10", 2, 2, 1, [2, 0]),
        ("11", 2, 1, 0, [1, 0]),
        ("12", 2, 2, 0, [0, 2]),
        ("13", 2, 1, 0, [0, 1]),
    ]
    assert found["firstStepCompletesAt"] == "2026-03-11T00:00:00Z"
    assert found["completesAt"] == "2026-03-13T00:00:00Z"
    assert found["bySender"] == [{"senderAccountId": sender, "sends": 6}]
    assert (found["leadsLeft"], found["excluded"]) == (0, 0)


async def test_what_binds_is_named_with_the_cheapest_remedy(api: httpx.AsyncClient) -> None:
    """One more account of the median limit, and the day on which it would end then."""
    await account(api)
    found = await forecast(await launched(api, *people(8), steps=STEPS[:1]))
    assert (found["bindingConstraint"]["gate"], found["bindingConstraint"]["days"]) == ("account_quota", 3)
    assert found["completesAt"] == "2026-03-13T00:00:00Z"
    assert found["remedy"] == {
        "detail": "one more account of 2 a day ends it on 2026-03-11 instead of on 2026-03-13",
        "change": {"target": "senderPool", "fields": {"newSenderAccounts": 1, "dailyLimit": 2}},
        "completesAt": "2026-03-11T00:00:00Z",
    }


async def test_without_overflow_nothing_binds(api: httpx.AsyncClient) -> None:
    """Only the delay takes its time."""
    await account(api, limit=50)
    found = await forecast(await launched(api, *people(3)))
    assert (found["bindingConstraint"], found["remedy"]) == (None, None)


async def test_a_draft_is_forecast_as_if_it_were_started_now(
    api: httpx.AsyncClient, clock: ManualClock
) -> None:
    """So is one that is paused; nothing is started by it."""
    await account(api)
    plan = await outreach(api)
    await plan.enroll(*people(3))
    clock.advance(days=1)
    draft = await forecast(plan)
    assert draft["days"][0] == {
        "date": TOMORROW,
        "capacity": 2,
        "sends": 2,
        "overflow": 1,
        "bySteps": [2, 0],
    }
    assert await plan.status() == "draft"
    await plan.start()
    await plan.pause()
    assert await forecast(plan) == draft


async def test_the_horizon_is_kept(api: httpx.AsyncClient) -> None:
    """What is not through by then is counted, and has no end."""
    await account(api)
    found = await forecast(await launched(api, *people(9), steps=STEPS[:1]), days=2)
    assert [day["sends"] for day in found["days"]] == [2, 2]
    assert (found["horizon"], found["leadsLeft"]) == (TOMORROW, 5)
    assert (found["firstStepCompletesAt"], found["completesAt"]) == (None, None)
    assert found["remedy"]["detail"] == "one more account of 2 a day sends 4 more by 2026-03-11"


async def test_leads_that_wait_for_a_person_are_excluded(api: httpx.AsyncClient) -> None:
    """And counted."""
    await account(api)
    plan = await launched(api, *people(3))
    lead = (await plan.members())[0]["leadId"]
    await api.post(f"{plan.path}/leads/{lead}/pause")
    found = await forecast(plan)
    assert (found["excluded"], sum(day["sends"] for day in found["days"])) == (1, 4)


async def test_without_accounts_everything_waits(api: httpx.AsyncClient) -> None:
    """And the remedy is an account."""
    found = await forecast(await launched(api, *people(3), steps=STEPS[:1]), days=3)
    assert [day["overflow"] for day in found["days"]] == [3, 3, 3]
    assert found["bindingConstraint"]["gate"] == "no_active_account"
    assert found["remedy"]["completesAt"] == "2026-03-10T12:00:00Z"


async def test_a_campaign_without_leads_or_steps_has_an_empty_day(api: httpx.AsyncClient) -> None:
    """Today."""
    plan = await outreach(api, steps=[])
    found = await forecast(plan)
    assert found["days"] == [{"date": TODAY, "capacity": 0, "sends": 0, "overflow": 0, "bySteps": []}]
    assert (found["completesAt"], found["leadsLeft"]) == (None, 0)


async def test_new_leads_are_forecast_behind_what_waits(api: httpx.AsyncClient) -> None:
    """In their campaign, with its steps; what runs already goes first, and is not counted."""
    await account(api)
    plan = await launched(api, *people(3))
    query = {"leads": "2", "campaignId": plan.campaign}
    found = shown(await api.get("/v1/sender-pools/forecast", params=query))
    assert [(day["sends"], day["overflow"]) for day in found["days"]][:3] == [(0, 2), (1, 1), (1, 0)]
    assert sum(day["sends"] for day in found["days"]) == 4
    assert found["leadsLeft"] == 0
    assert (await plan.stats())["totalEnrolled"] == 3


async def test_new_leads_of_no_campaign_get_a_single_letter(api: httpx.AsyncClient) -> None:
    """As fast as the pool is."""
    await account(api, limit=3)
    found = shown(await api.get("/v1/sender-pools/forecast", params={"leads": "7"}))
    assert [day["bySteps"] for day in found["days"]] == [[3], [3], [1]]
    assert (found["campaignId"], found["completesAt"]) == (None, "2026-03-12T00:00:00Z")


async def test_millions_of_new_leads_are_asked_about_at_no_higher_cost(api: httpx.AsyncClient) -> None:
    """They are counted, not named."""
    await account(api)
    found = shown(await api.get("/v1/sender-pools/forecast", params={"leads": "10000000", "days": "3"}))
    assert found["leadsLeft"] == 10_000_000 - 6


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({}, "?leads"),
        ({"leads": "0"}, "?leads"),
        ({"leads": "10000001"}, "?leads"),
        ({"leads": "1", "days": "181"}, "?days"),
        ({"leads": "1", "days": "0"}, "?days"),
        ({"leads": "1", "campaignId": "lead_01"}, "?campaignId"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    api: httpx.AsyncClient, query: dict[str, str], pointer: str
) -> None:
    """By name."""
    status, _, pointers = refused(await api.get("/v1/sender-pools/forecast", params=query))
    assert (status, pointers) == (400, [pointer])


async def test_a_campaign_of_somebody_else_is_not_found(
    api: httpx.AsyncClient, other_workspace: httpx.AsyncClient
) -> None:
    """By either address."""
    theirs = await outreach(other_workspace)
    query = {"leads": "1", "campaignId": theirs.campaign}
    assert refused(await api.get(f"{theirs.path}/forecast"))[:2] == (404, "campaign_not_found")
    found = await api.get("/v1/sender-pools/forecast", params=query)
    assert refused(found)[:2] == (404, "campaign_not_found")
