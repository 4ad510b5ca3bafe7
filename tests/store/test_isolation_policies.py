"""Row-level security, tried out: what one workspace has, no other reads, changes, deletes or forges (R1)."""

from collections.abc import AsyncIterator
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import errors, sql

from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.responses import list_due_responses
from leadterra.store.sender_pools import insert_pool, list_due_pools
from leadterra.store.warmups import list_due_warmups
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW
from tests.support.pools import TestPool

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

GLOBAL = {"workers"}
TENANT_TABLES = """
select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p') and c.relname not like '%yoyo%' order by 1
"""
OTHERS = {
    "api_keys": "(workspace_id, id, label, scopes, secret_hash, last_four, created_at)"
    " values (:w, :id, 'x', '{}', '', 'abcd', :now)",
    "imports": "(workspace_id, id, campaign_id, fingerprint, source, state, created_at, updated_at)"
    " values (:w, :id, :campaign, '', 'x', 'done', :now, :now)",
    "idempotency_keys": "(workspace_id, key, request_hash, owner, locked_until, created_at)"
    " values (:w, 'x', '', :id, :now, :now)",
    "step_variants": "(workspace_id, id, step_id, position, subject, body_html, weight, updated_at)"
    " select :w, :id, id, 0, 'x', 'x', 1, :now from sequence_steps where workspace_id = :w",
    "variant_totals": "(workspace_id, step_id, variant_id)"
    " select :w, id, :id from sequence_steps where workspace_id = :w and updated_at <= :now",
    "cap_units": "(workspace_id, scope, key, bucket, taken) values (:w, 'campaign', :id, :now, 1)",
    "account_health": "(workspace_id, sender_account_id, judged_from)"
    " select :w, id, :now from sender_accounts where workspace_id = :w and id <> :id",
    "complaints": "(workspace_id, id, sender_account_id, complained_at)"
    " select :w, :id, id, :now from sender_accounts where workspace_id = :w",
    "dead_domains": "(workspace_id, domain, is_dead, enrollment_id, reason, rest_until)"
    " values (:w, 'gone.test', true, :id, 'x', :now)",
    "oauth_grants": "(workspace_id, account_id, provider, token_url, client_id, refresh_token, updated_at)"
    " select :w, id, 'google', 'x', 'x', '', :now from sender_accounts where workspace_id = :w and id <> :id",
    "recipient_domains": "(workspace_id, domain, retry_at)"
    " select :w, email_domain, :now from sender_accounts where workspace_id = :w and id <> :id",
    "warmups": "(workspace_id, sender_account_id, first_limit, step, days, started_at, looked_on)"
    " select :w, id, 5, 2, 14, :now, :now from sender_accounts where workspace_id = :w and id <> :id",
    "warmup_letters": "(workspace_id, id, sender_account_id, recipient_account_id, number, state, fence, day,"
    " lease_until, claimed_at, look_at)"
    " select :w, :id, id, id, 1, 'sending', 1, :now, :now, :now, :now"
    " from sender_accounts where workspace_id = :w",
    "replies": "(workspace_id, id, digest, sender_account_id, kind, classification, email, matched_by,"
    " received_at, created_at) select :w, :id, '', id, 'reply', 'other', 'x', 'x', :now, :now"
    " from sender_accounts where workspace_id = :w",
    "responses": "(workspace_id, id, reply_id, sender_account_id, state, recipient, recipient_name,"
    " address_hashes, subject, body_html, body_text, message_id, reference_ids, due_at, created_at)"
    " select :w, :id, id, sender_account_id, 'queued', 'x', '', '{}', 'x', 'x', 'x', 'x', '{}', :now, :now"
    " from replies where workspace_id = :w",
    "mailboxes": "(workspace_id, sender_account_id) select :w, id from sender_accounts"
    " where workspace_id = :w and id <> :id and created_at <= :now",
    "mailbox_folders": "(workspace_id, sender_account_id, name, uid_validity, uid_next)"
    " select :w, id, 'INBOX', 1, 1 from sender_accounts"
    " where workspace_id = :w and id <> :id and created_at <= :now",
}
"""Rows of the tables that the engine itself does not write."""


async def furnish(pool: TestPool) -> None:
    """At least one row in every tenant table."""
    await pool.account("ada", 10)
    campaign = await pool.campaign()
    await pool.leads(campaign, 2)
    await pool.settle(await pool.must_claim(limit=1))
    await pool.must_claim(limit=1)
    await pool.suppress("gone@leads.test")
    for table, row in OTHERS.items():
        parameters = {"campaign": campaign} if table == "imports" else {}
        await pool.execute(f"insert into {table} {row}", id=new_id(NOW), now=NOW, **parameters)


@pytest.fixture
async def own(database: Database, workspace: UUID) -> TestPool:
    """The workspace whose rows are somebody else's business."""
    pool = TestPool(database, workspace)
    await furnish(pool)
    return pool


@pytest.fixture
async def admin(database_urls: tuple[str, str]) -> AsyncIterator[Connection]:
    """The owner of the tables, whom nothing is hidden from."""
    async with await psycopg.AsyncConnection.connect(database_urls[0], autocommit=True) as connection:
        yield connection


