"""Postfix's smtp-sink: takes every letter at once, keeps none and counts them. All contestants share it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.programs import answers, free_port, program, running, wait_until

_TAIL = 64
_CONNECTIONS = "1000"


@dataclass(frozen=True, slots=True)
class Sink:
    """A running smtp-sink. counters: the file that it writes its running counters to."""

    port: int
    counters: Path

    def count(self) -> int:
        """Letters taken so far."""
        with self.counters.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            tail = file.read()
        _, found, rest = tail.rpartition(b"mesg=")
        if not found:
            return 0
        if rest.endswith(b"\r"):
            return int(rest)
        return int(tail.rpartition(b"\r")[0].rpartition(b"mesg=")[2] or 0)

    def wait(self, count: int, *, seconds: float) -> None:
        """Until so many letters were taken. Raises `Failed`."""
        wait_until(lambda: self.count() >= count, seconds=seconds, what=f"{count} letters at the sink")


@contextmanager
def smtp_sink(folder: Path) -> Iterator[Sink]:
    """A sink on a port of its own, until the block ends."""
    # It gives up root's rights only if it is told to whom.
    rights = ["-u", "postfix"] if os.geteuid() == 0 else []
    port, counters = free_port(), folder / "smtp-sink"
    command = [program("smtp-sink"), "-c", *rights, "-m", _CONNECTIONS, f"inet:127.0.0.1:{port}", "1000"]
    with running(command, answers(port), counters):
        yield Sink(port, counters)
