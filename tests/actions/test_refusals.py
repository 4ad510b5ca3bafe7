"""What follows when a server refuses a message for its recipient's sake: dead addresses are never tried
again, full ones are not suppressed for it (R7, R9).
"""

from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.domain.outcomes import Answer, Command, Deferred, Ending, Refused, Scope
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool
from tests.support.returning import DOMAIN, Mailroom, failed


def refused(code: int, status: str | None, text: str, command: Command = Command.RCPT) -> Refused:
    """For the recipient's sake."""
    return Refused(Scope.RECIPIENT, Answer(command, code, status, text))


GONE = refused(550, "5.1.1", "User unknown")
FULL = refused(552, "5.2.2", "Mailbox full")
LATER = NOW + timedelta(days=1)


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> TestPool:
    """With an account."""
    pool = TestPool(database, workspace)
    await pool.account("ada", 10)
    await pool.execute("update sender_pools set message_domain = :d where workspace_id = :w", d=DOMAIN)
    return pool


async def enrolled_twice(pool: TestPool) -> tuple[UUID, UUID]:
    """A lead in two campaigns, of which the second has not begun: its enrollments."""
    [first] = await pool.leads(await pool.campaign(), 1)
    second = await also_in(pool, first, await pool.campaign(status="draft"))
    return first, second


async def also_in(pool: TestPool, enrollment: UUID, campaign: UUID) -> UUID:
    """The same lead in another campaign."""
    await pool.execute(
        "insert into enrollments (workspace_id, id, campaign_id, lead_id, state, due_at, created_at,"
        " updated_at) select :w, :id, :campaign, lead_id, 'waiting', :now, :now, :now from enrollments"
        " where workspace_id = :w and id = :first",
        id=(other := UUID(int=campaign.int >> 6 << 6)),
        campaign=campaign,
        first=enrollment,
        now=NOW,
    )
    await pool.execute(
        "update campaign_totals set enrolled = enrolled + 1, open = open + 1"
        " where workspace_id = :w and campaign_id = :c",
        c=campaign,
    )
    return other


async def suppressed(pool: TestPool) -> list[tuple[object, ...]]:
    """Who is."""
    return await pool.ask("select kind, value, reason, source from suppressions where workspace_id = :w")


async def bounces(pool: TestPool) -> list[tuple[object, object]]:
    """What events say of messages that bounced."""
    return [
        (data["bounceType"], data["bounceReason"])
        for kind, data in await pool.events()
        if kind == "message.bounced"
    ]


@pytest.mark.parametrize(
    ("ending", "bounce_type", "reason"),
    [
        (GONE, "hard", "no_such_mailbox"),
        (refused(550, None, "no such user here"), "hard", "no_such_mailbox"),
        (refused(550, "5.1.2", "domain not found"), "hard", "no_such_domain"),
        (refused(550, "5.2.1", "mailbox disabled"), "hard", "mailbox_disabled"),
        (FULL, "soft", "mailbox_full"),
        (refused(552, "5.3.4", "message too large", Command.BODY), "soft", "message_too_large"),
        (refused(554, None, "message not taken", Command.BODY), "soft", "refused"),
    ],
)
async def test_a_bounce_has_a_type_and_a_reason(
    pool: TestPool, ending: Ending, bounce_type: str, reason: str
) -> None:
    """In the message and in its event; hard is only what is wrong with the address."""
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    await pool.settle(await pool.must_claim(), ending)

    assert await pool.message(enrollment, "state, bounce_type") == ("refused", bounce_type)
    assert await bounces(pool) == [(bounce_type, reason)]
    assert bool(await suppressed(pool)) == (bounce_type == "hard")
    await pool.check_books()


async def test_a_dead_address_is_suppressed_and_ends_everywhere(pool: TestPool) -> None:
    """The campaign that found out says bounced, the others suppressed; once."""
    first, second = await enrolled_twice(pool)
    await pool.settle(await pool.must_claim(), GONE)

    assert (await pool.enrollment(first), await pool.enrollment(second)) == ("bounced", "suppressed")
    assert await suppressed(pool) == [("email", "lead00000@leads.test", "bounced", "smtp")]
    told = [data["reason"] for kind, data in await pool.events() if kind == "lead.suppressed"]
    assert told == ["bounced"]
    await pool.check_books()


async def test_a_full_mailbox_is_tried_by_other_campaigns(pool: TestPool) -> None:
    """It empties."""
    first, second = await enrolled_twice(pool)
    await pool.settle(await pool.must_claim(), FULL)

    assert (await pool.enrollment(first), await pool.enrollment(second)) == ("bounced", "waiting")
    assert await suppressed(pool) == []


async def test_what_was_put_off_until_it_was_given_up_is_soft(pool: TestPool) -> None:
    """A greylisting that never ended says nothing of the address."""
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    answer = Answer(Command.RCPT, 450, "4.7.1", "Greylisted, try again later")
    now = NOW
    while (claim := await pool.claim(now)) is not None:
        await pool.settle(claim, Deferred(Scope.RECIPIENT, answer), now)
        now += timedelta(days=1)

    assert await pool.message(enrollment, "state, bounce_type") == ("refused", "soft")
    assert await bounces(pool) == [("soft", "greylisted")]


async def test_softly_on_three_days_is_hard_whoever_says_so(pool: TestPool) -> None:
    """A returned letter and refusals count together; two on one day are one."""
    account = (await pool.ask("select id from sender_accounts where workspace_id = :w"))[0][0]
    [first] = await pool.leads(await pool.campaign(), 1)
    claim = await pool.must_claim()
    await pool.clear(claim)
    await pool.settle(claim, TAKEN, data_at=NOW)
    mailroom = Mailroom(pool, account)
    await mailroom.answer(first, failed("lead00000@leads.test", hard=False))
    for day, total in ((0, 0), (1, 0), (2, 1)):
        now = NOW + timedelta(days=day)
        await also_in(pool, first, await pool.campaign(now=now))
        await pool.wake(now)
        await pool.settle(await pool.must_claim(now), FULL, now)
        assert len(await suppressed(pool)) == total

    assert await suppressed(pool) == [("email", "lead00000@leads.test", "bounced", "smtp")]
    await pool.check_books(now=NOW + timedelta(days=2))


async def test_settling_twice_suppresses_once(pool: TestPool) -> None:
    """A worker that does not know whether it was heard says it again."""
    await enrolled_twice(pool)
    claim = await pool.must_claim()
    await pool.settle(claim, GONE)
    events = await pool.events()

    await pool.settle(claim, GONE, LATER)
    assert await pool.events() == events


async def test_an_address_that_is_erased_is_left_alone(pool: TestPool) -> None:
    """There is nothing to suppress any more."""
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    claim = await pool.must_claim()
    await pool.execute("delete from leads where workspace_id = :w")
    await pool.settle(claim, GONE)

    assert await pool.message(enrollment) == "refused"
    assert await suppressed(pool) == []


async def test_a_returned_letter_says_why_too(pool: TestPool) -> None:
    """Both kinds of events carry the same words."""
    account = (await pool.ask("select id from sender_accounts where workspace_id = :w"))[0][0]
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    claim = await pool.must_claim()
    await pool.clear(claim)
    await pool.settle(claim, TAKEN, data_at=NOW)
    await Mailroom(pool, account).answer(enrollment, failed("lead00000@leads.test", hard=True))

    assert await bounces(pool) == [("hard", "no_such_mailbox")]
