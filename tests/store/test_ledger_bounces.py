"""The migration that counts bounces counts those that were there before it."""

from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

import leadterra.store
from leadterra.domain.outcomes import Answer, Command, Refused, Scope
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool

MIGRATION = Path(leadterra.store.__file__).parent / "migrations" / "0002_ledger_bounces.sql"
REFUSED = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))


async def test_bounces_from_before_are_counted(
    own_database: Database, own_workspace: UUID, own_urls: tuple[str, str]
) -> None:
    """Also by an owner who is no superuser, and is kept out by the policies before and behind it."""
    pool = TestPool(own_database, own_workspace)
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 5)
    await pool.settle(await pool.must_claim(limit=2), REFUSED)
    await pool.settle(await pool.must_claim(), TAKEN)
    owner = sql.Identifier(f"owner_{uuid4().hex[:8]}")
    with psycopg.connect(own_urls[0], autocommit=True) as admin:
        admin.execute("alter table ledger drop column bounced")
        admin.execute(sql.SQL("create role {} nologin").format(owner))
        for table in ("ledger", "messages"):
            admin.execute(sql.SQL("alter table {} owner to {}").format(sql.Identifier(table), owner))
        with admin.transaction():
            admin.execute(sql.SQL("set local role {}").format(owner))
            admin.execute(MIGRATION.read_bytes())
            unseen = admin.execute("select count(*) from ledger").fetchone()
        admin.execute(sql.SQL("reassign owned by {} to current_user").format(owner))
        admin.execute(sql.SQL("drop role {}").format(owner))

    assert unseen == (0,)
    assert await pool.ask("select day, sent, bounced from ledger where workspace_id = :w") == [
        (NOW.date(), 3, 2)
    ]
    assert await pool.differences() == []
