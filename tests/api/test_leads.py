"""`/v1/leads`: read, change and erase persons."""

import httpx
import pytest

from tests.support.outreach import launched, outreach, refused, shown


async def test_a_lead_as_it_is_shown(api: httpx.AsyncClient) -> None:
    """By id and in the list."""
    plan = await outreach(api)
    await plan.enroll("Ada@Example.com", firstName="Ada", plan="pro")
    listed = (await api.get("/v1/leads")).json()["data"]

    lead = shown(await api.get(f"/v1/leads/{listed[0]['id']}"))

    assert listed == [lead]
    assert lead == {
        "id": lead["id"],
        "email": "Ada@example.com",
        "firstName": "Ada",
        "lastName": None,
        "company": None,
        "jobTitle": None,
        "timeZone": None,
        "customFields": {"plan": "pro"},
        "createdAt": "2026-03-10T12:00:00Z",
        "updatedAt": "2026-03-10T12:00:00Z",
    }


async def test_leads_come_newest_first_by_pages(api: httpx.AsyncClient) -> None:
    """Of one request, the last one is the newest."""
    plan = await outreach(api)
    await plan.enroll(*[f"a{number}@example.com" for number in range(5)])

    first = (await api.get("/v1/leads?limit=3")).json()
    second = (
        await api.get("/v1/leads", params={"limit": 3, "cursor": first["pagination"]["nextCursor"]})
    ).json()

    assert [each["email"][:2] for each in first["data"] + second["data"]] == ["a4", "a3", "a2", "a1", "a0"]


async def test_an_address_finds_its_lead(api: httpx.AsyncClient) -> None:
    """However it is spelled; one that is no address is a fault of the parameter."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com")

    assert (await plan.lead("ADA@EXAMPLE.com"))["email"] == "ada@example.com"
    assert (await api.get("/v1/leads?email=bob@example.com")).json()["data"] == []
    assert refused(await api.get("/v1/leads?email=nobody")) == (400, "invalid_request", ["?email"])


async def test_a_change_keeps_what_is_not_named(api: httpx.AsyncClient) -> None:
    """null takes a field away."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com", firstName="Ada", company="Acme", plan="pro", size=5)
    lead = await plan.lead("ada@example.com")

    changed = shown(
        await api.patch(
            f"/v1/leads/{lead['id']}",
            json={"email": "countess@example.com", "company": None, "plan": None, "vip": True},
        )
    )

    assert (changed["email"], changed["firstName"], changed["company"]) == (
        "countess@example.com",
        "Ada",
        None,
    )
    assert changed["customFields"] == {"size": 5, "vip": True}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": None}, "/email"),
        ({"firstName": "a\nb"}, "/firstName"),
        ({"x": {}}, "/x"),
    ],
)
async def test_a_wrong_change_is_refused(
    api: httpx.AsyncClient, change: dict[str, object], pointer: str
) -> None:
    """422 naming the field, and nothing changes."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com", firstName="Ada")
    lead = await plan.lead("ada@example.com")

    answer = await api.patch(f"/v1/leads/{lead['id']}", json={"lastName": "L", **change})

    assert refused(answer) == (422, "validation_failed", [pointer])
    assert await plan.lead("ada@example.com") == lead


async def test_two_leads_cannot_have_one_address(api: httpx.AsyncClient) -> None:
    """409 conflict."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com", "bob@example.com")
    lead = await plan.lead("ada@example.com")

    assert refused(await api.patch(f"/v1/leads/{lead['id']}", json={"email": "BOB@example.com"}))[:2] == (
        409,
        "conflict",
    )


async def test_an_erased_lead_is_gone_everywhere(api: httpx.AsyncClient) -> None:
    """From the list, from its campaigns, and from what is queued."""
    plan = await launched(api, "ada@example.com", "bob@example.com")
    lead = await plan.lead("ada@example.com")

    assert (await api.delete(f"/v1/leads/{lead['id']}")).status_code == 204
    assert refused(await api.get(f"/v1/leads/{lead['id']}"))[:2] == (404, "lead_not_found")
    assert [member["email"] for member in await plan.members()] == ["bob@example.com"]
    assert (await plan.stats())["queued"] == 1


async def test_an_erased_lead_stays_suppressed_by_hash(api: httpx.AsyncClient) -> None:
    """The list shows no address any more, and the address is still skipped."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com")
    await api.post("/v1/suppression-list", json={"emails": ["ada@example.com"]})

    await api.delete(f"/v1/leads/{(await plan.lead('ada@example.com'))['id']}")

    assert [entry["value"] for entry in (await api.get("/v1/suppression-list")).json()["data"]] == [None]
    assert (await plan.enroll("ada@example.com"))["skipped"] == 1
