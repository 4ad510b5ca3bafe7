"""How the program connects: to a server, through a pooler, to the one of many that takes writes."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from psycopg.conninfo import conninfo_to_dict

from leadterra.store.database import Database
from tests.support.pgbouncer import PgBouncer
from tests.support.processes import free_port

PREPARED = "select count(*)::int from pg_prepared_statements"
SESSION = "select pg_backend_pid()"


@pytest.fixture(scope="module")
def direct_url(database_urls: tuple[str, str]) -> str:
    """The program's login on this test process's database, with nothing between."""
    return urlsplit(database_urls[0])._replace(netloc="leadterra_app@").geturl()


@pytest.fixture(scope="module")
def pooled_url(direct_url: str) -> Iterator[str]:
    """The same through PgBouncer in transaction mode."""
    with (
        tempfile.TemporaryDirectory(prefix="leadterra-pgbouncer-") as folder,
        PgBouncer(Path(folder), direct_url) as pooler,
    ):
        yield pooler.through(direct_url)


@asynccontextmanager
async def opened(url: str, *, connections: int = 1) -> AsyncIterator[Database]:
    """A database at that address."""
    database = Database(url, connections=connections)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


async def value_of(
    database: Database, sql: str, *, meet: Callable[[], Awaitable[object]] | None = None
) -> int:
    """What a transaction of its own is answered."""
    async with database.unit_of_work(UUID(int=0)) as uow:
        if meet is not None:
            await asyncio.wait_for(meet(), 10)
        return int(await uow.value(sql))


async def test_what_is_repeated_is_prepared(direct_url: str) -> None:
    """PostgreSQL then plans it once a session."""
    async with opened(direct_url) as database:
        counts = [await value_of(database, PREPARED) for _ in range(10)]

    assert counts[0] == 0
    assert counts[-1] > 0


async def test_nothing_is_prepared_where_sessions_change_hands(pooled_url: str) -> None:
    """A session that another client had before may know anything, or nothing."""
    both = asyncio.Barrier(2)
    async with opened(pooled_url, connections=2) as database:
        await asyncio.gather(*(value_of(database, SESSION, meet=both.wait) for _ in range(2)))
    async with opened(pooled_url) as database:
        sessions = {await value_of(database, SESSION) for _ in range(10)}
        counts = [await value_of(database, PREPARED) for _ in range(10)]

    assert len(sessions) > 1, "one connection was given different sessions"
    assert counts == [0] * 10


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ("", {"connect_timeout": "3", "keepalives_idle": "10", "tcp_user_timeout": "25000"}),
        ("&tcp_user_timeout=1000", {"connect_timeout": "3", "tcp_user_timeout": "1000"}),
        ("&connect_timeout=9", {"connect_timeout": "9", "keepalives_idle": "10"}),
    ],
)
async def test_a_server_that_vanishes_is_noticed(
    direct_url: str, wish: str, expected: dict[str, str]
) -> None:
    """In half a minute, and not after the system's hours; unless the address says otherwise."""
    async with opened(direct_url + wish) as database, database.global_work() as transaction:
        asked = transaction.connection.info.get_parameters()

    assert {name: asked.get(name) for name in expected} == expected


async def test_the_next_host_is_asked_where_the_first_is_away(direct_url: str) -> None:
    """An address may name many; libpq's `target_session_attrs` chooses among them."""
    server = conninfo_to_dict(direct_url)
    url = (
        f"postgresql://leadterra_app@/{server['dbname']}?host=127.0.0.1,{server['host']}"
        f"&port={free_port()},{server['port']}&target_session_attrs=read-write"
    )
    async with opened(url) as database:
        assert await value_of(database, "select 1") == 1
