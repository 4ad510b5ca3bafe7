"""`…/explain` of a lead: each gate that holds a message back is named, with its numbers and the instant at
which it opens, and the message goes then.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from leadterra.api.fields import render_instant
from leadterra.domain.explanation import SHOWN
from leadterra.domain.outcomes import Answer, Command, Deferred, Reason, Scope, Uncertain, Withheld
from leadterra.store.database import Database
from leadterra.store.ids import encode
from tests.support.clock import NOW, ManualClock
from tests.support.explained import MIDNIGHT, Explained, closed, detail, hours
from tests.support.outreach import shown
from tests.support.pools import TestPool


@pytest.fixture
async def explained(api: httpx.AsyncClient, database: Database, workspace: UUID) -> Explained:
    """An account of 50 a day, three leads that are due."""
    return await Explained(api, TestPool(database, workspace)).set_up()


async def test_nothing_holds_a_lead_that_is_due(explained: Explained) -> None:
    """Every gate is shown once, in the engine's order, and is open; the message goes at once."""
    found = await explained.lead()

    assert [check["gate"] for check in found["gates"]] == list(SHOWN)
    assert [check["gate"] for check in found["gates"] if not check["pass"]] == []
    assert found["blockedBy"] is None
    assert found["nextStep"]["position"] == 0
    assert found["nextSendAt"] == render_instant(NOW)
    assert found["senderAccountId"] == encode("sa", explained.account)


async def test_campaign_not_running(explained: Explained) -> None:
    """A paused campaign, until somebody starts it."""
    shown(await explained.api.post(f"/v1/campaigns/{encode('camp', explained.campaign)}/pause"))
    found = await explained.lead()

    assert closed(found, "campaign_not_running") == (None, None, None)
    assert "paused" in detail(found, "campaign_not_running")
    assert found["nextSendAt"] is found["senderAccountId"] is None


async def test_draft(explained: Explained) -> None:
    """A draft, until somebody starts it."""
    await explained.pool.change("campaigns", explained.campaign, status="draft", started_at=None)
    found = await explained.lead()

    assert closed(found, "campaign_not_running") == (None, None, None)
    assert "draft" in detail(found, "campaign_not_running")


async def test_paused_lead(explained: Explained) -> None:
    """Until somebody resumes it."""
    shown(await explained.api.post(f"{await explained.lead_path()}/pause"))
    found = await explained.lead()

    assert closed(found, "lead_not_waiting") == (None, None, None)
    assert "Resume the lead" in detail(found, "lead_not_waiting")
    assert found["state"] == "paused"
    assert found["history"][-1]["outcome"] == "paused"


async def test_held_lead(explained: Explained) -> None:
    """A field is missing, until somebody gives it."""
    claim = await explained.pool.must_claim(limit=1)
    await explained.pool.settle(claim, Withheld(Reason.MISSING_VARIABLE, "company"))
    found = await explained.lead()

    assert closed(found, "lead_not_waiting") == (None, None, None)
    assert "company" in detail(found, "lead_not_waiting")


async def test_uncertain_lead(explained: Explained) -> None:
    """Nobody knows whether its letter arrived, until somebody resolves the message, which is named."""
    claim = await explained.pool.must_claim(limit=1)
    await explained.pool.clear(claim)
    await explained.pool.settle(claim, Uncertain(Answer(Command.BODY, None, None, "closed")), data_at=NOW)
    found = await explained.lead()

    assert closed(found, "lead_not_waiting") == (None, None, None)
    message_id = await explained.pool.message(explained.enrollments[0], "id")
    assert encode("msg", message_id) in detail(found, "lead_not_waiting")


async def test_lead_in_flight(explained: Explained) -> None:
    """While its message is being sent."""
    await explained.pool.must_claim(limit=1)

    assert closed(await explained.lead(), "lead_not_waiting") == (None, None, None)


async def test_ended_lead(explained: Explained) -> None:
    """One that is through has no next step, and no prediction."""
    await explained.pool.change("enrollments", explained.enrollments[0], state="finished", position=2)
    found = await explained.lead()

    assert closed(found, "lead_not_waiting") == (None, None, None)
    assert found["nextStep"] is found["nextSendAt"] is None


@pytest.mark.parametrize(("value", "kind"), [("lead00000@leads.test", "email"), ("leads.test", "domain")])
async def test_suppressed(explained: Explained, value: str, kind: Any) -> None:
    """Its address or its domain is on the list, for good."""
    await explained.pool.suppress(value, kind)
    found = await explained.lead()

    assert closed(found, "suppressed") == (None, None, None)
    assert found["nextSendAt"] is None


