"""Databases of a given size, filled in minutes: leads, enrollments that are due, and the messages that they
had before.

Everything is as the engine would have left it, with one exception: attempts and events of the messages of
old are left out, for nothing that is measured reads them. Rows are in the order in which an import and days
of sending would have written them. Keys and indexes are taken away while the rows come, and built again as
they were, which is several times as fast. Raises psycopg's errors.
"""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import aiosql
import psycopg
from psycopg import sql

from bench.places import Place
from leadterra.mail.addresses import domain_digest
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.migration import migrate
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW
from tests.support.pools import Mail, TestPool

ACCOUNTS = 20
CAMPAIGNS = 5
STEPS = 3
_DOMAINS = 997
_LIMIT = 100_000
_CONNECTIONS = 2
_DRAFT = "stock_draft"
_NUMBER = (1 << 60) - 1
_APART = 64
"""An enrollment's id ends in six zero bits, and so do all ids here."""

_FIRST_ENROLLMENT = 0x0195F00000007002A << 60
_TABLES = ("leads", "enrollments", "messages")
_BULK = (
    "session_replication_role = replica",
    "synchronous_commit = off",
    "maintenance_work_mem = '1GB'",
    "work_mem = '256MB'",
    "timezone = 'UTC'",
)
_QUERIES = aiosql.from_path(Path(__file__).with_suffix(".sql"), "psycopg", mandatory_parameters=False)


@dataclass(frozen=True, slots=True)
class Stock:
    """A database with one workspace. size: leads, each with an enrollment that was due at `NOW`; every other
    one has had messages, as many as there are leads in all.
    """

    admin_url: str
    program_url: str
    workspace_id: UUID
    campaign_ids: tuple[UUID, ...]
    step_ids: tuple[UUID, ...]
    account_ids: tuple[UUID, ...]
    size: int


def stock_of(place: Place, size: int) -> Stock:
    """The database with so many leads, and as many messages sent. It is filled for whoever asks first."""
    name = f"stock{size}"
    urls = urls_of(place, name)
    with psycopg.connect(place.postgres.admin_url(), autocommit=True) as admin:
        if admin.execute("select from pg_database where datname = %s", [name]).fetchone() is None:
            _fill(new_database(place, _DRAFT), size)
            admin.execute(sql.SQL(f"alter database {_DRAFT} rename to {{}}").format(sql.Identifier(name)))
    return _read(*urls, size)


def new_database(place: Place, name: str) -> tuple[str, str]:
    """(admin URL, program URL) of a migrated database of the place's server with nothing in it."""
    with psycopg.connect(place.postgres.admin_url(), autocommit=True) as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    urls = urls_of(place, name)
    migrate(*urls)
    return urls


def urls_of(place: Place, name: str) -> tuple[str, str]:
    """(admin URL, program URL) of a database of the place's server."""
    admin_url, program_url = place.postgres.admin_url(), place.postgres.program_url()
    return _url(admin_url, name), _url(program_url, name)


async def new_workspace(database: Database, mail: Mail) -> TestPool:
    """A workspace in test mode, which sends as soon as it may."""
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "bench", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    return TestPool(database, workspace_id, mail)


def top_up(stock: Stock, count: int) -> None:
    """More of the same behind the rest, for what was used up."""
    with psycopg.connect(stock.admin_url) as admin:
        row = admin.execute("select id from leads order by workspace_id desc, id desc limit 1").fetchone()
    assert row is not None
    start = (row[0].int & _NUMBER) // _APART + 1
    insert_work(stock, start, start + count)
    _add_up(stock.admin_url, UUID(int=_FIRST_ENROLLMENT + start * _APART), claims=0)


def insert_work(stock: Stock, start: int, end: int) -> None:
    """Leads of these numbers, with their enrollments and the messages that they have had."""
    bound = _bound(stock) | {"start": start, "end": end}
    statements = [text(f"insert_{table}") for table in ("leads", "messages", "enrollments")]
    with ThreadPoolExecutor(_CONNECTIONS) as connections:
        list(connections.map(partial(execute, stock.admin_url, bound=bound), statements))


