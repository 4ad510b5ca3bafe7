"""Migrations: any number of processes may apply them at once, any number of times."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from leadterra.store.embedded import EmbeddedPostgres
from leadterra.store.migration import latest, migrate

Urls = tuple[str, str]
SCHEMA = """
select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
where table_schema = 'public' and table_name not like '%yoyo%' order by 1, 2
"""
MIGRATE = "import sys; from leadterra.store.migration import migrate; print(len(migrate(*sys.argv[1:])))"


@pytest.fixture
def empty(postgres: EmbeddedPostgres) -> Iterator[Urls]:
    """(admin URL, program URL) of a database that was never migrated."""
    name = f"empty_{uuid4().hex[:12]}"
    with psycopg.connect(postgres.admin_url(), autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        yield (
            urlsplit(postgres.admin_url())._replace(path=f"/{name}").geturl(),
            urlsplit(postgres.program_url())._replace(path=f"/{name}").geturl(),
        )
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


def ask(url: str, question: str) -> list[tuple[Any, ...]]:
    """All rows."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question.encode()).fetchall()


def test_an_empty_database_is_brought_to_the_present_schema(empty: Urls) -> None:
    """All of them are applied, the newest last; then none is missing."""
    assert migrate(*empty)[-1] == latest()
    assert migrate(*empty) == []


def test_applied_twice_is_applied_once(empty: Urls) -> None:
    """The second time there is nothing to do, and the schema is as it was."""
    migrate(*empty)
    schema = ask(empty[0], SCHEMA)
    assert migrate(*empty) == []
    assert ask(empty[0], SCHEMA) == schema


def test_every_migrated_database_has_the_same_schema(empty: Urls, database_urls: Urls) -> None:
    """Also one that was cloned from a template."""
    migrate(*empty)
    assert ask(empty[0], SCHEMA) == ask(database_urls[0], SCHEMA)


def test_of_many_processes_at_once_one_applies_them(empty: Urls) -> None:
    """The others wait for it, and all of them succeed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", MIGRATE, *empty],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        for _ in range(3)
    ]
    said = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], said
    assert sorted(int(out) for out, _ in said)[:2] == [0, 0]
    assert migrate(*empty) == []


def test_who_dies_with_the_lock_holds_up_nobody(empty: Urls) -> None:
    """The lock is a session's: it goes with its connection."""
    holder = psycopg.connect(empty[0], autocommit=True)
    holder.execute("select pg_advisory_lock(%s)", [0x1EAD7E44A])
    with ThreadPoolExecutor(1) as threads:
        migrating = threads.submit(migrate, *empty)
        waiting = (
            "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        )
        while not ask(empty[0], waiting):
            assert not migrating.done()
        holder.close()
        assert migrating.result(timeout=30) != []


def test_the_program_s_login_may_work_in_what_was_migrated(empty: Urls, postgres: EmbeddedPostgres) -> None:
    """A login of the operator's own is made a member of the program's role; it sees no row without a
    workspace.
    """
    login = f"operator_{uuid4().hex[:8]}"
    name = sql.Identifier(login)
    with psycopg.connect(postgres.admin_url(), autocommit=True) as admin:
        admin.execute(sql.SQL("create role {} login").format(name))
        parts = urlsplit(empty[1])
        url = parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}").geturl()
        try:
            migrate(empty[0], url)
            with psycopg.connect(url) as connection:
                connection.execute("select leadterra_enter(%s)", [uuid4()])
                assert connection.execute("select current_user::text").fetchone() == ("leadterra_app",)
            assert ask(url, "select count(*) from workspaces") == [(0,)]
            assert ask(url, "select count(*) from sender_pools") == [(0,)]
        finally:
            admin.execute(sql.SQL("drop role {}").format(name))
