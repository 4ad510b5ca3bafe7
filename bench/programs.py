"""Programs of others: found, started, heard, and ended by their process ids.

`Missing` names a program or package that is not installed. `Failed` carries the last words of one that ended
badly, did not answer in time, or did not do all of its work.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from bench.measuring import Meter

ROOT = Path(__file__).parents[1]
PEERS = ROOT / ".venv" / "bench"
"""Where tools/bench-peers installs what comes from registries."""

_PLACES = (
    "/usr/sbin",
    "/usr/local/sbin",
    "/opt/homebrew/sbin",
    "/usr/lib/postfix/sbin",
    "/usr/libexec/postfix",
)
_PATIENCE = 60.0
_POLL = 0.005


class Missing(Exception):
    """A program that the bench needs is not installed."""


class Failed(Exception):
    """A program did not do what it was to do."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a peer's work took. seconds: from the first letter to the last answer. cpu: seconds of user and
    system in that time, of all its processes. memory: bytes of the largest at its peak.
    """

    seconds: float
    cpu: float
    memory: int


def program(name: str) -> str:
    """The path of an installed program. Raises `Missing`."""
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(_PLACES))
    if found is None:
        raise Missing(f"{name} is not installed; tools/bench-peers installs it where it may")
    return found


def peers_python() -> str:
    """The interpreter that knows the peers written in Python. Raises `Missing`."""
    return _installed(PEERS / "python" / "bin" / "python")


def script(name: str) -> str:
    """A file of bench/peers."""
    return str(ROOT / "bench" / "peers" / name)


def own_python() -> list[str]:
    """The start of a command that runs one of our own scripts."""
    return [sys.executable, "-P"]


def node_environment() -> dict[str, str]:
    """With it, Node finds the peers' packages. Raises `Missing`."""
    return environment(NODE_PATH=_installed(PEERS / "node" / "node_modules"))


def environment(**more: str) -> dict[str, str]:
    """That of every program here: ours without our settings, and where our own modules are."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LEADTERRA_", "PG"))}
    return kept | {"PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"} | more


def free_port() -> int:
    """A TCP port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> Callable[[], bool]:
    """Whether somebody accepts connections on a port of loopback."""

    def check() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    return check


def wait_until(condition: Callable[[], bool], *, seconds: float = _PATIENCE, what: str) -> None:
    """Ask until it holds. Raises `Failed` with `what` if that does not come."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"waited {seconds:g} s for {what}")
        time.sleep(_POLL)


@contextmanager
def running(
    command: Sequence[str],
    ready: Callable[[], bool],
    log: Path,
    *,
    environ: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
) -> Iterator[subprocess.Popen[bytes]]:
    """A server, from when it is ready until the block ends; its children end with it. log: what it says."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environ or environment(),
            cwd=cwd,
            start_new_session=True,
        )
    try:
        wait_until(lambda: process.poll() is not None or ready(), what=f"{command[0]} to be ready")
        if process.poll() is not None:
            raise Failed(f"{command[0]} ended: {_last_words(log)}")
        yield process
    finally:
        _end(process)


def report(
    command: Sequence[str],
    log: Path,
    *,
    seconds: float,
    environ: Mapping[str, str] | None = None,
) -> Report:
    """Run a peer to its end; its last line is JSON: its seconds and cpu, as in `Report`. Raises `Failed`."""
    with log.open("w") as said, log.with_suffix(".err").open("w") as complained:
        process = _start(command, said, complained, environ)
        with Meter([process.pid]) as meter:
            _finish(process, log.with_suffix(".err"), seconds)
    told = json.loads(log.read_text().strip().split("\n")[-1])
    return Report(told["seconds"], told["cpu"], meter.peak)


def run(
    command: Sequence[str],
    log: Path,
    *,
    seconds: float,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Run a program to its end. Raises `Failed` with what it said."""
    with log.open("w") as said:
        _finish(_start(command, said, said, environ), log, seconds)


def timed(command: Sequence[str], log: Path, *, seconds: float) -> Report:
    """Run a program of one process to its end and measure it from outside. Raises `Failed`."""
    start = time.perf_counter()
    with log.open("w") as said:
        process = _start(command, said, said, None)
        with Meter([process.pid]) as meter:
            spent = _reap(process, seconds)
            taken = time.perf_counter() - start
    if process.returncode:
        raise Failed(f"{command[0]} ended with {process.returncode}: {_last_words(log)}")
    return Report(taken, spent, meter.peak)


def _finish(process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        raise Failed(f"{process.args!r} did not end within {seconds:g} s") from None
    finally:
        _end(process)
    if code:
        raise Failed(f"it ended with {code}: {_last_words(log)}")


def _reap(process: subprocess.Popen[bytes], seconds: float) -> float:
    """CPU seconds of a program, when it has ended; it is killed when the time is over."""
    end = time.monotonic() + seconds
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_utime + usage.ru_stime
        if time.monotonic() > end:
            process.kill()
        time.sleep(_POLL)


def _start(
    command: Sequence[str], said: IO[str], complained: IO[str], environ: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=complained,
        env=environ or environment(),
        cwd=ROOT,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM, then SIGKILL to it and every descendant it had."""
    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
    gone, left = psutil.wait_procs(family, 0 if process.poll() is None else 2)
    del gone
    for child in left:
        with suppress(psutil.NoSuchProcess):
            child.kill()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # Children of one that had ended before; the group is its own.
    if process.poll() is None:
        process.kill()
        process.wait()


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return " / ".join(lines[-3:]) or "it said nothing"


def _installed(path: Path) -> str:
    if not path.exists():
        raise Missing(f"{path.relative_to(ROOT)} is not there: run tools/bench-peers")
    return str(path)
