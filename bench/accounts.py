"""Ten to a hundred thousand accounts with spaced work, in one to ten thousand workspaces, and one worker: how
much goes late, and what it costs to wait.

Every account has a lead that is due tomorrow. A worker first has nothing to do for a while: its CPU and that
of the database is what idling costs. Then messages fall due at even distances, each of another account, at
most as many as a hundred thousand accounts send that have fifty letters a day. Late is what was cleared for
DATA more than a second after it was due, or not at all.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiosql
import psycopg

from bench.engine import POLL_INTERVAL_MS
from bench.measuring import Aim, Case, Contestant, Meter, Run, per_thousand
from bench.peers.sink import smtp_sink
from bench.places import Place
from bench.populating import connect, new_database
from leadterra.transport.clock import FileClock
from tests.support.clock import NOW
from tests.support.fleet import Fleet, wait_until

_CROWDS = (
    ("10 in 1 workspace", 10, 1),
    ("10 thousand in 100", 10_000, 100),
    ("10 thousand in 1", 10_000, 1),
    ("100 thousand in 10 thousand", 100_000, 10_000),
)
_MOST_A_SECOND = 60
_GAP_SECONDS = 1.0
_AHEAD = timedelta(seconds=1)
_IDLE_SECONDS = 3.0
_SECONDS = 8.0
_PATIENCE = 20.0
_BETWEEN_RUNS = timedelta(minutes=10)
"""Time never goes back: accounts remember when they may send again."""
_STRIDE = 7919
"""A prime that divides no number of accounts: neighbours in time are far apart otherwise."""

_QUERIES = aiosql.from_path(Path(__file__).with_suffix(".sql"), "psycopg", mandatory_parameters=False)


@contextmanager
def cases(place: Place) -> Iterator[list[Case]]:
    """What goes late, and what idling costs, from the same runs."""
    with smtp_sink(place.new_folder("sink")) as sink:
        crowds = [
            Crowd(place, name, place.size(accounts, 10), place.size(workspaces), sink.port)
            for name, accounts, workspaces in _CROWDS
        ]
        yield [
            Case(
                name="accounts: late",
                unit="% of the messages",
                contestants=[Contestant(crowd.name, crowd.lateness) for crowd in crowds],
                aims=[Aim(f"nothing late: {crowd.name}", of=crowd.name, at_most=0) for crowd in crowds],
                note="more than 1 s after it was due; one worker",
            ),
            Case(
                name="accounts: idle",
                unit="ms of CPU a second",
                contestants=[Contestant(crowd.name, crowd.idleness) for crowd in crowds],
                note="of the worker and its database, in the same runs",
            ),
        ]


@dataclass(frozen=True, slots=True)
class Batch:
    """Work that falls due at even distances. first: the number of the first lead. a_second: how much."""

    first: int
    due_at: datetime
    count: int
    a_second: float

    def bound(self) -> dict[str, object]:
        """As statements take it."""
        return {
            "first": self.first,
            "due_at": self.due_at,
            "count": self.count,
            "apart": f"{1 / self.a_second} seconds",
        }


@dataclass(slots=True)
class Crowd:
    """So many accounts in so many workspaces. urls: of their database, once it is filled. starts_at: when the
    next run begins. idle: what runs showed that was not told yet.
    """

    place: Place
    name: str
    accounts: int
    workspaces: int
    port: int
    urls: tuple[str, str] | None = None
    leads: int = 0
    starts_at: datetime = NOW
    idle: list[Run] = field(default_factory=list)

    def lateness(self) -> Run:
        """One run of a worker; how much went late."""
        urls = self._fill()
        folder = self.place.new_folder("accounts")
        with (
            Fleet(folder, urls[1], poll_interval_ms=POLL_INTERVAL_MS) as fleet,
            psycopg.connect(urls[0], autocommit=True) as admin,
        ):
            fleet.set_now(self.starts_at)
            self.starts_at += _BETWEEN_RUNS
            worker = fleet.start_worker()
            wait_until(lambda: _is_at_work(admin), seconds=60, what="the worker to start")
            self.idle.append(self._idle(worker.pid))
            run = self._work(admin, worker.pid, FileClock(fleet.clock_file))
            fleet.drain()
        return run

    def idleness(self) -> Run:
        """What a run showed that was measured already, if there is one left."""
        if not self.idle:
            self.lateness()
        return self.idle.pop(0)

    def _idle(self, pid: int) -> Run:
        with Meter([pid]) as own, Meter([self.place.postgres_pid]) as store:
            time.sleep(_IDLE_SECONDS)
        spent = 1000 / _IDLE_SECONDS
        return Run((own.cpu + store.cpu) * spent, memory=own.peak)

    def _work(self, admin: psycopg.Connection[tuple[object, ...]], pid: int, clock: FileClock) -> Run:
        a_second = min(_MOST_A_SECOND, self.accounts / 2)
        batch = Batch(self.leads, clock.now() + _AHEAD, round(_SECONDS * a_second), a_second)
        self._insert(admin, batch)
        with Meter([pid]) as own, Meter([self.place.postgres_pid]) as store:
            time.sleep(_AHEAD.total_seconds() + _SECONDS)
            give_up = time.monotonic() + _PATIENCE
            while (found := _lateness(admin, batch))[1] and time.monotonic() < give_up:
                time.sleep(0.2)
        return Run(
            100 * found[0] / batch.count,
            cpu=per_thousand(own.cpu + store.cpu, batch.count),
            memory=own.peak,
            store_cpu=per_thousand(store.cpu, batch.count),
            count=batch.count,
        )

    def _insert(self, admin: psycopg.Connection[tuple[object, ...]], batch: Batch) -> None:
        crowd = {"workspaces": self.workspaces, "accounts": self.accounts, "stride": _STRIDE, "now": NOW}
        admin.execute(_text("insert_work"), {**crowd, **batch.bound()})
        admin.execute(_text("wake_pools"), {"first": batch.first})
        self.leads += batch.count

    def _fill(self) -> tuple[str, str]:
        if self.urls is None:
            urls = new_database(self.place, f"accounts{self.accounts}in{self.workspaces}")
            tomorrow = NOW + timedelta(days=1)
            bound = {
                "workspaces": self.workspaces,
                "accounts": self.accounts,
                "port": self.port,
                "gap": _GAP_SECONDS,
                "wake_at": tomorrow,
                "now": NOW,
            }
            with connect(urls[0]) as admin:
                for table in ("workspaces", "pools", "campaigns", "steps", "accounts"):
                    admin.execute(_text(f"insert_{table}"), bound)
                self._insert(admin, Batch(0, tomorrow, self.accounts, 1000.0))
                admin.execute("vacuum analyze")
            self.urls = urls
        return self.urls


def _is_at_work(admin: psycopg.Connection[tuple[object, ...]]) -> bool:
    return admin.execute("select from workers").fetchone() is not None


def _lateness(admin: psycopg.Connection[tuple[object, ...]], batch: Batch) -> tuple[int, int, float]:
    """(late, not sent yet, the greatest delay in seconds)."""
    row = admin.execute(_text("lateness"), batch.bound()).fetchone()
    assert row is not None
    late, unsent, delay = row
    assert isinstance(late, int)
    assert isinstance(unsent, int)
    assert isinstance(delay, float)
    return late, unsent, delay


def _text(block: str) -> bytes:
    found: str = getattr(_QUERIES, block).sql
    return found.encode()
