"""What the hot statements read grows with the work at hand, whatever else the workspace has: counted on the
plans that PostgreSQL makes, in rows and not in time.
"""

from uuid import UUID

import psycopg
import pytest

from leadterra.store import due_work
from leadterra.store.columns import columns_of
from leadterra.store.database import Database
from leadterra.store.due_work import BoundLane, Lane
from leadterra.store.statements import load
from tests.support.clock import NOW
from tests.support.plans import MODES, rows_read
from tests.support.pools import TestPool, clearance

ACCOUNTS, CAMPAIGNS, LEADS, BATCH = 40, 40, 3000, 100
NONE_FULL: dict[str, object] = {"has_full_domains": False, "full_domains": []}


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


async def list_accounts(pool: TestPool) -> list[UUID]:
    """All accounts."""
    return [row[0] for row in await pool.ask("select id from sender_accounts where workspace_id = :w")]


async def list_lanes(pool: TestPool) -> list[Lane]:
    """The lanes of a claim, as it finds them."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        return [Lane(row.id, "", row.started_at) for row in await due_work.list_campaigns(uow)]


def bound_lanes(lanes: list[Lane], accounts: list[UUID], room: int) -> list[BoundLane]:
    """What these accounts have in these lanes, each with that much room."""
    return [
        BoundLane(lane.campaign_id, lane.zone, lane.started_at, account, room, NOW)
        for lane in lanes
        for account in accounts
    ]


@MODES
async def test_a_clearance_reads_what_it_is_asked_for(pool: TestPool, mode: str) -> None:
    """And not every message, account and campaign against each other; a small table may be read whole."""
    for _ in range(3):
        await pool.must_claim(limit=BATCH)
    claim = await pool.must_claim(limit=BATCH)
    asked = columns_of([clearance(claim, row) for row in claim.rows])
    sql = load("claims")["clear_messages"]
    read = await rows_read(pool, sql, mode, **asked, day=NOW.date(), hour=NOW, now=NOW)
    assert read <= BATCH * max(BATCH, CAMPAIGNS + 1)


@MODES
async def test_of_many_that_are_due_at_once_only_those_that_can_go_are_read(
    pool: TestPool, mode: str
) -> None:
    """However many were enrolled at one instant."""
    lanes = columns_of(await list_lanes(pool))
    sql = load("due_work")["list_free_work"]
    read = await rows_read(pool, sql, mode, **lanes, **NONE_FULL, limit=BATCH, now=NOW)
    assert read <= BATCH + CAMPAIGNS


@MODES
async def test_of_many_that_are_bound_only_those_that_can_go_are_read(pool: TestPool, mode: str) -> None:
    """As many an account as it has room, though all of them are due."""
    accounts = await list_accounts(pool)
    await pool.execute(
        "update enrollments e set sender_account_id = (:accounts::uuid[])[1 + mod(n.row, :count)] from ("
        " select id, row_number() over (order by id) as row from enrollments where workspace_id = :w) n"
        " where e.workspace_id = :w and e.id = n.id",
        accounts=accounts,
        count=ACCOUNTS,
    )
    sql, room = load("due_work")["list_bound_work"], 2
    bound = columns_of(bound_lanes(await list_lanes(pool), accounts, room))
    read = await rows_read(pool, sql, mode, **bound, **NONE_FULL, limit=BATCH, now=NOW)
    assert read <= ACCOUNTS * room + ACCOUNTS + 1


@MODES
async def test_campaigns_that_are_through_cost_a_claim_nothing(pool: TestPool, mode: str) -> None:
    """They are no lanes; what tells them from the others looks at each once, and never at the leads."""
    read = await rows_read(pool, load("due_work")["list_campaigns"], mode)
    assert read <= 2 * (CAMPAIGNS + 1)
    assert len(await list_lanes(pool)) == 1
    bound = columns_of(bound_lanes(await list_lanes(pool), await list_accounts(pool), BATCH))
    sql = load("due_work")["list_bound_work"]
    read = await rows_read(pool, sql, mode, **bound, **NONE_FULL, limit=BATCH, now=NOW)
    assert read <= ACCOUNTS + CAMPAIGNS + 1


@MODES
async def test_zones_are_told_without_reading_the_leads(pool: TestPool, mode: str) -> None:
    """Three steps in the index for two zones, though thousands of leads are in them."""
    await pool.execute(
        "update enrollments set time_zone = 'Asia/Tokyo' where workspace_id = :w and id in ("
        " select id from enrollments where workspace_id = :w order by id limit 50)"
    )
    campaigns = [lane.campaign_id for lane in await list_lanes(pool)]
    assert await rows_read(pool, load("due_work")["list_zones"], mode, campaign_ids=campaigns) <= 60


@MODES
async def test_what_falls_due_next_is_told_without_reading_what_is_due(pool: TestPool, mode: str) -> None:
    """One step in the index."""
    campaigns = [lane.campaign_id for lane in await list_lanes(pool)]
    sql = load("due_work")["next_due_at"]
    assert await rows_read(pool, sql, mode, campaign_ids=campaigns, now=NOW) <= 1 + len(campaigns)
