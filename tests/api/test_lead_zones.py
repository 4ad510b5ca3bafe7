"""`timeZone` of a lead: how it gets in, how it is shown, and what is refused."""

import json
from typing import Any

import httpx
import pytest

from tests.support.outreach import Outreach, outreach, refused, shown


async def post_file(plan: Outreach, content: str, media_type: str) -> dict[str, Any]:
    """The report about a file of leads."""
    answer = await plan.api.post(
        f"{plan.path}/leads/bulk", content=content, headers={"Content-Type": media_type}
    )
    return shown(answer)


async def zone(plan: Outreach, email: str = "ada@example.com") -> object:
    """What the lead's is."""
    return (await plan.lead(email))["timeZone"]


async def test_a_time_zone_comes_by_json(api: httpx.AsyncClient) -> None:
    """It is a field of its own, shown with the lead and in its campaign."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com", timeZone=" Europe/Berlin ")

    lead = await plan.lead("ada@example.com")

    assert (lead["timeZone"], lead["customFields"]) == ("Europe/Berlin", {})
    assert [member["timeZone"] for member in await plan.members()] == ["Europe/Berlin"]


async def test_a_time_zone_comes_by_json_lines(api: httpx.AsyncClient) -> None:
    """A line that names an unknown one is reported, and stops nothing."""
    plan = await outreach(api)
    leads = [
        {"email": "ada@example.com", "timeZone": "Asia/Tokyo"},
        {"email": "b@example.com", "timeZone": "X"},
    ]

    report = await post_file(plan, "\n".join(map(json.dumps, leads)), "application/x-ndjson")

    assert await zone(plan) == "Asia/Tokyo"
    assert [(each["row"], each["errors"][0]["pointer"]) for each in report["errors"]] == [(2, "/timeZone")]


@pytest.mark.parametrize("heading", ["timeZone", "time_zone", "Time Zone", "timezone"])
async def test_a_time_zone_comes_by_a_column(api: httpx.AsyncClient, heading: str) -> None:
    """However it is spelled; an empty cell gives none, an unknown zone is reported."""
    plan = await outreach(api)
    rows = ["ada@example.com,Asia/Tokyo", "bob@example.com,", "eve@example.com,Nowhere"]

    report = await post_file(plan, "\n".join([f"email,{heading}", *rows]), "text/csv")

    assert [await zone(plan, email) for email in ("ada@example.com", "bob@example.com")] == [
        "Asia/Tokyo",
        None,
    ]
    assert [(each["row"], each["errors"][0]["pointer"]) for each in report["errors"]] == [(3, "/timeZone")]


async def test_a_time_zone_is_kept_until_another_is_given(api: httpx.AsyncClient) -> None:
    """As other fields; null and an empty one take it away."""
    plan = await outreach(api)
    seen = []
    for fields in ({"timeZone": "Asia/Tokyo"}, {}, {"timeZone": "UTC"}, {"timeZone": None}):
        await plan.enroll("ada@example.com", **fields)
        seen.append(await zone(plan))

    assert seen == ["Asia/Tokyo", "Asia/Tokyo", "UTC", None]


async def test_a_time_zone_is_changed(api: httpx.AsyncClient) -> None:
    """By PATCH; an empty one takes it away."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com", firstName="Ada", timeZone="Asia/Tokyo")
    path = f"/v1/leads/{(await plan.lead('ada@example.com'))['id']}"

    changed = [
        shown(await api.patch(path, json=body))["timeZone"]
        for body in ({"firstName": "A"}, {"timeZone": "Europe/Paris"}, {"timeZone": ""})
    ]

    assert changed == ["Asia/Tokyo", "Europe/Paris", None]


@pytest.mark.parametrize("value", ["Mars/Olympus", "europe", 5, ["UTC"]])
async def test_an_unknown_time_zone_is_refused(api: httpx.AsyncClient, value: object) -> None:
    """422 naming the field, from an import and from a change."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com")
    lead = await plan.lead("ada@example.com")

    bulk = await api.post(
        f"{plan.path}/leads/bulk", json={"leads": [{"email": "b@example.com", "timeZone": value}]}
    )
    patch = await api.patch(f"/v1/leads/{lead['id']}", json={"timeZone": value})

    assert refused(bulk) == (422, "invalid_leads", ["/leads/0/timeZone"])
    assert refused(patch) == (422, "validation_failed", ["/timeZone"])


async def test_a_letter_names_the_time_zone(api: httpx.AsyncClient) -> None:
    """As it names the other standard fields."""
    plan = await outreach(api, steps=[{"subject": "At {{ timeZone }}", "bodyHtml": "<p>x</p>"}])
    await plan.enroll("ada@example.com", timeZone="Asia/Tokyo")
    lead = await plan.lead("ada@example.com")

    preview = shown(await api.post(f"{plan.path}/preview", json={"leadId": lead["id"]}))

    assert [step["subject"] for step in preview["steps"]] == ["At Asia/Tokyo"]
