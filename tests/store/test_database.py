"""Units of work: one transaction, one workspace, kept or not as a whole."""

import asyncio
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from leadterra.store.availability import is_unavailable
from leadterra.store.database import Database, is_retryable
from tests.support.pools import TestPool
from tests.support.waiting import eventually

COUNT = "select count(*)::int from leads where workspace_id = %(workspace_id)s"


async def test_a_block_that_ends_is_kept(database: Database, workspace: UUID) -> None:
    """Another transaction sees it."""
    pool = TestPool(database, workspace)
    await pool.leads(await pool.campaign(), 3)
    async with database.unit_of_work(workspace) as uow:
        assert await uow.value(COUNT) == 3


async def test_a_block_that_raises_is_undone(database: Database, workspace: UUID) -> None:
    """All of it."""
    pool = TestPool(database, workspace)
    await pool.leads(await pool.campaign(), 3)

    async def fail() -> None:
        async with database.unit_of_work(workspace) as uow:
            await uow.execute("delete from enrollments where workspace_id = %(workspace_id)s")
            await uow.execute("delete from leads where workspace_id = %(workspace_id)s")
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    async with database.unit_of_work(workspace) as uow:
        assert await uow.value(COUNT) == 3


async def test_a_cancelled_block_is_undone_and_its_connection_still_good(
    database_urls: tuple[str, str], workspace: UUID
) -> None:
    """With one connection, the next block has it."""
    one = Database(database_urls[1], connections=1)
    await one.open()

    async def hang() -> None:
        async with one.unit_of_work(workspace) as uow:
            await uow.execute("update workspaces set name = 'lost' where workspace_id = %(workspace_id)s")
            started.set()
            await asyncio.Event().wait()

    started = asyncio.Event()
    task = asyncio.create_task(hang())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with one.unit_of_work(workspace) as uow:
        assert await uow.value("select name from workspaces where workspace_id = %(workspace_id)s") != "lost"
    await one.close()


async def test_the_pool_s_lock_is_one_at_a_time(database: Database, workspace: UUID) -> None:
    """The second waits until the first has ended."""
    order: list[str] = []

    async def take(name: str, has: asyncio.Event, leave: asyncio.Event) -> None:
        async with database.unit_of_work(workspace) as uow:
            await uow.lock_pool()
            order.append(name)
            has.set()
            await leave.wait()
            order.append(f"{name} leaves")

    first_has, leave, second_has = asyncio.Event(), asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(take("first", first_has, leave))
    await first_has.wait()
    second = asyncio.create_task(take("second", second_has, leave))
    pool = TestPool(database, workspace)
    waiting = (
        "select count(*)::int from pg_stat_activity"
        " where datname = current_database() and wait_event_type = 'Lock'"
    )

    async def is_waiting() -> bool:
        assert not second_has.is_set()
        return bool((await pool.ask(waiting))[0][0])

    await eventually(is_waiting)
    leave.set()
    await asyncio.gather(first, second)
    assert order == ["first", "first leaves", "second", "second leaves"]


async def test_the_scheduler_s_transaction_is_read_only(database: Database) -> None:
    """By more than its role."""
    async with database.scheduling() as transaction:
        assert await transaction.value("show transaction_read_only") == "on"


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (errors.DeadlockDetected(), True),
        (errors.SerializationFailure(), True),
        (errors.UniqueViolation(), False),
        (errors.LockNotAvailable(), False),
        (psycopg.OperationalError(), False),
        (ValueError(), False),
    ],
)
def test_what_may_be_run_again(error: Exception, retryable: bool) -> None:
    """Only what the database undid for a reason that is not in the transaction (40P01, 40001)."""
    assert is_retryable(error) is retryable


@pytest.mark.parametrize(
    ("error", "unavailable"),
    [
        (psycopg.OperationalError(), True),
        (errors.AdminShutdown(), True),
        (errors.CannotConnectNow(), True),
        (psycopg.InterfaceError(), True),
        (errors.DataError(), False),
        (errors.CheckViolation(), False),
        (errors.UndefinedTable(), False),
        (ValueError(), False),
    ],
)
def test_what_says_that_the_database_is_away(error: Exception, unavailable: bool) -> None:
    """Waiting helps; for the others it would not."""
    assert is_unavailable(error) is unavailable


async def test_a_connection_that_was_cut_is_replaced(
    own_database: Database, own_workspace: UUID, own_urls: tuple[str, str]
) -> None:
    """At most every connection of the pool fails once; then it works again."""
    async with own_database.unit_of_work(own_workspace) as uow:
        pid = await uow.value("select pg_backend_pid()")
    async with await psycopg.AsyncConnection.connect(own_urls[0], autocommit=True) as admin:
        await admin.execute("select pg_terminate_backend(%s, 5000)", [pid])

    async def use() -> BaseException | None:
        try:
            async with own_database.unit_of_work(own_workspace) as uow:
                await uow.value("select 1")
        except psycopg.Error as error:
            return error
        return None

    errors_seen = [error for error in [await use() for _ in range(5)] if error]
    assert [is_unavailable(error) for error in errors_seen] in ([], [True])


async def test_a_server_that_only_reads_is_away(database: Database, workspace: UUID) -> None:
    """So it is after a fail-over, on old connections: what is to be written waits, and is not given up."""

    async def write_where_one_only_reads() -> None:
        async with database.unit_of_work(workspace) as uow:
            await uow.connection.execute("set transaction read only")
            await uow.execute("update sender_pools set share_clock = 1")

    with pytest.raises(errors.ReadOnlySqlTransaction) as raised:
        await write_where_one_only_reads()
    assert is_unavailable(raised.value)
