"""Two thousand mailboxes of one real Dovecot, all watched with IDLE under TLS by one process: what one costs
while nothing happens, and the time from a letter's delivery until it is known.

Our worker is the whole program: a letter is known when the event of the answer is in the database. Beside it,
its IMAP client alone and bare sockets, which know of a letter when they have fetched it, or were told of it.
Dovecot announces a letter half a second after it is there, to tell of several at once; bare sockets show how
much of the time is that. Memory and CPU are those of the watching process, beyond what it takes without any
mailbox; those of its database, and of Dovecot, are told beside them. IDLE is renewed too seldom to be seen in
the rest that is measured; the looks into junk folders, and renewals of leases, are. Every figure of a
contestant comes from one and the same watch.
"""

import json
import smtplib
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

from bench.inbox import worker
from bench.measuring import Aim, Case, Contestant, Run
from bench.places import Place
from bench.programs import own_python, running, wait_until
from bench.watchers import Watcher, Watching, cpu, memory
from bench.watching import Watch, address
from tests.support.dovecot import Dovecot
from tests.support.smtp_certificates import authority

_MAILBOXES = 2000
_LETTERS = 500
_LETTERS_A_SECOND = 50
_IDLE_SECONDS = 20
_SETTLING_SECONDS = 5
_RUNS = 2
_PASSWORD = "secret"
_WORKER = "our worker"
_BARE = "bare sockets"


@dataclass(frozen=True, slots=True)
class Seen:
    """What one watch showed. memory: bytes a mailbox; cpu: seconds an hour of a thousand idle mailboxes;
    the same of its database and of the server; opened: seconds until all were watched; delays: seconds from
    delivery to knowledge, shortest first.
    """

    memory: float
    cpu: float
    store_cpu: float
    server_memory: float
    server_cpu: float
    opened: float
    delays: list[float]


@dataclass(slots=True)
class _Record:
    """One contestant's watches, for the cases that tell different things of them."""

    watch: Callable[[], Seen]
    seen: list[Seen] = field(default_factory=list)

    def again(self) -> Seen:
        self.seen.append(self.watch())
        return self.seen[-1]


def cases(place: Place) -> Iterator[Case]:
    """The delay first: its runs are the watches."""
    mailboxes, letters = place.size(_MAILBOXES, 100), place.size(_LETTERS, 50)
    watch = partial(_watch, place, mailboxes, letters)
    watchings = {
        _WORKER: worker(place, 1),
        f"{_WORKER}, 200 workspaces": worker(place, 200),
        "our client": _process("client"),
        _BARE: _process("bare"),
    }
    records = {name: _Record(partial(watch, watching)) for name, watching in watchings.items()}
    note = f"{mailboxes} mailboxes in one process, {letters} letters at {_LETTERS_A_SECOND} a second"
    yield Case(
        "mailboxes: delivery to knowledge, median",
        "ms",
        [Contestant(name, partial(_delay, record)) for name, record in records.items()],
        [Aim("an answer is an event 100 ms after bare sockets are told", _WORKER, _BARE, at_most=1.2)],
        runs=_RUNS,
        note=note,
    )
    for name, unit, figure, aims in _FIGURES:
        yield _told(name, unit, records, figure, aims)


def _told(
    name: str,
    unit: str,
    records: Mapping[str, _Record],
    figure: Callable[[Seen], float],
    aims: Sequence[Aim],
) -> Case:
    """A case over what was seen before."""

    def tell(record: _Record, turns: Iterator[int]) -> Run:
        return Run(figure(record.seen[next(turns)]))

    contestants = [Contestant(name, partial(tell, record, count())) for name, record in records.items()]
    return Case(f"mailboxes: {name}", unit, contestants, aims, runs=_RUNS)


def _delay(record: _Record) -> Run:
    seen = record.again()
    return Run(1000 * statistics.median(seen.delays), count=len(seen.delays))


def _late(delays: list[float]) -> float:
    return delays[min(len(delays) - 1, round(0.99 * len(delays)))]


