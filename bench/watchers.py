"""Who watches the mailboxes of a watch, and what its processes take.

Bytes are those that nobody else has; CPU seconds are of user and system, told in nanoseconds where the kernel
does: what idles spends less than the usual hundredths.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.watching import Watch

_LETTER = b"From: Kim <kim@people.test>\r\nSubject: Re: Hello\r\n\r\nTell me more.\r\n"


def any_letter(box: str) -> bytes:
    """For those who do not read it."""
    return _LETTER


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody who watches all mailboxes.

    pids: its processes. empty: bytes they had before the first mailbox. known: by address, when the letter in
    that mailbox was known, as seconds since 1970. opened: seconds from when it was told of the mailboxes
    until all were watched. letter: what is delivered to an address. resting: CPU seconds a second that it
    took before the first mailbox. store_pid, store_resting: of its database, and the same; None and 0 if it
    has none.
    """

    pids: Sequence[int]
    empty: float
    known: Callable[[], Mapping[str, float]]
    opened: float
    letter: Callable[[str], bytes] = any_letter
    resting: float = 0.0
    store_pid: int | None = None
    store_resting: float = 0.0

    @property
    def store(self) -> list[int]:
        """The first process of its database, if it has one."""
        return [] if self.store_pid is None else [self.store_pid]


Watching = Callable[[Watch, Path], AbstractContextManager[Watcher]]
"""Begins to watch, until the block ends; entered once every mailbox is watched. The folder is its own."""


def memory(pids: Sequence[int]) -> float:
    """Bytes of these processes and theirs that nobody else has."""
    return float(sum(process.memory_full_info().uss for process in _family(pids)))


def cpu(pids: Sequence[int]) -> float:
    """Seconds so far of these processes and theirs."""
    return sum(_spent(process) for process in _family(pids))


def _family(pids: Sequence[int]) -> list[psutil.Process]:
    first = [psutil.Process(pid) for pid in pids]
    return first + [child for process in first for child in process.children(recursive=True)]


def _spent(process: psutil.Process) -> float:
    tasks = list(Path(f"/proc/{process.pid}/task").glob("*/schedstat"))
    if tasks:
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9
    times = process.cpu_times()
    return float(times.user + times.system)
