"""`/v1/messages`, and the numbers of a campaign as messages go out."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from leadterra.domain.outcomes import Ending
from leadterra.store.database import Database
from tests.support.clock import NOW, ManualClock
from tests.support.outreach import launched, outreach, refused, shown
from tests.support.pools import TestPool
from tests.support.turns import ACCEPTED, DEFERRED, HELD, REFUSED, UNCERTAIN, Turns


@pytest.fixture
async def turns(database: Database, workspace: UUID) -> Turns:
    """A worker by hand, with one account."""
    await TestPool(database, workspace).account("ada", 100)
    return Turns(database, workspace)


async def listed(api: httpx.AsyncClient, **filters: str) -> list[dict[str, Any]]:
    """All messages of a filter, two a page."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (
            await api.get(
                "/v1/messages", params={"limit": "2", **filters, **({"cursor": cursor} if cursor else {})}
            )
        ).json()
        found += page["data"]
        cursor = page["pagination"]["nextCursor"]
        if cursor is None:
            return found


async def test_a_queued_message_has_its_id_before_it_is_claimed(api: httpx.AsyncClient, turns: Turns) -> None:
    """The same one afterwards."""
    await launched(api)
    (queued,) = await listed(api, state="queued")
    shown_before = shown(await api.get(f"/v1/messages/{queued['id']}"))
    await turns.send(NOW)
    (sent,) = await listed(api)
    shown_after = shown(await api.get(f"/v1/messages/{queued['id']}"))

    assert (queued["state"], queued["sequenceStep"], queued["senderAccountId"]) == ("queued", 0, None)
    assert (shown_before["state"], shown_before["attempts"]) == ("queued", [])
    assert (sent["id"], sent["state"]) == (queued["id"], "sent")
    assert (shown_after["state"], len(shown_after["attempts"])) == ("sent", 1)


async def test_the_queue_is_paged_without_gap_or_repetition(api: httpx.AsyncClient) -> None:
    """Also where all became due at the same instant."""
    plan = await outreach(api)
    await plan.enroll(*[f"a{number}@example.com" for number in range(5)])
    await plan.start()

    found = await listed(api, state="queued", campaignId=plan.campaign)

    assert len({message["id"] for message in found}) == len(found) == 5


async def test_a_draft_has_no_queue_and_a_paused_campaign_has(api: httpx.AsyncClient) -> None:
    """As in its numbers."""
    plan = await outreach(api)
    await plan.enroll("a@example.com")
    draft = await listed(api, state="queued")
    await plan.start()
    await plan.pause()

    assert (draft, len(await listed(api, state="queued"))) == ([], 1)


async def test_a_follow_up_is_queued_when_its_delay_is_over(
    api: httpx.AsyncClient, turns: Turns, clock: ManualClock
) -> None:
    """Under an id of its own."""
    await launched(api)
    await turns.send(NOW)
    too_early = await listed(api, state="queued")
    clock.advance(days=2)
    (queued,) = await listed(api, state="queued")
    await turns.send(clock.now())

    assert too_early == []
    assert queued["sequenceStep"] == 1
    assert (await listed(api))[0]["id"] == queued["id"]


async def test_messages_are_found_by_campaign_lead_account_and_state(
    api: httpx.AsyncClient, turns: Turns
) -> None:
    """Each filter narrows."""
    plan, other = await outreach(api), await outreach(api)
    await plan.enroll("a@example.com", "b@example.com")
    await other.enroll("a@example.com")
    for each in (plan, other):
        await each.start()
    await turns.send(NOW)
    lead = (await plan.lead("a@example.com"))["id"]
    account = (await listed(api))[0]["senderAccountId"]

    assert len(await listed(api, campaignId=plan.campaign)) == 2
    assert len(await listed(api, leadId=lead)) == 2
    assert len(await listed(api, leadId=lead, campaignId=plan.campaign)) == 1
    assert len(await listed(api, senderAccountId=account, state="sent")) == 3
    assert await listed(api, state="refused") == []
    assert len((await api.get(f"/v1/leads/{lead}/messages?state=sent")).json()["data"]) == 2
    assert refused(await api.get("/v1/messages?leadId=camp_1")) == (400, "invalid_request", ["?leadId"])


