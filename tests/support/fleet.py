"""Real worker processes and a real mail server around a database: start, kill, restart, and count what
arrived.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from leadterra.transport.clock import set_offset

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A letter at the mail server, when its DATA was asked for."""

    sender: str
    recipient: str
    message_id: str
    at: datetime


class Fleet:
    """Processes of one test, ended when the block ends, by their pids."""

    def __init__(self, folder: Path, program_url: str, **settings: object) -> None:
        """settings: of the workers, by field of `Settings`."""
        self.folder, self._url = folder, program_url
        self.clock_file = folder / "clock"
        set_offset(self.clock_file, 0)
        self._settings = {"poll_interval_ms": 20, **settings}
        self._sinks: list[subprocess.Popen[str]] = []
        self.workers: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        processes: list[subprocess.Popen[Any]] = [*self.workers, *self._sinks]
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()

    def set_now(self, now: datetime) -> None:
        """Put every process's clock to that instant; it runs on from there."""
        set_offset(self.clock_file, now.timestamp() - time.time())

    def mail_server(self, *options: str, name: str = "sink") -> int:
        """Start a mail server; its port."""
        command = [
            sys.executable,
            "-m",
            "tests.support.sink",
            str(self.folder / f"{name}.jsonl"),
            "--clock",
            str(self.clock_file),
        ]
        process = subprocess.Popen(
            [*command, *options], stdout=subprocess.PIPE, text=True, cwd=_ROOT, env=_environment()
        )
        self._sinks.append(process)
        assert process.stdout is not None
        return int(process.stdout.readline())

    def start_worker(self, **more: object) -> subprocess.Popen[bytes]:
        """One more worker process. more: settings of its own."""
        chosen = self._settings | more
        settings = {f"LEADTERRA_{name.upper()}": str(value) for name, value in chosen.items()}
        environment = (
            _environment()
            | settings
            | {
                "LEADTERRA_DATABASE_URL": self._url,
                "LEADTERRA_CLOCK_FILE": str(self.clock_file),
                "LEADTERRA_DATA_DIR": str(self.folder / "data"),
            }
        )
        with (self.folder / "workers.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "leadterra", "work"], cwd=_ROOT, env=environment, stderr=log
            )
        self.workers.append(process)
        return process

    def kill_worker(self, place: int) -> None:
        """SIGKILL one, and put another in its place."""
        victim = self.workers.pop(place)
        victim.kill()
        victim.wait()
        self.start_worker()

    def drain(self, *, seconds: float = 30) -> None:
        """SIGTERM to all; wait until they have ended."""
        for worker in self.workers:
            worker.send_signal(signal.SIGTERM)
        for worker in self.workers:
            worker.wait(seconds)

    def arrivals(self) -> list[Arrival]:
        """Every letter that a mail server took, in order of its servers' records."""
        found: list[Arrival] = []
        for record in sorted(self.folder.glob("*.jsonl")):
            lines = record.read_text().splitlines()
            entries = [json.loads(line) for line in lines]
            found += [
                Arrival(e["sender"], e["recipient"], e["message_id"], datetime.fromisoformat(e["at"]))
                for e in entries
            ]
        return found

    def count(self) -> int:
        """How many letters the mail servers took."""
        return sum(record.read_bytes().count(b"\n") for record in self.folder.glob("*.jsonl"))

    def log(self) -> str:
        """What the workers said."""
        file = self.folder / "workers.log"
        return file.read_text() if file.exists() else ""


def repeated(arrivals: list[Arrival]) -> dict[tuple[str, str], int]:
    """(recipient, Message-ID) that came more than once, and how often."""
    counts = Counter((arrival.recipient, arrival.message_id) for arrival in arrivals)
    return {key: count for key, count in counts.items() if count > 1}


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Poll until it holds; fail with `what` if it does not come."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.05)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEADTERRA_")}
    return kept | {"PYTHONPATH": f"{_ROOT / 'src'}{os.pathsep}{_ROOT}"}
