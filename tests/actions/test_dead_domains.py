"""A domain that is said not to exist: what one account is told counts for all leads of it (R9)."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadterra.actions.dead_domains import Refusal, note_refusals
from leadterra.actions.enrolling import enroll_bulk
from leadterra.actions.explaining import explain_lead
from leadterra.actions.running import run
from leadterra.domain.dead_domain import MOST_LEADS
from leadterra.domain.gate import Gate
from leadterra.domain.outcomes import Answer, Command, Refused, Scope
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool

NO_DOMAIN = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.2", "5.1.2 Domain not found"))
NO_MAILBOX = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def refused_once(pool: TestPool, leads: int = 10) -> tuple[UUID, list[UUID]]:
    """A campaign, and leads of one domain of which the first was refused for it."""
    await pool.account("ada", 1000)
    campaign = await pool.campaign()
    enrollments = await pool.leads(campaign, leads, domain="gone.test")
    await pool.settle(await pool.must_claim(limit=1), NO_DOMAIN)
    return campaign, enrollments


async def enroll(pool: TestPool, campaign: UUID, *emails: str, now: datetime = NOW) -> None:
    """As the API does."""
    values = [{"email": email} for email in emails]
    await run(
        pool.database,
        pool.workspace_id,
        lambda uow: enroll_bulk(uow, campaign, values, skips_invalid=False, now=now),
    )


async def test_one_word_has_everybody_wait_and_ends_nobody(pool: TestPool) -> None:
    """Nine leads are not tried for an hour, whichever account could send; others of the campaign go on."""
    campaign, _ = await refused_once(pool)
    await pool.account("bob", 1000)
    await pool.leads(campaign, 2, prefix="well", domain="here.test")
    assert len((await pool.must_claim(NOW + HOUR / 2)).rows) == 2
    assert (await pool.states())["waiting"] == 9


async def test_then_one_lead_is_tried(pool: TestPool) -> None:
    """And an hour later, as it did not come back, the others."""
    await refused_once(pool)
    probe = await pool.must_claim(NOW + HOUR)
    assert len(probe.rows) == 1
    await pool.settle(probe, TAKEN, NOW + HOUR)
    assert await pool.claim(NOW + 2 * HOUR - timedelta(seconds=1)) is None
    assert len((await pool.must_claim(NOW + 2 * HOUR)).rows) == 8


async def test_a_second_word_ends_them_without_an_attempt(pool: TestPool) -> None:
    """Eight leads are bounced that cost no unit; the campaign is complete, and the books are right."""
    _, enrollments = await refused_once(pool)
    await pool.settle(await pool.must_claim(NOW + HOUR), NO_DOMAIN, NOW + HOUR)
    assert await pool.states() == {"bounced": 10}
    assert await pool.states("messages") == {"refused": 2}
    assert "does not exist" in await pool.enrollment(enrollments[9], "state_reason")
    assert [kind for kind, _ in await pool.events()].count("campaign.completed") == 1
    await pool.check_books(now=NOW + HOUR)


async def test_it_counts_for_every_campaign_and_every_account(pool: TestPool) -> None:
    """Leads of another campaign wait, and end, too; paused ones as well."""
    await refused_once(pool)
    other = await pool.leads(await pool.campaign(), 3, prefix="other", domain="gone.test")
    await pool.change("enrollments", other[2], state="paused")
    await pool.settle(await pool.must_claim(NOW, limit=1), NO_DOMAIN)
    await pool.settle(await pool.must_claim(NOW + HOUR, limit=1), NO_DOMAIN, NOW + HOUR)
    assert {await pool.enrollment(each) for each in other} == {"bounced"}


async def test_letters_that_were_under_way_confirm_nothing(pool: TestPool) -> None:
    """Five of one claim hear the same at one moment."""
    await pool.account("ada", 1000)
    await pool.leads(await pool.campaign(), 10, domain="gone.test")
    await pool.settle(await pool.must_claim(limit=5), NO_DOMAIN)
    assert await pool.states() == {"bounced": 5, "waiting": 5}


async def test_a_report_that_is_read_twice_confirms_nothing(pool: TestPool) -> None:
    """Also hours later."""
    await pool.account("ada", 1000)
    enrollments = await pool.leads(await pool.campaign(), 3, domain="gone.test")
    lead = await pool.enrollment(enrollments[0], "lead_id")
    report = Refusal(enrollments[0], lead, None, "5.4.4", "Host or domain name not found")
    for hours in range(4):
        async with pool.database.unit_of_work(pool.workspace_id) as uow:
            await uow.lock_pool()
            await note_refusals(uow, [report], now=NOW + hours * HOUR)
    assert await pool.states() == {"waiting": 3}


async def test_a_mailbox_that_does_not_exist_says_nothing_about_its_domain(pool: TestPool) -> None:
    """The others are tried."""
    await pool.account("ada", 1000)
    await pool.leads(await pool.campaign(), 10, domain="here.test")
    await pool.settle(await pool.must_claim(limit=1), NO_MAILBOX)
    assert len((await pool.must_claim()).rows) == 9


async def test_whoever_had_a_letter_before_does_not_end(pool: TestPool) -> None:
    """Its domain took mail once: that lead is told by its own server."""
    await pool.account("ada", 1000)
    campaign = await pool.campaign(steps=2, delay_days=0.04)
    [known] = await pool.leads(campaign, 1, prefix="known", domain="gone.test")
    await pool.settle(await pool.must_claim(), TAKEN)
    await pool.leads(campaign, 3, domain="gone.test")
    await pool.settle(await pool.must_claim(limit=1), NO_DOMAIN)
    await pool.change("enrollments", known, due_at=NOW + 9 * DAY)
    await pool.settle(await pool.must_claim(NOW + HOUR), NO_DOMAIN, NOW + HOUR)
    assert await pool.states() == {"bounced": 3, "waiting": 1}


async def test_a_large_providers_domain_is_not_believed_to_be_dead(pool: TestPool) -> None:
    """Its mail goes to servers that everybody knows: somebody's resolver has trouble."""
    await pool.execute(
        "insert into recipient_domains (workspace_id, domain, provider, resolved_at, retry_at)"
        " values (:w, 'gone.test', 'google', :now, :now)",
        now=NOW,
    )
    await refused_once(pool)
    assert len((await pool.must_claim()).rows) == 9


