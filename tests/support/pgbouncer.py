"""PgBouncer in transaction mode before a PostgreSQL: every transaction of a client may get another session.

Raises FileNotFoundError where PgBouncer is not installed.
"""

import os
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from leadterra.store.postgres_wheel import system_user

_PORT = 6432
_PATIENCE_SECONDS = 20

# Sessions are taken in turns, so that what one transaction leaves behind is missed by the next at once.
_SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr =
listen_port = {own_port}
unix_socket_dir = {folder}
auth_type = trust
auth_file = {folder}/users
admin_users = leadterra_app
pool_mode = transaction
server_round_robin = 1
default_pool_size = 12
max_client_conn = 1000
server_idle_timeout = 3
query_wait_timeout = 20
server_login_retry = 0.2
logfile = {folder}/log
"""


class PgBouncer:
    """A pooler of one PostgreSQL. A context manager."""

    def __init__(self, folder: Path, url: str) -> None:
        """folder: empty, with a short name, for it alone; the server's user must be able to reach it. url: of
        the PostgreSQL.
        """
        self._folder = folder
        server = conninfo_to_dict(url)
        self._settings = _SETTINGS.format(
            host=server["host"], port=server["port"], own_port=_PORT, folder=folder
        )
        self._process: subprocess.Popen[bytes] | None = None

    def through(self, url: str) -> str:
        """The same login and database, through it."""
        return urlsplit(url)._replace(query=f"host={quote(str(self._folder), safe='')}&port={_PORT}").geturl()

    def ask(self, command: str) -> list[tuple[object, ...]]:
        """What its console answers."""
        with psycopg.connect(
            host=str(self._folder), port=_PORT, user="leadterra_app", dbname="pgbouncer", autocommit=True
        ) as console:
            cursor = psycopg.ClientCursor(console)
            return cursor.execute(command.encode()).fetchall()

    def __enter__(self) -> Self:
        settings = self._folder / "pgbouncer.ini"
        settings.write_text(self._settings)
        (self._folder / "users").write_text('"leadterra_app" ""\n"postgres" ""\n')
        found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
        if found is None:
            raise FileNotFoundError("pgbouncer is not installed")
        command = [found, "-q", str(settings)]
        if os.geteuid() == 0:  # as which it does not run; and PostgreSQL's socket lets in its own user only
            owner = system_user()
            command[1:1] = ["-u", owner.pw_name]
            os.chown(self._folder, owner.pw_uid, owner.pw_gid)
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._await_answer()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _await_answer(self) -> None:
        assert self._process is not None
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with suppress(psycopg.OperationalError):
                self.ask("show version")
                return
            log = self._folder / "log"
            said = log.read_text() if log.exists() else ""
            assert self._process.poll() is None, f"PgBouncer ended: {said}"
            assert time.monotonic() < give_up, f"PgBouncer does not answer: {said}"
            time.sleep(0.02)
