"""`…/explain` of campaigns and accounts; nobody is held up, and nobody else's leads are explained."""

from uuid import UUID

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.api.fields import render_instant
from leadterra.domain.api_key import Scope
from leadterra.store.database import Database
from leadterra.store.ids import encode
from tests.support.api import client, make_key
from tests.support.clock import NOW
from tests.support.explained import MIDNIGHT, Explained, closed, hours
from tests.support.outreach import refused, shown
from tests.support.pools import TestPool


@pytest.fixture
async def explained(api: httpx.AsyncClient, database: Database, workspace: UUID) -> Explained:
    """An account of 50 a day, three leads that are due."""
    return await Explained(api, TestPool(database, workspace)).set_up()


async def test_campaign_counts_leads_by_what_holds_them(explained: Explained) -> None:
    """One waits for its follow-up, one is paused, one for the day after: by gate, with the first instant."""
    await explained.patch_account(dailyLimit=1)
    await explained.send(1)
    shown(await explained.api.post(f"{await explained.lead_path(1)}/pause"))
    found = await explained.whole()

    assert (found["status"], found["total"]) == ("running", 3)
    assert found["byState"] == {"waiting": 2, "paused": 1}
    assert found["byGate"] == [
        {"gate": "lead_not_waiting", "leads": 1, "clearsAt": None},
        {"gate": "not_due", "leads": 1, "clearsAt": render_instant(hours(72))},
        {"gate": "account_quota", "leads": 1, "clearsAt": render_instant(MIDNIGHT)},
    ]
    assert (found["nextSendAt"], found["bindingGate"]) == (render_instant(MIDNIGHT), "account_quota")


async def test_campaign_of_which_somebody_can_go(explained: Explained) -> None:
    """No gate binds it, and its next message goes at once."""
    found = await explained.whole()

    assert (found["byGate"], found["bindingGate"], found["nextSendAt"]) == ([], None, render_instant(NOW))


async def test_campaign_whose_recipients_have_had_enough(explained: Explained) -> None:
    """Leads of a domain that is used up are counted there, and others are not."""
    await explained.patch("/v1/workspace", {"recipientDomainDailyLimit": 1})
    await explained.send(1)
    await explained.pool.leads(explained.campaign, 2, prefix="else", domain="else.test")
    found = await explained.whole()

    assert {each["gate"]: each["leads"] for each in found["byGate"]} == {
        "recipient_domain_quota": 2,
        "not_due": 1,
    }


async def test_account(explained: Explained) -> None:
    """Its units of today, its gates, its next message, and who is bound to it."""
    await explained.patch_account(dailyLimit=1)
    await explained.send(1)
    found = await explained.sender()

    assert found["today"] == {"limit": 1, "sent": 1, "uncertain": 0, "reserved": 0, "remaining": 0}
    assert closed(found, "account_quota") == (1, 1, render_instant(MIDNIGHT))
    assert found["nextSend"] == {
        "at": render_instant(MIDNIGHT),
        "campaignId": encode("camp", explained.campaign),
        "position": 0,
    }
    bound = {"campaignId": encode("camp", explained.campaign), "name": "Test", "leads": 1}
    assert found["boundLeads"] == [bound]


async def test_account_that_is_not_active(explained: Explained) -> None:
    """Nothing is predicted for it."""
    shown(await explained.api.post(f"/v1/sender-accounts/{encode('sa', explained.account)}/pause"))
    found = await explained.sender()

    assert closed(found, "no_active_account") == (None, None, None)
    assert found["nextSend"] is None


async def test_nobody_is_held_up(explained: Explained) -> None:
    """Explanations are given while another transaction holds the pool."""
    async with explained.pool.database.unit_of_work(explained.pool.workspace_id) as uow:
        await uow.lock_pool()

        assert (await explained.lead())["blockedBy"] is None
        assert (await explained.whole())["total"] == 3
        assert (await explained.sender())["blockedBy"] is None


async def test_other_workspaces_see_nothing(explained: Explained, other_workspace: httpx.AsyncClient) -> None:
    """What belongs to somebody else is not there."""
    sender = f"/v1/sender-accounts/{encode('sa', explained.account)}"
    campaign = f"/v1/campaigns/{encode('camp', explained.campaign)}"
    answers = [
        refused(await other_workspace.get(f"{path}/explain"))[:2]
        for path in (await explained.lead_path(), campaign, sender)
    ]

    assert answers == [
        (404, "campaign_not_found"),
        (404, "campaign_not_found"),
        (404, "sender_account_not_found"),
    ]


async def test_a_key_that_reads_is_enough(explained: Explained, equipment: Equipment) -> None:
    """Nothing is changed by an explanation."""
    key = await make_key(equipment.database, explained.pool.workspace_id, now=NOW, scopes=[Scope.READ])
    async with client(equipment, key) as reader:
        answer = await reader.get(f"{await explained.lead_path()}/explain")

    assert answer.status_code == 200