@pytest.fixture
async def program(database_urls: tuple[str, str]) -> AsyncIterator[Connection]:
    """The program's login, which has entered no workspace."""
    async with await psycopg.AsyncConnection.connect(database_urls[1], autocommit=True) as connection:
        yield connection


@pytest.fixture
async def tables(admin: Connection) -> list[str]:
    """Every tenant table."""
    rows = await (await admin.execute(TENANT_TABLES.encode())).fetchall()
    return [name for (name,) in rows if name not in GLOBAL]


async def touch(connection: Connection, statement: LiteralString, table: str, owner: UUID) -> int:
    """How many rows of that workspace a statement over a table reaches."""
    query = sql.SQL(statement).format(sql.Identifier(table))
    async with connection.transaction(force_rollback=True):
        return (await connection.execute(query, [owner])).rowcount


STATEMENTS: dict[str, LiteralString] = {
    "read": "select 1 from {} where workspace_id = %s",
    "changed": "update {} set workspace_id = workspace_id where workspace_id = %s",
    "deleted": "delete from {} where workspace_id = %s",
}


async def reached(
    connection: Connection, tables: list[str], owner: UUID, entered: UUID | None
) -> set[tuple[str, str]]:
    """(table, what can be done to that workspace's rows in it) from another workspace, or from none."""
    found = set()
    for table in tables:
        for what, statement in STATEMENTS.items():
            async with connection.transaction(force_rollback=True):
                if entered:
                    await connection.execute("select leadterra_enter(%s)", [entered])
                try:
                    if await touch(connection, statement, table, owner):
                        found.add((table, what))
                except errors.ForeignKeyViolation:
                    found.add((table, what))
    return found


async def written_columns(admin: Connection, table: str) -> list[str]:
    """The columns that are not generated from others."""
    cursor = await admin.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and attgenerated = '' "
        "and not attisdropped",
        [table],
    )
    return [name for (name,) in await cursor.fetchall()]


async def forged(
    connection: Connection, admin: Connection, tables: list[str], owner: UUID, entered: UUID | None
) -> set[str]:
    """The tables into which a row of that workspace can be written, from within another or from none."""
    found = set()
    for table in tables:
        name = sql.Identifier(table)
        cursor = await admin.execute(
            sql.SQL("select to_jsonb(t)::text from {} t where workspace_id = %s limit 1").format(name),
            [owner],
        )
        row = await cursor.fetchone()
        assert row, f"{table} has no row to copy"
        columns = sql.SQL(", ").join(map(sql.Identifier, await written_columns(admin, table)))
        insert = sql.SQL(
            "insert into {0} ({1}) select {1} from jsonb_populate_record(null::{0}, %s::jsonb)"
        ).format(name, columns)
        async with connection.transaction(force_rollback=True):
            if entered:
                await connection.execute("select leadterra_enter(%s)", [entered])
            try:
                async with connection.transaction():
                    await connection.execute(insert, [row[0]])
                found.add(table)
            except errors.InsufficientPrivilege:
                continue
            except errors.UniqueViolation:
                found.add(table)
    return found


async def other_workspace(database: Database) -> UUID:
    """A second workspace, with rows of its own."""
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, f"other {workspace_id}", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    return workspace_id


async def test_every_tenant_table_has_a_row_to_try(
    own: TestPool, admin: Connection, tables: list[str]
) -> None:
    """Else the tests below would prove nothing about it."""
    empty = [table for table in tables if not await touch(admin, STATEMENTS["read"], table, own.workspace_id)]
    assert empty == []


async def test_no_other_workspace_reaches_a_row(
    own: TestPool, program: Connection, tables: list[str], database: Database
) -> None:
    """Not to read, not to change, not to delete, in any table, however it asks."""
    other = await other_workspace(database)
    assert await reached(program, tables, own.workspace_id, other) == set()


async def test_no_row_is_reached_without_entering_a_workspace(
    own: TestPool, program: Connection, tables: list[str]
) -> None:
    """A statement outside of a unit of work finds every table empty."""
    assert await reached(program, tables, own.workspace_id, None) == set()


async def test_the_workspace_itself_reaches_its_rows(
    own: TestPool, program: Connection, tables: list[str]
) -> None:
    """What is refused to others is not refused to everybody."""
    found = await reached(program, tables, own.workspace_id, own.workspace_id)
    assert {table for table, what in found if what == "read"} == set(tables)


async def test_no_row_can_be_written_into_another_workspace(
    own: TestPool, program: Connection, admin: Connection, tables: list[str], database: Database
) -> None:
    """From within another, or from none: the policy refuses the row itself."""
    other = await other_workspace(database)
    assert await forged(program, admin, tables, own.workspace_id, other) == set()
    assert await forged(program, admin, tables, own.workspace_id, None) == set()


async def test_no_row_can_be_moved_into_another_workspace(
    own: TestPool, program: Connection, database: Database
) -> None:
    """Nor given away."""
    other = await other_workspace(database)
    for table in ("leads", "suppressions", "api_keys", "events"):
        async with program.transaction(force_rollback=True):
            await program.execute("select leadterra_enter(%s)", [own.workspace_id])
            with pytest.raises(errors.InsufficientPrivilege):
                await program.execute(
                    sql.SQL("update {} set workspace_id = %s").format(sql.Identifier(table)), [other]
                )


