"""What comes back into the mailbox acts on the health of the account that had sent (R9)."""

from uuid import UUID

import pytest

from leadterra.mail.finding import Classification, Failure, Finding, Kind
from leadterra.store.database import Database
from tests.support.pools import TestPool
from tests.support.returning import REPLY, Mailroom, complaint, failed


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def sent(pool: TestPool, leads: int, *, domain: str = "leads.test") -> tuple[Mailroom, list[UUID]]:
    """An account that has sent to so many leads, and whoever reads its mailbox."""
    account = await pool.account("ada", 1000)
    await pool.execute("update sender_pools set message_domain = 'acme.test' where workspace_id = :w")
    enrollments = await pool.leads(await pool.campaign(), leads, domain=domain)
    await pool.settle(await pool.must_claim())
    return Mailroom(pool, account), enrollments


async def status(room: Mailroom) -> tuple[str, str | None]:
    """Of the account, and its reason."""
    found: tuple[str, str | None] = await room.pool.account_field(room.account_id, "status, status_reason")
    return found


@pytest.mark.parametrize("hard", [True, False])
async def test_reports_of_five_percent_pause_the_account(pool: TestPool, hard: bool) -> None:
    """Two of forty, hard or soft; one was not enough."""
    room, enrollments = await sent(pool, 40)
    await room.answer(enrollments[0], failed("lead00000@leads.test", hard=hard))
    assert await status(room) == ("active", None)
    await room.answer(enrollments[1], failed("lead00001@leads.test", hard=hard))
    assert await status(room) == ("paused", "bounce_rate")
    await pool.check_books()


async def test_a_report_that_is_read_again_counts_once(pool: TestPool) -> None:
    """The same letter, and another one about the same message."""
    room, enrollments = await sent(pool, 40)
    found = failed("lead00000@leads.test", hard=True)
    letter = room.letter("somebody@else.test", references=[await room.message_id(enrollments[0])])
    for _ in range(3):
        await room.take(letter, found)
        await room.answer(enrollments[0], found)
    assert await status(room) == ("active", None)


async def test_three_complaints_pause_the_account(pool: TestPool) -> None:
    """Of three leads; the third report about one of them is no third complaint."""
    room, enrollments = await sent(pool, 40)
    for number in (0, 0, 0, 1):
        await room.answer(enrollments[number], complaint(f"lead0000{number}@leads.test"))
    assert await status(room) == ("active", None)
    await room.answer(enrollments[2], complaint("lead00002@leads.test"))
    assert await status(room) == ("paused", "complaint_rate")


async def test_replies_say_nothing_about_health(pool: TestPool) -> None:
    """However many there are."""
    room, enrollments = await sent(pool, 20)
    for enrollment in enrollments:
        await room.answer(enrollment, REPLY)
    assert await status(room) == ("active", None)
    assert await pool.ask("select 1 from complaints where workspace_id = :w") == []


async def test_a_report_of_a_domain_that_does_not_exist_has_its_other_leads_wait(pool: TestPool) -> None:
    """Leads that were not sent to yet, in any campaign."""
    room, enrollments = await sent(pool, 1, domain="gone.test")
    await pool.leads(await pool.campaign(), 5, prefix="other", domain="gone.test")
    failure = Failure(
        "lead00000@gone.test",
        "5.4.4",
        None,
        True,
        "no_such_domain",
        "Host or domain name not found",
        dead=True,
    )
    await room.answer(enrollments[0], Finding(Kind.BOUNCE, Classification.BOUNCE, recipients=(failure,)))
    assert await pool.claim() is None
    assert await pool.ask("select domain, is_dead from dead_domains where workspace_id = :w") == [
        ("gone.test", False)
    ]
