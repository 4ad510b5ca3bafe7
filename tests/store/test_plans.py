"""What the hot statements read grows with the work at hand, whatever else the workspace has: counted on the
plans that PostgreSQL makes, in rows and not in time.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from leadterra.store.columns import columns_of
from leadterra.store.database import Database
from leadterra.store.statements import load
from tests.support.clock import NOW
from tests.support.pools import TestPool, clearance

ACCOUNTS, CAMPAIGNS, LEADS, BATCH = 40, 40, 3000, 100


@pytest.fixture
async def pool(own_database: Database, own_workspace: UUID, own_urls: tuple[str, str]) -> TestPool:
    """Many accounts, a campaign with many leads, and many campaigns that are through. The statistics are of
    before the first claim, as they are when a campaign has just begun.
    """
    pool = TestPool(own_database, own_workspace)
    for number in range(ACCOUNTS):
        await pool.account(f"a{number}", 1000)
    for _ in range(CAMPAIGNS):
        await pool.campaign(steps=0)
    await pool.leads(await pool.campaign(), LEADS)
    async with await psycopg.AsyncConnection.connect(own_urls[0], autocommit=True) as admin:
        await admin.execute("analyze")
    return pool


async def rows_read(pool: TestPool, sql: str, mode: str, **parameters: object) -> int:
    """How many rows the busiest part of the statement's plan gives, or throws away."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    body = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", sql)
    given = {**parameters, "workspace_id": pool.workspace_id}
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await uow.connection.execute(f"set local plan_cache_mode = {mode}".encode())
        await uow.connection.execute(f"prepare hot as {body}".encode())
        literals = psycopg.AsyncClientCursor(uow.connection)
        values = ", ".join(literals.mogrify("%s", [given[name]]) for name in names)
        answer = await uow.connection.execute(
            f"explain (analyze, format json) execute hot({values})".encode()
        )
        [(plans,)] = await answer.fetchall()
        await uow.connection.execute("deallocate hot")
    return max(_rows(plans[0]["Plan"]))


def _rows(plan: dict[str, Any]) -> Iterator[int]:
    removed = sum(count for name, count in plan.items() if name.startswith("Rows Removed"))
    yield int((plan["Actual Rows"] + removed) * plan["Actual Loops"])
    for part in plan.get("Plans", ()):
        yield from _rows(part)


MODES = pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])


@MODES
async def test_a_clearance_reads_what_it_is_asked_for(pool: TestPool, mode: str) -> None:
    """And not every message, account and campaign against each other; a small table may be read whole."""
    for _ in range(3):
        await pool.must_claim(limit=BATCH)
    claim = await pool.must_claim(limit=BATCH)
    asked = columns_of([clearance(claim, row) for row in claim.rows])
    sql = load("claims")["clear_messages"]
    read = await rows_read(pool, sql, mode, **asked, day=NOW.date(), now=NOW)
    assert read <= BATCH * max(BATCH, CAMPAIGNS + 1)


@MODES
async def test_of_many_that_are_due_at_once_only_those_that_can_go_are_read(
    pool: TestPool, mode: str
) -> None:
    """However many were enrolled at one instant."""
    sql = load("claims")["list_free_work"]
    assert await rows_read(pool, sql, mode, limit=BATCH, now=NOW) <= BATCH + CAMPAIGNS


@MODES
async def test_campaigns_that_are_through_cost_a_claim_nothing(pool: TestPool, mode: str) -> None:
    """Their accounts are not looked up."""
    accounts = [row[0] for row in await pool.ask("select id from sender_accounts where workspace_id = :w")]
    sql = load("claims")["list_bound_work"]
    read = await rows_read(
        pool, sql, mode, account_ids=accounts, rooms=[BATCH] * ACCOUNTS, limit=BATCH, now=NOW
    )
    assert read <= ACCOUNTS + CAMPAIGNS + 1