_HOURLY = "s an hour, 1000 mailboxes"
_FIGURES: Sequence[tuple[str, str, Callable[[Seen], float], Sequence[Aim]]] = (
    (
        "delivery to knowledge, 99th percentile",
        "ms",
        lambda one: 1000 * _late(one.delays),
        [Aim("an answer is an event within a second", _WORKER, at_most=1000)],
    ),
    ("until all are watched", "s", lambda one: one.opened, []),
    (
        "idle, memory",
        "KB a mailbox",
        lambda one: one.memory / 1000,
        [
            Aim("64 KB an idle mailbox at most", _WORKER, at_most=64),
            Aim("twice as much as bare sockets at most", _WORKER, _BARE, at_most=2),
        ],
    ),
    (
        "idle, CPU",
        _HOURLY,
        lambda one: one.cpu,
        [Aim("1 % of a core for a thousand idle mailboxes at most", _WORKER, at_most=36)],
    ),
    ("idle, CPU of PostgreSQL", _HOURLY, lambda one: one.store_cpu, []),
    ("idle, memory of Dovecot", "KB a mailbox", lambda one: one.server_memory / 1000, []),
    ("idle, CPU of Dovecot", _HOURLY, lambda one: one.server_cpu, []),
)
"""Name, unit, how it is read from a watch, and what is aimed at."""


def _watch(place: Place, mailboxes: int, letters: int, watching: Watching) -> Seen:
    """Fresh mailboxes, watched; a time of rest; then letters to some of them."""
    with Dovecot() as dovecot:
        for number in range(mailboxes):
            dovecot.add_user(address(number), password=_PASSWORD)
        watch = Watch(dovecot.ports.imaps, mailboxes, _PASSWORD, str(authority().file))
        empty = memory([dovecot.pid])
        with watching(watch, place.new_folder("watch")) as watcher:
            time.sleep(_SETTLING_SECONDS)
            spent = [cpu(pids) for pids in (watcher.pids, watcher.store, [dovecot.pid])]
            time.sleep(_IDLE_SECONDS)
            taken = [cpu(pids) for pids in (watcher.pids, watcher.store, [dovecot.pid])]
            own, server = memory(watcher.pids) - watcher.empty, memory([dovecot.pid]) - empty
            boxes = [address(number * mailboxes // letters) for number in range(letters)]
            delivered = _deliver(dovecot, boxes, watcher.letter)
            wait_until(lambda: len(watcher.known()) >= letters, seconds=60, what="all letters to be known")
            known = watcher.known()
    beside = (watcher.resting, watcher.store_resting, 0.0)
    hourly = [
        ((after - before) / _IDLE_SECONDS - resting) * 3600 * 1000 / mailboxes
        for before, after, resting in zip(spent, taken, beside, strict=True)
    ]
    return Seen(
        memory=own / mailboxes,
        cpu=hourly[0],
        store_cpu=hourly[1],
        server_memory=server / mailboxes,
        server_cpu=hourly[2],
        opened=watcher.opened,
        delays=sorted(known[box] - at for box, at in delivered.items()),
    )


def _deliver(dovecot: Dovecot, boxes: list[str], letter: Callable[[str], bytes]) -> dict[str, float]:
    """A letter to each, at an even pace; when each was accepted."""
    delivered = {}
    start = time.monotonic()
    with smtplib.LMTP(str(dovecot.lmtp)) as client:
        for number, box in enumerate(boxes):
            time.sleep(max(0, start + number / _LETTERS_A_SECOND - time.monotonic()))
            client.sendmail("kim@people.test", [box], letter(box))
            delivered[box] = time.time()
    return delivered


def _process(kind: str) -> Watching:
    """One process of bench.watching."""

    @contextmanager
    def watching(watch: Watch, folder: Path) -> Iterator[Watcher]:
        settings = {name: getattr(watch, name) for name in watch.__slots__}
        log = folder / "log"
        command = [*own_python(), "-m", "bench.watching", kind, json.dumps(settings)]
        start = time.monotonic()
        with running(command, lambda: b"\n" in log.read_bytes(), log) as process:
            opened = time.monotonic() - start
            empty = float(log.read_text().split("\n", 1)[0].removeprefix("ready "))
            yield Watcher([process.pid], empty, partial(_known, log), opened)

    return watching


def _known(log: Path) -> dict[str, float]:
    whole = log.read_text().rpartition("\n")[0].splitlines()[1:]
    return {box: float(at) for box, at in (line.split() for line in whole)}
