"""A PostgreSQL primary with a synchronous standby, both from the binaries that the program brings along: to
be killed, promoted, and brought back by mistake.

Over TCP on this machine. A commit is answered only when the standby has it on disk.
"""

import os
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil
import psycopg

from leadterra.store.embedded import ADMIN, DATABASE, PROGRAM, EmbeddedPostgres
from leadterra.store.migration import migrate
from leadterra.store.postgres_wheel import installation, open_way
from tests.support.processes import free_port, wait_for

_STANDBY = "standby"


class Node:
    """One server: a data directory and a TCP port."""

    def __init__(self, name: str, folder: Path) -> None:
        """name: by which a primary knows it as a standby. folder: its data directory."""
        self.name, self.folder, self.port = name, folder, free_port()
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, user: str = ADMIN) -> str:
        """That login on the product's database of this server."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{DATABASE}"

    def ask(self, sql: str) -> object:
        """The first column of the first row, if there is one."""
        with psycopg.connect(self.url(), autocommit=True) as admin:
            cursor = admin.execute(sql.encode())
            row = cursor.fetchone() if cursor.description else None
        return None if row is None else row[0]

    def start(self) -> None:
        """As primary, or as standby if its directory says so; done when it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "cluster_name": self.name,
            "timezone": "UTC",
            "jit": "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder.with_name(f"{self.name}.log")).open("ab") as log:
            self._server = _start(self.folder, log.fileno(), "postgres", "-D", str(self.folder), *options)
        wait_for(self._answers, f"{self.name} to answer: {self._log()}")

    def kill(self) -> None:
        """As if the machine went away: SIGKILL to the server and all its processes at once."""
        assert self._server is not None
        server = psutil.Process(self._server.pid)
        server.suspend()  # lest it starts another meanwhile
        processes = [server, *server.children(recursive=True)]
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._server.wait()
        self._server = None
        wait_for(lambda: all(_is_dead(process) for process in processes), f"{self.name} to die")

    def copy_to(self, folder: Path) -> None:
        """Make that directory a standby's of this server."""
        folder.mkdir(mode=0o700)
        owner = self.folder.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
        place = ["-h", "127.0.0.1", "-p", str(self.port), "-U", ADMIN, "-D", str(folder)]
        command = ["pg_basebackup", *place, "--checkpoint=fast", "--write-recovery-conf"]
        log = folder.with_name("copying.log")
        with log.open("wb") as output:
            copying = _start(folder, output.fileno(), *command)
        assert copying.wait() == 0, f"the copy failed: {log.read_text()}"

    def close(self) -> None:
        """Make sure that it is gone."""
        if self._server is not None:
            self.kill()

    def _answers(self) -> bool:
        assert self._server is not None
        assert self._server.poll() is None, f"{self.name} ended: {self._log()}"
        with suppress(psycopg.OperationalError):
            return self.ask("select 1") == 1
        return False

    def _log(self) -> str:
        return self.folder.with_name(f"{self.name}.log").read_text()[-2000:]


class Pair:
    """A primary and its synchronous standby, with the product's schema. A context manager."""

    def __init__(self, folder: Path) -> None:
        """folder: for their data directories; the server's user must be able to reach it all the time."""
        self._folder = folder
        self.primary = Node("primary", folder / "first" / "postgres")
        self.standby = Node(_STANDBY, folder / "second")

    def program_url(self) -> str:
        """The program's login on whichever of the two takes writes."""
        ports = f"{self.primary.port},{self.standby.port}"
        return (
            f"postgresql://{PROGRAM}@/{DATABASE}?host=127.0.0.1,127.0.0.1&port={ports}"
            "&target_session_attrs=read-write"
        )

    def __enter__(self) -> Self:
        with EmbeddedPostgres(self._folder / "first") as made:
            migrate(made.admin_url(), made.program_url())
        try:
            self.primary.start()
            self.primary.copy_to(self.standby.folder)
            self.standby.start()
            self._wait_for_each_commit()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.primary.close()
        self.standby.close()

    def promote(self) -> float:
        """Make the standby a primary; how many seconds that took."""
        began = time.monotonic()
        assert self.standby.ask("select pg_promote(true, 60)") is True
        return time.monotonic() - began

    def _wait_for_each_commit(self) -> None:
        """Set after the copy was made, so that the copy, once promoted, does not wait for a standby."""
        self.primary.ask(f"alter system set synchronous_standby_names = 'FIRST 1 ({_STANDBY})'")
        self.primary.ask("select pg_reload_conf()")
        state = "select sync_state from pg_stat_replication"
        wait_for(lambda: self.primary.ask(state) == "sync", "the standby to follow")


def _is_dead(process: psutil.Process) -> bool:
    """A zombie is dead, whenever its parent may look."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _start(owned: Path, output: int, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A program of the wheel as the owner of that directory, without the caller's PG* variables."""
    open_way(owned)
    owner = owned.stat()
    root = os.geteuid() == 0
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return subprocess.Popen(
        [str(installation() / "bin" / program), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        cwd=owned,
        env=inherited | {"LC_ALL": "C"},
        user=owner.st_uid if root else None,
        group=owner.st_gid if root else None,
        extra_groups=[] if root else None,
    )
