"""The sending worker when something goes wrong: nothing is lost, nothing goes out twice, and nobody else
suffers.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest

from leadterra.actions.claiming import Claim
from leadterra.actions.lettering import LetterWriter
from leadterra.actions.ports import Attempt, Clear, Submission
from leadterra.domain.outcomes import Answer, Command, Unsendable, Withheld
from leadterra.mail.letter import Letter
from leadterra.store.claims import AccountRow, ClaimedRow
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW, ManualClock
from tests.support.pools import LEASE, TestPool
from tests.support.sending import LIMITS, Setting, quiet, until_state, working
from tests.support.smtp_fakes import FakeCourier, taken
from tests.support.waiting import eventually

NARROW = replace(LIMITS, per_account=1)
CLOSED = Answer(Command.BODY, None, None, "closed")


@pytest.fixture
def pool(own_database: Database, own_workspace: UUID) -> TestPool:
    """The test's own pool, which the workers find alone."""
    return TestPool(own_database, own_workspace)


def recipients(courier: FakeCourier) -> list[str]:
    """Who was handed a letter, in order, by number."""
    return [
        letter.recipient.address.removeprefix("lead").partition("@")[0].lstrip("0") or "0"
        for _, letter in courier.delivered
    ]


# Stopping.


async def test_told_to_stop_it_gives_back_what_it_had_not_begun(pool: TestPool, clock: ManualClock) -> None:
    """The letter on the wire is finished; the other nine are waiting again, with their units."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 10)
    courier = FakeCourier(clock)
    courier.hold.clear()
    async with working(pool, clock, courier, setting=Setting(NARROW)) as [worker]:
        await courier.transmitting.wait()
        worker.stop()
        courier.hold.set()
    assert len(courier.delivered) == 1
    assert await pool.states() == {"finished": 1, "waiting": 9}
    assert await pool.ledger() == {"ada": (1, 0, 0)}
    assert await pool.ask("select number from claims where workspace_id = :w") == []
    await pool.check_books()


async def test_the_next_worker_goes_on_where_one_was_stopped(pool: TestPool, clock: ManualClock) -> None:
    """At once, and nobody is written to twice."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 10)
    courier = FakeCourier(clock)
    courier.hold.clear()
    async with working(pool, clock, courier, setting=Setting(NARROW)) as [worker]:
        await courier.transmitting.wait()
        worker.stop()
        courier.hold.set()
    async with working(pool, clock, courier):
        await until_state(pool, "finished", 10)
    assert Counter(recipients(courier)) == Counter(str(number) for number in range(10))


# The database.


async def cut_connections(urls: tuple[str, str]) -> None:
    """Every connection of the program to this database ends, as at a restart."""
    async with await psycopg.AsyncConnection.connect(urls[0], autocommit=True) as admin:
        await admin.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )


async def test_connections_cut_while_letters_are_on_the_wire_lose_nothing(
    pool: TestPool, clock: ManualClock, own_urls: tuple[str, str]
) -> None:
    """Their endings are settled on new connections: each sent once, none uncertain."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 8)
    courier = FakeCourier(clock)
    courier.hold.clear()
    async with working(pool, clock, courier, setting=Setting(replace(LIMITS, per_account=8))):
        await eventually(lambda: len(courier.delivered) == 8)
        await cut_connections(own_urls)
        courier.hold.set()
        await until_state(pool, "finished", 8)
    assert len(courier.delivered) == 8
    assert await pool.ledger() == {"ada": (8, 0, 0)}


class AnswerLost(Database):
    """A database whose word is lost once: the first transaction after which the question is answered with
    yes is committed, and its caller told that the connection broke.
    """

    def __init__(self, url: str, question: LiteralString) -> None:
        super().__init__(url)
        self.question, self.lost = question, 0

    @asynccontextmanager
    async def unit_of_work(self, workspace_id: UUID) -> AsyncIterator[UnitOfWork]:
        """As it is, but for the answer."""
        async with super().unit_of_work(workspace_id) as uow:
            yield uow
            loses = not self.lost and await uow.value(self.question)
        if loses:
            self.lost += 1
            raise psycopg.OperationalError("the connection is lost")


@asynccontextmanager
async def losing(urls: tuple[str, str], condition: LiteralString) -> AsyncIterator[AnswerLost]:
    """That database, open. condition: about one of the workspace's messages."""
    exists: LiteralString = (
        "select exists (select from messages where workspace_id = %(workspace_id)s and {})"
    )
    deaf = AnswerLost(urls[1], exists.format(condition))
    await deaf.open()
    yield deaf
    await deaf.close()


