"""What an enrollment gives as its reason: why nothing goes out, and never what is over."""

from uuid import UUID

import pytest

from leadterra.domain.outcomes import Reason, Withheld
from leadterra.store.database import Database
from tests.support.pools import TestPool
from tests.support.turns import DEFERRED

REASONS = "select state, state_reason from enrollments where workspace_id = :w"


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> TestPool:
    """A pool with one account and one lead."""
    pool = TestPool(database, workspace)
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 1)
    return pool


async def test_a_lead_whose_letter_was_held_back_only_waits_for_its_turn(pool: TestPool) -> None:
    """Its message tells what happened; the lead is due as before."""
    await pool.settle(await pool.must_claim(), Withheld(Reason.NOT_CLEARED))
    assert await pool.ask(REASONS) == [("waiting", None)]


async def test_a_deferred_lead_says_what_the_server_said(pool: TestPool) -> None:
    """It waits for another attempt, and why."""
    await pool.settle(await pool.must_claim(), DEFERRED)
    assert await pool.ask(REASONS) == [("waiting", "RCPT: 450 4.2.0 try later")]


async def test_a_lead_stopped_in_flight_keeps_why(pool: TestPool) -> None:
    """The ending of its letter does not take the place of the reason for which it was stopped."""
    claim = await pool.must_claim()
    await pool.execute(
        "update enrollments set state = 'unsubscribed', state_reason = 'unsubscribed' where workspace_id = :w"
    )
    await pool.settle(claim, DEFERRED)
    assert await pool.ask(REASONS) == [("unsubscribed", "unsubscribed")]
