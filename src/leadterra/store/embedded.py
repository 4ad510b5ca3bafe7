"""The embedded PostgreSQL: started by the first who needs it, stopped by the last who leaves.

Any number of processes share one data directory. Each holds a shared lock on `postgres.lock` while it
uses the server; the kernel drops the lock of a process that dies, so nothing stale is ever left. Who
leaves and then gets the lock for itself alone was the last, and stops the server. Starting and stopping
take turns by a second lock. If the last user is killed, the server runs on until the next one leaves.

Fails with `EmbeddedPostgresError`, one line for the operator. Blocks while it starts: not for an event loop.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from leadterra.store.cluster import Cluster
from leadterra.store.postgres_wheel import EmbeddedPostgresError

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]

DATABASE = "leadterra"
ADMIN = "postgres"
PROGRAM = "leadterra_app"


class EmbeddedPostgres:
    """One user's hold on the server of a data directory. A context manager."""

    def __init__(self, data_dir: Path) -> None:
        """data_dir: made if absent, for its owner alone; as root others may pass through, not list it."""
        self.data_dir = data_dir.absolute()
        self._cluster = Cluster(self.data_dir.resolve() / "postgres")
        self._held: int | None = None

    def start(self) -> Self:
        """Have the server running, with database and roles. Called again, it revives a server that died."""
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._turn():
                self._cluster.start()
                self._prepare()
                self._hold()
        except (OSError, psycopg.Error) as error:
            raise EmbeddedPostgresError(f"the embedded PostgreSQL cannot be used: {error}") from error
        return self

    def stop(self) -> None:
        """Leave. The last to leave stops the server."""
        if self._held is None:
            return
        held, self._held = self._held, None
        try:
            with self._turn(), suppress(BlockingIOError):
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._cluster.stop()
        finally:
            os.close(held)

    def restart(self, *, immediate: bool = False) -> None:
        """Stop and start the server under everybody's feet. immediate: as after a crash, with recovery."""
        with self._turn():
            self._cluster.stop("immediate" if immediate else "fast")
            self._cluster.start()

    def admin_url(self) -> str:
        """For migrations: the superuser, on the product's database."""
        return self._cluster.url(ADMIN, DATABASE)

    def program_url(self) -> str:
        """For everything else: a login that owns nothing and cannot bypass row-level security."""
        return self._cluster.url(PROGRAM, DATABASE)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _hold(self) -> None:
        if self._held is None:
            self._held = self._open("postgres.lock")
            fcntl.flock(self._held, fcntl.LOCK_SH)

    def _prepare(self) -> None:
        """The role is made, or brought into shape: a migration may have made it without login."""
        with psycopg.connect(self._cluster.url(ADMIN, ADMIN), autocommit=True) as connection:
            ready = "select exists (select from pg_roles where rolname = 'leadterra_app' and rolcanlogin)"
            if not _holds(connection, ready):
                _make_program_role(connection)
            if not _holds(connection, "select exists (select from pg_database where datname = 'leadterra')"):
                connection.execute("create database leadterra")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Alone among all who start and stop this server."""
        lock = self._open("postgres.start.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _open(self, name: str) -> int:
        return os.open(self.data_dir / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _holds(connection: psycopg.Connection[tuple[object, ...]], question: str) -> bool:
    row = connection.execute(question.encode()).fetchone()
    return row is not None and bool(row[0])


def _make_program_role(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    with suppress(psycopg.errors.DuplicateObject):
        connection.execute("create role leadterra_app")
    connection.execute(
        "alter role leadterra_app login nosuperuser nobypassrls nocreatedb nocreaterole noinherit"
    )
