"""Connections and units of work.

A unit of work is one transaction of one workspace: row-level security shows it that workspace's rows and no
others (R1). It commits when its block ends and rolls back when the block raises. Database errors pass through
as psycopg's; `is_retryable` names those after which the whole block may be run again, because nothing of it
was kept.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

from psycopg import AsyncConnection, AsyncCursor, errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import AsyncRowFactory, class_row, tuple_row
from psycopg_pool import AsyncConnectionPool

from leadterra.store.arrays import adapters
from leadterra.store.statements import load

Row = TypeVar("Row")
_POOL = load("sender_pools")
_PATIENCE_SECONDS = 5
"""How long to wait for a connection before the database counts as away."""
_RECONNECT_SECONDS = 2
"""After so long an attempt to connect is given up, and the next who asks begins a new one: attempts that go
on wait longer and longer between tries, and would find a database that is back only after as long as it was
away.
"""
_SUSPICION = {
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
"""Of a server that vanishes without a word, seconds (tcp_user_timeout: milliseconds); an address may say
otherwise. An address with many hosts asks the next after connect_timeout.
"""


def is_retryable(error: BaseException) -> bool:
    """Whether the database undid the transaction for a reason that is not in it: a deadlock or a
    serialization failure.
    """
    return isinstance(error, errors.DeadlockDetected | errors.SerializationFailure)


class Transaction:
    """Statements of one transaction. A statement is a block of a `.sql` file; its parameters are given by
    name.
    """

    def __init__(self, connection: AsyncConnection[Any], bound: Mapping[str, object]) -> None:
        self.connection = connection
        self._bound = bound

    async def execute(self, sql: str, **parameters: object) -> int:
        """Run a statement; the number of rows it touched."""
        cursor = await self.connection.execute(sql, {**self._bound, **parameters})
        return cursor.rowcount

    async def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """All rows, as tuples."""
        cursor = await self.connection.execute(sql, {**self._bound, **parameters}, binary=True)
        return await cursor.fetchall()

    async def value(self, sql: str, **parameters: object) -> Any:
        """The first column of the first row; None if there is none."""
        found = await self.rows(sql, **parameters)
        return found[0][0] if found else None

    async def list(self, kind: type[Row], sql: str, **parameters: object) -> list[Row]:
        """All rows as values of that class, column names being its fields."""
        async with self.connection.cursor(row_factory=_rows_of(kind)) as cursor:
            await cursor.execute(sql, {**self._bound, **parameters}, binary=True)
            return await cursor.fetchall()

    async def find(self, kind: type[Row], sql: str, **parameters: object) -> Row | None:
        """The first row as a value of that class; None if there is none."""
        async with self.connection.cursor(row_factory=_rows_of(kind)) as cursor:
            await cursor.execute(sql, {**self._bound, **parameters}, binary=True)
            return await cursor.fetchone()

    async def stream(self, kind: type[Row], sql: str, **parameters: object) -> AsyncGenerator[Row, None]:
        """All rows as values of that class, fetched a few at a time: for what may not fit into memory. One
        stream at a time.
        """
        async with self.connection.cursor("stream", row_factory=_rows_of(kind)) as cursor:
            await cursor.execute(sql, {**self._bound, **parameters}, binary=True)
            async for row in cursor:
                yield row


class UnitOfWork(Transaction):
    """One transaction of one workspace. Binds `:workspace_id` in every statement."""

    def __init__(self, connection: AsyncConnection[Any], workspace_id: UUID) -> None:
        super().__init__(connection, {"workspace_id": workspace_id})
        self.workspace_id = workspace_id

    async def lock_pool(self) -> None:
        """Take the workspace's one lock, before any change to enrollments, messages, ledger or events."""
        await self.execute(_POOL["lock_pool"])


class Database:
    """A pool of connections to one PostgreSQL."""

    def __init__(self, url: str, *, connections: int = 8, check: bool = False) -> None:
        """connections: at most that many. check: test a connection before each use, for faces whose callers
        do not retry.
        """
        given = conninfo_to_dict(url)
        suspicion = {name: value for name, value in _SUSPICION.items() if name not in given}
        self._pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            open=False,
            timeout=_PATIENCE_SECONDS,
            reconnect_timeout=_RECONNECT_SECONDS,
            kwargs={"autocommit": True, "row_factory": tuple_row, "context": adapters(), **suspicion},
            configure=_spare_pooler,
            check=AsyncConnectionPool.check_connection if check else None,
        )

    async def open(self) -> None:
        """Begin to connect. Does not wait: a database that is away is reported by the first unit of work."""
        await self._pool.open()

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    @asynccontextmanager
    async def unit_of_work(self, workspace_id: UUID) -> AsyncIterator[UnitOfWork]:
        """One transaction of that workspace, which need not exist yet."""
        async with self._begin(f"begin; select leadterra_enter('{workspace_id}')") as connection:
            yield UnitOfWork(connection, workspace_id)

    @asynccontextmanager
    async def snapshot(self, workspace_id: UUID) -> AsyncIterator[UnitOfWork]:
        """One that reads, and sees the workspace as it was at one instant for as long as it takes."""
        begin = f"begin isolation level repeatable read read only; select leadterra_enter('{workspace_id}')"
        # Whoever is told may be slow to listen, and locks nobody out.
        async with self._begin(f"{begin}; set local idle_in_transaction_session_timeout = 0") as connection:
            yield UnitOfWork(connection, workspace_id)

    @asynccontextmanager
    async def scheduling(self) -> AsyncIterator[Transaction]:
        """A read-only transaction across workspaces that sees which pools are due, and nothing of what is in
        them.
        """
        async with self._begin("begin read only; set local role leadterra_scheduler") as connection:
            yield Transaction(connection, {})

    @asynccontextmanager
    async def global_work(self) -> AsyncIterator[Transaction]:
        """A transaction outside of every workspace: only the table of workers can be reached in it."""
        async with self._begin("begin; set local role leadterra_app") as connection:
            yield Transaction(connection, {})

    @asynccontextmanager
    async def _begin(self, opening: str) -> AsyncIterator[AsyncConnection[Any]]:
        """A transaction, its opening said in one breath: round trips are what short ones cost. The pool's
        block rolls back what raises.
        """
        async with self._pool.connection() as connection:
            await connection.execute(opening.encode(), prepare=False)
            yield connection
            # The pool's block would commit too, but for a connection that is gone: that it passes over.
            await connection.commit()


def _rows_of(kind: type[Row]) -> AsyncRowFactory[Row]:
    """Rows as that class. A named tuple, for what comes by the thousand, is made of the values as they are:
    its first fields and the statement's columns have one order.
    """
    if not issubclass(kind, tuple):
        return class_row(kind)

    def make(cursor: AsyncCursor[Any]) -> Callable[[Sequence[Any]], Row]:
        names = tuple(column.name for column in cursor.description or ())
        fields: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]
        if names != fields[: len(names)]:
            raise TypeError(f"{kind.__name__} has other fields than the statement has columns: {names}")
        if len(names) == len(fields):
            return kind._make  # type: ignore[attr-defined, no-any-return]
        return lambda values: kind(*values)

    return make


async def _spare_pooler(connection: AsyncConnection[Any]) -> None:
    """Prepare no statements where a pooler stands between: it may give each transaction another session,
    which knows nothing of what was prepared. It shows by the number of the session, which poolers make up.
    """
    cursor = await connection.execute("select pg_backend_pid()")
    found = await cursor.fetchone()
    if found is None or found[0] != connection.info.backend_pid:
        connection.prepare_threshold = None
