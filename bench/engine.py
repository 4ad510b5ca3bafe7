"""Ours: real worker processes on a fresh workspace of the place's PostgreSQL, from the first claim to the
last settlement.

Everything as it is delivered: fsync and synchronous_commit on, ledger and events written, usual settings
unless a case names others. Raises `Failed` where letters are missing in the end.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from bench.measuring import Meter, Run, per_thousand
from bench.peers.letter import fill
from bench.places import Place
from bench.programs import Failed, answers, free_port, own_python, running, wait_until
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.sealing import KeyRing, SealContext
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW
from tests.support.fleet import Fleet
from tests.support.pools import Mail, TestPool
from tests.support.waiting import eventually

SEAL_KEYS = "bench:" + "QUJD" * 10 + "QUI="
POLL_INTERVAL_MS = 200
"""As it is unless set; tests have workers look oftener."""
FILLING = 1261
"""Octets of filling that make our letters two kilobytes."""

_SECURED = """ update sender_accounts set smtp_security = 'starttls', smtp_username = email,
smtp_password = :password where workspace_id = :w and id = :id """


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be sent. port: of the mail server on loopback. password: of every account, over STARTTLS;
    None: no TLS and no login. seconds: that it may take. workspaces: among which accounts and messages are
    divided; each has a pool and one lock of its own.
    """

    port: int
    messages: int
    accounts: int = 20
    password: str | None = None
    seconds: float = 300
    workspaces: int = 1


@dataclass(frozen=True, slots=True)
class Crew:
    """Who sends it. processes: of workers. settings: theirs, by field of `Settings`."""

    processes: int = 1
    settings: Mapping[str, object] = field(default_factory=dict)


def send(place: Place, work: Work, crew: Crew) -> Run:
    """Messages a second of the whole engine."""
    return asyncio.run(_send(place, work, crew))


def letter_size(place: Place) -> int:
    """Octets of one of our letters on the wire, as a server got it."""
    folder, port = place.new_folder("size"), free_port()
    record = folder / "record"
    with running(slow_server(port, 0, record), answers(port), folder / "log"):
        send(place, Work(port, 1, accounts=1), Crew())
        wait_until(record.exists, what="a letter")
        return int(record.read_text().split()[1])


def slow_server(port: int, milliseconds: int, record: Path) -> list[str]:
    """The command of the server of `bench.peers.slow_server`."""
    return [*own_python(), "-m", "bench.peers.slow_server", str(port), str(milliseconds), str(record)]


async def _send(place: Place, work: Work, crew: Crew) -> Run:
    database = Database(place.postgres.program_url())
    await database.open()
    folder = place.new_folder("engine")
    try:
        pools = [await _prepare(database, work) for _ in range(work.workspaces)]
        settle_down(place)
        usual = {"poll_interval_ms": POLL_INTERVAL_MS, "seal_keys": SEAL_KEYS}
        settings = {"clock_file": folder / "clock", **usual, **crew.settings}
        with Fleet(folder, place.postgres.program_url(), **settings) as fleet:
            return await _measure(place, pools, fleet, work, crew.processes)
    finally:
        await database.close()


async def _measure(place: Place, pools: Sequence[TestPool], fleet: Fleet, work: Work, processes: int) -> Run:
    fleet.set_now(NOW)
    for _ in range(processes):
        fleet.start_worker()
    await eventually(lambda: _are_at_work(pools[0], processes), seconds=60, what="the workers to start")
    pids = [worker.pid for worker in fleet.workers]
    with Meter(pids) as own, Meter([place.postgres_pid]) as store:
        start = time.perf_counter()
        for pool in pools:
            await pool.execute("update campaigns set status = 'running' where workspace_id = :w")
            await pool.wake(NOW)
        await eventually(
            lambda: _are_settled(pools, work.messages), seconds=work.seconds, what=f"{work.messages} messages"
        )
        taken = time.perf_counter() - start
    fleet.drain()
    sent = await _total(pools, "sent")
    if sent != work.messages:
        raise Failed(f"{sent} of {work.messages} messages are sent")
    return Run(
        work.messages / taken,
        cpu=per_thousand(own.cpu + store.cpu, work.messages),
        memory=own.peak,
        store_cpu=per_thousand(store.cpu, work.messages),
        count=work.messages,
    )


async def _prepare(database: Database, work: Work) -> TestPool:
    """One workspace, with its part of accounts and leads."""
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "bench", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    pool = TestPool(database, workspace_id, Mail(port=work.port))
    for number in range(work.accounts // work.workspaces):
        account_id = await pool.account(f"account{number:03}", work.messages)
        if work.password is not None:
            sealed = KeyRing.from_text(SEAL_KEYS).seal(
                work.password, SealContext(workspace_id, account_id, "smtp")
            )
            await pool.execute(_SECURED, id=account_id, password=sealed)
    campaign = await pool.campaign(status="paused")
    await pool.execute(
        "update sequence_steps set body_html = :html, body_text = :text where workspace_id = :w",
        html="<p>Hello {{ firstName }},</p>\n<p>a line of text</p>",
        text=f"Hello {{{{ firstName }}}},\n{fill(FILLING)}",
    )
    await pool.leads(campaign, work.messages // work.workspaces)
    return pool


def settle_down(place: Place) -> None:
    """Write out what was loaded: the checkpoint after a bulk load is no part of any figure.

    Statistics are left to autovacuum, as in any installation.
    """
    with psycopg.connect(place.postgres.admin_url(), autocommit=True) as connection:
        connection.execute("checkpoint")


async def _are_at_work(pool: TestPool, processes: int) -> bool:
    """Each says so once a start; those of earlier runs have taken their leave."""
    rows = await pool.ask("select count(*) from workers")
    return bool(rows[0][0] >= processes)


async def _are_settled(pools: Sequence[TestPool], messages: int) -> bool:
    return await _total(pools, "sent + bounced + failed + uncertain") >= messages


async def _total(pools: Sequence[TestPool], what: str) -> int:
    """Of all workspaces."""
    sums = [
        await pool.ask(f"select sum({what}) from campaign_totals where workspace_id = :w") for pool in pools
    ]
    return int(sum(rows[0][0] for rows in sums))
