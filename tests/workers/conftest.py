"""A database for the tests of this folder: workers look into every workspace, so each test puts those before
it to sleep.
"""

from collections.abc import AsyncIterator, Callable
from uuid import UUID

import psycopg
import pytest

from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW

_SLEEP = (
    b"update sender_pools set wake_at = 'infinity'",
    b"update warmups set due_at = 'infinity'",
    b"update warmup_letters set look_at = null",
    b"update responses set due_at = 'infinity' where due_at is not null",
    b"update replies set ask_at = null where ask_at is not null",
    b"delete from mailbox_folders",
    b"delete from mailboxes",
    b"delete from workers",
)
"""So that workers find nothing to do but what the test is about."""


@pytest.fixture(scope="session")
def own_urls(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> tuple[str, str]:
    """(admin URL, program URL) of a database that only tests with workers use, one at a time."""
    return make_database(f"leadterra_{worker_id}_workers")


@pytest.fixture
async def own_database(own_urls: tuple[str, str]) -> AsyncIterator[Database]:
    """That database, with nothing due in it, and no mailbox to be read."""
    async with await psycopg.AsyncConnection.connect(own_urls[0], autocommit=True) as admin:
        for sleep in _SLEEP:
            await admin.execute(sleep)
    opened = Database(own_urls[1])
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def own_workspace(own_database: Database) -> UUID:
    """The only workspace in which anything is due."""
    workspace_id = new_id(NOW)
    async with own_database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, f"test {workspace_id}", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    return workspace_id
