"""`POST /v1/campaigns/{id}/leads/bulk` and who is in a campaign."""

import json
from typing import Any

import httpx
import pytest

from tests.support.outreach import Outreach, launched, outreach, refused, shown


def counts(data: dict[str, Any]) -> tuple[int, int, int, int]:
    """enrolled, updated, skipped, total."""
    return data["enrolled"], data["updated"], data["skipped"], data["total"]


async def post_file(
    plan: Outreach, content: str | bytes, media_type: str = "text/csv", query: str = ""
) -> httpx.Response:
    """Send a file of leads."""
    return await plan.api.post(
        f"{plan.path}/leads/bulk{query}", content=content, headers={"Content-Type": media_type}
    )


async def test_new_leads_are_enrolled_and_known_ones_updated(api: httpx.AsyncClient) -> None:
    """The answer has exactly the four counts."""
    plan, other = await outreach(api), await outreach(api)
    first = await plan.enroll("ada@example.com", "bob@example.com")
    again = await plan.enroll("bob@example.com", "eve@example.com")
    elsewhere = await other.enroll("ada@example.com")

    assert first == {"enrolled": 2, "updated": 0, "skipped": 0, "total": 2}
    assert counts(again) == (1, 1, 0, 2)
    assert counts(elsewhere) == (0, 1, 0, 1)
    assert (await plan.stats())["totalEnrolled"] == 3
    assert (await other.stats())["totalEnrolled"] == 1


async def test_the_same_address_twice_counts_once_and_the_last_wins(api: httpx.AsyncClient) -> None:
    """However it is spelled."""
    plan = await outreach(api)
    leads = [
        {"email": "Ada@Example.COM", "firstName": "A", "company": "Acme"},
        {"email": " ada@example.com ", "firstName": "Ada"},
    ]

    data = shown(await api.post(f"{plan.path}/leads/bulk", json={"leads": leads}))

    assert counts(data) == (1, 0, 0, 1)
    assert (await plan.lead("ADA@example.com"))["firstName"] == "Ada"


async def test_only_the_fields_that_are_given_are_overwritten(api: httpx.AsyncClient) -> None:
    """Custom fields are merged; null takes one away."""
    plan = await outreach(api)
    await plan.enroll(
        "ada@example.com", firstName="Ada", company="Acme", plan="pro", customFields={"size": 5, "vip": True}
    )
    await plan.enroll("ada@example.com", company=None, lastName="Lovelace", size=6, vip=None)

    lead = await plan.lead("ada@example.com")

    assert (lead["firstName"], lead["lastName"], lead["company"], lead["jobTitle"]) == (
        "Ada",
        "Lovelace",
        None,
        None,
    )
    assert lead["customFields"] == {"plan": "pro", "size": 6}


async def test_suppressed_leads_are_skipped_and_not_enrolled(api: httpx.AsyncClient) -> None:
    """By address or by domain."""
    plan = await outreach(api)
    shown(
        await api.post(
            "/v1/suppression-list", json={"emails": ["ADA@example.com"], "domains": ["example.org"]}
        )
    )

    data = await plan.enroll("ada@example.com", "bob@example.org", "eve@example.com")

    assert counts(data) == (1, 0, 2, 1)
    assert [member["email"] for member in await plan.members()] == ["eve@example.com"]


@pytest.mark.parametrize(
    ("lead", "pointer"),
    [
        ({}, "/email"),
        ({"email": 5}, "/email"),
        ({"email": "no address"}, "/email"),
        ({"email": "a@example.com\r\nBcc: x@example.com"}, "/email"),
        ("ada@example.com", ""),
        ({"email": "a@example.com", "firstName": "A\r\nBcc: x@example.com"}, "/firstName"),
        ({"email": "a@example.com", "lastName": "A\x1b[0m"}, "/lastName"),
        ({"email": "a@example.com", "company": 5}, "/company"),
        ({"email": "a@example.com", "jobTitle": "x" * 501}, "/jobTitle"),
        ({"email": "a@example.com", "customFields": []}, "/customFields"),
        ({"email": "a@example.com", "customFields": {"a/b": {"c": 1}}}, "/customFields/a~1b"),
        ({"email": "a@example.com", "tags": ["x"]}, "/tags"),
        ({"email": "a@example.com", "x" * 101: 1}, "/" + "x" * 101),
        ({"email": "a@example.com", "note": "x" * 10_001}, "/note"),
        ({"email": "a@example.com", "note": "\x07"}, "/note"),
        ({"email": "a@example.com", "big": 10**19}, "/big"),
        ({"email": "a@example.com", "customFields": {f"f{n}": n for n in range(101)}}, "/customFields"),
    ],
)
async def test_one_invalid_lead_refuses_the_whole_request(
    api: httpx.AsyncClient, lead: object, pointer: str
) -> None:
    """422 invalid_leads naming lead and field, and nobody is enrolled."""
    plan = await outreach(api)

    answer = await api.post(f"{plan.path}/leads/bulk", json={"leads": [{"email": "ok@example.com"}, lead]})

    assert refused(answer) == (422, "invalid_leads", [f"/leads/1{pointer}"])
    assert await plan.members() == []