async def test_a_settlement_whose_commit_was_not_heard_of_counts_once(
    pool: TestPool, clock: ManualClock, own_urls: tuple[str, str]
) -> None:
    """It is settled again, and there is nothing left to settle."""
    await pool.account("ada", 50)
    campaign = await pool.campaign()
    await pool.leads(campaign, 3)
    courier = FakeCourier(clock)
    async with (
        losing(own_urls, "state = 'sent'") as deaf,
        working(pool, clock, courier, setting=Setting(database=deaf)),
    ):
        await until_state(pool, "finished", 3)
    assert (deaf.lost, len(courier.delivered)) == (1, 3)
    assert (await pool.totals(campaign))["sent"] == 3
    await pool.check_books()


async def test_a_clearance_that_was_not_heard_of_sends_nothing(
    pool: TestPool, clock: ManualClock, own_urls: tuple[str, str]
) -> None:
    """The letter keeps its place and goes later, once."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 1)
    courier = FakeCourier(clock)
    async with (
        losing(own_urls, "data_at is not null") as deaf,
        working(pool, clock, courier, setting=Setting(database=deaf)),
    ):
        await until_state(pool, "finished", 1)
    assert (len(courier.asked), len(courier.delivered)) == (2, 1)


async def test_a_claim_that_was_not_heard_of_is_found_again(
    pool: TestPool, clock: ManualClock, own_urls: tuple[str, str]
) -> None:
    """Nobody works on it: when its lease runs out, it is taken anew, and sent once."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 3)
    courier = FakeCourier(clock)
    async with (
        losing(own_urls, "state = 'sending'") as deaf,
        working(pool, clock, courier, setting=Setting(database=deaf)),
    ):
        await eventually(lambda: deaf.lost == 1)
        clock.advance(seconds=LEASE.total_seconds())
        await until_state(pool, "finished", 3)
    assert len(courier.delivered) == 3
    await pool.check_books()


# One that is bad among many that are good.


async def test_one_poison_settlement_takes_no_other_with_it(pool: TestPool, clock: ManualClock) -> None:
    """A server's answer that cannot be stored: the others are settled, and that one is found again when its
    lease runs out.
    """
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 6)
    poisoned: list[str] = []

    def poison_one(submission: Submission, letter: Letter) -> Answer:
        if not poisoned:
            poisoned.append(letter.recipient.address)
            return Answer(Command.RCPT, 450, "4.2.0", "later\x00")
        return taken(submission, letter)

    courier = FakeCourier(clock, poison_one)
    courier.hold.clear()
    async with working(pool, clock, courier, setting=Setting(replace(LIMITS, per_account=8))) as [worker]:
        await eventually(lambda: len(courier.delivered) == 5)
        await eventually(lambda: worker.in_flight == 5)
        courier.hold.set()
        await until_state(pool, "finished", 5)
        clock.advance(seconds=LEASE.total_seconds() + 1)
        await until_state(pool, "finished", 6)
    assert sorted(recipients(courier)) == [str(number) for number in range(6)]
    await pool.check_books()


class FaultyWriter(LetterWriter):
    """Writes one lead's letter wrongly."""

    def __init__(self, lead: str, fault: str) -> None:
        super().__init__("http://mail.test")
        self.lead, self.fault = lead, fault

    def write(self, claim: Claim, row: ClaimedRow, *, now: datetime) -> Letter | Withheld | Unsendable:
        """Raises, or makes a subject that no database takes."""
        letter = super().write(claim, row, now=now)
        if row.email.startswith(self.lead) and isinstance(letter, Letter):
            if self.fault == "raises":
                raise RecursionError("too deep")
            return replace(letter, subject="a\x00b")
        return letter


