"""Bring a database to the present schema.

Plain SQL files, applied in order, each in a transaction, under a lock of the database's own that dies with
its holder: any number of processes may start at once, and one killed half-way leaves nothing to clear up.
Raises psycopg's errors.
"""

from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from yoyo import get_backend, read_migrations
from yoyo.backends.base import DatabaseBackend
from yoyo.migrations import MigrationList

_LOCK = 0x1EAD7E44A
_FOLDER = Path(__file__).with_name("migrations")


def migrate(admin_url: str, program_url: str) -> list[str]:
    """Apply what is missing; the names of what was applied. The program's login joins its role."""
    with psycopg.connect(admin_url, autocommit=True) as lock:
        lock.execute("select pg_advisory_lock(%s)", [_LOCK])
        missing, backend = _missing(admin_url)
        names = [str(migration.id) for migration in missing]
        backend.apply_migrations(missing)
        backend.connection.close()
        _admit(lock, str(conninfo_to_dict(program_url).get("user") or ""))
        return names


def latest() -> str:
    """The name of the newest migration that this program knows."""
    return max(path.stem for path in _FOLDER.glob("*.sql"))


def _missing(url: str) -> tuple[MigrationList, DatabaseBackend]:
    backend = get_backend(_yoyo_url(url))
    return backend.to_apply(read_migrations(str(_FOLDER))), backend


def _admit(connection: psycopg.Connection[tuple[object, ...]], user: str) -> None:
    """Let the program's login act as its role; a superuser needs no membership, and a role none in itself."""
    connection.execute("grant select on _yoyo_migration to leadterra_app")
    if user and user != "leadterra_app":
        connection.execute(sql.SQL("grant leadterra_app to {}").format(sql.Identifier(user)))


def _yoyo_url(url: str) -> str:
    """The same connection in the form that the migration library reads."""
    parts = {key: str(value) for key, value in conninfo_to_dict(url).items() if value is not None}
    user, password = quote(parts.pop("user", ""), safe=""), quote(parts.pop("password", ""), safe="")
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    database = quote(parts.pop("dbname", ""), safe="")
    return f"postgresql+psycopg://{login}/{database}?{urlencode(parts)}"
