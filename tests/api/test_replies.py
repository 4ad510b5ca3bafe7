"""`/v1/replies`: what came back, with its conversation, and corrected."""

from uuid import UUID

import httpx
import pytest

from leadterra.mail.finding import Finding
from leadterra.store.database import Database
from leadterra.store.ids import encode
from tests.support.clock import NOW
from tests.support.pools import TestPool
from tests.support.returning import AWAY, REPLY, UNSUBSCRIBE, Mailroom, failed

ITEM = {"id", "email", "campaignId", "classification", "receivedAt", "threadSnippet"}
LEAD = "lead00000@leads.test"


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The pool of the key's workspace."""
    return TestPool(database, workspace)


async def send(pool: TestPool, leads: int = 1) -> tuple[Mailroom, UUID, list[UUID]]:
    """An account whose leads were all sent the first step: its mailbox, the campaign, the enrollments."""
    account = await pool.account("ada", 1000)
    await pool.execute("update sender_pools set message_domain = 'acme.test' where workspace_id = :w")
    campaign = await pool.campaign(steps=2)
    enrollments = await pool.leads(campaign, leads)
    claim = await pool.must_claim()
    await pool.clear(claim)
    await pool.settle(claim, data_at=NOW)
    return Mailroom(pool, account), campaign, enrollments


async def one(api: httpx.AsyncClient, pool: TestPool, finding: Finding) -> tuple[str, UUID]:
    """A letter that came; its id and the enrollment."""
    mailroom, _, [enrollment] = await send(pool)
    reply_id = await mailroom.answer(enrollment, finding)
    assert reply_id is not None
    return encode("rpl", reply_id), enrollment


async def test_an_item_has_exactly_these_fields(api: httpx.AsyncClient, pool: TestPool) -> None:
    """As the contract says."""
    reply_id, _ = await one(api, pool, REPLY)

    [item] = (await api.get("/v1/replies")).json()["data"]
    assert set(item) == ITEM
    assert (item["id"], item["classification"], item["email"]) == (
        reply_id,
        "interested",
        "somebody@else.test",
    )
    assert item["threadSnippet"] == "Tell me more"


async def test_replies_are_listed_newest_first_by_page(api: httpx.AsyncClient, pool: TestPool) -> None:
    """A page at a time, each once; also those of one instant."""
    mailroom, campaign, enrollments = await send(pool, 5)
    made = [encode("rpl", reply) for each in enrollments if (reply := await mailroom.answer(each, REPLY))]

    listed, cursor = [], None
    while cursor != "":
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await api.get("/v1/replies", params=query)).json()
        listed += [item["id"] for item in page["data"]]
        cursor = page["pagination"]["nextCursor"] or ""
    assert sorted(listed) == sorted(made)
    assert listed == sorted(listed, reverse=True)
    of_campaign = await api.get("/v1/replies", params={"campaignId": encode("camp", campaign)})
    assert len(of_campaign.json()["data"]) == 5


async def test_replies_are_found_by_what_they_mean(api: httpx.AsyncClient, pool: TestPool) -> None:
    """`classification` narrows; one that does not exist is a fault of the parameter."""
    mailroom, _, enrollments = await send(pool, 3)
    for enrollment, finding in zip(enrollments, (REPLY, AWAY, UNSUBSCRIBE), strict=True):
        await mailroom.answer(enrollment, finding)

    found = (await api.get("/v1/replies?classification=out_of_office")).json()["data"]
    wrong = await api.get("/v1/replies?classification=maybe")
    assert [item["classification"] for item in found] == ["out_of_office"]
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "?classification")


async def test_the_detail_has_the_conversation(api: httpx.AsyncClient, pool: TestPool) -> None:
    """What was sent and what came, oldest first; the signs, and how it was matched."""
    reply_id, enrollment = await one(api, pool, REPLY)

    shown = (await api.get(f"/v1/replies/{reply_id}")).json()["data"]
    assert set(shown) > ITEM
    assert (shown["kind"], shown["classifiedBy"], shown["text"]) == ("reply", "rules", "Tell me more")
    assert [entry["direction"] for entry in shown["thread"]] == ["out", "in"]
    assert shown["thread"][0]["id"] == shown["messageId"]
    assert shown["matchedBy"].startswith("Message-ID <")
    assert shown["evidence"] == ["asks for more"]
    assert shown["leadId"] == encode("lead", await pool.enrollment(enrollment, "lead_id"))