@pytest.mark.parametrize("fault", ["raises", "subject"])
async def test_one_letter_that_cannot_be_written_costs_no_other(
    pool: TestPool, clock: ManualClock, fault: str
) -> None:
    """That lead has failed, with a reason that can be read; the others have their letters."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 6)
    courier = FakeCourier(clock)
    async with working(pool, clock, courier, setting=Setting(writer=FaultyWriter("lead00003", fault))):
        await until_state(pool, "failed", 1)
        await until_state(pool, "finished", 5)
    assert sorted(recipients(courier)) == ["0", "1", "2", "4", "5"]
    [(reason,)] = await pool.ask(
        "select state_reason from messages where workspace_id = :w and state = 'refused'"
    )
    assert "internal error" in reason
    await pool.check_books()


async def test_a_password_that_cannot_be_opened_stops_its_account_only(
    pool: TestPool, clock: ManualClock
) -> None:
    """The account is paused for a person to see to; its leads go through the other."""
    ada = await pool.account("ada", 50)
    await pool.account("bob", 50)
    await pool.leads(await pool.campaign(), 8)

    def unseal(workspace_id: UUID, account: AccountRow) -> str | None:
        if account.id == ada:
            raise ValueError("no such key")
        return None

    courier = FakeCourier(clock)
    async with working(pool, clock, courier, setting=Setting(unseal=unseal)):
        await until_state(pool, "finished", 8)
        await quiet(pool, clock)
    assert {letter.sender.address for _, letter in courier.delivered} == {"bob@acme.test"}
    assert await pool.account_field(ada, "rest_reason") == "auth_failed"


async def test_an_account_without_a_server_does_not_spin(pool: TestPool, clock: ManualClock) -> None:
    """Nothing is claimed for it again and again: the pool sleeps."""
    ada = await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 3)
    await pool.change("sender_accounts", ada, smtp_host=None)
    async with working(pool, clock, FakeCourier(clock)):
        await quiet(pool, clock)
    assert await pool.states() == {"waiting": 3}
    assert await pool.wake_at() is None


async def test_one_workspace_s_trouble_is_not_another_s(pool: TestPool, clock: ManualClock) -> None:
    """Every claim of the one fails; the other's letters go out."""
    await pool.account("ada", 50)
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    await pool.execute(
        "insert into messages (workspace_id, enrollment_id, step_id, id, campaign_id, lead_id,"
        " step_position, sender_account_id,"
        " state, fence, day, created_at, claimed_at, settled_at)"
        " select :w, :e, gen_random_uuid(), gen_random_uuid(), :e, :e,"
        " 0, :e, 'sent', 0, :now::date, :now, :now, :now"
        " from generate_series(1, 63)",
        e=enrollment,
        now=NOW,
    )
    workspace_id = new_id(NOW)
    async with pool.database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "other", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    other = TestPool(pool.database, workspace_id)
    await other.account("bob", 50)
    await other.leads(await other.campaign(), 5)
    await pool.wake(NOW - timedelta(hours=1))
    courier = FakeCourier(clock)
    async with working(pool, clock, courier):
        await until_state(other, "finished", 5)
    assert await pool.states() == {"waiting": 1}


# Lost leases.


async def test_a_worker_that_is_slow_but_alive_has_the_last_word(pool: TestPool, clock: ManualClock) -> None:
    """Its lease ran out with the letter on the wire: uncertain, until it says what became of it. Nobody sends
    it again.
    """
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 1)
    courier = FakeCourier(clock)
    courier.hold.clear()
    async with working(pool, clock, courier, workers=2):
        await courier.transmitting.wait()
        clock.advance(seconds=LEASE.total_seconds() + 1)
        await until_state(pool, "uncertain", 1)
        courier.hold.set()
        await until_state(pool, "finished", 1)
    assert len(courier.delivered) == 1
    assert await pool.ledger() == {"ada": (1, 0, 0)}
    await pool.check_books()


async def test_what_waits_in_a_lane_past_its_lease_is_sent_once(pool: TestPool, clock: ManualClock) -> None:
    """It goes back to the queue and to whoever takes it anew; the old worker is refused its clearance."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 6)
    courier = FakeCourier(clock)
    courier.hold.clear()
    async with working(pool, clock, courier, workers=2, setting=Setting(NARROW)):
        await courier.transmitting.wait()
        clock.advance(seconds=LEASE.total_seconds() + 1)
        await until_state(pool, "uncertain", 1)
        courier.hold.set()
        await until_state(pool, "finished", 6)
    assert sorted(recipients(courier)) == [str(number) for number in range(6)]
    await pool.check_books()


async def is_prolonged(pool: TestPool, lease_until: datetime) -> bool:
    """Whether the only claim is held for longer."""
    rows = await pool.ask(
        "select 1 from claims where workspace_id = :w and lease_until > :at", at=lease_until
    )
    return bool(rows)


async def test_a_lease_is_prolonged_while_its_worker_lives(pool: TestPool, clock: ManualClock) -> None:
    """Longer than it was given for, as long as the letter takes."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 1)
    courier = FakeCourier(clock)
    courier.hold.clear()
    limits = replace(LIMITS, lease=timedelta(seconds=0.15))
    async with working(pool, clock, courier, setting=Setting(limits)):
        await courier.transmitting.wait()
        clock.advance(seconds=0.1)
        await eventually(lambda: is_prolonged(pool, NOW + limits.lease))
        clock.advance(seconds=0.1)
        courier.hold.set()
        await until_state(pool, "finished", 1)
    assert [kind for kind, _ in await pool.events()] == ["message.sent", "campaign.completed"]


