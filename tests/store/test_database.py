"""Units of work: one transaction, one workspace, kept or not as a whole."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from leadterra.store.availability import is_unavailable
from leadterra.store.database import Database, is_retryable
from tests.support.pools import TestPool
from tests.support.waiting import eventually

COUNT = "select count(*)::int from leads where workspace_id = %(workspace_id)s"

RENAME = "update workspaces set name = %(name)s where workspace_id = %(workspace_id)s"
NAME = "select name from workspaces where workspace_id = %(workspace_id)s"


class Named(NamedTuple):
    """A workspace."""

    name: str


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    """A database with one connection."""
    one = Database(url, connections=1)
    await one.open()
    try:
        yield one
    finally:
        await one.close()


async def name_of(database: Database, workspace: UUID) -> str:
    """The workspace's, as others see it."""
    async with database.unit_of_work(workspace) as uow:
        return str(await uow.value(NAME))


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


@pytest.mark.parametrize("queues", [True, False], ids=["queued", "asked"])
async def test_a_cancelled_block_is_undone_and_its_connection_still_good(
    database_urls: tuple[str, str], workspace: UUID, *, queues: bool
) -> None:
    """With one connection, the next block has it."""
    started = asyncio.Event()
    async with opened(database_urls[1]) as one:

        async def hang() -> None:
            async with one.unit_of_work(workspace) as uow:
                await (uow.put if queues else uow.execute)(RENAME, name="lost")
                started.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(hang())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await name_of(one, workspace) != "lost"


async def test_what_is_queued_is_done_before_what_is_asked_next(database: Database, workspace: UUID) -> None:
    """In the order of the calls; the last of it with the commit."""
    async with database.unit_of_work(workspace) as uow:
        await uow.put(RENAME, name="first")
        await uow.put(RENAME, name="second")
        seen = await uow.value(NAME)
        touched = await uow.execute(RENAME, name="third")
        await uow.put(RENAME, name="fourth")

    assert (seen, touched) == ("second", 1)
    assert await name_of(database, workspace) == "fourth"


async def test_a_copy_and_a_stream_come_after_what_is_queued(database: Database, workspace: UUID) -> None:
    """And more can be queued behind them."""
    async with database.unit_of_work(workspace) as uow:
        await uow.put(RENAME, name="first")
        streamed = [row async for row in uow.stream(Named, NAME)]
        await uow.put("create temporary table copied (name text) on commit drop")
        async with uow.copy("copy copied from stdin") as copy:
            await copy.write("second\n")
        await uow.put(RENAME.replace("%(name)s", "(select name from copied)"))

    assert streamed == [Named("first")]
    assert await name_of(database, workspace) == "second"


@pytest.mark.parametrize("asks", [True, False], ids=["the next", "the commit"])
async def test_what_is_wrong_with_the_queued_is_raised_by(
    database_urls: tuple[str, str], workspace: UUID, *, asks: bool
) -> None:
    """As itself; nothing is kept, and the only connection is still good."""
    async with opened(database_urls[1]) as one:
        before = await name_of(one, workspace)

        async def divide() -> None:
            async with one.unit_of_work(workspace) as uow:
                await uow.put(RENAME, name="lost")
                await uow.put("select 1 / %(number)s", number=0)
                await uow.put(RENAME, name="lost too")
                if asks:
                    await uow.value(NAME)

        with pytest.raises(errors.DivisionByZero):
            await divide()
        assert await name_of(one, workspace) == before


async def test_a_deadlock_of_the_queued_may_be_run_again(database: Database, workspace: UUID) -> None:
    """One of two who wait for each other is told so, at the commit."""
    pool = TestPool(database, workspace)
    accounts = [await pool.account("ada", 10), await pool.account("bob", 10)]
    both = asyncio.Barrier(2)
    lock = "select 1 from sender_accounts where workspace_id = %(workspace_id)s and id = %(id)s for update"

    async def take(first: UUID, second: UUID) -> None:
        async with database.unit_of_work(workspace) as uow:
            await uow.execute(lock, id=first)
            await both.wait()
            await uow.put(lock, id=second)

    ends = await asyncio.gather(take(*accounts), take(*reversed(accounts)), return_exceptions=True)

    refused = [end for end in ends if isinstance(end, Exception)]
    assert [is_retryable(error) for error in refused] == [True]


async def test_a_connection_cut_while_something_is_queued_is_away(
    own_database: Database, own_workspace: UUID, own_urls: tuple[str, str]
) -> None:
    """And nothing of it was kept."""
    before = await name_of(own_database, own_workspace)

    async def be_cut() -> None:
        async with own_database.unit_of_work(own_workspace) as uow:
            await uow.put(RENAME, name="lost")
            pid = await uow.value("select pg_backend_pid()")
            async with await psycopg.AsyncConnection.connect(own_urls[0], autocommit=True) as admin:
                await admin.execute("select pg_terminate_backend(%s, 5000)", [pid])
            await uow.put(RENAME, name="lost too")

    with pytest.raises(psycopg.Error) as raised:
        await be_cut()
    assert is_unavailable(raised.value)
    assert await name_of(own_database, own_workspace) == before


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
