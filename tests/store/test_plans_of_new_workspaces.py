"""A workspace that is in no statistics yet, beside one that fills the tables: its claims and settlements find
rows by their keys. What they change may be looked for among all that it has while that is little, but once,
and not once for every row.
"""

from uuid import UUID

import psycopg
import pytest

from leadterra.actions.claiming import Claim
from leadterra.store.columns import columns_of
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool
from leadterra.store.settlements import EnrollmentChange, MessageChange
from leadterra.store.statements import load
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW
from tests.support.plans import MODES, rows_read
from tests.support.pools import TestPool, clearance

LEADS, BATCH, SENT = 2000, 50, 20
WHOLE = 2 * LEADS


@pytest.fixture
async def pool(own_database: Database, own_workspace: UUID, own_urls: tuple[str, str]) -> TestPool:
    """The statistics are of the other one."""
    await _fill(TestPool(own_database, own_workspace), claims=SENT)
    async with await psycopg.AsyncConnection.connect(own_urls[0], autocommit=True) as admin:
        await admin.execute("analyze")
    workspace_id = new_id(NOW)
    async with own_database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "new", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    newcomer = TestPool(own_database, workspace_id)
    await _fill(newcomer, claims=SENT)
    return newcomer


async def _fill(pool: TestPool, *, claims: int) -> None:
    await pool.account("ada", 10 * LEADS)
    await pool.leads(await pool.campaign(), LEADS)
    for _ in range(claims):
        claim = await pool.must_claim(limit=BATCH)
        await pool.settle(claim)


def _changes(claim: Claim) -> list[MessageChange]:
    return [
        MessageChange(row.enrollment_id, row.step_id, "sent", None, None, 1, 0, False)
        for row in claim.rows
        if row.step_id
    ]


@MODES
async def test_a_claim_s_letters_are_found_by_their_keys(pool: TestPool, mode: str) -> None:
    """Enrollment, lead and what was sent before, each once."""
    claim = await pool.must_claim(limit=BATCH)
    taken = [row.enrollment_id for row in claim.rows]
    sql = load("claims")["list_claimed"]
    assert await rows_read(pool, sql, mode, enrollment_ids=taken, number=claim.number) <= 2 * BATCH


@MODES
async def test_a_clearance_finds_messages_by_their_keys(pool: TestPool, mode: str) -> None:
    """And not each against all."""
    claim = await pool.must_claim(limit=BATCH)
    asked = columns_of([clearance(claim, row) for row in claim.rows])
    sql = load("claims")["clear_messages"]
    read = await rows_read(pool, sql, mode, **asked, day=NOW.date(), hour=NOW, now=NOW)
    assert read <= WHOLE


@MODES
async def test_a_settlement_finds_messages_by_their_keys(pool: TestPool, mode: str) -> None:
    """To read them, to write them, and to write their enrollments."""
    claim = await pool.must_claim(limit=BATCH)
    statements = load("settlements")
    held = [row.enrollment_id for row in claim.rows]
    lock = statements["lock_messages"]
    assert await rows_read(pool, lock, mode, enrollment_ids=held, fences=[claim.number]) <= 2 * BATCH
    messages = columns_of(_changes(claim))
    assert await rows_read(pool, statements["settle_messages"], mode, **messages, now=NOW) <= WHOLE
    enrollments = columns_of(
        [EnrollmentChange(each, "finished", None, 1, 0, NOW, NOW, None) for each in held]
    )
    assert await rows_read(pool, statements["settle_enrollments"], mode, **enrollments, now=NOW) <= WHOLE


@MODES
async def test_what_is_in_flight_is_found_by_the_claims_that_hold_it(pool: TestPool, mode: str) -> None:
    """To count it, and to find what was lost: where nothing is, nothing is looked through."""
    [(campaign_id,)] = await pool.ask("select id from campaigns where workspace_id = :w")
    progress, lost = load("campaigns")["get_progress"], load("claims")["list_lost_messages"]
    assert await rows_read(pool, lost, mode, now=NOW) == 0
    assert await rows_read(pool, progress, mode, campaign_id=campaign_id) <= 2

    await pool.must_claim(limit=BATCH)

    assert await rows_read(pool, progress, mode, campaign_id=campaign_id) <= 2 * BATCH