async def test_every_failure_of_a_request_is_listed(api: httpx.AsyncClient) -> None:
    """Not only the first, and several of one lead."""
    plan = await outreach(api)

    answer = await api.post(
        f"{plan.path}/leads/bulk",
        json={"leads": [{"email": "x", "firstName": 1}, {}, {"email": "a@example.com"}]},
    )

    assert refused(answer)[2] == ["/leads/0/email", "/leads/0/firstName", "/leads/1/email"]


async def test_invalid_leads_can_be_left_out(api: httpx.AsyncClient) -> None:
    """`?onInvalid=skip` takes the good ones and reports the rest."""
    plan = await outreach(api)
    leads = [{"email": "a@example.com"}, {"email": "nobody"}, 5]

    data = shown(await api.post(f"{plan.path}/leads/bulk?onInvalid=skip", json={"leads": leads}))

    assert counts(data) == (1, 0, 0, 1)
    assert data["invalid"] == 2
    assert [(each["row"], each["email"]) for each in data["errors"]] == [(2, "nobody"), (3, None)]


@pytest.mark.parametrize("count", [0, 10_001])
async def test_a_request_has_between_one_and_ten_thousand_leads(api: httpx.AsyncClient, count: int) -> None:
    """400 otherwise."""
    plan = await outreach(api)

    answer = await api.post(f"{plan.path}/leads/bulk", json={"leads": [{"email": "a@example.com"}] * count})

    assert refused(answer) == (400, "invalid_request", ["/leads"])


async def test_leads_of_an_unknown_campaign(api: httpx.AsyncClient) -> None:
    """404, by JSON and by file."""
    plan = Outreach(api, "camp_01hx3kqp7mbn2vd9czf6yw4e8r")

    by_json = await api.post(f"{plan.path}/leads/bulk", json={"leads": [{"email": "a@example.com"}]})
    by_file = await post_file(plan, "email\na@example.com\n")

    assert refused(by_json)[:2] == refused(by_file)[:2] == (404, "campaign_not_found")


async def test_a_file_of_leads(api: httpx.AsyncClient) -> None:
    """Headings in their usual spellings; empty cells are not given; other columns are custom fields."""
    plan = await outreach(api)
    lines = [
        "\ufeffE-mail,First Name,last_name,Company,jobTitle,Deal",
        'ada@example.com,Ada,,"Acme, Inc.",CEO,5',
        "bob@example.com,,,,,",
    ]
    content = "\r\n".join(lines)

    data = shown(await post_file(plan, content))

    progress = shown(await api.get(f"/v1/imports/{data['importId']}"))
    ada = await plan.lead("ada@example.com")
    assert counts(data) == (2, 0, 0, 2)
    assert (data["invalid"], data["errors"]) == (0, [])
    assert (progress["state"], progress["rowsRead"], progress["enrolled"], progress["campaignId"]) == (
        "done",
        2,
        2,
        plan.campaign,
    )
    assert (ada["firstName"], ada["lastName"], ada["company"], ada["jobTitle"]) == (
        "Ada",
        None,
        "Acme, Inc.",
        "CEO",
    )
    assert ada["customFields"] == {"Deal": "5"}


async def test_a_stream_of_json_lines(api: httpx.AsyncClient) -> None:
    """One object a line; a line that is none, or says something twice, is reported."""
    plan = await outreach(api)
    lines = [
        json.dumps({"email": "a@example.com", "size": 5}),
        "",
        "{nope",
        "[" * 5000,
        '"x"',
        json.dumps({"email": "b@example.com"}),
        '{"email": "c@example.com", "email": "d@example.com"}',
        '{"email": "e@example.com", "customFields": {"size": 1, "size": 2}}',
    ]

    data = shown(await post_file(plan, "\n".join(lines), "application/x-ndjson"))

    assert counts(data) == (2, 0, 0, 2)
    assert [each["row"] for each in data["errors"]] == [2, 3, 4, 6, 7]
    assert [each["errors"][0]["message"] for each in data["errors"][3:]] == [
        "the line says 'email' twice",
        "the line says 'size' twice",
    ]
    assert (await plan.lead("a@example.com"))["customFields"] == {"size": 5}


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b"", ""),
        (b"name,company\nAda,Acme\n", ""),
        (b"email,E-Mail\na@example.com,b@example.com\n", "/1"),
        (b"email,note,note\na@example.com,1,2\n", "/2"),
        (b"email," + b"x" * 200 + b"\n", "/1"),
        (b"email\0,x\n", ""),
        (b"x" * 300_000, ""),
        (b"email" + b",c" * 300, ""),
    ],
)
async def test_a_header_that_cannot_be_taken_refuses_the_file(
    api: httpx.AsyncClient, content: bytes, pointer: str
) -> None:
    """422, before any row."""
    plan = await outreach(api)

    status, code, pointers = refused(await post_file(plan, content))

    assert (status, code, pointers[0]) == (422, "validation_failed", pointer)