async def test_not_due(explained: Explained) -> None:
    """The follow-up comes three days after the first letter, from the same account."""
    await explained.send(1)
    found = await explained.lead()

    assert closed(found, "not_due") == (3 * 86_400, None, render_instant(hours(72)))
    assert found["nextStep"]["position"] == 1
    assert found["nextSendAt"] == render_instant(hours(72))
    assert found["senderAccountId"] == encode("sa", explained.account)


async def test_outside_schedule(explained: Explained) -> None:
    """It is noon; the window opens at two."""
    await explained.patch_campaign(schedule={"hours": {"from": "14:00", "to": "16:00"}})
    found = await explained.lead()

    assert closed(found, "outside_schedule") == (7200, None, render_instant(hours(2)))
    assert found["nextSendAt"] == render_instant(hours(2))


async def test_schedule_that_is_over(explained: Explained) -> None:
    """No window is left: it opens when somebody gives the campaign another schedule."""
    await explained.patch_campaign(schedule={"endOn": "2026-03-09"})
    found = await explained.lead()

    assert closed(found, "outside_schedule") == (None, None, None)
    assert found["nextSendAt"] is None


async def test_campaign_quota(explained: Explained) -> None:
    """One of one message of the campaign's day is used."""
    await explained.patch_campaign(dailyLimit=1)
    await explained.send(1)
    found = await explained.lead(1)

    assert closed(found, "campaign_quota") == (1, 1, render_instant(MIDNIGHT))
    assert found["nextSendAt"] == render_instant(MIDNIGHT)


async def test_new_leads_quota(explained: Explained) -> None:
    """Two of two first steps of the campaign's day are used."""
    await explained.patch_campaign(newLeadsDailyLimit=2)
    await explained.send(2)
    found = await explained.lead(2)

    assert closed(found, "new_leads_quota") == (2, 2, render_instant(MIDNIGHT))
    assert found["nextSendAt"] == render_instant(MIDNIGHT)


async def test_recipient_domain_quota(explained: Explained) -> None:
    """Two of two messages of the day to the domain are used."""
    await explained.patch("/v1/workspace", {"recipientDomainDailyLimit": 2})
    await explained.send(2)
    found = await explained.lead(2)

    assert closed(found, "recipient_domain_quota") == (2, 2, render_instant(MIDNIGHT))
    assert found["nextSendAt"] == render_instant(MIDNIGHT)


async def test_recipient_domain_hourly_quota(explained: Explained) -> None:
    """Two of two messages of the hour to the domain are used."""
    await explained.patch("/v1/workspace", {"recipientDomainHourlyLimit": 2})
    await explained.send(2)
    found = await explained.lead(2)

    assert closed(found, "recipient_domain_hourly_quota") == (2, 2, render_instant(hours(1)))
    assert found["nextSendAt"] == render_instant(hours(1))


async def test_no_active_account(explained: Explained) -> None:
    """Nobody can send, until somebody activates an account."""
    shown(await explained.api.post(f"/v1/sender-accounts/{encode('sa', explained.account)}/pause"))
    found = await explained.lead()

    assert closed(found, "no_active_account") == (0, None, None)
    assert found["nextSendAt"] is None


async def test_no_account_with_a_tag(explained: Explained) -> None:
    """One is active, and has none of the campaign's tags."""
    await explained.patch_campaign(senderTags=["east"])
    found = await explained.lead()

    assert closed(found, "no_active_account") == (0, None, None)
    assert "east" in detail(found, "no_active_account")


async def test_sender_lost(explained: Explained, clock: ManualClock) -> None:
    """The campaign waits two days for the account; then the other one goes on."""
    await explained.send(1)
    other = await explained.pool.account("bob", 50)
    policy = {"action": "wait", "waitDays": 2}
    await explained.patch_campaign(senderLossPolicy=policy)
    clock.set(hours(73))
    shown(await explained.api.post(f"/v1/sender-accounts/{encode('sa', explained.account)}/pause"))
    found = await explained.lead()

    assert closed(found, "sender_lost") == (2 * 86_400, None, render_instant(hours(73 + 48)))
    assert found["nextSendAt"] == render_instant(hours(73 + 48))
    assert found["senderAccountId"] == encode("sa", other)


async def test_day_closing(explained: Explained, clock: ManualClock) -> None:
    """In the last second of a day nothing begins."""
    clock.set(MIDNIGHT - timedelta(seconds=0.5))
    found = await explained.lead()

    assert closed(found, "day_closing") == (0.5, None, render_instant(MIDNIGHT))
    assert found["nextSendAt"] == render_instant(MIDNIGHT)