async def test_what_was_claimed_before_midnight_goes_on_the_new_day_s_account(
    pool: TestPool, clock: ManualClock
) -> None:
    """One letter on the wire counts for the old day; those still in the lane are taken anew (R2)."""
    clock.set(datetime.fromisoformat("2026-03-10T23:59:50Z"))
    await pool.account("ada", 5)
    await pool.leads(await pool.campaign(), 5)
    courier = FakeCourier(clock)
    courier.hold.clear()
    async with working(pool, clock, courier, setting=Setting(NARROW)):
        await courier.transmitting.wait()
        clock.advance(seconds=15)
        courier.hold.set()
        await until_state(pool, "finished", 5)
    assert await pool.ledger(NOW.date()) == {"ada": (1, 0, 0)}
    assert await pool.ledger(clock.now().date()) == {"ada": (4, 0, 0)}
    assert len(courier.delivered) == 5


# Stop means stop.


@pytest.mark.parametrize("what", ["campaign", "lead", "suppression", "account"])
async def test_what_is_stopped_while_it_is_claimed_does_not_go_out(
    pool: TestPool, clock: ManualClock, what: str
) -> None:
    """Five claimed, one on the wire: that one is sent, and of the others whoever was not stopped (R7)."""
    ada = await pool.account("ada", 50)
    campaign = await pool.campaign()
    enrollments = await pool.leads(campaign, 5)
    courier = FakeCourier(clock)
    courier.hold.clear()
    async with working(pool, clock, courier, setting=Setting(NARROW)):
        await courier.transmitting.wait()
        match what:
            case "campaign":
                await pool.change("campaigns", campaign, status="paused")
            case "lead":
                await pool.change("enrollments", enrollments[3], state="removed")
            case "suppression":
                await pool.suppress("lead00003@leads.test")
            case _:
                await pool.change("sender_accounts", ada, status="paused")
        courier.hold.set()
        await quiet(pool, clock)
    sent = ["0", "1", "2", "4"] if what in ("lead", "suppression") else ["0"]
    assert sorted(recipients(courier)) == sent
    assert await pool.ledger() == {"ada": (len(sent), 0, 0)}


async def test_an_uncertain_letter_is_not_sent_again(pool: TestPool, clock: ManualClock) -> None:
    """Not in a month; its unit is kept, the others go out (R6)."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 3)

    def close_on_one(submission: Submission, letter: Letter) -> Answer:
        return CLOSED if letter.recipient.address.startswith("lead00001") else taken(submission, letter)

    courier = FakeCourier(clock, close_on_one)
    async with working(pool, clock, courier):
        await until_state(pool, "finished", 2)
        clock.advance(days=30)
        await quiet(pool, clock)
    assert Counter(recipients(courier)) == {"0": 1, "1": 1, "2": 1}
    assert await pool.ledger(NOW.date()) == {"ada": (2, 1, 0)}
    assert await pool.states("messages") == {"sent": 2, "uncertain": 1}


# Fairness.


class TarpitCourier(FakeCourier):
    """Conversations of one account hang until it is let go."""

    def __init__(self, clock: ManualClock, account_id: UUID) -> None:
        super().__init__(clock)
        self.account_id = account_id
        self.hanging = 0
        self.free = asyncio.Event()

    async def deliver(self, submission: Submission, letter: Letter, clear: Clear) -> Attempt:
        """See `ports.Courier`."""
        if submission.account_id == self.account_id:
            self.hanging += 1
            await self.free.wait()
        return await super().deliver(submission, letter, clear)


async def test_a_server_that_hangs_does_not_hold_up_other_accounts(
    pool: TestPool, clock: ManualClock
) -> None:
    """Its messages do not take all the room of the worker: the other account's leads are written to meanwhile
    (R5).
    """
    ada = await pool.account("ada", 500)
    await pool.leads(await pool.campaign(), 60)
    await pool.execute("update enrollments set sender_account_id = :ada where workspace_id = :w", ada=ada)
    courier = TarpitCourier(clock, ada)
    limits = replace(LIMITS, in_flight=40, batch=10)
    async with working(pool, clock, courier, setting=Setting(limits)):
        await eventually(lambda: courier.hanging == limits.per_account)
        await pool.account("bob", 500)
        await pool.leads(await pool.campaign(), 20, prefix="other")
        try:
            await eventually(lambda: len(courier.delivered) >= 10, seconds=3)
        finally:
            courier.free.set()
