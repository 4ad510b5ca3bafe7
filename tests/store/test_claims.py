"""The statements of a claim: what each reads, and what its guards refuse."""

from datetime import timedelta
from uuid import UUID

import pytest
from psycopg import errors

from leadterra.store import claims
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import LEASE, TestPool


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


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
        found = await claims.claim_messages(uow, claim.rows, number=2, day=NOW.date(), now=NOW)
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
