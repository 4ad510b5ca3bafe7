"""The statements of a claim: what each reads, and what its guards refuse."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from psycopg import errors

from leadterra.domain.planning import Sender, Work
from leadterra.store import claims
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import LEASE, TestPool

DAY = timedelta(days=1)


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def senders(pool: TestPool, now: datetime = NOW) -> dict[UUID, Sender]:
    """The accounts as the plan is given them."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = await claims.list_senders(uow, day=now.date(), min_gap_seconds=7)
    return {sender.id: sender for sender in found}


async def work(
    pool: TestPool, rooms: dict[UUID, int], *, limit: int = 100, now: datetime = NOW
) -> list[Work]:
    """The due work that could go through accounts with that much room."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        return await claims.list_work(uow, rooms, limit=limit, now=now)


async def test_an_account_s_use_is_that_of_the_day(pool: TestPool) -> None:
    """Sent, uncertain and reserved together; what was in flight yesterday is in flight still."""
    ada = await pool.account("ada", 10, gap=5)
    for day, sent, reserved in ((NOW - 2 * DAY, 9, 9), (NOW - DAY, 8, 1), (NOW, 2, 3)):
        await pool.execute(
            "insert into ledger"
            " (workspace_id, day, sender_account_id, daily_limit, sent, uncertain, reserved)"
            " values (:w, :day, :a, 10, :sent, 1, :reserved)",
            day=day.date(),
            a=ada,
            sent=sent,
            reserved=reserved,
        )
    assert (await senders(pool))[ada] == Sender(ada, True, 10, used=6, in_flight=4, gap=5)


async def test_the_workspace_s_gap_holds_where_an_account_has_none(pool: TestPool) -> None:
    """An account's own zero is a gap of its own."""
    plain, own, none = (
        await pool.account("a", 1),
        await pool.account("b", 1, gap=3),
        await pool.account("c", 1, gap=0),
    )
    found = await senders(pool)
    assert [found[key].gap for key in (plain, own, none)] == [7, 3, 0]


@pytest.mark.parametrize("fields", [{"status": "paused"}, {"status": "warming"}, {"removed_at": NOW}])
async def test_an_account_that_cannot_send_is_listed_as_not_active(
    pool: TestPool, fields: dict[str, object]
) -> None:
    """An enrollment may be bound to it: the plan must know that it is lost."""
    ada = await pool.account("ada", 10)
    await pool.change("sender_accounts", ada, **fields)
    assert not (await senders(pool))[ada].is_active


async def test_work_is_what_is_due_of_running_campaigns(pool: TestPool) -> None:
    """Not what is due later, not what is not waiting, not a paused campaign's."""
    due, later, held = await pool.leads(await pool.campaign(), 3)
    await pool.change("enrollments", later, due_at=NOW + timedelta(microseconds=1))
    await pool.change("enrollments", held, state="held")
    await pool.leads(await pool.campaign(status="paused"), 2, prefix="paused")
    assert [item.enrollment_id for item in await work(pool, {})] == [due]


async def test_bound_work_is_read_as_far_as_its_account_has_room(pool: TestPool) -> None:
    """Oldest first; that of an account without room is not read at all."""
    ada, bob, cyd = [await pool.account(name, 10) for name in ("ada", "bob", "cyd")]
    enrollments = await pool.leads(await pool.campaign(), 9)
    for number, enrollment in enumerate(enrollments):
        account = (ada, bob, cyd)[number % 3]
        await pool.change(
            "enrollments", enrollment, sender_account_id=account, due_at=NOW - timedelta(minutes=9 - number)
        )
    found = await work(pool, {ada: 2, bob: 1})
    assert [(item.enrollment_id, item.sender_id) for item in found] == [
        (enrollments[0], ada),
        (enrollments[1], bob),
        (enrollments[3], ada),
    ]


async def test_free_work_is_the_oldest_of_all_campaigns(pool: TestPool) -> None:
    """Read up to the limit, whichever campaign it is of."""
    first = await pool.leads(await pool.campaign(), 3)
    second = await pool.leads(await pool.campaign(), 3, prefix="other")
    for number, enrollment in enumerate(e for pair in zip(first, second, strict=True) for e in pair):
        await pool.change("enrollments", enrollment, due_at=NOW + timedelta(minutes=number))
    found = await work(pool, {}, limit=3, now=NOW + timedelta(hours=1))
    assert [item.enrollment_id for item in found] == [first[0], second[0], first[1]]