@pytest.mark.parametrize(
    "row",
    [
        b"nobody",
        b"a\0b@example.com",
        b"\xff\xfe@example.com",
        b"a@example.com,A,too,many,cells",
        b'a@example.com,"' + b"x" * 200_000 + b'"',
        b"a@example.com," + b"x" * 1_000_000,
        b"a@example.com,A\x0bB",
        b"a@example.com," + "\ud800".encode("utf-8", "surrogatepass"),
    ],
)
async def test_a_row_that_cannot_be_taken_is_reported_and_passed_over(
    api: httpx.AsyncClient, row: bytes
) -> None:
    """The rows before and behind it are taken."""
    plan = await outreach(api)

    data = shown(await post_file(plan, b"email,firstName\nx@example.com,X\n" + row + b"\ny@example.com,Y\n"))

    assert counts(data) == (2, 0, 0, 2)
    assert (data["invalid"], [each["row"] for each in data["errors"]]) == (1, [2])


async def test_a_quote_that_is_never_closed_does_not_swallow_the_file(api: httpx.AsyncClient) -> None:
    """The rows within reach of the open quote are one bad row; what follows is read again."""
    plan = await outreach(api)
    content = 'email,firstName\n"open@example.com,X\n' + "".join(
        f"a{number}@example.com,A\n" for number in range(1500)
    )

    data = shown(await post_file(plan, content))

    assert data["invalid"] == 1
    assert data["enrolled"] >= 500


async def test_a_dry_run_of_a_file_keeps_nothing(api: httpx.AsyncClient) -> None:
    """It counts."""
    plan = await outreach(api)

    data = shown(await post_file(plan, "email\na@example.com\nb@example.com\n", query="?dryRun=true"))

    assert counts(data) == (2, 0, 0, 2)
    assert data["importId"] is None
    assert (await plan.members(), (await api.get("/v1/imports")).json()["data"]) == ([], [])


async def test_leads_are_due_at_once_in_a_running_campaign(api: httpx.AsyncClient) -> None:
    """They are queued without another start."""
    plan = await launched(api)
    await plan.enroll("b@example.com")

    assert (await plan.stats())["queued"] == 2


async def test_a_lead_that_is_taken_out_and_enrolled_again_is_in_the_campaign(api: httpx.AsyncClient) -> None:
    """204; it is listed as removed only; the totals follow."""
    plan = await outreach(api)
    await plan.enroll("a@example.com", "b@example.com")
    lead = (await plan.lead("a@example.com"))["id"]

    removed = await api.delete(f"{plan.path}/leads/{lead}")
    without = ([member["email"] for member in await plan.members()], (await plan.stats())["totalEnrolled"])
    out = [member["email"] for member in await plan.members(state="removed")]
    again = await api.delete(f"{plan.path}/leads/{lead}")
    await plan.enroll("a@example.com")

    assert removed.status_code == 204
    assert without == (["b@example.com"], 1)
    assert out == ["a@example.com"]
    assert refused(again)[:2] == (404, "lead_not_found")
    assert (await plan.stats())["totalEnrolled"] == 2
    assert [member["state"] for member in await plan.members()] == ["waiting", "waiting"]


async def test_nobody_left_is_nobody_enrolled(api: httpx.AsyncClient) -> None:
    """A campaign whose leads were all taken out does not start."""
    plan = await outreach(api)
    await plan.enroll("a@example.com")
    await api.delete(f"{plan.path}/leads/{(await plan.lead('a@example.com'))['id']}")

    assert refused(await api.post(f"{plan.path}/start"))[1] == "no_leads_enrolled"


async def test_a_paused_lead_is_not_queued_until_it_is_resumed(api: httpx.AsyncClient) -> None:
    """Both answer the same when repeated."""
    plan = await launched(api)
    path = f"{plan.path}/leads/{(await plan.lead('a@example.com'))['id']}"

    paused = [shown(await api.post(f"{path}/pause"))["state"] for _ in range(2)]
    queued = (await plan.stats())["queued"]
    resumed = [shown(await api.post(f"{path}/resume"))["state"] for _ in range(2)]

    assert (paused, queued, resumed) == (["paused", "paused"], 0, ["waiting", "waiting"])
    assert (await plan.stats())["queued"] == 1


async def test_the_members_of_a_campaign_come_by_pages(api: httpx.AsyncClient) -> None:
    """Latest first, each once, with where they stand."""
    plan = await outreach(api)
    await plan.enroll(*[f"a{number}@example.com" for number in range(5)])

    first = (await api.get(f"{plan.path}/leads?limit=3")).json()
    second = (
        await api.get(f"{plan.path}/leads", params={"limit": 3, "cursor": first["pagination"]["nextCursor"]})
    ).json()

    assert [each["email"] for each in first["data"] + second["data"]] == [
        f"a{number}@example.com" for number in reversed(range(5))
    ]
    assert second["pagination"]["nextCursor"] is None
    assert {"state": "waiting", "nextStep": 0, "dueAt": "2026-03-10T12:00:00Z"}.items() <= first["data"][
        0
    ].items()