async def test_a_bounce_says_whose_and_why(api: httpx.AsyncClient, pool: TestPool) -> None:
    """Its recipients; and the server's words where lists show the beginning."""
    reply_id, _ = await one(api, pool, failed(LEAD, hard=True))

    shown = (await api.get(f"/v1/replies/{reply_id}")).json()["data"]
    assert shown["recipients"] == [
        {
            "address": LEAD,
            "status": "5.1.1",
            "code": 550,
            "hard": True,
            "dead": True,
            "reason": "no_such_mailbox",
            "text": "550 5.1.1 no",
        }
    ]
    assert shown["threadSnippet"] == "550 5.1.1 no"
    assert (await api.get("/v1/replies")).json()["data"][0]["threadSnippet"] == "550 5.1.1 no"


async def test_a_correction_is_kept(api: httpx.AsyncClient, pool: TestPool) -> None:
    """Whoever made it, and nothing starts again by it."""
    reply_id, enrollment = await one(api, pool, REPLY)

    answer = await api.patch(f"/v1/replies/{reply_id}", json={"classification": "not_interested"})
    shown = answer.json()["data"]
    assert (shown["classification"], shown["classifiedBy"]) == ("not_interested", "person")
    assert await pool.enrollment(enrollment) == "replied"


async def test_a_corrected_wish_to_unsubscribe_is_granted(api: httpx.AsyncClient, pool: TestPool) -> None:
    """As if the rules had seen it; doing it again changes nothing."""
    reply_id, enrollment = await one(api, pool, REPLY)

    for _ in range(2):
        await api.patch(f"/v1/replies/{reply_id}", json={"classification": "unsubscribe"})
    check = (await api.get("/v1/suppression-list/check", params={"email": LEAD})).json()["data"]
    assert (check["suppressed"], check["source"]) == (True, "person")
    assert await pool.enrollment(enrollment) == "unsubscribed"
    assert await pool.ask("select unsubscribed::int from campaign_totals where workspace_id = :w") == [(1,)]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/classification"), ({"classification": "maybe"}, "/classification"), ({"kind": "reply"}, "/kind")],
)
async def test_a_wrong_correction_names_its_field(
    api: httpx.AsyncClient, pool: TestPool, body: dict[str, str], pointer: str
) -> None:
    """And changes nothing."""
    reply_id, _ = await one(api, pool, REPLY)

    answer = await api.patch(f"/v1/replies/{reply_id}", json=body)
    assert answer.status_code == 400
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert (await api.get(f"/v1/replies/{reply_id}")).json()["data"]["classifiedBy"] == "rules"


async def test_a_dry_correction_changes_nothing(api: httpx.AsyncClient, pool: TestPool) -> None:
    """It says what it would be."""
    reply_id, enrollment = await one(api, pool, REPLY)

    answer = await api.patch(f"/v1/replies/{reply_id}?dryRun=true", json={"classification": "unsubscribe"})
    assert answer.json()["data"]["classification"] == "unsubscribe"
    assert (await api.get(f"/v1/replies/{reply_id}")).json()["data"]["classification"] == "interested"
    assert await pool.enrollment(enrollment) == "replied"


async def test_there_is_no_such_reply(api: httpx.AsyncClient) -> None:
    """Of another kind, or of nobody."""
    for name in ("msg_01hx3kqp7mbn2vd9czf6yw4e8r", "rpl_01hx3kqp7mbn2vd9czf6yw4e8r", "rpl_x"):
        answer = await api.get(f"/v1/replies/{name}")
        assert (answer.status_code, answer.json()["code"]) == (404, "reply_not_found")


async def test_who_is_away_is_explained(api: httpx.AsyncClient, pool: TestPool) -> None:
    """Why nothing is due, until when, and the letter that said so in the lead's history."""
    reply_id, enrollment = await one(api, pool, AWAY)
    campaign, lead = await pool.enrollment(enrollment, "campaign_id, lead_id")

    path = f"/v1/campaigns/{encode('camp', campaign)}/leads/{encode('lead', lead)}/explain"
    shown = (await api.get(path)).json()["data"]
    gate = next(each for each in shown["gates"] if each["gate"] == "not_due")
    said = [each for each in shown["history"] if each["event"] == "reply"]
    assert "the lead is away until 2026-06-02 00:00:00 UTC" in gate["detail"]
    assert gate["clearsAt"] == "2026-06-02T00:00:00Z"
    assert [(each["outcome"], each["detail"]) for each in said] == [
        ("out_of_office", f"{reply_id}: out_of_office")
    ]


async def test_leads_that_answered_are_counted_by_day(api: httpx.AsyncClient, pool: TestPool) -> None:
    """On the day of the message that they answered."""
    mailroom, _, enrollments = await send(pool, 3)
    for enrollment in enrollments[:2]:
        await mailroom.answer(enrollment, REPLY)

    days = (await api.get("/v1/sender-pools/history?days=2")).json()["data"]["days"]
    assert [(day["sent"], day["replied"]) for day in days] == [(0, 0), (3, 2)]
