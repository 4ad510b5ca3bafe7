"""The mail servers of a storm, as processes: kept on their ports when they die, and what they wrote down."""

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Letter:
    """One that a server took.

    campaign, step: as its body says. at: by the shared clock, when its DATA was asked for. real: seconds of
    the machine's own time, when it was taken. is_answered: whether the server went on to say so; if it
    dropped the connection instead, nobody on our side can know.
    """

    sender: str
    recipient: str
    message_id: str
    in_reply_to: str
    campaign: str
    step: int
    at: datetime
    real: float
    is_answered: bool


class Mailbag:
    """What the servers wrote down so far; `read` takes in what is new."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.message_ids: set[str] = set()
        self.faults: Counter[str] = Counter()
        self._read: dict[Path, int] = {}

    def read(self, folder: Path) -> None:
        """Go on with every record in that folder where it was left. A line that is half written waits."""
        for record in sorted(folder.glob("*.jsonl")):
            with record.open("rb") as file:
                file.seek(self._read.get(record, 0))
                new = file.read()
            complete = new[: new.rfind(b"\n") + 1]
            self._read[record] = self._read.get(record, 0) + len(complete)
            for line in complete.splitlines():
                self._take(json.loads(line))

    def _take(self, entry: dict[str, Any]) -> None:
        if "fault" in entry:
            self.faults[f"mail server {entry['fault']}"] += 1
            return
        said = entry["letter"]
        said["at"] = datetime.fromisoformat(said["at"])
        self.letters.append(Letter(real=entry["real"], **said))
        self.message_ids.add(said["message_id"])


class MailServers:
    """So many of them. A context manager: they end with it."""

    def __init__(self, folder: Path, clock_file: Path, count: int, seed: str) -> None:
        self.folder, self._clock_file, self._seed = folder, clock_file, seed
        self.bag = Mailbag()
        self._starts = 0
        self._processes: list[subprocess.Popen[str]] = []
        self.ports: list[int] = []
        for place in range(count):
            self._processes.append(self._start(place, 0))
            self.ports.append(self._port_of(self._processes[place]))

    def __enter__(self) -> "MailServers":
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            self._end(process)

    async def go_away(self, place: int, seconds: float) -> None:
        """Kill one; it is back on its port after so long."""
        self._end(self._processes[place])
        await asyncio.sleep(seconds)
        self._processes[place] = self._start(place, self.ports[place])
        await asyncio.to_thread(self._port_of, self._processes[place])

    async def freeze(self, place: int, seconds: float) -> None:
        """Stop one where it stands; the system takes connections meanwhile, and nothing is answered."""
        process = self._processes[place]
        process.send_signal(signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            process.send_signal(signal.SIGCONT)

    def behave(self) -> None:
        """No faults from now on."""
        self._calm.touch()

    def read(self) -> Mailbag:
        """What they wrote down so far."""
        self.bag.read(self.folder)
        return self.bag

    @property
    def _calm(self) -> Path:
        return self.folder / "calm"

    def _start(self, place: int, port: int) -> subprocess.Popen[str]:
        self._starts += 1
        record = self.folder / f"server{place}.jsonl"
        options = ["--port", port, "--clock", self._clock_file, "--calm", self._calm]
        options += ["--seed", f"{self._seed}/{place}/{self._starts}"]
        command = [sys.executable, "-m", "chaos.mail_server", str(record), *map(str, options)]
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        )

    @staticmethod
    def _port_of(process: subprocess.Popen[str]) -> int:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("a mail server of the storm does not start")
        return int(line)

    @staticmethod
    def _end(process: subprocess.Popen[str]) -> None:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
