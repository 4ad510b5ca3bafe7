"""`PUT /v1/campaigns/{id}/sequence-steps`: edits that strand nobody and repeat nothing."""

from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from leadterra.store.database import Database
from tests.support.clock import NOW, ManualClock
from tests.support.outreach import Outreach, launched, outreach, refused, shown
from tests.support.pools import TestPool
from tests.support.turns import DEFERRED, Turns


@pytest.fixture
async def turns(database: Database, workspace: UUID) -> Turns:
    """A worker by hand, with one account."""
    await TestPool(database, workspace).account("ada", 100)
    return Turns(database, workspace)


async def present(plan: Outreach) -> list[dict[str, object]]:
    """The steps as they are, ready to be sent back."""
    steps = shown(await plan.api.get(plan.path))["sequenceSteps"]
    return [{name: step[name] for name in ("id", "subject", "bodyHtml", "delayDays")} for step in steps]


async def after_first_letter(api: httpx.AsyncClient, turns: Turns) -> Outreach:
    """A paused campaign whose only lead was sent the first step."""
    plan = await launched(api)
    await turns.send(NOW)
    await plan.pause()
    return plan


async def standing(plan: Outreach) -> tuple[str, int | None, str | None]:
    """State, next step and due instant of the only member."""
    (member,) = await plan.members()
    return member["state"], member["nextStep"], member["dueAt"]


async def test_a_running_campaign_is_edited(api: httpx.AsyncClient, turns: Turns) -> None:
    """Who waits for the follow-up is sent its new words, and nothing again."""
    plan = await launched(api)
    await turns.send(NOW)
    first, second = await present(plan)
    shown(await plan.steps(first, {**second, "bodyHtml": "<p>Better</p>"}))
    claim = await turns.claim(NOW + timedelta(days=2))

    assert claim is not None
    assert [claim.words_of(row).body_html for row in claim.rows] == ["<p>Better</p>"]
    assert await plan.status() == "running"


async def test_a_running_campaign_keeps_a_step(api: httpx.AsyncClient) -> None:
    """400 no_sequence_steps; nothing changes."""
    plan = await launched(api)
    before = await present(plan)

    assert refused(await plan.steps()) == (400, "no_sequence_steps", [])
    assert await present(plan) == before


async def test_steps_are_matched_by_id(api: httpx.AsyncClient) -> None:
    """What is named stays the same step, what is not named goes, what has no id is new."""
    plan = await outreach(api)
    first, second = await present(plan)

    after = shown(await plan.steps({**second, "subject": "Now first"}, {"bodyHtml": "new"}))["sequenceSteps"]

    assert after[0]["id"] == second["id"]
    assert after[1]["id"] not in (first["id"], second["id"])
    assert [(step["position"], step["delayDays"]) for step in after] == [(0, 2), (1, 3)]


async def test_a_foreign_id_is_refused(api: httpx.AsyncClient) -> None:
    """Of another campaign, or the same one twice."""
    plan, other = await outreach(api), await outreach(api)
    (first, _), (foreign, _) = await present(plan), await present(other)

    assert refused(await plan.steps(first, foreign)) == (422, "validation_failed", ["/sequenceSteps/1/id"])
    assert refused(await plan.steps(first, first)) == (422, "validation_failed", ["/sequenceSteps/1/id"])


async def test_a_step_that_was_sent_cannot_be_removed(api: httpx.AsyncClient, turns: Turns) -> None:
    """422 naming it; nothing changes."""
    plan = await after_first_letter(api, turns)
    first, second = await present(plan)

    answer = await plan.steps({**second, "subject": "s"})

    assert refused(answer) == (422, "validation_failed", ["/sequenceSteps"])
    assert str(first["id"]) in answer.json()["errors"][0]["message"]
    assert await present(plan) == [first, second]


