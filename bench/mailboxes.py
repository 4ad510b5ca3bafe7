"""Two thousand mailboxes of one real Dovecot, all watched with IDLE under TLS by one process: what one costs
while nothing happens, and the time from a letter's delivery until it is known.

Dovecot announces a letter half a second after it is there, to tell of several at once; bare sockets show how
much of the time is that. IDLE is renewed too seldom to be seen in the rest that is measured. CPU and memory
while idle are the watching process's; those of Dovecot are told beside them. Every figure of a contestant
comes from one and the same watch.
"""

import json
import smtplib
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import psutil

from bench.measuring import Case, Contestant, Run
from bench.places import Place
from bench.programs import own_python, running, wait_until
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
_LETTER = b"From: Kim <kim@people.test>\r\nSubject: Re: Hello\r\n\r\nTell me more.\r\n"


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody who watches all mailboxes. pids: its processes. empty: bytes they had before the first
    mailbox. known: by address, when the letter in that mailbox was known, as seconds since 1970.
    """

    pids: list[int]
    empty: float
    known: Callable[[], Mapping[str, float]]


Watching = Callable[[Watch, Path], AbstractContextManager[Watcher]]
"""Begins to watch, until the block ends; entered once every mailbox is watched. The folder is its own."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one watch showed. memory: bytes a mailbox; cpu: seconds an hour of a thousand idle mailboxes;
    the same of the server; delays: seconds from delivery to knowledge, shortest first.
    """

    memory: float
    cpu: float
    server_memory: float
    server_cpu: float
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
    records = {
        name: _Record(partial(watch, watching))
        for name, watching in (("our client", _process("client")), ("bare sockets", _process("bare")))
    }
    note = f"{mailboxes} mailboxes in one process, {letters} letters at {_LETTERS_A_SECOND} a second"
    yield Case(
        "mailboxes: delivery to knowledge, median",
        "ms",
        [Contestant(name, partial(_delay, record)) for name, record in records.items()],
        runs=_RUNS,
        note=note,
    )
    yield _told("delivery to knowledge, 99th percentile", "ms", records, lambda one: 1000 * _late(one.delays))
    yield _told("idle, memory", "KB a mailbox", records, lambda one: one.memory / 1000)
    yield _told("idle, CPU", "s an hour, 1000 mailboxes", records, lambda one: one.cpu)
    yield _told("idle, memory of Dovecot", "KB a mailbox", records, lambda one: one.server_memory / 1000)
    yield _told("idle, CPU of Dovecot", "s an hour, 1000 mailboxes", records, lambda one: one.server_cpu)


def _told(name: str, unit: str, records: Mapping[str, _Record], figure: Callable[[Seen], float]) -> Case:
    """A case over what was seen before."""

    def tell(record: _Record, turns: Iterator[int]) -> Run:
        return Run(figure(record.seen[next(turns)]))

    contestants = [Contestant(name, partial(tell, record, count())) for name, record in records.items()]
    return Case(f"mailboxes: {name}", unit, contestants, runs=_RUNS)


def _delay(record: _Record) -> Run:
    seen = record.again()
    return Run(1000 * statistics.median(seen.delays), count=len(seen.delays))


def _late(delays: list[float]) -> float:
    return delays[min(len(delays) - 1, round(0.99 * len(delays)))]


def _watch(place: Place, mailboxes: int, letters: int, watching: Watching) -> Seen:
    """Fresh mailboxes, watched; a time of rest; then letters to some of them."""
    with Dovecot() as dovecot:
        for number in range(mailboxes):
            dovecot.add_user(address(number), password=_PASSWORD)
        watch = Watch(dovecot.ports.imaps, mailboxes, _PASSWORD, str(authority().file))
        empty = _memory([dovecot.pid])
        with watching(watch, place.new_folder("watch")) as watcher:
            time.sleep(_SETTLING_SECONDS)
            spent = _cpu(watcher.pids), _cpu([dovecot.pid])
            time.sleep(_IDLE_SECONDS)
            rested = _cpu(watcher.pids) - spent[0], _cpu([dovecot.pid]) - spent[1]
            memory, server_memory = _memory(watcher.pids) - watcher.empty, _memory([dovecot.pid]) - empty
            delivered = _deliver(
                dovecot, [address(number * mailboxes // letters) for number in range(letters)]
            )
            wait_until(lambda: len(watcher.known()) >= letters, seconds=60, what="all letters to be known")
            known = watcher.known()
    hourly = 3600 / _IDLE_SECONDS * 1000 / mailboxes
    return Seen(
        memory / mailboxes,
        rested[0] * hourly,
        server_memory / mailboxes,
        rested[1] * hourly,
        sorted(known[box] - at for box, at in delivered.items()),
    )


def _deliver(dovecot: Dovecot, boxes: list[str]) -> dict[str, float]:
    """A letter to each, at an even pace; when each was accepted."""
    delivered = {}
    start = time.monotonic()
    with smtplib.LMTP(str(dovecot.lmtp)) as client:
        for number, box in enumerate(boxes):
            time.sleep(max(0, start + number / _LETTERS_A_SECOND - time.monotonic()))
            client.sendmail("kim@people.test", [box], _LETTER)
            delivered[box] = time.time()
    return delivered


def _process(kind: str) -> Watching:
    """One process of bench.watching."""

    @contextmanager
    def watching(watch: Watch, folder: Path) -> Iterator[Watcher]:
        settings = {name: getattr(watch, name) for name in watch.__slots__}
        log = folder / "log"
        command = [*own_python(), "-m", "bench.watching", kind, json.dumps(settings)]
        with running(command, lambda: b"\n" in log.read_bytes(), log) as process:
            empty = float(log.read_text().split("\n", 1)[0].removeprefix("ready "))
            yield Watcher([process.pid], empty, partial(_known, log))

    return watching


def _known(log: Path) -> dict[str, float]:
    whole = log.read_text().rpartition("\n")[0].splitlines()[1:]
    return {box: float(at) for box, at in (line.split() for line in whole)}


def _family(pids: list[int]) -> list[psutil.Process]:
    first = [psutil.Process(pid) for pid in pids]
    return first + [child for process in first for child in process.children(recursive=True)]


def _memory(pids: list[int]) -> float:
    """Bytes of these processes and theirs that nobody else has."""
    return float(sum(process.memory_full_info().uss for process in _family(pids)))


def _cpu(pids: list[int]) -> float:
    """Seconds so far, user and system."""
    return sum(_spent(process) for process in _family(pids))


def _spent(process: psutil.Process) -> float:
    """In nanoseconds where the kernel tells them: what idles spends less than the usual hundredths."""
    tasks = list(Path(f"/proc/{process.pid}/task").glob("*/schedstat"))
    if tasks:
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
    times = process.cpu_times()
    return float(times.user + times.system)
