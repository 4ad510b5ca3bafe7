"""Workers die by SIGKILL over and over, PostgreSQL is restarted as after a crash, and every message is
accounted for.
"""

import os
import random
from collections import Counter
from pathlib import Path

from leadterra.store.database import Database
from leadterra.store.embedded import EmbeddedPostgres
from leadterra.store.ids import new_id
from leadterra.store.migration import migrate
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW
from tests.support.fleet import Fleet, repeated, wait_until
from tests.support.pools import Mail, TestPool
from tests.support.waiting import eventually

MESSAGES = 20_000
WORKERS = 4
SEED = int(os.environ.get("CHAOS_SEED", "20260310"))
"""Which worker dies when; `make chaos` tries others."""


async def test_killed_workers_lose_and_duplicate_nothing(tmp_path: Path) -> None:
    """No message twice at the server, none unaccounted, no quota passed; what was in flight is uncertain and
    listed.
    """
    with EmbeddedPostgres(tmp_path / "pg") as postgres:
        migrate(postgres.admin_url(), postgres.program_url())
        database = Database(postgres.program_url(), check=True)
        await database.open()
        try:
            await _storm(database, postgres, tmp_path)
        finally:
            await database.close()


async def _storm(database: Database, postgres: EmbeddedPostgres, folder: Path) -> None:
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "storm", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    limit = MESSAGES // 20
    with Fleet(folder, postgres.program_url(), lease_seconds=2, connections_per_account=8) as fleet:
        fleet.set_now(NOW)
        pool = TestPool(database, workspace_id, Mail(port=fleet.mail_server()))
        for number in range(20):
            await pool.account(f"account{number:02}", limit)
        campaign = await pool.campaign()
        await pool.leads(campaign, MESSAGES)
        for _ in range(WORKERS):
            fleet.start_worker()
        kills = _rage(fleet, postgres)
        await _settle_down(pool, fleet)
        fleet.drain()
        await _check(pool, fleet, limit, kills)


def _rage(fleet: Fleet, postgres: EmbeddedPostgres) -> int:
    """Kill a worker whenever another share of the letters has arrived; and the database, once."""
    rng = random.Random(SEED)
    kills = 0
    for share in range(1, 20):
        wait_until(
            lambda share=share: fleet.count() >= share * MESSAGES // 20 - MESSAGES // 50,  # type: ignore[misc]
            seconds=120,
            what=f"share {share}: {fleet.log()[-2000:]}",
        )
        fleet.kill_worker(rng.randrange(WORKERS))
        kills += 1
        if share == 10:
            postgres.restart(immediate=True)
    return kills


async def _settle_down(pool: TestPool, fleet: Fleet) -> None:
    """Until nothing waits and nothing is in flight; leases of the dead run out meanwhile."""

    async def is_quiet() -> bool:
        return not set(await pool.states()) - {"finished", "uncertain"}

    await eventually(is_quiet, seconds=120, what="every message to be accounted for")


async def _check(pool: TestPool, fleet: Fleet, limit: int, kills: int) -> None:
    arrivals = fleet.arrivals()
    messages = await pool.ask(
        "select m.state, l.email from messages m"
        " join leads l on l.workspace_id = m.workspace_id and l.id = m.lead_id"
        " where m.workspace_id = :w"
    )
    arrived = {arrival.recipient for arrival in arrivals}
    sent = {email for state, email in messages if state == "sent"}
    uncertain = {email for state, email in messages if state == "uncertain"}
    by_sender = Counter(arrival.sender for arrival in arrivals)
    ledger = await pool.ledger()
    assert kills == 19
    assert not repeated(arrivals), "a message came twice"
    assert len(sent) + len(uncertain) == MESSAGES, "every message is sent or uncertain"
    assert sent <= arrived <= sent | uncertain, "what was sent arrived; what arrived is accounted for"
    assert all(count <= limit for count in by_sender.values()), "an account passed its limit"
    assert sum(units[0] for units in ledger.values()) == len(sent)
    assert sum(units[1] for units in ledger.values()) == len(uncertain)
    assert all(units[2] == 0 and sum(units) <= limit for units in ledger.values())
    assert await pool.differences() == [], "the books say something else than messages and attempts"