async def test_a_domain_of_very_many_leads_is_not_believed_to_be_dead(pool: TestPool) -> None:
    """And no statement touches them all."""
    await refused_once(pool, MOST_LEADS + 1)
    assert len((await pool.must_claim(limit=5)).rows) == 5


async def test_leads_that_come_later_wait_as_well(pool: TestPool) -> None:
    """Suspected: an hour and until the one that is tried is known; dead: a week."""
    campaign, _ = await refused_once(pool, 2)
    await enroll(pool, campaign, "eve@gone.test", "eve@here.test", now=NOW + HOUR / 2)
    assert [row.email for row in (await pool.must_claim(NOW + HOUR / 2)).rows] == ["eve@here.test"]
    await pool.settle(await pool.must_claim(NOW + HOUR), NO_DOMAIN, NOW + HOUR)
    await enroll(pool, campaign, "zoe@gone.test", now=NOW + 2 * HOUR)
    assert await pool.claim(NOW + 7 * DAY) is None
    assert [row.email for row in (await pool.must_claim(NOW + 7 * DAY + HOUR)).rows] == ["zoe@gone.test"]


async def test_a_domain_that_comes_back_is_written_to_again(pool: TestPool) -> None:
    """After its week one lead is tried, and then all."""
    campaign, _ = await refused_once(pool, 2)
    await pool.settle(await pool.must_claim(NOW + HOUR), NO_DOMAIN, NOW + HOUR)
    await enroll(pool, campaign, *(f"n{n}@gone.test" for n in range(5)), now=NOW + 2 * HOUR)
    week = NOW + 7 * DAY + HOUR
    probe = await pool.must_claim(week)
    assert len(probe.rows) == 1
    await pool.settle(probe, TAKEN, week)
    assert len((await pool.must_claim(week + HOUR)).rows) == 4


async def test_the_explanation_says_why_and_until_when(pool: TestPool) -> None:
    """The lead is not due, and for what it was said."""
    campaign, enrollments = await refused_once(pool)
    lead = await pool.enrollment(enrollments[5], "lead_id")
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = await explain_lead(uow, campaign, lead, now=NOW)
    [gate] = [each for each in found.gates if each.gate is Gate.NOT_DUE]
    assert (found.blocked_by, gate.clears_at) == (Gate.NOT_DUE, NOW + 2 * HOUR)
    assert "its domain does not exist or takes no mail (5.1.2)" in gate.detail
