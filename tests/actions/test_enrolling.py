"""Leads into campaigns by many at once."""

import asyncio
from uuid import UUID

import pytest

from leadterra.actions.campaigns import create_campaign, start_campaign
from leadterra.actions.enrolling import BulkResult, enroll_bulk
from leadterra.actions.running import run
from leadterra.actions.sequence_steps import replace_steps
from leadterra.domain.outcomes import Reason, Withheld
from leadterra.domain.sequence import StepDraft
from leadterra.store.database import Database, UnitOfWork
from tests.support.clock import NOW
from tests.support.pools import TestPool


@pytest.fixture
async def campaign(database: Database, workspace: UUID) -> UUID:
    """A draft with one step."""
    async with database.unit_of_work(workspace) as uow:
        return (await create_campaign(uow, "Test", [StepDraft("s", "b")], now=NOW)).id


async def enroll(database: Database, workspace: UUID, campaign: UUID, emails: list[str]) -> BulkResult:
    """One request of its own."""
    leads = [{"email": email} for email in emails]

    async def action(uow: UnitOfWork) -> BulkResult:
        return await enroll_bulk(uow, campaign, leads, skips_invalid=False, now=NOW)

    return await run(database, workspace, action)


async def test_requests_about_the_same_people_do_not_collide(
    database: Database, workspace: UUID, campaign: UUID
) -> None:
    """Four at once, in opposite orders: nobody twice, each counted as new by one of them."""
    emails = [f"p{number:03}@example.com" for number in range(300)]
    orders = [emails, emails[::-1], emails[150:] + emails[:150], emails]

    done = await asyncio.gather(*(enroll(database, workspace, campaign, order) for order in orders))

    assert sum(each.enrolled for each in done) == 300
    assert sum(each.enrolled + each.updated for each in done) == 1200
    assert (await TestPool(database, workspace).totals(campaign))["enrolled"] == 300
    assert await TestPool(database, workspace).states() == {"waiting": 300}


async def test_a_start_beside_an_import_overlooks_nobody(
    database: Database, workspace: UUID, campaign: UUID
) -> None:
    """Whichever is first, the pool is awake when both are done."""
    await enroll(database, workspace, campaign, ["first@example.com"])

    async def start(uow: UnitOfWork) -> object:
        return await start_campaign(uow, campaign, now=NOW)

    await asyncio.gather(
        run(database, workspace, start), enroll(database, workspace, campaign, ["second@example.com"])
    )

    pool = TestPool(database, workspace)
    assert await pool.ask("select isfinite(wake_at) from sender_pools where workspace_id = :w") == [(True,)]
    assert (await pool.totals(campaign))["open"] == 2


async def test_equal_due_instants_keep_the_order_of_the_request(
    database: Database, workspace: UUID, campaign: UUID
) -> None:
    """Claims go by due instant and id, and ids rise with the order; more than one chunk of them too."""
    emails = [f"p{(number * 7919) % 6007:05}@example.com" for number in range(6007)]
    await enroll(database, workspace, campaign, emails)

    order = await TestPool(database, workspace).ask(
        "select l.email_key from enrollments e join leads l on l.id = e.lead_id"
        " where e.workspace_id = :w order by e.due_at, e.id"
    )

    assert [row[0] for row in order] == emails


async def held(database: Database, workspace: UUID) -> tuple[TestPool, UUID]:
    """A running campaign whose only lead lacks a field."""
    pool = TestPool(database, workspace)
    await pool.account("ada", 10)
    campaign = await pool.campaign()
    await pool.leads(campaign, 1)
    await pool.settle(await pool.must_claim(), Withheld(Reason.MISSING_VARIABLE, "company"))
    assert await pool.states() == {"held": 1}
    assert await pool.claim() is None
    return pool, campaign


async def test_a_held_lead_that_is_imported_again_tries_again(database: Database, workspace: UUID) -> None:
    """The field that was missing may have come; and the pool looks at once."""
    pool, campaign = await held(database, workspace)
    await enroll(database, workspace, campaign, ["lead00000@leads.test"])
    assert await pool.states() == {"waiting": 1}
    assert await pool.wake_at() == NOW


async def test_a_held_lead_tries_new_words(database: Database, workspace: UUID) -> None:
    """The step may not ask for the field any more."""
    pool, campaign = await held(database, workspace)
    await pool.change("campaigns", campaign, status="paused")
    [(step,)] = await pool.ask("select id from sequence_steps where workspace_id = :w")
    drafts = [StepDraft("Hello", "<p>Hello</p>", id=step)]
    await run(database, workspace, lambda uow: replace_steps(uow, campaign, drafts, now=NOW))
    assert await pool.states() == {"waiting": 1}
