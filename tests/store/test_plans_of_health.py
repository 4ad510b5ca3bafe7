"""What health asks of the database costs the same in a workspace of any size: counted on the plans that
PostgreSQL makes, in rows and not in time.
"""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from leadterra.domain.delivery_record import COMPLAINT_WINDOW, WINDOW
from leadterra.store.database import Database
from leadterra.store.statements import load
from tests.support.clock import NOW
from tests.support.plans import MODES, rows_read
from tests.support.pools import TestPool

ACCOUNTS, MESSAGES, LEADS, DOMAINS, OF_DOMAIN = 20, 300, 3000, 60, 10


@pytest.fixture
async def pool(own_database: Database, own_workspace: UUID, own_urls: tuple[str, str]) -> TestPool:
    """Many accounts with many messages each, and many leads, of which a few are of one domain."""
    pool = TestPool(own_database, own_workspace)
    accounts = [await pool.account(f"a{number}", 1000) for number in range(ACCOUNTS)]
    campaign = await pool.campaign()
    for number in range(DOMAINS):
        await pool.leads(campaign, LEADS // DOMAINS, prefix=f"d{number}-", domain=f"d{number}.test")
    await pool.leads(campaign, OF_DOMAIN, prefix="gone", domain="gone.test")
    await pool.execute(
        "insert into messages (workspace_id, enrollment_id, step_id, id, campaign_id, lead_id, step_position,"
        " sender_account_id, state, fence, day, created_at, claimed_at, settled_at)"
        " select :w, gen_random_uuid(), :step, gen_random_uuid(), :step, :step, 0,"
        " a.id, 'sent', 0, :day, at, at, at from unnest(:accounts::uuid[]) as a (id)"
        " cross join generate_series(:begin, :end, '1 minute'::interval) as at",
        accounts=accounts,
        step=accounts[0],
        day=NOW.date(),
        begin=NOW,
        end=NOW + timedelta(minutes=MESSAGES - 1),
    )
    async with await psycopg.AsyncConnection.connect(own_urls[0], autocommit=True) as admin:
        await admin.execute("analyze")
    return pool


@MODES
async def test_judging_an_account_reads_its_last_messages(pool: TestPool, mode: str) -> None:
    """Not those of the others: its own, once for what came back, once for what was complained of."""
    [account] = (await pool.ask("select id from sender_accounts where workspace_id = :w limit 1"))[0]
    asked = {"window": WINDOW, "looked_at": 5 * WINDOW, "complaint_window": COMPLAINT_WINDOW}
    read = await rows_read(pool, load("account_health")["list_records"], mode, account_ids=[account], **asked)
    assert read <= 2 * MESSAGES + ACCOUNTS + 5


@MODES
@pytest.mark.parametrize("statement", ["hold_enrollments_of_domain", "end_enrollments_of_domain"])
async def test_a_dead_domain_costs_its_own_leads(pool: TestPool, mode: str, statement: str) -> None:
    """Ten of three thousand; each is read as lead, as enrollment, and to be written."""
    held = {"first": NOW + timedelta(hours=1), "others": NOW + timedelta(hours=2)}
    given = {"domain": "gone.test", "reason": "no domain", "now": NOW}
    parameters = given | held if statement.startswith("hold") else given
    read = await rows_read(pool, load("dead_domains")[statement], mode, **parameters)
    assert read <= 4 * OF_DOMAIN