async def test_a_step_in_flight_cannot_be_removed(api: httpx.AsyncClient, turns: Turns) -> None:
    """It may be sent already."""
    plan = await launched(api)
    await turns.claim(NOW)
    await plan.pause()

    assert refused(await plan.steps({"subject": "s", "bodyHtml": "b"}))[0] == 422


async def test_whoever_waits_for_a_follow_up_waits_its_new_delay(
    api: httpx.AsyncClient, turns: Turns
) -> None:
    """Counted from the letter before it."""
    plan = await after_first_letter(api, turns)
    before = await standing(plan)
    first, second = await present(plan)
    await plan.steps(first, {**second, "delayDays": 0.5})

    assert before == ("waiting", 1, "2026-03-12T12:00:00Z")
    assert await standing(plan) == ("waiting", 1, "2026-03-11T00:00:00Z")


async def test_a_step_put_in_between_is_next(api: httpx.AsyncClient, turns: Turns) -> None:
    """For those who had the one before it."""
    plan = await after_first_letter(api, turns)
    first, second = await present(plan)
    await plan.steps(first, {"bodyHtml": "between", "delayDays": 1}, second)

    assert await standing(plan) == ("waiting", 1, "2026-03-11T12:00:00Z")


async def test_a_step_put_in_front_is_not_sent_to_who_is_past_it(
    api: httpx.AsyncClient, turns: Turns
) -> None:
    """They go on behind the last step that they were sent."""
    plan = await after_first_letter(api, turns)
    first, second = await present(plan)
    await plan.steps({"subject": "New", "bodyHtml": "front"}, first, second)

    assert await standing(plan) == ("waiting", 2, "2026-03-12T12:00:00Z")


async def test_a_step_added_at_the_end_opens_who_was_through(
    api: httpx.AsyncClient, turns: Turns, clock: ManualClock
) -> None:
    """A completed campaign runs again, and the follow-up goes out."""
    plan = await launched(api, steps=[{"subject": "s", "bodyHtml": "b"}])
    await turns.send(NOW)
    completed = await plan.status()
    clock.advance(hours=1)
    await plan.pause()
    (only,) = await present(plan)
    await plan.steps(only, {"bodyHtml": "more", "delayDays": 1})
    await plan.start()

    assert completed == "completed"
    assert (await plan.status(), await standing(plan)) == ("running", ("waiting", 1, "2026-03-11T12:00:00Z"))
    assert await turns.send(NOW + timedelta(days=1)) == 1
    assert await plan.status() == "completed"


async def test_whoever_has_no_step_left_is_through(api: httpx.AsyncClient, turns: Turns) -> None:
    """The steps that they waited for were removed."""
    plan = await after_first_letter(api, turns)
    first, _ = await present(plan)
    await plan.steps(first)

    assert (await standing(plan))[0] == "finished"
    await plan.start()
    assert await plan.status() == "completed"


async def test_a_draft_may_lose_all_its_steps(api: httpx.AsyncClient) -> None:
    """Its leads wait for new ones."""
    plan = await outreach(api)
    await plan.enroll("a@example.com")
    shown(await plan.steps())

    assert await standing(plan) == ("waiting", 0, "2026-03-10T12:00:00Z")


async def test_a_deferred_message_stays_with_its_step(api: httpx.AsyncClient, turns: Turns) -> None:
    """Wherever the edit moves that; and if it is removed, its message is cancelled and the lead goes on
    without it."""
    plan = await launched(api)
    await turns.send(NOW, DEFERRED)
    await plan.pause()
    first, second = await present(plan)
    await plan.steps({"subject": "New", "bodyHtml": "front"}, first, second)
    moved = (await standing(plan))[:2]
    await plan.steps({"subject": "Other", "bodyHtml": "front"})
    (message,) = (await api.get("/v1/messages")).json()["data"]

    assert moved == ("waiting", 1)
    assert (await standing(plan))[:2] == ("waiting", 0)
    assert (message["state"], (await plan.stats())["deferred"]) == ("cancelled", 0)
