"""Explanations over a pool with several campaigns, accounts and zones; read, and never written."""

from datetime import timedelta
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from leadterra.actions.explaining import (
    CampaignExplanation,
    LeadExplanation,
    explain_account,
    explain_campaign,
    explain_lead,
)
from leadterra.domain.gate import Gate
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool

OFFICE = {"useLeadTimeZone": True, "hours": {"from": "09:00", "to": "17:00"}}


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The workspace's pool."""
    return TestPool(database, workspace)


async def lead_of(pool: TestPool, enrollment_id: UUID) -> LeadExplanation:
    """What is said of a lead now."""
    campaign_id, lead_id = await pool.enrollment(enrollment_id, "campaign_id, lead_id")
    async with pool.database.snapshot(pool.workspace_id) as uow:
        return await explain_lead(uow, campaign_id, lead_id, now=NOW)


async def campaign_of(pool: TestPool, campaign_id: UUID) -> CampaignExplanation:
    """What is said of a campaign now."""
    async with pool.database.snapshot(pool.workspace_id) as uow:
        return await explain_campaign(uow, campaign_id, now=NOW)


async def test_those_before_a_lead_are_counted(pool: TestPool) -> None:
    """An account a minute: the third of three goes in two minutes, and nothing is said to hold it now."""
    account = await pool.account("ada", 50, gap=60)
    enrollments = await pool.leads(await pool.campaign(), 3)
    found = await lead_of(pool, enrollments[2])

    assert (found.next_send_at, found.sender_account_id) == (NOW + timedelta(minutes=2), account)
    assert found.blocked_by is None


async def test_other_campaigns_have_their_turns(pool: TestPool) -> None:
    """Two that wait go through the account by turns."""
    await pool.account("ada", 50, gap=60)
    first = await pool.leads(await pool.campaign(), 2)
    second = await pool.leads(await pool.campaign(), 2, prefix="other")
    found = [(await lead_of(pool, each)).next_send_at for each in (*first, *second)]

    assert sorted(found, key=str) == [NOW + timedelta(minutes=count) for count in range(4)]


async def test_the_account_of_a_new_lead_is_predicted(pool: TestPool) -> None:
    """The one with the lowest share of its limit used, and its gates are shown."""
    await pool.account("ada", 2, gap=60)
    bob = await pool.account("bob", 10, gap=60)
    campaign = await pool.campaign()
    enrollments = await pool.leads(campaign, 3)
    await pool.settle(await pool.must_claim(limit=2), TAKEN, data_at=NOW)
    found = await lead_of(pool, enrollments[2])

    assert found.sender_account_id == bob
    assert [check.limit for check in found.gates if check.gate is Gate.ACCOUNT_QUOTA] == [10]


async def test_leads_are_counted_by_their_zones(pool: TestPool) -> None:
    """At noon in London it is working time in Berlin, and night in Tokyo, where it opens at midnight UTC."""
    await pool.account("ada", 50)
    campaign = await pool.campaign()
    enrollments = await pool.leads(campaign, 5)
    await pool.change("campaigns", campaign, schedule=Jsonb(OFFICE))
    for number, enrollment in enumerate(enrollments):
        zone = "Europe/Berlin" if number < 3 else "Asia/Tokyo"
        await pool.change("enrollments", enrollment, time_zone=zone)
    found = await campaign_of(pool, campaign)

    assert [(each.gate, each.leads) for each in found.by_gate] == [(Gate.OUTSIDE_SCHEDULE, 2)]
    assert found.by_gate[0].clears_at == NOW + timedelta(hours=12)
    assert (found.binding_gate, found.next_send_at) == (None, NOW)


async def test_a_paused_campaign_holds_everybody(pool: TestPool) -> None:
    """Whatever else holds them; nothing is predicted."""
    await pool.account("ada", 50)
    campaign = await pool.campaign()
    enrollments = await pool.leads(campaign, 3)
    await pool.change("enrollments", enrollments[0], state="held")
    await pool.change("campaigns", campaign, status="paused", paused_at=NOW)
    found = await campaign_of(pool, campaign)

    assert [(each.gate, each.leads) for each in found.by_gate] == [(Gate.CAMPAIGN_NOT_RUNNING, 3)]
    assert (found.binding_gate, found.next_send_at) == (Gate.CAMPAIGN_NOT_RUNNING, None)


async def test_every_open_lead_is_free_or_at_one_gate(pool: TestPool) -> None:
    """The counts add up."""
    await pool.account("ada", 2)
    campaign = await pool.campaign(steps=2)
    enrollments = await pool.leads(campaign, 9)
    claim = await pool.must_claim()
    await pool.settle(claim, TAKEN, data_at=NOW)
    for enrollment, state in zip(enrollments[3:6], ("held", "paused", "finished"), strict=True):
        await pool.change("enrollments", enrollment, state=state)
    found = await campaign_of(pool, campaign)

    assert {each.gate: each.leads for each in found.by_gate} == {
        Gate.ACCOUNT_QUOTA: 4,
        Gate.NOT_DUE: 2,
        Gate.LEAD_NOT_WAITING: 2,
    }
    assert found.total == sum(found.by_state.values()) == 9


async def test_an_account_tells_what_it_sends_next(pool: TestPool) -> None:
    """Of its own leads too: the follow-up after three days."""
    account = await pool.account("ada", 50)
    campaign = await pool.campaign(steps=2)
    await pool.leads(campaign, 1)
    await pool.settle(await pool.must_claim(), TAKEN, data_at=NOW)
    async with pool.database.snapshot(pool.workspace_id) as uow:
        found = await explain_account(uow, account, now=NOW)

    assert found.next_send is not None
    assert (found.next_send.at, found.next_send.due.position) == (NOW + timedelta(days=3), 1)
    assert (found.blocked_by, [(each.id, each.leads) for each in found.bound]) == (None, [(campaign, 1)])
