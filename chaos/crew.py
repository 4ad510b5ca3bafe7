"""The worker processes of a storm: killed, stopped, drained, and replaced. What they do by themselves that no
worker should is noted in `troubles`.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import suppress

import psutil

from tests.support.fleet import Fleet
from tests.support.waiting import eventually

Worker = subprocess.Popen[bytes]
_DRAIN_SECONDS = 90.0
"""How long a worker may take that was asked to end: its slowest server, and a database that is away."""

_NO_DATABASE = os.EX_TEMPFAIL
_ENDS = (0, -signal.SIGTERM, 128 + signal.SIGTERM, _NO_DATABASE)
"""Exit codes of a worker that was asked to end: drained, asked before it had begun, or nowhere to begin."""


class Crew:
    """troubles: workers that ended by themselves, or did not end when asked to. drained: seconds that each
    drain took. turned_away: workers that found no database when they began, said so, and ended.
    """

    def __init__(self, fleet: Fleet, count: int) -> None:
        self._fleet, self._count = fleet, count
        self._leaving: set[Worker] = set()
        self._frozen: set[Worker] = set()
        self.troubles: list[str] = []
        self.drained: list[float] = []
        self.turned_away = 0

    def fill(self) -> None:
        """Have as many at work as there should be. One that has ended by itself is a trouble."""
        for worker in list(self._fleet.workers):
            if worker.poll() is None:
                continue
            self._fleet.workers.remove(worker)
            if worker.returncode == _NO_DATABASE:
                self.turned_away += 1
            else:
                self.troubles.append(f"a worker ended by itself, exit code {worker.returncode}")
        while len(self._fleet.workers) < self._count:
            self._fleet.start_worker()

    def kill(self, rng: random.Random) -> None:
        """SIGKILL one; another takes its place."""
        self._kill(self._take(rng))

    def lose(self, rng: random.Random, orphan: Callable[[Collection[int]], bool]) -> bool:
        """SIGKILL one, and have nobody told who is connected to it; whether somebody was. orphan: is given
        its ports, and says that.
        """
        worker, was_known = self._take(rng), False
        with suppress(psutil.Error):
            sockets = psutil.Process(worker.pid).net_connections(kind="tcp")
            was_known = orphan([socket.laddr.port for socket in sockets])
        self._kill(worker)
        return was_known

    async def freeze(self, rng: random.Random, seconds: float, on_frozen: Callable[[], None]) -> None:
        """SIGSTOP one for so long, unless all stand still. on_frozen: called when it does."""
        self.fill()
        if not (awake := self._awake()):
            return
        worker = rng.choice(awake)
        self._frozen.add(worker)
        worker.send_signal(signal.SIGSTOP)
        on_frozen()
        try:
            await asyncio.sleep(seconds)
        finally:
            self._frozen.discard(worker)
            worker.send_signal(signal.SIGCONT)

    async def drain(self, rng: random.Random) -> None:
        """SIGTERM one; another takes its place at once."""
        worker = self._take(rng)
        self.fill()
        await self._leave(worker)

    async def drain_all(self) -> None:
        """SIGTERM to all; done when none is left."""
        workers, self._fleet.workers[:] = list(self._fleet.workers), []
        await asyncio.gather(*map(self._leave, workers))

    def end(self) -> None:
        """Make sure that nobody is left who was asked to leave."""
        for worker in list(self._leaving):
            worker.kill()
            worker.wait()

    def complaints(self) -> Counter[str]:
        """What the workers' log says of errors that they did not expect, and how often."""
        lines = self._fleet.log().splitlines()
        return Counter(said for line in lines if (said := _complaint(line)))

    def _kill(self, worker: Worker) -> None:
        worker.kill()
        worker.wait()
        self.fill()

    def _take(self, rng: random.Random) -> Worker:
        """One out of the crew that lives; one that stands still only if all do."""
        self.fill()
        worker = rng.choice(self._awake() or self._fleet.workers)
        self._fleet.workers.remove(worker)
        return worker

    def _awake(self) -> list[Worker]:
        return [worker for worker in self._fleet.workers if worker not in self._frozen]

    async def _leave(self, worker: Worker) -> None:
        self._leaving.add(worker)
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        with suppress(AssertionError):
            await eventually(lambda: worker.poll() is not None, seconds=_DRAIN_SECONDS)
        if worker.poll() is None:
            self.troubles.append(f"a worker did not end within {_DRAIN_SECONDS:.0f} s of SIGTERM")
            worker.kill()
            worker.wait()
        elif worker.returncode not in _ENDS:
            self.troubles.append(f"a worker that was asked to end did so with exit code {worker.returncode}")
        self.drained.append(time.monotonic() - began)
        self._leaving.discard(worker)


def _complaint(line: str) -> str:
    """The end of an error's traceback; empty for a line that is none, that tells of the wait for a database,
    or that its writer did not live to end.
    """
    if not line.startswith("{"):
        return "" if "the database does not answer" in line else line[:300]
    try:
        said = json.loads(line)
    except ValueError:
        return ""
    if said["level"] not in ("error", "critical"):
        return ""
    return str(said.get("exception") or line).strip().splitlines()[-1][:300]