async def test_nothing_is_due_before_its_campaign_was_started(pool: TestPool) -> None:
    """Leads enrolled into a draft long ago do not go before those that waited for their turn since."""
    old = await pool.campaign(now=NOW)
    [early] = await pool.leads(old, 1)
    await pool.change("enrollments", early, due_at=NOW - 30 * DAY)
    assert [item.due_at for item in await work(pool, {})] == [NOW]


async def test_what_no_longer_waits_is_not_taken(pool: TestPool) -> None:
    """Between plan and claim nothing can change, for the pool is locked; and if it did, nothing would be
    taken twice.
    """
    ada = await pool.account("ada", 10)
    one, other = await pool.leads(await pool.campaign(), 2)
    await pool.change("enrollments", other, state="paused")
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await claims.claim_enrollments(uow, [(one, ada), (other, ada)], number=1, now=NOW)
        found = await claims.list_claimed(uow, [one, other], number=1)
    assert [row.enrollment_id for row in found] == [one]


@pytest.mark.parametrize(
    ("state", "taken"),
    [
        ("queued", 1),
        ("deferred", 1),
        ("cancelled", 1),
        ("sending", 0),
        ("sent", 0),
        ("uncertain", 0),
        ("bounced", 0),
    ],
)
async def test_a_step_has_one_message(pool: TestPool, state: str, taken: int) -> None:
    """Taken up again where it was not sent, never where it was, or may have been (R6)."""
    await pool.account("ada", 10)
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    claim = await pool.must_claim()
    settled_at = None if state == "sending" else NOW
    await pool.execute(
        "update messages set state = :s, settled_at = :at where workspace_id = :w", s=state, at=settled_at
    )
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = await claims.claim_messages(uow, claim.rows, [enrollment], number=2, day=NOW.date(), now=NOW)
    assert len(found) == taken
    assert await pool.message(enrollment, "fence") == claim.number + taken


async def test_units_add_up_and_the_limit_is_that_of_the_last_claim(pool: TestPool) -> None:
    """One row an account and day."""
    ada = await pool.account("ada", 10)
    for units, limit in ((2, 10), (3, 8)):
        async with pool.database.unit_of_work(pool.workspace_id) as uow:
            await claims.reserve_units(uow, {ada: units}, {ada: limit}, day=NOW.date())
    assert await pool.ask(
        "select daily_limit, sent, uncertain, reserved from ledger where workspace_id = :w"
    ) == [(8, 0, 0, 5)]


async def test_a_claim_with_a_message_in_flight_is_not_forgotten(pool: TestPool) -> None:
    """Whoever says that it is done: its lease must run out for the message to be found."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 2)
    claim = await pool.must_claim()
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await claims.delete_claims(uow, [claim.number])
        assert await claims.next_lease_end(uow) == NOW + LEASE


async def test_a_lost_claim_is_taken_once(pool: TestPool) -> None:
    """Its messages, with what is known of each; afterwards there is none."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 3)
    claim = await pool.must_claim()
    await pool.clear(claim, NOW + timedelta(seconds=1))
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        early = await claims.take_lost_messages(uow, now=NOW + LEASE - timedelta(microseconds=1))
        lost = await claims.take_lost_messages(uow, now=NOW + LEASE)
        again = await claims.take_lost_messages(uow, now=NOW + LEASE)
    assert (len(early), len(lost), len(again)) == (0, 3, 0)
    assert {message.data_at for message in lost} == {NOW + timedelta(seconds=1)}


@pytest.mark.parametrize("column", ["sent", "uncertain", "reserved"])
async def test_the_ledger_refuses_a_negative_count(pool: TestPool, column: str) -> None:
    """By a constraint: a unit that was never taken cannot be given back."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 1)
    await pool.must_claim()
    with pytest.raises(errors.CheckViolation):
        await pool.execute(f"update ledger set {column} = -1 where workspace_id = :w")


@pytest.mark.parametrize(
    "change",
    [
        "state = 'sending', claim_number = null",
        "state = 'waiting', claim_number = 5",
        "state = 'lost'",
        "position = -1",
    ],
)
async def test_the_database_refuses_an_enrollment_that_cannot_be(pool: TestPool, change: str) -> None:
    """The life cycle is a constraint too."""
    await pool.leads(await pool.campaign(), 1)
    with pytest.raises(errors.CheckViolation):
        await pool.execute(f"update enrollments set {change} where workspace_id = :w")
