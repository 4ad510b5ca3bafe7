"""One limit for everybody: while a ramp goes on, all that ask what an account may send go by it (R2, R8)."""

import re
from uuid import UUID

import pytest

from leadterra.actions.explaining import explain_account
from leadterra.actions.forecasting import ask_about_leads, look_ahead
from leadterra.actions.ledgers import read_history, read_ledger
from leadterra.actions.running import run
from leadterra.actions.sender_pool import read_sender_pool
from leadterra.store.database import Database
from leadterra.store.sender_accounts import get_sender_account
from tests.support.clock import NOW
from tests.support.pools import TestPool
from tests.support.source_tree import blocks

KNOW_WHAT_WAS_SET = {
    "sender_accounts.sql:get_sender_account",
    "sender_accounts.sql:save_sender_account!",
    "warmups.sql:list_due_accounts",
    "warmups.sql:find_warmup",
    "warmups.sql:list_ramps",
}
"""They show or keep what a person has set: where the ramp ends. All others go by the limit in force."""


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> TestPool:
    """One account of fifty a day, whose ramp is at three; ten leads are due."""
    pool = TestPool(database, workspace)
    account = await pool.account("ada", 50)
    await pool.change("sender_accounts", account, ramp_limit=3)
    await pool.leads(await pool.campaign(), 10)
    return pool


def test_no_statement_asks_for_an_account_s_daily_limit_but_those_that_show_it() -> None:
    """Accounts are `a` in every statement of ours."""
    found = {
        block.name
        for block in blocks()
        if re.search(r"\bsender_accounts\b", block.sql)
        and re.search(r"\ba\.daily_limit\b|insert into sender_accounts", block.sql)
    }
    assert {name.rstrip("!") for name in found} == {name.rstrip("!") for name in KNOW_WHAT_WAS_SET}


@pytest.mark.parametrize(("ramp", "in_force"), [(None, 50), (3, 3), (50, 50), (80, 50)])
async def test_the_lower_of_both_is_in_force(
    database: Database, workspace: UUID, ramp: int | None, in_force: int
) -> None:
    """A ramp above the daily limit is none."""
    pool = TestPool(database, workspace)
    account = await pool.account("ada", 50)
    await pool.change("sender_accounts", account, ramp_limit=ramp)
    assert await pool.account_field(account, "limit_in_force") == in_force


async def test_claims_take_no_more(pool: TestPool) -> None:
    """Three of ten; and the ledger keeps the limit that was."""
    claim = await pool.must_claim()
    assert len(claim.rows) == 3
    await pool.settle(claim)
    assert await pool.claim() is None
    assert await pool.ask("select daily_limit from ledger where workspace_id = :w") == [(3,)]


async def test_what_was_claimed_before_the_limit_fell_is_refused_its_clearance(pool: TestPool) -> None:
    """A ramp that begins anew holds at once."""
    claim = await pool.must_claim()
    await pool.execute("update sender_accounts set ramp_limit = 2 where workspace_id = :w")
    assert await pool.clear(claim) == set()


async def test_everything_that_tells_of_the_day_tells_the_same(pool: TestPool) -> None:
    """Pool, ledger, history, account, explanation and forecast."""
    [account] = [row[0] for row in await pool.ask("select id from sender_accounts where workspace_id = :w")]
    claim = await pool.must_claim(limit=1)
    await pool.settle(claim)
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        state = await read_sender_pool(uow, now=NOW)
        day = await read_ledger(uow, NOW.date(), now=NOW)
        history = await read_history(uow, 1, now=NOW)
        _, ledger = await get_sender_account(uow, account, day=NOW.date())
        explained = await explain_account(uow, account, now=NOW)
    assert (state.capacity.daily, state.capacity.remaining) == (3, 2)
    assert (day.total.limit, day.total.remaining) == (3, 2)
    assert history.days[-1].capacity == 3
    assert (ledger.limit, ledger.remaining) == (explained.ledger.limit, explained.ledger.remaining) == (3, 2)
    question = await run(
        pool.database, pool.workspace_id, lambda uow: ask_about_leads(uow, 5, days=3, now=NOW)
    )
    assert [each.capacity for each in look_ahead(question).forecast.days[:2]] == [2, 3]


async def test_forecasts_know_the_ramp_of_the_days_to_come(pool: TestPool) -> None:
    """Three today, and two more after each day of sending, up to the daily limit; a day on which little is
    left to send does not raise it.
    """
    await pool.execute("update sender_accounts set daily_limit = 8 where workspace_id = :w")
    await pool.execute(
        "insert into warmups"
        " (workspace_id, sender_account_id, first_limit, step, days, started_at, looked_on)"
        " select :w, id, 3, 2, 14, :now, :day from sender_accounts where workspace_id = :w",
        now=NOW,
        day=NOW.date(),
    )
    question = await run(
        pool.database, pool.workspace_id, lambda uow: ask_about_leads(uow, 20, days=9, now=NOW)
    )
    days = look_ahead(question).forecast.days
    assert [each.capacity for each in days] == [3, 5, 7, 8, 8]