async def test_an_attempt_tells_what_the_server_said(api: httpx.AsyncClient, turns: Turns) -> None:
    """Server, command, codes, text and times."""
    await launched(api)
    await turns.send(NOW, REFUSED)
    (message,) = await listed(api, state="refused")

    (attempt,) = shown(await api.get(f"/v1/messages/{message['id']}"))["attempts"]

    assert attempt == {
        "number": 1,
        "senderAccountId": message["senderAccountId"],
        "outcome": "refused",
        "scope": "recipient",
        "server": "mx.test:25",
        "command": "RCPT",
        "code": 550,
        "enhancedCode": "5.1.1",
        "text": "no such user",
        "startedAt": "2026-03-10T12:00:00Z",
        "dataAt": "2026-03-10T12:00:00Z",
        "endedAt": "2026-03-10T12:00:00Z",
    }


@pytest.mark.parametrize(
    ("ending", "expected"),
    [
        (None, {"queued": 2}),
        (ACCEPTED, {"sent": 2, "delivered": 2, "scheduled": 2}),
        (REFUSED, {"sent": 2, "bounced": 2}),
        (DEFERRED, {"deferred": 2}),
        (UNCERTAIN, {"uncertain": 2}),
    ],
)
async def test_a_message_is_counted_in_one_place(
    api: httpx.AsyncClient, turns: Turns, ending: Ending | None, expected: dict[str, int]
) -> None:
    """One being sent counts as queued."""
    plan = await launched(api, "a@example.com", "b@example.com")
    if ending is None:
        await turns.claim(NOW)
    else:
        await turns.send(NOW, ending)

    stats = await plan.stats()

    names = ("sent", "delivered", "bounced", "queued", "scheduled", "deferred", "uncertain", "failed")
    assert {name: stats[name] for name in names if stats[name]} == expected


async def test_an_uncertain_message_is_settled_by_a_person_once(api: httpx.AsyncClient, turns: Turns) -> None:
    """Sent: the sequence goes on. The second time is 409, an unknown one 404."""
    plan = await launched(api)
    await turns.send(NOW, UNCERTAIN)
    (message,) = await listed(api, state="uncertain")
    path = f"/v1/messages/{message['id']}/resolve"

    resolved = shown(await api.post(path, json={"outcome": "sent"}))

    assert resolved["state"] == "sent"
    assert (await plan.stats())["scheduled"] == 1
    assert refused(await api.post(path, json={"outcome": "sent"}))[:2] == (409, "invalid_state")
    assert refused(await api.post(path, json={"outcome": "maybe"})) == (400, "invalid_request", ["/outcome"])
    missing = "/v1/messages/msg_01hx3kqp7mbn2vd9czf6yw4e8r"
    assert refused(await api.get(missing))[:2] == (404, "message_not_found")
    assert refused(await api.post(f"{missing}/resolve", json={"outcome": "sent"}))[:2] == (
        404,
        "message_not_found",
    )


async def test_a_lead_taken_out_while_uncertain_comes_back_uncertain(
    api: httpx.AsyncClient, turns: Turns
) -> None:
    """What may have been sent is not sent again (R6)."""
    plan = await launched(api)
    await turns.send(NOW, UNCERTAIN)
    path = f"{plan.path}/leads/{(await plan.lead('a@example.com'))['id']}"
    shown(await api.post(f"{path}/pause"))
    resumed = shown(await api.post(f"{path}/resume"))["state"]
    await api.delete(path)
    await plan.enroll("a@example.com")

    assert (resumed, [member["state"] for member in await plan.members()]) == ("uncertain", ["uncertain"])
    assert await turns.send(NOW + timedelta(minutes=5)) == 0


