"""Two-kilobyte letters to a local smtp-sink over kept connections, beside what a user would pick instead.

Each contestant hands letters of the same size to the same sink, in turn; only letters that came to the sink
count. smtp-source composes nothing and remembers nothing: it is the limit. Nodemailer remembers nothing.
Postfix, django-post_office and Celery keep a record, as ours does. Slower ones send fewer letters a run.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import psycopg
from psycopg.conninfo import conninfo_to_dict

from bench.engine import Crew, Work, letter_size, send, settle_down
from bench.measuring import Aim, Case, Contestant, Meter, Run, per_thousand
from bench.peers.letter import SENDER, compose, filling_of, recipient
from bench.peers.postfix import postfix_queue, release
from bench.peers.sink import Sink, smtp_sink
from bench.places import Place
from bench.programs import (
    Failed,
    Report,
    answers,
    environment,
    free_port,
    node_environment,
    peers_python,
    program,
    report,
    run,
    running,
    script,
    timed,
)

SESSIONS = 160
"""Connections of every contestant that lets us choose."""
PROCESSES = 2
"""Ours, and those of django-post_office: one a core."""

WORKSPACES = 4
"""Among which our accounts are divided: a pool is one lock, and an installation has many."""
_ACCOUNTS = 20
_CELERY_PROCESSES = 4
_SECONDS = 600.0
_DATABASE = "peer"
_LEAST = 400


@dataclass(frozen=True, slots=True)
class Relay:
    """The surroundings of the contestants. size: octets of every letter."""

    place: Place
    sink: Sink
    size: int


Mailer = Callable[[Relay, int], Run]


@contextmanager
def cases(place: Place) -> Iterator[Sequence[Case]]:
    """The one case, with its sink running."""
    with smtp_sink(place.new_folder("sink")) as sink:
        relay = Relay(place, sink, letter_size(place))
        contestants = [
            Contestant(name, partial(_arriving, mailer, relay, place.size(letters, _LEAST)))
            for name, letters, mailer in _MAILERS
        ]
        own = f"ours: {PROCESSES} processes, {WORKSPACES} workspaces"
        note = f"letters of {relay.size} octets, {SESSIONS} connections where it can be said; {own}"
        yield [Case("relay", "messages/s", contestants, _AIMS, note=note)]


def _arriving(mailer: Mailer, relay: Relay, letters: int) -> Run:
    """A run of which every letter came to the sink, once."""
    before = relay.sink.count()
    run = mailer(relay, letters)
    relay.sink.wait(before + letters, seconds=10)
    arrived = relay.sink.count() - before
    if arrived != letters:
        raise Failed(f"{arrived} letters came of {letters}")
    return run


def _ours(relay: Relay, letters: int, *, workspaces: int = WORKSPACES) -> Run:
    work = Work(relay.sink.port, letters, _ACCOUNTS, seconds=_SECONDS, workspaces=workspaces)
    each = SESSIONS // _ACCOUNTS // PROCESSES
    return send(relay.place, work, Crew(PROCESSES, {"connections_per_account": each}))


def _smtp_source(relay: Relay, letters: int) -> Run:
    return _run_of(_inject(relay, letters, relay.sink.port, SESSIONS), letters)


def _inject(relay: Relay, letters: int, port: int, sessions: int) -> Report:
    """smtp-source, with connections that are kept."""
    folder = relay.place.new_folder("smtp-source")
    letter = folder / "letter"
    lines = compose(0, filling_of(relay.size)).as_bytes()
    letter.write_bytes(lines.removesuffix(b"\n"))  # smtp-source ends the last line itself
    command = [program("smtp-source"), "-d", "-s", str(sessions), "-m", str(letters)]
    command += ["-f", SENDER, "-t", recipient(0), "-F", str(letter), f"127.0.0.1:{port}"]
    return timed(command, folder / "log", seconds=_SECONDS)


def _nodemailer(relay: Relay, letters: int) -> Run:
    options = {"port": relay.sink.port, "messages": letters, "size": relay.size}
    options |= {"connections": SESSIONS, "pool": True}
    command = [program("node"), script("nodemailer.js"), json.dumps(options)]
    log = relay.place.new_folder("nodemailer") / "log"
    return _run_of(report(command, log, seconds=_SECONDS, environ=node_environment()), letters)


def _postfix(relay: Relay, letters: int) -> Run:
    """What is in its queue, from the moment when it may go to the last at the sink."""
    before = relay.sink.count()
    folder = relay.place.new_folder("postfix")
    with postfix_queue(folder, relay.sink.port, SESSIONS) as (port, pid):
        _inject(relay, letters, port, SESSIONS // 2)
        with Meter([pid]) as meter:
            start = perf_counter()
            release(folder, folder / "release")
            relay.sink.wait(before + letters, seconds=_SECONDS)
            seconds = perf_counter() - start
    return _run_of(Report(seconds, meter.cpu, meter.peak), letters)


def _post_office(relay: Relay, letters: int) -> Run:
    """What is queued in its tables is sent by its own command."""
    with _peer_database(relay.place) as where:
        folder = relay.place.new_folder("post_office")
        options = {**where, "port": relay.sink.port, "messages": letters, "size": relay.size}
        options |= {"processes": PROCESSES, "lock_file": str(folder / "lock")}
        command = [peers_python(), "-m", "bench.peers.post_office"]
        run([*command, "fill", json.dumps(options)], folder / "fill", seconds=_SECONDS)
        settle_down(relay.place)
        with Meter([relay.place.postgres_pid]) as store:
            told = report([*command, "send", json.dumps(options)], folder / "send", seconds=_SECONDS)
    return _run_of(told, letters, store.cpu)


@contextmanager
def _peer_database(place: Place) -> Iterator[dict[str, str]]:
    """An empty database on the same server, and how to get there."""
    url = place.postgres.admin_url()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create database {_DATABASE}")
        try:
            parts = conninfo_to_dict(url)
            yield {"user": str(parts["user"]), "host": str(parts["host"]), "name": _DATABASE}
        finally:
            connection.execute(f"drop database {_DATABASE} with (force)")


def _celery(relay: Relay, letters: int) -> Run:
    """From the first letter at the sink to the last: all tasks are queued before the workers start."""
    folder, port = relay.place.new_folder("celery"), free_port()
    told = json.dumps({"redis": port, "smtp": relay.sink.port, "size": relay.size})
    environ = environment(BENCH_CELERY=told)
    python = [peers_python(), "-m"]
    server = [program("redis-server"), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    worker = [*python, "celery", "-A", "bench.peers.celery_letters", "worker", "-c", str(_CELERY_PROCESSES)]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING"]
    with running(server, answers(port), folder / "redis.log") as redis:
        queue = [*python, "bench.peers.celery_letters", str(letters)]
        run(queue, folder / "queue", seconds=_SECONDS, environ=environ)
        before = relay.sink.count()
        ready = partial(_has_more, relay.sink, before)
        with (
            running(worker, ready, folder / "worker.log", environ=environ) as workers,
            Meter([workers.pid]) as own,
            Meter([redis.pid]) as store,
        ):
            start, first = perf_counter(), relay.sink.count()
            relay.sink.wait(before + letters, seconds=_SECONDS)
            seconds = perf_counter() - start
    return _run_of(Report(seconds, own.cpu, own.peak), before + letters - first, store.cpu, count=letters)


def _has_more(sink: Sink, before: int) -> bool:
    return sink.count() > before


def _run_of(told: Report, letters: int, store: float = 0.0, *, count: int | None = None) -> Run:
    return Run(
        letters / told.seconds,
        cpu=per_thousand(told.cpu + store, letters),
        memory=told.memory,
        store_cpu=per_thousand(store, letters) if store else None,
        count=count or letters,
    )


_MAILERS: Sequence[tuple[str, int, Mailer]] = (
    ("ours", 50_000, _ours),
    ("ours, one workspace", 20_000, partial(_ours, workspaces=1)),
    ("smtp-source -d", 50_000, _smtp_source),
    ("nodemailer pool", 20_000, _nodemailer),
    ("Postfix queue", 5_000, _postfix),
    ("django-post_office", 5_000, _post_office),
    ("Celery with Redis", 5_000, _celery),
)
"""Letters of a run each: as many as take some ten seconds, so that the whole bench stays short."""

_AIMS = (
    Aim("at least 0.3 of smtp-source -d", "ours", "smtp-source -d", at_least=0.3),
    Aim("at least 2.5 times nodemailer's pool", "ours", "nodemailer pool", at_least=2.5),
    *(
        Aim(f"at least 4 times {name}, which keeps a record", "ours", name, at_least=4)
        for name in ("Postfix queue", "django-post_office", "Celery with Redis")
    ),
    Aim("at most 150 MB of memory a process", "ours", at_most=150e6, figure="memory"),
)
