"""Several processes of ours as one: start them, start again what dies, end them together.

A part that ends by itself is started again, at once at first, then after longer and longer waits. One that
says that it was asked for something impossible (exit code 2) would say so again: then all end. Told to stop,
every part gets SIGTERM and drains; told again, SIGKILL.
"""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from leadterra.observability import log

_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_HEALTHY_AFTER = 30.0
_IMPOSSIBLE = 2
_KILLED = 130


@dataclass(frozen=True, slots=True)
class Part:
    """One process. name: for people. arguments: of `leadterra`."""

    name: str
    arguments: tuple[str, ...]


class Supervisor:
    """Keeps parts running until it is told to stop."""

    def __init__(self, parts: Sequence[Part], environ: Mapping[str, str]) -> None:
        """environ: of every part."""
        self._parts = parts
        self._environ = environ
        self._running: dict[str, Process] = {}
        self._stopping = asyncio.Event()
        self._code = 0

    async def run(self) -> int:
        """Until all parts have ended for good; the exit code."""
        await asyncio.gather(*(self._keep(part) for part in self._parts))
        return self._code

    def stop(self) -> None:
        """Have every part finish what it has begun."""
        self._stopping.set()
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.terminate()

    def kill(self) -> None:
        """End every part at once. What was in flight is found again by its lease."""
        self._stopping.set()
        self._code = _KILLED
        for process in self._running.values():
            with suppress(ProcessLookupError):
                process.kill()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop, or had to."""
        return self._stopping.is_set()

    async def wait_for_stop(self, seconds: float) -> None:
        """Sleep, but not longer than it is wanted."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def waits_for(self) -> list[str]:
        """The names of the parts that run."""
        return sorted(self._running)

    async def _keep(self, part: Part) -> None:
        pause, is_first = _FIRST_PAUSE, True
        while not self._stopping.is_set():
            born = time.monotonic()
            code = await self._run_once(part)
            if self._stopping.is_set():
                return
            if code == _IMPOSSIBLE and is_first:
                self._code = code
                self.stop()
                return
            if time.monotonic() - born > _HEALTHY_AFTER:
                pause = _FIRST_PAUSE
            log.error("worker.failed", part=part.name, exit_code=code, again_in_seconds=pause)
            await self.wait_for_stop(pause)
            is_first = False
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _run_once(self, part: Part) -> int:
        """A group of its own: Ctrl+C on the terminal reaches the supervisor alone, and a part once."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "leadterra", *part.arguments, "--with-parent"),
            stdin=PIPE,
            env=self._environ,
            start_new_session=True,
        )
        self._running[part.name] = process
        try:
            if self._stopping.is_set():
                process.terminate()
            return await process.wait()
        finally:
            del self._running[part.name]
