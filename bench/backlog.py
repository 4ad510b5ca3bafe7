"""What a claim costs beside ten thousand, a million and ten million due messages, and what a worker holds in
memory at work on them: ours beside itself.

A claim is measured as the worker makes it: one transaction that takes 500 of what is due, from several
campaigns, first steps and follow-ups; the median of a few in a row, once the statements are prepared. Each is
settled outside of the measured time, and what was used up is made up for behind the rest, so that a backlog
keeps its size over the runs. The same run then lets a worker process send some of the backlog; its peak is
the memory of the case.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from subprocess import Popen

from bench.engine import POLL_INTERVAL_MS
from bench.measuring import Aim, Case, Contestant, Meter, Run, per_thousand
from bench.peers.sink import smtp_sink
from bench.places import Place
from bench.populating import Stock, execute, stock_of, top_up
from bench.programs import Failed
from leadterra.actions.claiming import Claim, claim_due_messages
from leadterra.actions.running import run
from leadterra.store.database import Database, UnitOfWork
from tests.support.clock import NOW
from tests.support.fleet import Fleet
from tests.support.pools import LEASE, TestPool
from tests.support.waiting import eventually

SIZES = {"10 thousand": 10_000, "1 million": 1_000_000, "10 million": 10_000_000}
_BATCH = 500
_CLAIMS = 6
_WARM = 6
"""Claims before the measured ones: psycopg has prepared every statement by then, as in a worker at work."""

_ROOM = 64
"""Messages of one account that a worker takes on which has none in hand."""

_LETTERS = 3_000
_MEMORY = 150e6


@contextmanager
def cases(place: Place) -> Iterator[list[Case]]:
    """One case, on databases that are filled here unless another case did."""
    with smtp_sink(place.new_folder("sink")) as sink:
        backlogs = [
            Backlog(place, name, place.size(size, least=10_000), sink.port) for name, size in SIZES.items()
        ]
        least, *_, most = [backlog.name for backlog in backlogs]
        yield [
            Case(
                name="backlog",
                unit="ms a claim of 500",
                contestants=[Contestant(backlog.name, backlog.run) for backlog in backlogs],
                aims=[
                    Aim("a claim costs the same beside ten million", of=most, beside=least, at_most=1.2),
                    Aim("a worker's memory is flat", most, least, at_most=1.2, figure="memory"),
                    Aim("a worker holds 150 MB at most", of=most, at_most=_MEMORY, figure="memory"),
                ],
                note="CPU is that of a worker and its database for a thousand letters of the backlog",
            )
        ]


@dataclass(frozen=True, slots=True)
class Backlog:
    """One size. port: of the mail server."""

    place: Place
    name: str
    size: int
    port: int

    def run(self) -> Run:
        """Claim and settle, then let a worker send."""
        stock = stock_of(self.place, self.size)
        execute(stock.admin_url, "update sender_accounts set smtp_port = %(port)s", {"port": self.port})
        spent = asyncio.run(_claims(stock))
        top_up(stock, len(spent) * _BATCH)
        worker = asyncio.run(_send(self.place, stock))
        top_up(stock, worker.count or 0)
        return Run(median(spent), cpu=worker.cpu, memory=worker.memory, store_cpu=worker.store_cpu)


async def _claims(stock: Stock) -> list[float]:
    """Milliseconds of each."""
    database = Database(stock.program_url)
    await database.open()
    pool = TestPool(database, stock.workspace_id)
    try:
        for _ in range(_WARM):
            await run(database, stock.workspace_id, _take, dry_run=True)
        return [await _claim(pool) for _ in range(_CLAIMS)]
    finally:
        await database.close()


async def _claim(pool: TestPool) -> float:
    start = time.perf_counter()
    claim = await run(pool.database, pool.workspace_id, _take)
    taken = time.perf_counter() - start
    assert claim is not None
    assert len(claim.rows) == _BATCH
    await pool.settle(claim)
    return taken * 1000


async def _take(uow: UnitOfWork) -> Claim | None:
    return await claim_due_messages(
        uow, worker="bench", limit=_BATCH, lease=LEASE, now=NOW, room=lambda account_id: _ROOM
    )


async def _send(place: Place, stock: Stock) -> Run:
    """A worker process, from its start until it has sent enough."""
    folder = place.new_folder("backlog")
    database = Database(stock.program_url)
    await database.open()
    pool = TestPool(database, stock.workspace_id)
    before = await _sent(pool)
    try:
        with Fleet(folder, stock.program_url, claim_batch=_BATCH, poll_interval_ms=POLL_INTERVAL_MS) as fleet:
            fleet.set_now(NOW)
            worker = fleet.start_worker()
            with Meter([worker.pid]) as own, Meter([place.postgres_pid]) as store:
                await eventually(
                    lambda: _have_gone(pool, before + _LETTERS, worker), seconds=120, what="the letters"
                )
                fleet.drain()
        count = await _sent(pool) - before
    finally:
        await database.close()
    return Run(
        count,
        cpu=per_thousand(own.cpu + store.cpu, count),
        memory=own.peak,
        store_cpu=per_thousand(store.cpu, count),
        count=count,
    )


async def _have_gone(pool: TestPool, count: int, worker: "Popen[bytes]") -> bool:
    if worker.poll() is not None:
        raise Failed(f"the worker ended with {worker.returncode}")
    return await _sent(pool) >= count


async def _sent(pool: TestPool) -> int:
    rows = await pool.ask("select sum(sent)::bigint from campaign_totals where workspace_id = :w")
    return int(rows[0][0])
