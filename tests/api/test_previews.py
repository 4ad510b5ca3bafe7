"""`POST /v1/campaigns/{id}/preview`: what each step would say."""

from uuid import UUID

import httpx
import pytest

from leadterra.store.database import Database
from tests.support.outreach import outreach, refused, shown
from tests.support.pools import TestPool


@pytest.fixture
async def account(database: Database, workspace: UUID) -> UUID:
    """Somebody who could write."""
    return await TestPool(database, workspace).account("ada", 100)


async def test_every_step_is_rendered_for_a_person(api: httpx.AsyncClient, account: UUID) -> None:
    """Escaped in HTML and not elsewhere; the follow-up answers in the thread; what is missing is named."""
    plan = await outreach(api)

    data = shown(
        await api.post(
            f"{plan.path}/preview", json={"lead": {"email": "eve@example.com", "firstName": "E<ve>"}}
        )
    )

    first, second = data["steps"]
    assert data["campaignId"] == plan.campaign
    assert (first["from"], first["to"]) == (
        {"name": "Ada", "email": "ada@acme.test"},
        {"name": "E<ve>", "email": "eve@example.com"},
    )
    assert (first["subject"], first["html"]) == ("Hello E<ve>", "<p>Hi E&lt;ve&gt; of </p>")
    assert first["text"].strip() == "Hi E<ve> of"
    assert (first["missingVariables"], second["missingVariables"]) == (["company"], [])
    assert (second["position"], second["subject"]) == (1, "Re: Hello E<ve>")
    headers = {field["name"]: field["value"] for field in second["headers"]}
    assert (
        headers["In-Reply-To"] == {field["name"]: field["value"] for field in first["headers"]}["Message-ID"]
    )
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_a_lead_is_previewed_with_its_own_fields(api: httpx.AsyncClient, account: UUID) -> None:
    """Custom fields do not shadow the standard ones."""
    plan = await outreach(
        api,
        steps=[{"subject": "{{ plan }} {{ email }} {{ sender.name }}", "bodyHtml": "{{ unsubscribeUrl }}"}],
    )
    await plan.enroll("eve@example.com", plan="pro", customFields={"sender": "x", "email": "y"})

    data = shown(
        await api.post(f"{plan.path}/preview", json={"leadId": (await plan.lead("eve@example.com"))["id"]})
    )

    assert data["steps"][0]["subject"] == "pro eve@example.com Ada"
    assert data["steps"][0]["html"].endswith("/u/preview")


async def test_without_an_account_there_is_no_sender(api: httpx.AsyncClient) -> None:
    """The words are shown all the same."""
    plan = await outreach(api)

    data = shown(
        await api.post(
            f"{plan.path}/preview", json={"lead": {"email": "eve@example.com", "firstName": "Eve"}}
        )
    )

    assert (data["steps"][0]["from"], data["steps"][0]["headers"]) == (None, [])
    assert data["steps"][0]["subject"] == "Hello Eve"


async def test_no_value_adds_a_header(api: httpx.AsyncClient, account: UUID) -> None:
    """Line breaks of a custom field do not leave its line."""
    plan = await outreach(api, steps=[{"subject": "About {{ note }}", "bodyHtml": "x"}])

    data = shown(
        await api.post(
            f"{plan.path}/preview", json={"lead": {"email": "e@example.com", "note": "x\r\nBcc: a@b.c"}}
        )
    )

    assert [field["name"] for field in data["steps"][0]["headers"] if field["name"] == "Bcc"] == []


async def test_a_template_that_passes_its_limits_is_an_error_of_its_step(api: httpx.AsyncClient) -> None:
    """The other steps are shown."""
    loop = "{% for a in (1..900) %}{% for b in (1..900) %}x{% endfor %}{% endfor %}"
    plan = await outreach(api, steps=[{"subject": "s", "bodyHtml": loop}, {"bodyHtml": "fine"}])

    first, second = shown(await api.post(f"{plan.path}/preview", json={"lead": {"email": "e@example.com"}}))[
        "steps"
    ]

    assert first["error"]
    assert (first["html"], second["error"], second["html"]) == ("", None, "fine")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "invalid_request", ["/leadId"])),
        (
            {"lead": {"email": "e@example.com"}, "leadId": "lead_01hx3kqp7mbn2vd9czf6yw4e8r"},
            (400, "invalid_request", ["/leadId"]),
        ),
        ({"leadId": "lead_01hx3kqp7mbn2vd9czf6yw4e8r"}, (422, "validation_failed", ["/leadId"])),
        ({"lead": {"email": "nobody"}}, (422, "validation_failed", ["/lead/email"])),
        ({"lead": {"email": "e@example.com", "x": []}}, (422, "validation_failed", ["/lead/x"])),
    ],
)
async def test_for_whom_must_be_said_once(
    api: httpx.AsyncClient, body: dict[str, object], expected: tuple[int, str, list[str]]
) -> None:
    """By id or by description, and so that it can be rendered."""
    plan = await outreach(api)

    assert refused(await api.post(f"{plan.path}/preview", json=body)) == expected


async def test_variants_are_shown_beside_their_step(api: httpx.AsyncClient, account: UUID) -> None:
    """Each under its id, with the step's subject where it has none; the follow-up answers the step's own."""
    variants = [{"bodyHtml": "<p>Dear {{ name }}</p>"}, {"subject": "Psst", "bodyHtml": "x", "weight": 0}]
    steps: list[dict[str, object]] = [{"subject": "Hello", "bodyHtml": "Hi", "variants": variants}]
    plan = await outreach(api, steps=[*steps, {"bodyHtml": "again", "variants": variants[1:]}])

    first, second = shown(await api.post(f"{plan.path}/preview", json={"lead": {"email": "e@example.com"}}))[
        "steps"
    ]

    dear, psst = first["variants"]
    ids = [variant["id"] for variant in shown(await api.get(plan.path))["sequenceSteps"][0]["variants"]]
    assert first["variantId"] is None
    assert [dear["variantId"], psst["variantId"]] == ids
    assert (dear["subject"], dear["html"], dear["missingVariables"]) == ("Hello", "<p>Dear </p>", ["name"])
    assert (psst["subject"], psst["text"].strip(), psst["error"]) == ("Psst", "x", None)
    assert (second["subject"], second["variants"][0]["subject"]) == ("Re: Hello", "Re: Psst")
    assert {field["name"]: field["value"] for field in psst["headers"]}["Subject"] == "Psst"
