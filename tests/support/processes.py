"""`leadterra` as a user starts it: a process of its own, with nothing of this machine's settings.

`Program.run` runs a command to its end; `Program.start` leaves one running, to be waited for by what it says,
never by time. Whatever still runs when the block ends is killed, by its id.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil

_ROOT = Path(__file__).parents[2]
_PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Finished:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its one JSON object. Asserts that it went well."""
        assert self.code == 0, self.err
        return json.loads(self.out)


class Running:
    """A command that runs."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    @property
    def pid(self) -> int:
        """Its id."""
        return self.process.pid

    def line(self) -> dict[str, Any]:
        """The next JSON line that it prints."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            assert selector.select(_PATIENCE_SECONDS), f"it says nothing: {self.log()}"
        line = self.process.stdout.readline()
        assert line, f"it ended: {self.log()}"
        said: dict[str, Any] = json.loads(line)
        return said

    def says(self, text: str) -> None:
        """Wait until it has written that to standard error."""
        wait_for(lambda: text in self.log() or self.process.poll() is not None, f"{text!r} in: {self.log()}")
        assert text in self.log()

    def log(self) -> str:
        """What it wrote to standard error."""
        return self._log.read_text()

    def children(self) -> list[psutil.Process]:
        """Its processes, and theirs."""
        return psutil.Process(self.pid).children(recursive=True)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and wait; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Until it ends; the exit code."""
        return self.process.wait(_PATIENCE_SECONDS)

    def close(self) -> None:
        """Make sure that it is gone."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(_PATIENCE_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class Program:
    """Runs `leadterra` with settings of its own. A context manager."""

    def __init__(self, folder: Path, **settings: object) -> None:
        """folder: for logs; also where commands run. settings: by field of `Settings`."""
        self.folder = folder
        self._settings = {f"LEADTERRA_{name.upper()}": str(value) for name, value in settings.items()}
        self._running: list[Running] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for running in self._running:
            running.close()

    def run(self, *arguments: str, **environ: str) -> Finished:
        """Run a command to its end. environ: variables for this one only."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "leadterra", *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_SECONDS,
            cwd=self.folder,
            env=self._environ() | environ,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> Running:
        """Leave a command running."""
        log = self.folder / f"{len(self._running)}.log"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "leadterra", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=self.folder,
                env=self._environ(),
                start_new_session=True,
            )
        self._running.append(Running(process, log))
        return self._running[-1]

    def _environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LEADTERRA_")}
        return kept | {"PYTHONPATH": str(_ROOT / "src"), "HOME": str(self.folder)} | self._settings


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Poll until it holds; fail with `what` if it does not come."""
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up, f"waited in vain for {what}"
        time.sleep(0.02)


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
