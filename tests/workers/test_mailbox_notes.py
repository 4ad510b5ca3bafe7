"""What readings have to write down is written together, and one mailbox's trouble is no other's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
import pytest

from leadterra.store.database import Database, UnitOfWork
from leadterra.store.ids import new_id
from leadterra.store.mailboxes import FolderPlace, find_mailbox, keep_mailbox, list_folders
from leadterra.workers.mailbox_notes import MailboxNotes
from leadterra.workers.mailbox_reading import Pace, first_stay
from tests.support.clock import NOW
from tests.support.pools import TestPool

INBOX = FolderPlace("INBOX", 7, 3)


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """Of this test's own workspace."""
    return TestPool(database, workspace)


async def mailbox(pool: TestPool, name: str) -> UUID:
    """An account that has one."""
    account_id = await pool.account(name, 10)
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await keep_mailbox(uow, account_id, is_read=True)
    return account_id


async def places(pool: TestPool, account_id: UUID) -> dict[str, FolderPlace]:
    """How far its folders were read."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        return (await list_folders(uow, [account_id])).get(account_id, {})


async def is_read(pool: TestPool, account_id: UUID) -> bool:
    """Whether it was read to its end at NOW."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = await find_mailbox(uow, account_id)
    return found is not None and found.read_at == NOW


async def test_the_latest_of_every_folder_is_written(pool: TestPool) -> None:
    """Of several mailboxes at once; what was written is not written again."""
    ada, bob = [await mailbox(pool, name) for name in ("ada", "bob")]
    notes = MailboxNotes(pool.database)
    notes.place(pool.workspace_id, ada, INBOX._replace(uid_next=1))
    for account_id in (ada, bob):
        notes.place(pool.workspace_id, account_id, INBOX)
        notes.place(pool.workspace_id, account_id, FolderPlace("Junk", 8, 1))
        notes.read(pool.workspace_id, account_id, now=NOW)
    await notes.save()

    for account_id in (ada, bob):
        assert await places(pool, account_id) == {"INBOX": INBOX, "Junk": FolderPlace("Junk", 8, 1)}
        assert await is_read(pool, account_id)
    await pool.execute("delete from mailbox_folders where workspace_id = :w")
    await notes.save()
    assert await places(pool, ada) == {}


async def test_a_folder_is_never_moved_back(pool: TestPool) -> None:
    """A reader whose lease was lost may come late; a folder that was made anew begins anew."""
    ada = await mailbox(pool, "ada")
    notes = MailboxNotes(pool.database)
    for place in (INBOX, INBOX._replace(uid_next=2)):
        notes.place(pool.workspace_id, ada, place)
        await notes.save()
    assert await places(pool, ada) == {"INBOX": INBOX}

    notes.place(pool.workspace_id, ada, FolderPlace("INBOX", 8, 1))
    await notes.save_those_of(pool.workspace_id)
    assert await places(pool, ada) == {"INBOX": FolderPlace("INBOX", 8, 1)}


async def test_what_the_database_refuses_of_one_mailbox_keeps_no_other_from_being_written(
    pool: TestPool,
) -> None:
    """A server may give its folders any name; the refused note is not tried for ever."""
    ada, bob = [await mailbox(pool, name) for name in ("ada", "bob")]
    notes = MailboxNotes(pool.database)
    notes.place(pool.workspace_id, ada, INBOX._replace(name="\0"))
    notes.place(pool.workspace_id, bob, INBOX)
    notes.read(pool.workspace_id, bob, now=NOW)

    with pytest.raises(psycopg.DataError):
        await notes.save()
    assert await places(pool, bob) == {"INBOX": INBOX}
    assert await is_read(pool, bob)
    await notes.save()


async def test_what_is_gone_is_passed_over(pool: TestPool) -> None:
    """An account may be removed while its mailbox is read."""
    ada, notes = await mailbox(pool, "ada"), MailboxNotes(pool.database)
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await keep_mailbox(uow, ada, is_read=False)
    notes.place(pool.workspace_id, ada, INBOX)
    notes.read(pool.workspace_id, ada, now=NOW)
    await notes.save()
    assert await places(pool, ada) == {}


class _Fickle(Database):
    """Away, until it is back."""

    def __init__(self, database: Database) -> None:
        self._real, self.is_away = database, True

    @asynccontextmanager
    async def unit_of_work(self, workspace_id: UUID) -> AsyncIterator[UnitOfWork]:
        if self.is_away:
            raise psycopg.OperationalError("the server closed the connection unexpectedly")
        async with self._real.unit_of_work(workspace_id) as uow:
            yield uow


async def test_nothing_is_lost_while_the_database_is_away(pool: TestPool) -> None:
    """It is written when it is back, unless there is something newer."""
    ada, bob = [await mailbox(pool, name) for name in ("ada", "bob")]
    database = _Fickle(pool.database)
    notes = MailboxNotes(database)
    notes.place(pool.workspace_id, ada, INBOX)
    notes.place(pool.workspace_id, bob, INBOX)
    with pytest.raises(psycopg.OperationalError):
        await notes.save()
    notes.place(pool.workspace_id, bob, INBOX._replace(uid_next=9))
    database.is_away = False
    await notes.save()

    assert await places(pool, ada) == {"INBOX": INBOX}
    assert await places(pool, bob) == {"INBOX": INBOX._replace(uid_next=9)}


def test_mailboxes_that_are_opened_together_are_looked_into_at_different_times() -> None:
    """Evenly, and each at the same time after every start."""
    accounts = [new_id(NOW) for _ in range(1000)]
    stays = [first_stay(each, Pace(others_every=300)) for each in accounts]

    assert stays == [first_stay(each, Pace(others_every=300)) for each in accounts]
    tenths = [sum(30 * tenth <= stay < 30 * (tenth + 1) for stay in stays) for tenth in range(10)]
    assert sum(tenths) == 1000
    assert min(tenths) > 50
