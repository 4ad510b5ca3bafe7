"""The PostgreSQL primary dies under load, its synchronous standby is promoted, and workers go on by
themselves; then the old primary comes back by mistake.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from psycopg import OperationalError

from leadterra.store.database import Database
from leadterra.store.embedded import PROGRAM
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW
from tests.support.failover import Pair
from tests.support.fleet import Fleet, repeated, wait_until
from tests.support.pools import Mail, TestPool
from tests.support.processes import Program
from tests.support.waiting import eventually

ACCOUNTS = 10
LIMIT = 200
CAPACITY = ACCOUNTS * LIMIT
LEADS = CAPACITY + 500
WORKERS = 4
WAITING = "select count(*) from pg_stat_activity where usename = 'leadterra_app' and wait_event = 'SyncRep'"
"""Commits of the program that wait for the standby: of a worker without work, one, its sign of life."""


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A primary and its synchronous standby; not below pytest's folder, which every other run of it closes to
    their user.
    """
    with tempfile.TemporaryDirectory(prefix="leadterra-failover-") as folder, Pair(Path(folder)) as pair:
        yield pair


async def test_a_failover_loses_and_duplicates_nothing(pair: Pair, tmp_path: Path) -> None:
    """No letter twice, none lost, every account's day used to the last unit and not beyond, on the new
    primary as if nothing had been; and the old primary, back as a second one, gets no letter out.
    """
    database = Database(pair.program_url(), check=True)
    await database.open()
    settings = {"lease_seconds": 5, "max_in_flight": 60, "claim_batch": 30}
    with Fleet(tmp_path, pair.program_url(), **settings) as fleet:
        fleet.set_now(NOW)
        pool = await _filled_pool(database, fleet)
        for _ in range(WORKERS):
            fleet.start_worker()
        wait_until(lambda: fleet.count() >= CAPACITY // 3, seconds=60, what=f"load: {fleet.log()[-2000:]}")
        pair.primary.kill()
        before = fleet.count()
        pair.promote()
        await _use_up_the_day(pool, fleet)
        assert all(worker.poll() is None for worker in fleet.workers), "all went on by themselves"
        fleet.drain()
        assert before < CAPACITY, "the primary died under load"
        await _check(pool, fleet)
        _verify_by_command(pair, fleet)
        _bring_back(pair, fleet)
    await database.close()


async def _filled_pool(database: Database, fleet: Fleet) -> TestPool:
    """Accounts for less than there is to send."""
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "failover", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    pool = TestPool(database, workspace_id, Mail(port=fleet.mail_server()))
    for number in range(ACCOUNTS):
        await pool.account(f"account{number}", LIMIT)
    await pool.leads(await pool.campaign(), LEADS)
    return pool


async def _use_up_the_day(pool: TestPool, fleet: Fleet) -> None:
    """Until every unit of the day is spent; leases of claims whose answer was lost run out meanwhile."""

    async def is_used_up() -> bool:
        try:
            units = (await pool.ledger()).values()
        except OperationalError:
            return False  # the first connections found are the dead ones
        return sum(sent + uncertain for sent, uncertain, _ in units) == CAPACITY

    await eventually(is_used_up, seconds=60, what=f"the day to be used up; {fleet.log()[-2000:]}")


async def _check(pool: TestPool, fleet: Fleet) -> None:
    arrivals = fleet.arrivals()
    messages = await pool.ask(
        "select m.state, l.email from messages m"
        " join leads l on l.workspace_id = m.workspace_id and l.id = m.lead_id"
        " where m.workspace_id = :w and m.state in ('sent', 'uncertain')"
    )
    arrived = {arrival.recipient for arrival in arrivals}
    sent = {email for state, email in messages if state == "sent"}
    by_sender = Counter(arrival.sender for arrival in arrivals)
    ledger = await pool.ledger()
    assert not repeated(arrivals), "a message came twice"
    assert sent <= arrived <= {email for _, email in messages}, "what was sent arrived; what arrived is known"
    assert {name: (sent + uncertain, reserved) for name, (sent, uncertain, reserved) in ledger.items()} == {
        f"account{number}": (LIMIT, 0) for number in range(ACCOUNTS)
    }
    assert all(
        by_sender[f"{name}@acme.test"] - sent in range(uncertain + 1)
        for name, (sent, uncertain, _) in ledger.items()
    ), "the mail server counts what the ledger does"


def _verify_by_command(pair: Pair, fleet: Fleet) -> None:
    settings = {"clock_file": fleet.clock_file, "data_dir": fleet.folder / "data"}
    with Program(fleet.folder, database_url=pair.program_url(), **settings) as program:
        said = program.run("ledger", "verify")
    assert said.out == "The books of the workspace 'failover' of every day: no difference.\n", said.err


def _bring_back(pair: Pair, fleet: Fleet) -> None:
    """It has work that was due when it died, and here is a worker that knows no other server; but it answers
    no commit, for its standby is gone.
    """
    count, later, folder = fleet.count(), NOW + timedelta(minutes=10), fleet.folder / "lost"
    (folder / "data").mkdir(parents=True)
    pair.primary.start()
    assert pair.primary.ask(f"select count(*) from sender_pools where wake_at < '{later}'") == 1
    with Fleet(folder, pair.primary.url(PROGRAM)) as lost:
        lost.set_now(later)
        lost.start_worker()
        wait_until(lambda: pair.primary.ask(WAITING) == 2, seconds=20, what=f"commits to wait: {lost.log()}")
    assert fleet.count() == count
