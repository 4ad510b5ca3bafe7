"""The sending worker against a real database and a courier without a network."""

from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadterra.actions.ports import Submission
from leadterra.domain.outcomes import Answer, Command
from leadterra.mail.letter import Letter
from leadterra.store.database import Database
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool
from tests.support.sending import quiet, until_state, working
from tests.support.smtp_fakes import FakeCourier, taken
from tests.support.waiting import eventually


@pytest.fixture
def pool(own_database: Database, own_workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(own_database, own_workspace)


async def test_the_day_quota_holds_and_the_overflow_goes_out_after_the_reset_oldest_first(
    pool: TestPool, clock: ManualClock
) -> None:
    """Limits 50 and 30 and 100 leads: exactly 80 today, 50 and 30 by account; the last 20 tomorrow; nobody
    twice.
    """
    await pool.account("ada", 50)
    await pool.account("bob", 30)
    campaign = await pool.campaign()
    await pool.leads(campaign, 100)
    courier = FakeCourier(clock)
    async with working(pool, clock, courier):
        await eventually(lambda: len(courier.delivered) >= 80)
        await quiet(pool, clock)
        today = Counter(letter.sender.address for _, letter in courier.delivered)
        clock.advance(hours=13)
        await eventually(lambda: len(courier.delivered) >= 100)
    recipients = [letter.recipient.address for _, letter in courier.delivered]
    assert today == {"ada@acme.test": 50, "bob@acme.test": 30}
    assert sorted(recipients) == [f"lead{number:05}@leads.test" for number in range(100)]
    assert sorted(recipients[80:]) == [f"lead{number:05}@leads.test" for number in range(80, 100)]
    assert await pool.states() == {"finished": 100}
    assert await pool.totals(campaign) == {
        "enrolled": 100,
        "open": 0,
        "sent": 100,
        "bounced": 0,
        "failed": 0,
        "uncertain": 0,
    }
    assert await pool.ledger(NOW.date()) == {"ada": (50, 0, 0), "bob": (30, 0, 0)}


async def test_a_follow_up_comes_from_the_same_account_in_the_same_thread(
    pool: TestPool, clock: ManualClock
) -> None:
    """Step two answers step one: same sender, In-Reply-To its Message-ID, and its subject with Re:."""
    await pool.account("ada", 50)
    await pool.account("bob", 50)
    campaign = await pool.campaign(steps=3, delay_days=2)
    await pool.leads(campaign, 10)
    courier = FakeCourier(clock)
    async with working(pool, clock, courier):
        for count in (10, 20, 30):
            await until_state(pool, "sent", count, "messages")
            clock.advance(days=2, minutes=1)
    by_lead: dict[str, list[Letter]] = {}
    for _, letter in courier.delivered:
        by_lead.setdefault(letter.recipient.address, []).append(letter)
    for letters in by_lead.values():
        first, second, third = letters
        assert {letter.sender.address for letter in letters} == {first.sender.address}
        assert second.references == (first.message_id,)
        assert third.references == (first.message_id, second.message_id)
        assert [letter.subject for letter in letters] == ["Hello Ada", "Re: Hello Ada", "Re: Hello Ada"]


async def test_a_mailbox_unknown_ends_the_enrollment_and_returns_the_unit(
    pool: TestPool, clock: ManualClock
) -> None:
    """A 550 5.1.1 at RCPT is a bounce: counted as sent and bounced, the account's quota untouched."""
    await pool.account("ada", 50)
    campaign = await pool.campaign(steps=2)
    await pool.leads(campaign, 3)
    courier = FakeCourier(
        clock, lambda submission, letter: Answer(Command.RCPT, 550, "5.1.1", "no such user")
    )
    async with working(pool, clock, courier):
        await until_state(pool, "bounced", 3)
    assert await pool.ledger() == {"ada": (0, 0, 0)}
    assert await pool.totals(campaign) == {
        "enrolled": 3,
        "open": 0,
        "sent": 3,
        "bounced": 3,
        "failed": 0,
        "uncertain": 0,
    }


def by_account(courier: FakeCourier) -> Counter[str]:
    """How many letters each account sent."""
    return Counter(letter.sender.address.partition("@")[0] for _, letter in courier.delivered)


async def test_many_workers_keep_every_limit_to_the_letter(pool: TestPool, clock: ManualClock) -> None:
    """Four workers, six accounts, too many leads: each account exactly its limit, nobody twice (R2)."""
    limits = {"ada": 9, "bob": 1, "cyd": 17, "dan": 4, "eve": 12, "fay": 7}
    for name, limit in limits.items():
        await pool.account(name, limit)
    await pool.leads(await pool.campaign(), 90)
    courier = FakeCourier(clock)
    async with working(pool, clock, courier, workers=4):
        await quiet(pool, clock)
    assert by_account(courier) == limits
    assert len({letter.recipient.address for _, letter in courier.delivered}) == 50
    assert await pool.states() == {"finished": 50, "waiting": 40}
    await pool.check_books()


async def test_two_letters_of_a_spaced_account_are_a_gap_apart(pool: TestPool, clock: ManualClock) -> None:
    """Counted between the instants of DATA, whatever the worker does in between; and no longer than it must
    be.
    """
    await pool.account("ada", 50, gap=60)
    await pool.leads(await pool.campaign(), 4)
    instants: list[datetime] = []

    def note(submission: Submission, letter: Letter) -> Answer:
        instants.append(clock.now())
        return taken(submission, letter)

    courier = FakeCourier(clock, note)
    async with working(pool, clock, courier, workers=2):
        for _ in range(13):
            await quiet(pool, clock)
            clock.advance(seconds=20)
    assert [(instant - NOW).total_seconds() for instant in instants] == [0, 60, 120, 180]


async def test_accounts_are_spaced_each_for_itself(pool: TestPool, clock: ManualClock) -> None:
    """One without a gap takes all that the other cannot take now."""
    await pool.account("ada", 50, gap=3600)
    await pool.account("bob", 5)
    await pool.leads(await pool.campaign(), 10)
    courier = FakeCourier(clock)
    async with working(pool, clock, courier):
        await quiet(pool, clock)
    assert by_account(courier) == {"ada": 1, "bob": 5}


async def test_a_warming_account_never_sends(pool: TestPool, clock: ManualClock) -> None:
    """Not even when it is the only one with quota left."""
    await pool.account("ada", 3)
    await pool.account("mark", 100, status="warming")
    await pool.leads(await pool.campaign(), 10)
    courier = FakeCourier(clock)
    async with working(pool, clock, courier):
        await quiet(pool, clock)
    assert by_account(courier) == {"ada": 3}


async def test_the_follow_ups_of_a_paused_account_are_handed_over(pool: TestPool, clock: ManualClock) -> None:
    """Another account goes on in the same thread; the campaign is not interrupted (R4)."""
    ada = await pool.account("ada", 50)
    await pool.leads(await pool.campaign(steps=2, delay_days=2), 4)
    courier = FakeCourier(clock)
    async with working(pool, clock, courier):
        await until_state(pool, "sent", 4, "messages")
        await pool.change("sender_accounts", ada, status="paused")
        await pool.account("bob", 50)
        clock.advance(days=2)
        await until_state(pool, "finished", 4)
    firsts = {letter.recipient.address: letter for _, letter in courier.delivered[:4]}
    for _, letter in courier.delivered[4:]:
        first = firsts[letter.recipient.address]
        assert letter.sender.address == "bob@acme.test"
        assert letter.references == (first.message_id,)
        assert letter.subject == "Re: Hello Ada"


async def test_a_dead_server_rests_its_account_and_the_other_takes_over(
    pool: TestPool, clock: ManualClock
) -> None:
    """Nobody fails, nobody waits: the leads of the dead one go through the other at once (R9)."""
    ada = await pool.account("ada", 50)
    await pool.account("bob", 50)
    await pool.leads(await pool.campaign(), 10)

    def ada_is_dead(submission: Submission, letter: Letter) -> Answer:
        if submission.account_id == ada:
            return Answer(Command.CONNECT, None, None, "refused")
        return taken(submission, letter)

    courier = FakeCourier(clock, ada_is_dead)
    async with working(pool, clock, courier):
        await until_state(pool, "finished", 10)
        await quiet(pool, clock)
    assert by_account(courier) == {"bob": 10}
    assert await pool.account_field(ada, "status, failures, rest_until") == (
        "active",
        1,
        NOW + timedelta(seconds=30),
    )


async def test_a_server_that_comes_back_is_found_by_one_probe(pool: TestPool, clock: ManualClock) -> None:
    """The other letters are not put to it; one is after its rest, and when that is taken they follow."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(steps=2), 8)
    dead = True
    tried: list[str] = []

    def maybe(submission: Submission, letter: Letter) -> Answer:
        tried.append(letter.recipient.address)
        return Answer(Command.CONNECT, None, None, "refused") if dead else taken(submission, letter)

    courier = FakeCourier(clock, maybe)
    async with working(pool, clock, courier):
        await quiet(pool, clock)
        first = len(tried)
        clock.advance(seconds=30)
        await quiet(pool, clock)
        probes = len(tried) - first
        dead = False
        clock.advance(seconds=120)
        await until_state(pool, "sent", 8, "messages")
    assert (first, probes) == (1, 1)


async def test_an_account_whose_login_is_refused_three_times_is_paused(
    pool: TestPool, clock: ManualClock
) -> None:
    """With a reason for the person who must act; its leads wait, none of them failed (R9)."""
    ada = await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 2)
    courier = FakeCourier(
        clock, lambda submission, letter: Answer(Command.AUTH, 535, "5.7.8", "bad credentials")
    )
    async with working(pool, clock, courier):
        for _ in range(3):
            await quiet(pool, clock)
            clock.advance(hours=1)
        await quiet(pool, clock)
    assert await pool.account_field(ada, "status, status_reason") == ("paused", "auth_failed")
    assert await pool.states() == {"waiting": 2}
    assert await pool.ledger() == {"ada": (0, 0, 0)}


async def test_a_greylisted_letter_is_tried_again_by_the_same_account(
    pool: TestPool, clock: ManualClock
) -> None:
    """Five minutes later, with the same Message-ID."""
    await pool.account("ada", 50)
    await pool.account("bob", 50)
    await pool.leads(await pool.campaign(), 6)
    seen: dict[str, Letter] = {}

    def greylist(submission: Submission, letter: Letter) -> Answer:
        if letter.recipient.address not in seen:
            seen[letter.recipient.address] = letter
            return Answer(Command.RCPT, 450, "4.2.0", "greylisted")
        return taken(submission, letter)

    courier = FakeCourier(clock, greylist)
    async with working(pool, clock, courier):
        await until_state(pool, "deferred", 6, "messages")
        clock.advance(minutes=5)
        await until_state(pool, "finished", 6)
    for _, letter in courier.delivered:
        first = seen[letter.recipient.address]
        assert (letter.sender, letter.message_id) == (first.sender, first.message_id)


async def test_what_waits_for_quota_gets_a_unit_that_comes_back(pool: TestPool, clock: ManualClock) -> None:
    """Of ten units five bounce: fifteen leads are written to today, and the day is used up (R2)."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 20)

    def bounce_five(submission: Submission, letter: Letter) -> Answer:
        if letter.recipient.address < "lead00005":
            return Answer(Command.RCPT, 550, "5.1.1", "no such user")
        return taken(submission, letter)

    courier = FakeCourier(clock, bounce_five)
    async with working(pool, clock, courier):
        await quiet(pool, clock)
    assert await pool.states() == {"bounced": 5, "finished": 10, "waiting": 5}
    assert await pool.ledger() == {"ada": (10, 0, 0)}
