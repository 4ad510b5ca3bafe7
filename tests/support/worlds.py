"""Two workspaces with one of everything in one database, and a program that forgets whose rows it means.

For tests of isolation (R1): the forgetful program relies on the database's policy alone.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from psycopg import sql

from leadterra.actions.equipment import Equipment
from leadterra.config import Settings
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.sealing import KeyRing
from tests.support.api import client
from tests.support.clock import ManualClock
from tests.support.probing import without_network
from tests.support.tenants import TENANT_TABLES, Admin, Tenant, dump, ids_in, open_tenant

Row = TypeVar("Row")


def forget(statement: str) -> str:
    """A statement that does not say any more whose rows it means."""
    return re.sub(r"(\w+\.)?workspace_id = %\(workspace_id\)s", "true", statement)


class ForgetfulUnitOfWork(UnitOfWork):
    """Every condition on the workspace is left out of what is read, changed and deleted."""

    async def execute(self, sql: str, **parameters: object) -> int:
        """Without the condition."""
        return await super().execute(forget(sql), **parameters)

    async def rows(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Without the condition."""
        return await super().rows(forget(sql), **parameters)

    async def list(self, kind: type[Row], sql: str, **parameters: object) -> list[Row]:
        """Without the condition."""
        return await super().list(kind, forget(sql), **parameters)

    async def find(self, kind: type[Row], sql: str, **parameters: object) -> Row | None:
        """Without the condition."""
        return await super().find(kind, forget(sql), **parameters)


class ForgetfulDatabase(Database):
    """The program's database as a program would use it that relies on the policy alone."""

    @asynccontextmanager
    async def unit_of_work(self, workspace_id: UUID) -> AsyncIterator[UnitOfWork]:
        """One whose statements forget."""
        async with super().unit_of_work(workspace_id) as uow:
            yield ForgetfulUnitOfWork(uow.connection, workspace_id)

    @asynccontextmanager
    async def snapshot(self, workspace_id: UUID) -> AsyncIterator[UnitOfWork]:
        """One whose statements forget, too."""
        async with super().snapshot(workspace_id) as uow:
            yield ForgetfulUnitOfWork(uow.connection, workspace_id)


@dataclass(frozen=True, slots=True)
class World:
    """Two workspaces with one of everything in one database. admin: the database, as its owner."""

    equipment: Equipment
    admin: Admin
    victim: Tenant
    attacker: Tenant

    def secrets(self) -> list[str]:
        """What no answer to the attacker may contain: the victim's marker, and every id of theirs."""
        return [self.victim.marker, *ids_in(dump(self.admin, self.victim.workspace_id))]

    def switch_policies_off(self) -> None:
        """From now on the database refuses nobody; and keep a copy of every row, see `restore`."""
        self.admin.execute("create schema copy")
        for table in TENANT_TABLES:
            name = sql.Identifier(table)
            self.admin.execute(sql.SQL("create table copy.{0} as table {0}").format(name))
            self.admin.execute(sql.SQL("alter table {} disable row level security").format(name))

    def restore(self) -> None:
        """Put every row back to where it was when the policies were switched off."""
        with self.admin.transaction():
            self.admin.execute("set local session_replication_role = replica")
            for table in TENANT_TABLES:
                names = {"table": sql.Identifier(table), "copy": sql.Identifier("copy", table)}
                columns = sql.SQL(", ").join(map(sql.Identifier, self._written_columns(table)))
                self.admin.execute(sql.SQL("delete from {table}").format(**names))
                self.admin.execute(
                    sql.SQL("insert into {table} ({columns}) select {columns} from {copy}").format(
                        columns=columns, **names
                    )
                )

    def _written_columns(self, table: str) -> list[str]:
        """Those that are not generated from others."""
        found = self.admin.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
            " and attgenerated = '' and not attisdropped",
            [table],
        )
        return [name for (name,) in found.fetchall()]


@asynccontextmanager
async def open_world(urls: tuple[str, str]) -> AsyncIterator[World]:
    """Two workspaces, made by the real program."""
    admin_url, program_url = urls
    async with AsyncExitStack() as stack:
        database = Database(program_url)
        await database.open()
        stack.push_async_callback(database.close)
        clock, key_ring = ManualClock(), KeyRing({"test": bytes(32)})
        probes = without_network(database, clock, key_ring)
        settings = Settings(data_dir=Path("unused"))
        equipment = Equipment(database, clock, key_ring, settings, lambda: probes)
        victim = await stack.enter_async_context(open_tenant(equipment, "zqvictim"))
        attacker = await stack.enter_async_context(open_tenant(equipment, "zqattacker"))
        admin = stack.enter_context(psycopg.connect(admin_url, autocommit=True))
        yield World(equipment, admin, victim, attacker)


@asynccontextmanager
async def forgetful(world: World, program_url: str) -> AsyncIterator[World]:
    """The same world, and an attacker who is served by the forgetful program."""
    database = ForgetfulDatabase(program_url)
    await database.open()
    equipment = replace(world.equipment, database=database)
    async with client(equipment, world.attacker.key) as api:
        yield replace(world, equipment=equipment, attacker=replace(world.attacker, api=api))
    await database.close()
