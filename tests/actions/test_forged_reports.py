"""Reports that somebody else wrote, or that are about somebody else's letter, harm no lead."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.mail.finding import Classification, Finding, Kind
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TestPool
from tests.support.returning import LATER, REPLY, Mailroom, complaint, failed

VICTIM = "lead00001@leads.test"
OPT_OUT = replace(complaint(VICTIM), kind=Kind.UNSUBSCRIBE, classification=Classification.UNSUBSCRIBE)
REPORTS = [failed(VICTIM, hard=True), complaint(VICTIM), OPT_OUT]


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def two_sent(pool: TestPool) -> tuple[Mailroom, UUID, UUID]:
    """An account that wrote to a stranger and to a victim: its mailbox, and their enrollments."""
    account = await pool.account("ada", 1000)
    await pool.execute("update sender_pools set message_domain = 'acme.test' where workspace_id = :w")
    stranger, victim = await pool.leads(await pool.campaign(steps=2), 2)
    claim = await pool.must_claim()
    await pool.clear(claim)
    await pool.settle(claim, data_at=NOW)
    return Mailroom(pool, account), stranger, victim


async def is_unharmed(pool: TestPool, *enrollments: UUID) -> bool:
    """Whether the sequence goes on for them, and nobody is suppressed."""
    suppressions = await pool.ask("select from suppressions where workspace_id = :w")
    return not suppressions and {await pool.enrollment(each) for each in enrollments} == {"waiting"}


@pytest.mark.parametrize("report", REPORTS)
async def test_a_report_to_another_account_names_nobody(pool: TestPool, report: Finding) -> None:
    """Reports go to the account that sent; whoever knows some account's address can write to that one."""
    mailroom, stranger, victim = await two_sent(pool)
    other = await pool.account("bob", 10)

    await mailroom.take(mailroom.letter("mailer-daemon@mx.test"), report, account_id=other)
    assert await is_unharmed(pool, stranger, victim)


@pytest.mark.parametrize("report", REPORTS)
async def test_a_report_long_after_the_message_names_nobody(pool: TestPool, report: Finding) -> None:
    """No server tries so long."""
    mailroom, stranger, victim = await two_sent(pool)

    await mailroom.take(mailroom.letter("mailer-daemon@mx.test"), report, now=NOW + timedelta(days=31))
    assert await is_unharmed(pool, stranger, victim)


@pytest.mark.parametrize("report", REPORTS)
async def test_a_report_that_knows_the_message_is_believed_anywhere_at_any_time(
    pool: TestPool, report: Finding
) -> None:
    """Nobody else knows its Message-ID."""
    mailroom, _, victim = await two_sent(pool)

    await mailroom.answer(victim, report, now=NOW + timedelta(days=31))
    assert not await is_unharmed(pool, victim)


@pytest.mark.parametrize("report", REPORTS)
async def test_a_lead_cannot_name_another_one(pool: TestPool, report: Finding) -> None:
    """A report about its own message, naming somebody else, is not about that one."""
    mailroom, stranger, victim = await two_sent(pool)

    await mailroom.answer(stranger, report)
    assert await pool.enrollment(victim) == "waiting"
    values = await pool.ask("select value from suppressions where workspace_id = :w")
    assert (VICTIM,) not in values


async def test_what_bounced_of_a_persons_own_letter_in_the_thread_is_not_the_leads(pool: TestPool) -> None:
    """The account's owner answered the lead, with a copy to an address that does not exist."""
    mailroom, stranger, victim = await two_sent(pool)
    ours = await mailroom.message_id(victim)
    own = "<own@acme.test>"
    report = replace(failed("colleague@typo.test", hard=True), original_ids=(own, ours))

    letter = mailroom.letter("mailer-daemon@mx.test", references=[ours, own])
    assert await mailroom.take(letter, report) is None
    assert await is_unharmed(pool, stranger, victim)


async def test_nor_where_it_names_only_what_the_lead_wrote(pool: TestPool) -> None:
    """The lead is known to live: it has written."""
    mailroom, _, victim = await two_sent(pool)
    answer = mailroom.letter(VICTIM, references=[await mailroom.message_id(victim)])
    await mailroom.take(answer, REPLY)
    report = replace(
        failed("colleague@typo.test", hard=True), original_ids=("<own@acme.test>", answer.message_id)
    )

    await mailroom.take(mailroom.letter("mailer-daemon@mx.test"), report, now=LATER)
    assert await pool.enrollment(victim) == "replied"
    assert await pool.ask("select from suppressions where workspace_id = :w") == []


async def test_where_a_lead_forwards_its_mail_the_report_is_about_its_message(pool: TestPool) -> None:
    """It names another address, and the Message-ID of what came back."""
    mailroom, stranger, victim = await two_sent(pool)
    report = replace(
        failed("forwarded@far.test", hard=True), original_ids=(await mailroom.message_id(victim),)
    )

    await mailroom.take(mailroom.letter("mailer-daemon@mx.test"), report)
    assert await pool.enrollment(victim) == "bounced"
    assert await pool.enrollment(stranger) == "waiting"


async def test_no_lead_alone_can_stop_an_account_by_complaints(pool: TestPool) -> None:
    """Anybody can write such reports about every letter that came."""
    account = await pool.account("ada", 1000)
    await pool.execute("update sender_pools set message_domain = 'acme.test' where workspace_id = :w")
    [enrollment] = await pool.leads(await pool.campaign(steps=3), 1)
    mailroom, identifiers, now = Mailroom(pool, account), [], NOW
    for days in (0, 4, 8):
        now = NOW + timedelta(days=days)
        claim = await pool.must_claim(now)
        await pool.clear(claim, now)
        await pool.settle(claim, now=now, data_at=now)
        identifiers.append(await mailroom.message_id(enrollment))

    for identifier in identifiers:
        letter = mailroom.letter("fbl@mx.test", references=[identifier])
        assert await mailroom.take(letter, complaint("lead00000@leads.test"), now=now) is not None
    assert await pool.account_field(account, "status") == "active"