async def test_workspace_quota(explained: Explained) -> None:
    """One of one message of the workspace's day is used."""
    await explained.patch("/v1/workspace", {"dailyQuota": 1})
    await explained.send(1)
    found = await explained.lead(1)

    assert closed(found, "workspace_quota") == (1, 1, render_instant(MIDNIGHT))
    assert found["nextSendAt"] == render_instant(MIDNIGHT)


async def test_sending_domain_quota(explained: Explained) -> None:
    """One of one message of the day from the account's domain is used."""
    await explained.patch("/v1/workspace", {"sendingDomainDailyLimit": 1})
    await explained.send(1)
    found = await explained.lead(1)

    assert closed(found, "sending_domain_quota") == (1, 1, render_instant(MIDNIGHT))
    assert found["nextSendAt"] == render_instant(MIDNIGHT)


async def test_account_quota(explained: Explained) -> None:
    """Two of two messages of the account's day are used; the sentence says so."""
    await explained.patch_account(dailyLimit=2)
    await explained.send(2)
    found = await explained.lead(2)

    assert closed(found, "account_quota") == (2, 2, render_instant(MIDNIGHT))
    assert detail(found, "account_quota") == (
        "2 of 2 messages of today are used; the next are available at midnight UTC."
    )
    assert found["nextSendAt"] == render_instant(MIDNIGHT)


async def test_account_rolling_quota(explained: Explained) -> None:
    """Two of two messages of 24 hours are used; the first comes back when its minute is a day old."""
    await explained.patch_account(rollingLimit=2)
    await explained.send(2)
    found = await explained.lead(2)

    back = render_instant(hours(24) + timedelta(minutes=1))
    assert closed(found, "account_rolling_quota") == (2, 2, back)
    assert found["nextSendAt"] == back


async def test_account_resting(explained: Explained) -> None:
    """Its server was away; it rests for a while, and is tried again."""
    claim = await explained.pool.must_claim(limit=1)
    away = Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "refused"))
    await explained.pool.settle(claim, away)
    rest_until = await explained.pool.account_field(explained.account, "rest_until")
    found = await explained.lead(1)

    expected = ((rest_until - NOW).total_seconds(), None, render_instant(rest_until))
    assert closed(found, "account_resting") == expected
    assert found["nextSendAt"] == render_instant(rest_until)


async def test_account_spacing(explained: Explained) -> None:
    """A minute between two messages, and one has just gone."""
    await explained.patch_account(pacing={"minGapSeconds": 60})
    await explained.send(1)
    found = await explained.lead(1)

    next_at = render_instant(NOW + timedelta(seconds=60))
    assert closed(found, "account_spacing") == (60, None, next_at)
    assert found["nextSendAt"] == next_at


async def test_one_at_a_time(explained: Explained) -> None:
    """A spaced account with a message on its way waits for its end, which nobody knows."""
    await explained.patch_account(pacing={"minGapSeconds": 60})
    await explained.pool.must_claim(limit=1)

    assert closed(await explained.lead(1), "account_spacing") == (None, None, None)


async def test_the_gate_that_opens_last_is_named(explained: Explained) -> None:
    """Of two that are closed, whichever comes first in the order."""
    await explained.patch_account(pacing={"minGapSeconds": 60})
    await explained.patch_campaign(schedule={"hours": {"from": "14:00", "to": "16:00"}})
    await explained.pool.change("sender_accounts", explained.account, next_send_at=hours(3))
    found = await explained.lead()

    assert [check["gate"] for check in found["gates"] if not check["pass"]] == [
        "outside_schedule",
        "account_spacing",
    ]
    assert closed(found, "account_spacing")[2] == render_instant(hours(3))


async def test_history(explained: Explained) -> None:
    """A deferral, then an acceptance, each with its account and what the server said, newest last."""
    later = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "greylisted"))
    claim = await explained.pool.must_claim(limit=1)
    await explained.pool.settle(claim, later)
    due_at = await explained.pool.enrollment(explained.enrollments[0], "due_at")
    await explained.pool.change("enrollments", explained.enrollments[1], state="paused")
    await explained.pool.change("enrollments", explained.enrollments[2], state="paused")
    await explained.send(1, due_at)
    history = (await explained.lead())["history"]

    assert [(entry["event"], entry["outcome"], entry["code"]) for entry in history] == [
        ("enrolled", None, None),
        ("attempt", "deferred", 450),
        ("attempt", "accepted", 250),
        ("message", "sent", None),
    ]
    assert {entry["senderAccountId"] for entry in history[1:]} == {encode("sa", explained.account)}
    assert "greylisted" in history[1]["detail"]