def execute(admin_url: str, statement: str, bound: Mapping[str, object] | None = None) -> None:
    """As the owner, who may do anything."""
    with connect(admin_url) as admin:
        admin.execute(statement.encode(), bound)


def text(block: str) -> str:
    """A statement of `populating.sql`, as psycopg takes it."""
    found: str = getattr(_QUERIES, block).sql
    return found


def _fill(urls: tuple[str, str], size: int) -> None:
    asyncio.run(_prepare(urls[1]))
    with _without_indexes(urls[0]):
        insert_work(_read(*urls, size), 0, size)
    _add_up(urls[0], UUID(int=0), claims=1 + size // 500)
    with ThreadPoolExecutor(_CONNECTIONS) as connections:
        list(connections.map(partial(execute, urls[0]), [f"vacuum analyze {table}" for table in _TABLES]))
    execute(urls[0], "analyze")


def _add_up(admin_url: str, first: UUID, *, claims: int) -> None:
    """Put the work from that enrollment on into the books, and have workers look for it."""
    execute(admin_url, text("add_totals"), {"first": first})
    execute(admin_url, text("add_units"), {"first": first, "daily_limit": _LIMIT})
    execute(admin_url, text("wake_pools"), {"now": NOW, "claims": claims})


async def _prepare(program_url: str) -> None:
    database = Database(program_url)
    await database.open()
    pool = await new_workspace(database, Mail())
    for number in range(ACCOUNTS):
        await pool.account(f"account{number:02}", _LIMIT)
    for _ in range(CAMPAIGNS):
        await pool.campaign(steps=STEPS)
    await database.close()


def _read(admin_url: str, program_url: str, size: int) -> Stock:
    with psycopg.connect(admin_url) as admin:

        def ids(question: str) -> tuple[UUID, ...]:
            return tuple(row[0] for row in admin.execute(question.encode()).fetchall())

        return Stock(
            admin_url,
            program_url,
            workspace_id=ids("select workspace_id from workspaces")[0],
            campaign_ids=ids("select id from campaigns order by id"),
            step_ids=ids("select id from sequence_steps order by campaign_id, position"),
            account_ids=ids("select id from sender_accounts order by id"),
            size=size,
        )


def _bound(stock: Stock) -> dict[str, object]:
    return {
        "workspace_id": stock.workspace_id,
        "now": NOW,
        "campaign_ids": list(stock.campaign_ids),
        "step_ids": list(stock.step_ids),
        "account_ids": list(stock.account_ids),
        "campaigns": CAMPAIGNS,
        "steps": STEPS,
        "accounts": ACCOUNTS,
        "domains": _DOMAINS,
        "recipient_domains": [domain_digest(f"leads{number}.test") for number in range(_DOMAINS)],
        "gap": f"{19 * 3600 * 1_000_000 // (stock.size + 1_000_000)} microseconds",
    }


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    """For bulk work: keys to other tables are right by construction and not looked up."""
    connection = psycopg.connect(url, autocommit=True)
    for setting in _BULK:
        connection.execute(f"set {setting}".encode())
    return connection


@contextmanager
def _without_indexes(admin_url: str) -> Iterator[None]:
    """Take every index and key of the large tables away; build them again at the end, by what the catalogue
    said they were.
    """
    tables = {"tables": list(_TABLES)}
    with connect(admin_url) as admin:
        keys = admin.execute(text("list_keys").encode(), tables).fetchall()
        for table, name, _ in reversed(keys):
            admin.execute(f"alter table {table} drop constraint {name}".encode())
        indexes = admin.execute(text("list_indexes").encode(), tables).fetchall()
        for name, _ in indexes:
            admin.execute(f"drop index {name}".encode())
    yield
    builds = [str(definition) for _, definition in indexes]
    adds = [f"alter table {table} add constraint {name} {definition}" for table, name, definition in keys]
    with ThreadPoolExecutor(_CONNECTIONS) as connections:
        list(connections.map(partial(execute, admin_url), builds + adds[:-1]))
    execute(admin_url, adds[-1])


def _url(url: str, database: str) -> str:
    """The same server, another database."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()
