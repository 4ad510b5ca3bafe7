"""The database of a command: the one that is named, or the embedded one of the data directory, with the
present schema.

An embedded server is started if nobody runs it yet and stopped if nobody else uses it afterwards. Fails with
one line: an address that cannot be read, a server that does not answer, a schema that this login may not
change.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict

from leadterra.cli.errors import CommandError
from leadterra.config import InvalidSetting, Settings, variable
from leadterra.observability import log
from leadterra.store.database import Database
from leadterra.store.embedded import EmbeddedPostgres
from leadterra.store.migration import latest, migrate
from leadterra.store.workers import list_applied_migrations

_PATIENCE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Storage:
    """settings: name a database that answers. embedded: the server that runs it, if it is ours. applied:
    migrations that were lacking.
    """

    settings: Settings
    embedded: EmbeddedPostgres | None
    applied: tuple[str, ...]


@contextmanager
def reach_database(settings: Settings) -> Iterator[Storage]:
    """Hold on to the database while the block runs."""
    if settings.database_url is not None:
        _refuse_unreadable(settings)
        yield Storage(settings, None, _bring_up_to_date(settings))
        return
    with EmbeddedPostgres(settings.data_dir) as server:
        urls = {"database_url": server.program_url(), "admin_database_url": server.admin_url()}
        reached = settings.model_copy(update=urls)
        yield Storage(reached, server, _bring_up_to_date(reached))


def _refuse_unreadable(settings: Settings) -> None:
    for name in ("database_url", "admin_database_url"):
        try:
            conninfo_to_dict(getattr(settings, name))
        except psycopg.ProgrammingError:  # its text repeats the address, password and all
            raise InvalidSetting(variable(name), "PostgreSQL cannot read this address") from None


def _bring_up_to_date(settings: Settings) -> tuple[str, ...]:
    """Apply what the schema lacks; looking costs a connection, and takes no lock."""
    assert settings.database_url is not None
    assert settings.admin_database_url is not None
    psycopg.connect(settings.database_url, connect_timeout=_PATIENCE_SECONDS).close()
    if not asyncio.run(_is_behind(settings.database_url)):
        return ()
    try:
        applied = tuple(migrate(settings.admin_database_url, settings.database_url))
    except psycopg.errors.InsufficientPrivilege as error:
        raise CommandError(
            f"the schema lacks {latest()} and this login may not change it: run `leadterra migrate` with "
            f"{variable('admin_database_url')} set to a login that may ({error})"
        ) from None
    if applied:
        log.info("database.migrated", applied=applied)
    return applied


async def _is_behind(url: str) -> bool:
    database = Database(url, connections=1)
    await database.open()
    try:
        async with database.global_work() as transaction:
            return latest() not in await list_applied_migrations(transaction)
    except (psycopg.errors.InvalidParameterValue, psycopg.errors.InsufficientPrivilege):
        return True  # the program's role is not there yet, or this login does not belong to it yet
    finally:
        await database.close()
