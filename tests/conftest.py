"""What every test may ask for: a real, migrated PostgreSQL, shared by all test processes, and a workspace of
one's own.

With `--through pgbouncer` the program reaches it only through PgBouncer in transaction mode.
"""

import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from leadterra.config import Settings
from leadterra.observability import configure_logging
from leadterra.store.database import Database
from leadterra.store.embedded import EmbeddedPostgres
from leadterra.store.ids import new_id
from leadterra.store.migration import migrate
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW, ManualClock
from tests.support.pgbouncer import PgBouncer

_TEMPLATE = "leadterra_template"
_LOCK = 0x7E57


def pytest_addoption(parser: pytest.Parser) -> None:
    """How the program's connections go."""
    parser.addoption("--through", choices=["pgbouncer"], help="put it between the program and PostgreSQL")


@pytest.fixture(scope="session", autouse=True)
def logging() -> None:
    """Log lines as the program writes them: without secrets, and without the values of variables."""
    configure_logging(Settings(data_dir=Path("unused"), log_level="warning", log_format="json"))


@pytest.fixture(scope="session")
def postgres(testrun_uid: str) -> Iterator[EmbeddedPostgres]:
    """The embedded server of this run; every test process shares it, and the last one to leave stops it."""
    folder = Path(tempfile.gettempdir()) / f"leadterra-tests-{testrun_uid[:12]}"
    with EmbeddedPostgres(folder) as server:
        with psycopg.connect(server.admin_url(), autocommit=True) as admin:
            for setting in ("fsync", "full_page_writes", "synchronous_commit"):
                admin.execute(f"alter system set {setting} = off".encode())
            admin.execute("select pg_reload_conf()")
        yield server
    if not (folder / "postgres" / "postmaster.pid").exists():
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def program_way(postgres: EmbeddedPostgres, pytestconfig: pytest.Config) -> Iterator[Callable[[str], str]]:
    """By which address the program reaches that database of the shared server."""
    if pytestconfig.getoption("through") is None:
        yield lambda url: url
        return
    with (
        tempfile.TemporaryDirectory(prefix="leadterra-pgbouncer-") as folder,
        PgBouncer(Path(folder), postgres.program_url()) as pooler,
    ):
        yield pooler.through


@pytest.fixture(scope="session")
def make_database(
    postgres: EmbeddedPostgres, program_way: Callable[[str], str]
) -> Iterator[Callable[[str], tuple[str, str]]]:
    """Give (admin URL, program URL) of a new database, cloned from one that was migrated once."""
    with psycopg.connect(postgres.admin_url(), autocommit=True) as admin:

        def make(name: str) -> tuple[str, str]:
            admin.execute("select pg_advisory_lock(%s)", [_LOCK])
            try:
                _ensure_template(admin, postgres)
                admin.execute(
                    sql.SQL("create database {} template {}").format(
                        sql.Identifier(name), sql.Identifier(_TEMPLATE)
                    )
                )
            finally:
                admin.execute("select pg_advisory_unlock(%s)", [_LOCK])
            return _url(postgres.admin_url(), name), program_way(_url(postgres.program_url(), name))

        yield make


def _ensure_template(admin: psycopg.Connection[tuple[object, ...]], postgres: EmbeddedPostgres) -> None:
    if admin.execute("select 1 from pg_database where datname = %s", [_TEMPLATE]).fetchone():
        return
    admin.execute(sql.SQL("create database {}").format(sql.Identifier(_TEMPLATE)))
    migrate(_url(postgres.admin_url(), _TEMPLATE), _url(postgres.program_url(), _TEMPLATE))


def _url(url: str, database: str) -> str:
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@pytest.fixture(scope="session")
def database_urls(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> tuple[str, str]:
    """(admin URL, program URL) of this test process's database. Tests do not disturb each other: each has its
    own workspace.
    """
    return make_database(f"leadterra_{worker_id}")


@pytest.fixture
def own_urls(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> tuple[str, str]:
    """(admin URL, program URL) of a database that no other test sees: for tests with workers, which look into
    every workspace.
    """
    return make_database(f"leadterra_{worker_id}_{uuid4().hex[:8]}")


@pytest.fixture
async def own_database(own_urls: tuple[str, str]) -> AsyncIterator[Database]:
    """A database that no other test sees, as the program's unprivileged role."""
    opened = Database(own_urls[1])
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def own_workspace(own_database: Database) -> UUID:
    """The only workspace of the test's own database, in test mode."""
    return await _new_workspace(own_database)


@pytest.fixture
async def database(database_urls: tuple[str, str]) -> AsyncIterator[Database]:
    """This test process's database, as the program's unprivileged role."""
    opened = Database(database_urls[1])
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at `NOW` until it is moved."""
    return ManualClock(NOW)


@pytest.fixture
async def workspace(database: Database) -> UUID:
    """A new workspace in test mode."""
    return await _new_workspace(database)


@pytest.fixture
def new_workspace(database: Database) -> Callable[[], Awaitable[UUID]]:
    """Makes workspaces in test mode, for tests that need several."""
    return lambda: _new_workspace(database)


async def _new_workspace(database: Database) -> UUID:
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, f"test {workspace_id}", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    return workspace_id
