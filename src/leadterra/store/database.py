"""Connections and units of work.

A unit of work is one transaction of one workspace: row-level security shows it that workspace's rows and no
others (R1). It commits when its block ends and rolls back when the block raises. Database errors pass through
as psycopg's; `is_retryable` names those after which the whole block may be run again, because nothing of it
was kept.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from uuid import UUID

from psycopg import AsyncConnection, errors
from psycopg.rows import class_row, tuple_row
from psycopg_pool import AsyncConnectionPool

from leadterra.store.statements import load

Row = TypeVar("Row")
_POOL = load("sender_pools")
_PATIENCE_SECONDS = 5
"""How long to wait for a connection before the database counts as away."""


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
        cursor = await self.connection.execute(sql, {**self._bound, **parameters})
        return await cursor.fetchall()

    async def value(self, sql: str, **parameters: object) -> Any:
        """The first column of the first row; None if there is none."""
        found = await self.rows(sql, **parameters)
        return found[0][0] if found else None

    async def list(self, kind: type[Row], sql: str, **parameters: object) -> list[Row]:
        """All rows as values of that class, column names being its fields."""
        async with self.connection.cursor(row_factory=class_row(kind)) as cursor:
            await cursor.execute(sql, {**self._bound, **parameters})
            return await cursor.fetchall()

    async def find(self, kind: type[Row], sql: str, **parameters: object) -> Row | None:
        """The first row as a value of that class; None if there is none."""
        async with self.connection.cursor(row_factory=class_row(kind)) as cursor:
            await cursor.execute(sql, {**self._bound, **parameters})
            return await cursor.fetchone()

    async def stream(self, kind: type[Row], sql: str, **parameters: object) -> AsyncGenerator[Row, None]:
        """All rows as values of that class, fetched a few at a time: for what may not fit into memory. One
        stream at a time.
        """
        async with self.connection.cursor("stream", row_factory=class_row(kind)) as cursor:
            await cursor.execute(sql, {**self._bound, **parameters})
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
        self._pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]] = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=connections,
            open=False,
            timeout=_PATIENCE_SECONDS,
            kwargs={"autocommit": True, "row_factory": tuple_row},
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
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("select leadterra_enter(%s)", [workspace_id])
            yield UnitOfWork(connection, workspace_id)

    @asynccontextmanager
    async def snapshot(self, workspace_id: UUID) -> AsyncIterator[UnitOfWork]:
        """One that reads, and sees the workspace as it was at one instant for as long as it takes."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("set transaction isolation level repeatable read, read only")
            await connection.execute("select leadterra_enter(%s)", [workspace_id])
            yield UnitOfWork(connection, workspace_id)

    @asynccontextmanager
    async def scheduling(self) -> AsyncIterator[Transaction]:
        """A read-only transaction across workspaces that sees which pools are due, and nothing of what is in
        them.
        """
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("set transaction read only")
            await connection.execute("set local role leadterra_scheduler")
            yield Transaction(connection, {})

    @asynccontextmanager
    async def global_work(self) -> AsyncIterator[Transaction]:
        """A transaction outside of every workspace: only the table of workers can be reached in it."""
        async with self._pool.connection() as connection, connection.transaction():
            await connection.execute("set local role leadterra_app")
            yield Transaction(connection, {})
