"""What the demo plays on: a temporary directory, a clock of its own, a mail server, and `leadterra up`, all
as a user would have them.

The processes end with the block, by their ids. The letters stay, and after a failure the logs. What cannot be
started raises `DemoError` with the last thing it said.
"""

import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from leadterra.bootstrap import move_clock
from leadterra.cli.demo.api_client import ApiClient, DemoError
from leadterra.config import variable

_START_SECONDS = 60
_STOP_SECONDS = 20
_PROCESSES = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """folder: of everything. url: of the API. key: with all scopes. mail_port: of the mail server."""

    folder: Path
    url: str
    key: str
    mail_port: int

    @property
    def letters(self) -> Path:
        """Where the mail server keeps what it gets."""
        return self.folder / "letters"

    @property
    def data_dir(self) -> Path:
        """Of `leadterra up`."""
        return self.folder / "data"

    def api(self) -> ApiClient:
        """The API, for that key."""
        return ApiClient(self.url, self.key)

    def set_now(self, now: datetime) -> None:
        """Put every process's clock to that instant; it runs on from there."""
        move_clock(_clock_file(self.folder), now - datetime.now(UTC))


@contextmanager
def open_stage(began_at: datetime, *, letter_seconds: float, keep: bool) -> Iterator[Stage]:
    """Everything started and ready, at that hour. letter_seconds: what the mail server takes over a letter.
    keep: leave the data, too.
    """
    folder = Path(tempfile.mkdtemp(prefix="leadterra-demo-"))
    move_clock(_clock_file(folder), began_at - datetime.now(UTC))
    with ExitStack() as opened:
        opened.callback(lambda: None if keep else shutil.rmtree(folder / "data", ignore_errors=True))
        mail_server = ("leadterra.cli.demo.mail_server", str(folder / "letters"), str(letter_seconds))
        mail_port = int(opened.enter_context(_run(folder, "mail-server", *mail_server)))
        port = _free_port()
        options = ("--data-dir", str(folder / "data"), "--port", str(port), "--processes", str(_PROCESSES))
        command = ("leadterra", "up", *options, "--json", "--with-parent")
        ready = json.loads(opened.enter_context(_run(folder, "leadterra", *command)))
        yield Stage(folder, ready["url"], ready["apiKey"], mail_port)
    if not keep:
        shutil.rmtree(folder / "logs")
        _clock_file(folder).unlink()


@contextmanager
def _run(folder: Path, name: str, module: str, *arguments: str) -> Iterator[str]:
    """A process of ours; gives the first line that it prints. What it says beside is in logs/NAME.log."""
    log_file = folder / "logs" / f"{name}.log"
    log_file.parent.mkdir(exist_ok=True)
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environ(folder),
            start_new_session=True,
        )
    with process:
        try:
            yield _first_line(process, log_file)
        finally:
            _end(process)


def _first_line(process: subprocess.Popen[bytes], log_file: Path) -> str:
    assert process.stdout is not None
    give_up = time.monotonic() + _START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.select(give_up - time.monotonic())
    line = process.stdout.readline().decode() if process.poll() is None else ""
    if not line:
        said = log_file.read_text(errors="replace").splitlines()[-1:]
        raise DemoError(f"cannot start, see {log_file}: {' '.join(said)}")
    return line


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def _environ(folder: Path) -> dict[str, str]:
    """Nothing of the user's own installation reaches the demo."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(variable(""))}
    return kept | {variable("clock_file"): str(_clock_file(folder)), variable("log_format"): "json"}


def _clock_file(folder: Path) -> Path:
    return folder / "clock"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
