"""`/v1/suppression-list`, and what being on it ends."""

from uuid import UUID

import httpx
import pytest

from leadterra.store.database import Database
from tests.support.pools import TestPool

_PATH = "/v1/suppression-list"


async def test_known_ones_are_counted_apart(api: httpx.AsyncClient) -> None:
    """The same address in another spelling is the same, in one request and over several."""
    await api.post(_PATH, json={"emails": ["ada@example.com"]})

    answer = await api.post(
        _PATH,
        json={
            "emails": [" ADA@Example.com", "bob@example.com", "Bob@example.com"],
            "domains": ["evil.example"],
        },
    )

    assert answer.json() == {"data": {"suppressed": 2, "alreadySuppressed": 1, "total": 3}}


async def test_the_list_shows_reason_and_source(api: httpx.AsyncClient) -> None:
    """What the API put there is manual, from the API."""
    await api.post(_PATH, json={"domains": ["Evil.Example"]})

    entry = (await api.get(_PATH)).json()["data"][0]

    assert entry.pop("id").startswith("sup_")
    assert entry == {
        "kind": "domain",
        "value": "evil.example",
        "reason": "manual",
        "source": "api",
        "createdAt": "2026-03-10T12:00:00Z",
    }


async def test_the_list_is_paged_and_filtered(api: httpx.AsyncClient) -> None:
    """Every entry once, whatever the page size; a filter that matches nothing gives an empty page."""
    emails = [f"a{number}@example.com" for number in range(5)]
    await api.post(_PATH, json={"emails": emails})

    seen: list[str] = []
    parameters: dict[str, str | int] = {"limit": 2, "reason": "manual"}
    while parameters.get("cursor", "") is not None:
        page = (await api.get(_PATH, params=parameters)).json()
        seen += [item["value"] for item in page["data"]]
        parameters["cursor"] = page["pagination"]["nextCursor"]

    assert seen == emails[::-1]
    assert (await api.get(_PATH, params={"source": "page"})).json()["data"] == []


@pytest.mark.parametrize(
    ("email", "suppressed", "kind"),
    [
        ("ADA@example.com", True, "email"),
        ("anyone@evil.example", True, "domain"),
        ("bob@example.com", False, None),
        ("ada@sub.evil.example", False, None),
    ],
)
async def test_an_address_can_be_checked(
    api: httpx.AsyncClient, email: str, suppressed: bool, kind: str | None
) -> None:
    """By itself or by its domain; a subdomain is another domain."""
    await api.post(_PATH, json={"emails": ["ada@example.com"], "domains": ["evil.example"]})

    shown = (await api.get(f"{_PATH}/check", params={"email": email})).json()["data"]

    assert (shown["email"], shown["suppressed"], shown["kind"]) == (email, suppressed, kind)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/emails"),
        ({"emails": [], "domains": []}, "/emails"),
        ({"emails": ["a@example.com"] * 1001}, "/emails"),
        ({"emails": ["a@example.com"] * 600, "domains": ["example.com"] * 600}, "/emails"),
        ({"emails": ["a@example.com", "nobody"]}, "/emails/1"),
        ({"emails": ["a@example.com"], "domains": ["no domain"]}, "/domains/0"),
        ({"domains": ["a@example.com"]}, "/domains/0"),
        ({"emails": "a@example.com"}, "/emails"),
        ({"emails": [None]}, "/emails/0"),
        ({"emails": ["a\x00@example.com"]}, "/emails/0"),
    ],
)
async def test_one_fault_keeps_all_off_the_list(
    api: httpx.AsyncClient, body: dict[str, object], pointer: str
) -> None:
    """The fault is named, and nothing was suppressed."""
    answer = await api.post(_PATH, json=body)

    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await api.get(_PATH)).json()["data"] == []


async def test_a_check_without_an_address_names_the_parameter(api: httpx.AsyncClient) -> None:
    """400, for a missing and for an unusable one."""
    answers = [await api.get(f"{_PATH}/check", params=given) for given in ({}, {"email": "nobody"})]

    assert [(a.status_code, a.json()["errors"][0]["pointer"]) for a in answers] == [(400, "?email")] * 2


@pytest.mark.parametrize("body", [{"emails": ["LEAD00001@leads.test"]}, {"domains": ["leads.test"]}])
async def test_what_is_open_for_a_suppressed_lead_ends(
    api: httpx.AsyncClient, database: Database, workspace: UUID, body: dict[str, list[str]]
) -> None:
    """Enrollments end as suppressed, one event a lead is written, and doing it again changes nothing (R7)."""
    pool = TestPool(database, workspace)
    campaign = await pool.campaign()
    await pool.leads(campaign, 2)

    for _ in range(2):
        await api.post(_PATH, json=body)

    ended = 1 if "emails" in body else 2
    assert (await pool.states()).get("suppressed") == ended
    assert await pool.ask(
        "select count(*)::int from events where workspace_id = :w and type = 'lead.suppressed'"
    ) == [(ended,)]
    assert (await pool.totals(campaign))["open"] == 2 - ended
