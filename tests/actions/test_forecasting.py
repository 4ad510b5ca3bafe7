"""Forecasts from the database as it is: what they read, what they leave alone, and what they ask again."""

from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.actions.forecasting import Outcome, ask_about_campaign, ask_about_leads, look_ahead
from leadterra.domain.errors import NotFound
from leadterra.domain.gate import Gate
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TestPool


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """A workspace in test mode, whose accounts go as fast as they can."""
    return TestPool(database, workspace)


async def forecast(pool: TestPool, campaign_id: UUID, *, days: int = 60) -> Outcome:
    """Of a campaign, at noon."""
    async with pool.database.snapshot(pool.workspace_id) as uow:
        return look_ahead(await ask_about_campaign(uow, campaign_id, days=days, now=NOW))


async def ask(pool: TestPool, leads: int, campaign_id: UUID | None = None) -> Outcome:
    """About new leads, at noon."""
    async with pool.database.snapshot(pool.workspace_id) as uow:
        return look_ahead(await ask_about_leads(uow, leads, campaign_id, days=60, now=NOW))


def sends(outcome: Outcome) -> list[int]:
    """By day."""
    return [day.sends for day in outcome.forecast.days]


async def test_other_campaigns_of_the_pool_have_their_share(pool: TestPool) -> None:
    """Half of the day, here; those that do not run have none."""
    await pool.account("ada", 10)
    one, two, draft = await pool.campaign(), await pool.campaign(), await pool.campaign(status="draft")
    for campaign in (one, two, draft):
        await pool.leads(campaign, 10, prefix=f"{campaign.int % 1000:03}")
    assert sends(await forecast(pool, one)) == [5, 5]


async def test_a_message_in_flight_is_taken_to_arrive(pool: TestPool) -> None:
    """It counts against today, and the step behind it is forecast."""
    await pool.account("ada", 10)
    campaign = await pool.campaign(steps=2, delay_days=1)
    await pool.leads(campaign, 4)
    await pool.must_claim()
    outcome = await forecast(pool, campaign)
    assert [day.by_steps for day in outcome.forecast.days] == [(0, 0), (0, 4)]
    assert outcome.forecast.days[0].capacity == 6
    assert outcome.forecast.first_step_completes_at is None


async def test_follow_ups_go_through_their_own_accounts(pool: TestPool) -> None:
    """As they were begun."""
    ada, bob = await pool.account("ada", 3), await pool.account("bob", 3)
    campaign = await pool.campaign(steps=2, delay_days=1)
    await pool.leads(campaign, 6)
    claim = await pool.must_claim()
    await pool.clear(claim)
    await pool.settle(claim)
    outcome = await forecast(pool, campaign)
    assert dict(outcome.forecast.by_sender) == {ada: 3, bob: 3}


async def test_nothing_changes_by_being_forecast(pool: TestPool) -> None:
    """Neither the pool nor the campaign."""
    await pool.account("ada", 2)
    campaign = await pool.campaign()
    await pool.leads(campaign, 5)
    before = await pool.states(), await pool.ledger(), await pool.wake_at()
    assert await forecast(pool, campaign) == await forecast(pool, campaign)
    await ask(pool, 100, campaign)
    assert (await pool.states(), await pool.ledger(), await pool.wake_at()) == before


async def test_a_workspace_quota_that_binds_is_raised_by_a_limit(pool: TestPool) -> None:
    """What it would bring is computed, not guessed."""
    for name in ("ada", "bob"):
        await pool.account(name, 4)
    await pool.execute("update workspaces set daily_quota = 4 where workspace_id = :w")
    campaign = await pool.campaign()
    await pool.leads(campaign, 16)
    outcome = await forecast(pool, campaign)
    assert sends(outcome) == [4, 4, 4, 4]
    assert outcome.forecast.constraint is not None
    assert outcome.forecast.constraint.gate is Gate.WORKSPACE_QUOTA
    assert outcome.remedy is not None
    days = f"on {NOW + timedelta(days=1):%Y-%m-%d} instead of on {NOW + timedelta(days=3):%Y-%m-%d}"
    assert outcome.remedy.detail == f"a dailyQuota of 8 instead of 4 ends it {days}"


async def test_a_limit_of_new_leads_that_binds_is_doubled(pool: TestPool) -> None:
    """Follow-ups are not held by it."""
    await pool.account("ada", 50)
    campaign = await pool.campaign(steps=2, delay_days=1)
    await pool.change("campaigns", campaign, new_leads_daily_limit=2)
    await pool.leads(campaign, 8)
    outcome = await forecast(pool, campaign)
    assert [day.by_steps for day in outcome.forecast.days] == [(2, 0), (2, 2), (2, 2), (2, 2), (0, 2)]
    assert outcome.remedy is not None
    assert outcome.remedy.change.fields == {"newLeadsDailyLimit": 4}


async def test_a_change_that_does_not_help_is_no_remedy(pool: TestPool) -> None:
    """Twice the campaign's limit is nothing where the account sends no more."""
    await pool.account("ada", 3)
    campaign = await pool.campaign()
    await pool.change("campaigns", campaign, daily_limit=3)
    await pool.leads(campaign, 9)
    outcome = await forecast(pool, campaign)
    assert outcome.forecast.constraint is not None
    assert (outcome.forecast.constraint.gate, outcome.remedy) == (Gate.CAMPAIGN_QUOTA, None)


async def test_new_leads_share_the_pool_with_all_that_runs(pool: TestPool) -> None:
    """As a campaign of weight 1 where they are in none."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 100)
    assert sends(await ask(pool, 10)) == [5, 5]


async def test_new_leads_of_a_campaign_are_behind_its_own(pool: TestPool) -> None:
    """Which are not counted."""
    await pool.account("ada", 10)
    campaign = await pool.campaign()
    await pool.leads(campaign, 14)
    outcome = await ask(pool, 9, campaign)
    assert [(day.sends, day.overflow) for day in outcome.forecast.days] == [(0, 9), (6, 3), (3, 0)]


async def test_what_is_not_there_is_not_found(pool: TestPool) -> None:
    """A removed campaign too."""
    campaign = await pool.campaign()
    await pool.change("campaigns", campaign, removed_at=NOW)
    with pytest.raises(NotFound):
        await forecast(pool, campaign)
    with pytest.raises(NotFound):
        await ask(pool, 1, campaign)


async def test_leads_that_wait_for_a_person_are_counted(pool: TestPool) -> None:
    """Held, paused or uncertain."""
    await pool.account("ada", 50)
    campaign = await pool.campaign()
    first, second, *_ = await pool.leads(campaign, 5)
    await pool.change("enrollments", first, state="paused")
    await pool.change("enrollments", second, state="held")
    outcome = await forecast(pool, campaign)
    assert (outcome.excluded, sends(outcome)) == (2, [3])