async def test_a_unit_of_work_leaves_nothing_behind_on_its_connection(
    own: TestPool, database_urls: tuple[str, str]
) -> None:
    """The next user of the connection is in no workspace."""
    one = Database(database_urls[1], connections=1)
    await one.open()
    try:
        async with one.unit_of_work(own.workspace_id) as uow:
            assert await uow.value("select count(*) from leads") == 2
        async with one.global_work() as transaction:
            assert await transaction.value("select count(*) from leads") == 0
        async with one.scheduling() as transaction:
            assert await transaction.value("select current_user::text") == "leadterra_scheduler"
        async with one.global_work() as transaction:
            assert await transaction.value("select current_user::text") == "leadterra_app"
    finally:
        await one.close()


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize("setting", ["", None])
async def test_a_workspace_that_is_nobody_s_sees_nothing(program: Connection, setting: str | None) -> None:
    """The setting emptied, or never made."""
    async with program.transaction(force_rollback=True):
        if setting is not None:
            await program.execute("set local leadterra.workspace_id = ''")
        assert await (await program.execute("select count(*) from leads")).fetchone() == (0,)


async def test_the_scheduler_sees_when_pools_are_due_and_no_more(own: TestPool, database: Database) -> None:
    """Workspace and instant of every pool, warm-up, answer and question; workspace and name; every other
    column and table is refused.
    """
    async with database.scheduling() as transaction:
        assert own.workspace_id in await list_due_pools(transaction, now=NOW, limit=10**6)
        assert await transaction.rows("select workspace_id, name from workspaces limit 1")
        assert own.workspace_id in await list_due_warmups(transaction, now=NOW, limit=10**6)
        assert own.workspace_id in await list_due_responses(transaction, now=NOW, limit=10**6)
        assert await transaction.rows("select workspace_id, ask_at from replies limit 1")
    for query in (
        "select id from sender_pools",
        "select link_secret from workspaces",
        "select * from sender_pools",
        "select 1 from leads",
        "select 1 from messages",
        "select 1 from api_keys",
        "select 1 from workers",
        "select sender_account_id from warmups",
        "select id from warmup_letters",
        "select recipient from responses",
        "select new_text from replies",
    ):
        with pytest.raises(errors.InsufficientPrivilege):
            async with database.scheduling() as transaction:
                await transaction.rows(query)


@pytest.mark.parametrize(
    "statement",
    [
        "update sender_pools set wake_at = wake_at",
        "delete from workspaces",
        "insert into sender_pools (workspace_id) values (null)",
    ],
)
async def test_the_scheduler_changes_nothing(program: Connection, statement: str) -> None:
    """Even in a transaction that could write."""
    async with program.transaction(force_rollback=True):
        await program.execute("set local role leadterra_scheduler")
        with pytest.raises(errors.InsufficientPrivilege):
            await program.execute(statement.encode())


@pytest.mark.usefixtures("own")
async def test_the_program_does_not_have_the_scheduler_s_eyes_by_itself(program: Connection) -> None:
    """It must become that role, in a transaction of its own; else a query that forgot its workspace would see
    every pool.
    """
    assert await (await program.execute("select count(*) from sender_pools")).fetchone() == (0,)
    assert await (await program.execute("select count(*) from workspaces")).fetchone() == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table leads disable row level security",
        "alter table leads no force row level security",
        "drop policy workspace on leads",
        "create policy mine on leads using (true)",
        "truncate leads",
        "drop table leads",
        "alter role leadterra_app bypassrls",
        "alter role leadterra_app superuser",
        "set role postgres",
        "create or replace function leadterra_workspace() returns uuid language sql as 'select null::uuid'",
    ],
)
async def test_the_program_cannot_open_the_door_for_itself(program: Connection, statement: str) -> None:
    """It owns nothing and may grant itself nothing."""
    async with program.transaction(force_rollback=True):
        with pytest.raises(errors.InsufficientPrivilege):
            await program.execute(statement.encode())


async def test_with_the_policies_off_these_tests_fail(
    own_database: Database, own_workspace: UUID, own_urls: tuple[str, str]
) -> None:
    """In a database of its own: the same questions, and every table answers them."""
    own = TestPool(own_database, own_workspace)
    await furnish(own)
    other = await other_workspace(own_database)
    connect = psycopg.AsyncConnection.connect
    async with (
        await connect(own_urls[0], autocommit=True) as admin,
        await connect(own_urls[1], autocommit=True) as program,
    ):
        rows = await (await admin.execute(TENANT_TABLES.encode())).fetchall()
        tables = [name for (name,) in rows if name not in GLOBAL]
        for table in tables:
            await admin.execute(
                sql.SQL("alter table {} disable row level security").format(sql.Identifier(table))
            )
        found = await reached(program, tables, own_workspace, other)
        assert {table for table, what in found if what == "read"} == set(tables)
        assert await forged(program, admin, tables, own_workspace, other) == set(tables)
