"""One PostgreSQL data directory, run with the server that the program brings along as a wheel.

Knows how to make it, start it, stop it and tell whether it runs; who may do so when is the business of
`embedded`. Raises `EmbeddedPostgresError`, whose text carries the last lines of what the server said.
"""

import hashlib
import os
import shlex
import shutil
import stat
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psutil
import psycopg

from leadterra.store.postgres_wheel import EmbeddedPostgresError, installation, open_way, system_user

_SOCKET_NAME = ".s.PGSQL.5432"
_NO_PROCESS = 2**31 - 1  # above every system's highest process number
_LONGEST_SOCKET_PATH = 100  # sun_path holds 104 bytes on macOS and 108 on Linux
_PATIENCE_SECONDS = 60.0
_RETRY_SECONDS = 5.0

_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",  # solid-state disks
    "jit": "off",  # costs more than our statements take
    # The log stays small and holds nobody's data: no statements, no values of rows.
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
}


class Cluster:
    """A data directory and the server on it. Callers take turns at everything but `url`."""

    def __init__(self, folder: Path) -> None:
        """folder: absolute; made by `start` if absent. Nothing is touched yet."""
        self.folder = folder

    def start(self) -> None:
        """Have it running and answering, whatever state it was left in."""
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        self._expect_version()
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while not self._answers():
            if time.monotonic() > give_up:
                raise EmbeddedPostgresError(
                    f"PostgreSQL in {self.folder} does not answer: {self._last_words()}"
                )
            if self.is_running():
                time.sleep(0.02)  # it is recovering, or still stopping for somebody who was killed
            else:
                self._launch()

    def stop(self, mode: Literal["fast", "immediate"] = "fast") -> None:
        """Stop it if it runs. immediate: as a crash would, without a checkpoint; also where it does not
        answer yet, or not stop otherwise, for PostgreSQL 18 has been seen to wait for ever after a request
        that came while it started or recovered. The next start recovers.
        """
        if self.is_running():
            mode = mode if self._answers() else "immediate"
            done = self._run("pg_ctl", "stop", "-w", "-t", "30", "-m", mode)
            if done.returncode and self.is_running():
                done = self._run("pg_ctl", "stop", "-w", "-t", "30", "-m", "immediate")
            if done.returncode and self.is_running():
                raise EmbeddedPostgresError(
                    f"PostgreSQL in {self.folder} did not stop: {done.stdout.strip()}"
                )

    def is_running(self) -> bool:
        """Whether a server process of this directory lives; it need not answer yet."""
        pid = self._recorded_pid()
        if pid is None:
            return False
        try:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and str(self.folder) in process.cmdline()
        except psutil.Error:
            return False  # gone, or another user's: the server runs as the directory's owner

    def url(self, user: str, database: str) -> str:
        """Where that role reaches that database of the running server."""
        lines = self._pid_file().read_text().splitlines()
        return (
            f"postgresql://{quote(user)}@/{quote(database)}?host={quote(lines[4], safe='')}&port={lines[3]}"
        )

    def _create(self) -> None:
        """Made beside its place, then moved there: being killed half-way leaves nothing half-made."""
        draft = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        if os.geteuid() == 0:
            user = system_user()
            os.chown(draft, user.pw_uid, user.pw_gid)
        options = ["--auth=trust", "--encoding=UTF8", "--no-locale", "--locale-provider=builtin"]
        made = self._run("initdb", "-U", "postgres", *options, "--builtin-locale=C.UTF-8", folder=draft)
        if made.returncode:
            raise EmbeddedPostgresError(f"PostgreSQL cannot make its files in {draft}: {made.stdout.strip()}")
        draft.rename(self.folder)

    def _expect_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        if found != "18":
            raise EmbeddedPostgresError(
                f"{self.folder} was made by PostgreSQL {found} and this program brings 18: "
                "dump it with the program that made it, and load the dump into an empty data directory"
            )

    def _launch(self) -> None:
        self._forget_dead_server()
        socket_folder = str(self._socket_folder()).replace('"', '""')
        settings = _SETTINGS | {"unix_socket_directories": f'"{socket_folder}"'}
        pairs = (part for name, value in settings.items() for part in ("-c", f"{name}={value}"))
        options = shlex.join(["-D", str(self.folder), *pairs])
        give_up = time.monotonic() + _RETRY_SECONDS
        while self._run("pg_ctl", "start", "-w", "-t", "120", "-l", "server.log", "-o", options).returncode:
            if time.monotonic() > give_up:
                raise EmbeddedPostgresError(
                    f"PostgreSQL in {self.folder} does not start: {self._last_words()}"
                )
            time.sleep(0.1)  # processes of a server that was killed hold its memory for a moment

    def _forget_dead_server(self) -> None:
        """PostgreSQL does not start while a process has the recorded number: a zombie, or any after a reboot.

        The rest of the file stays. By it PostgreSQL tells whether processes of the dead server still write.
        """
        pid = self._recorded_pid()
        if pid is not None and psutil.pid_exists(pid):
            lines = self._pid_file().read_text().splitlines(keepends=True)
            self._pid_file().write_text("".join([f"{_NO_PROCESS}\n", *lines[1:]]))
            (self._socket_folder() / f"{_SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _answers(self) -> bool:
        if not self.is_running():
            return False
        with suppress(psycopg.OperationalError, IndexError, FileNotFoundError):
            psycopg.connect(self.url("postgres", "postgres"), connect_timeout=5).close()
            return True
        return False

    def _pid_file(self) -> Path:
        return self.folder / "postmaster.pid"

    def _recorded_pid(self) -> int | None:
        with suppress(FileNotFoundError, ValueError, IndexError):
            return int(self._pid_file().read_text().splitlines()[0])
        return None

    def _socket_folder(self) -> Path:
        """The data directory, which only the server's user may enter; a private one if its name will not do.

        It will not do if it is too long for a socket, or has a comma, which separates hosts in a URL.
        """
        name = os.fsencode(self.folder / _SOCKET_NAME)
        if len(name) <= _LONGEST_SOCKET_PATH and b"," not in name:
            return self.folder
        owner = self.folder.stat()
        short = Path("/tmp") / f"leadterra-{hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]}"
        with suppress(FileExistsError):
            short.mkdir(mode=0o700)
            os.chown(short, owner.st_uid, owner.st_gid)
        found = short.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner.st_uid or found.st_mode & 0o077:
            raise EmbeddedPostgresError(
                f"{short} is somebody else's: choose a data directory with a shorter name"
            )
        return short

    def _run(
        self, program: str, *arguments: str, folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A program of the wheel on the data directory, as its owner, without the caller's PG* variables.

        The directory is named by PGDATA and its log by a relative name, for pg_ctl puts other names into a
        shell's line without regard for what they contain.
        """
        place = folder or self.folder
        open_way(place)  # each time: a tool may have closed a directory above meanwhile
        owner = place.stat()
        root = os.geteuid() == 0
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return subprocess.run(
            [str(installation() / "bin" / program), *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=place,
            env=inherited | {"LC_ALL": "C", "PGDATA": str(place)},
            user=owner.st_uid if root else None,
            group=owner.st_gid if root else None,
            extra_groups=[] if root else None,
        )

    def _last_words(self) -> str:
        with suppress(OSError):
            return " / ".join((self.folder / "server.log").read_text(errors="replace").splitlines()[-3:])
        return "it left no log"