async def test_a_lead_taken_out_in_flight_comes_back_in_flight(api: httpx.AsyncClient, turns: Turns) -> None:
    """With the worker that holds it; its settlement moves it on."""
    plan = await launched(api)
    claim = await turns.claim(NOW)
    assert claim
    await api.delete(f"{plan.path}/leads/{(await plan.lead('a@example.com'))['id']}")
    await plan.enroll("a@example.com")
    (back,) = await plan.members()
    await turns.settle(claim, ACCEPTED, NOW)
    (after,) = await plan.members()

    assert (back["state"], back["nextStep"]) == ("sending", 0)
    assert (after["state"], after["nextStep"]) == ("waiting", 1)


async def test_a_finished_lead_taken_out_comes_back_finished(api: httpx.AsyncClient, turns: Turns) -> None:
    """No step is left for it."""
    plan = await launched(api, steps=[{"subject": "s", "bodyHtml": "b"}])
    await turns.send(NOW)
    await api.delete(f"{plan.path}/leads/{(await plan.lead('a@example.com'))['id']}")
    await plan.enroll("a@example.com")

    assert [member["state"] for member in await plan.members()] == ["finished"]
    assert await plan.status() == "completed"


async def test_a_lead_that_bounced_has_ended_for_good(api: httpx.AsyncClient, turns: Turns) -> None:
    """Its address is suppressed, so it is not enrolled again; it cannot be paused; taking it out leaves it in
    the books.
    """
    plan = await launched(api)
    await turns.send(NOW, REFUSED)
    path = f"{plan.path}/leads/{(await plan.lead('a@example.com'))['id']}"
    again = await plan.enroll("a@example.com")

    assert (again["updated"], again["skipped"]) == (0, 1)
    assert refused(await api.post(f"{path}/pause"))[:2] == (409, "invalid_state")
    assert (await api.delete(path)).status_code == 204
    assert [member["state"] for member in await plan.members()] == ["bounced"]


async def test_a_held_lead_goes_on_when_its_field_is_there(api: httpx.AsyncClient, turns: Turns) -> None:
    """Or when the campaign holds nobody any more."""
    plan = await outreach(api)
    await api.patch(plan.path, json={"onMissingVariable": "hold"})
    await plan.enroll("a@example.com", "b@example.com")
    await plan.start()
    await turns.send(NOW, HELD)
    held = [member["state"] for member in await plan.members()]
    await api.patch(f"/v1/leads/{(await plan.lead('a@example.com'))['id']}", json={"company": "Acme"})
    after_patch = sorted(member["state"] for member in await plan.members())
    await api.patch(plan.path, json={"onMissingVariable": "empty"})

    assert held == ["held", "held"]
    assert after_patch == ["held", "waiting"]
    assert [member["state"] for member in await plan.members()] == ["waiting", "waiting"]


async def test_what_is_deleted_cancels_what_was_deferred(api: httpx.AsyncClient, turns: Turns) -> None:
    """A lead, or a campaign."""
    plan = await launched(api, "a@example.com", "b@example.com")
    await turns.send(NOW, DEFERRED)
    await api.delete(f"{plan.path}/leads/{(await plan.lead('a@example.com'))['id']}")
    of_the_lead = sorted(message["state"] for message in await listed(api))
    await api.delete(plan.path)

    assert of_the_lead == ["cancelled", "deferred"]
    assert [message["state"] for message in await listed(api)] == ["cancelled", "cancelled"]


async def test_an_erased_person_leaves_no_words_behind(
    api: httpx.AsyncClient, turns: Turns, database: Database, workspace: UUID
) -> None:
    """Neither subjects nor what servers answered."""
    plan = await launched(api)
    await turns.send(NOW, REFUSED)
    pool = TestPool(database, workspace)
    await pool.execute("update messages set subject = 'Hello Ada' where workspace_id = :w")
    await api.delete(f"/v1/leads/{(await plan.lead('a@example.com'))['id']}")

    assert await pool.ask("select subject, state_reason from messages where workspace_id = :w") == [
        (None, "erased")
    ]
    assert await pool.ask("select answer from attempts where workspace_id = :w") == [("",)]
