"""Creating a workspace."""

import pytest

from leadterra.actions.workspaces import create_workspace
from leadterra.domain.errors import Unacceptable
from leadterra.store.capacity import get_pool_identity
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.workspaces import find_link_secret, get_workspace, list_workspaces
from tests.support.clock import NOW


async def test_a_new_workspace_has_a_pool_and_a_secret_of_its_own(database: Database) -> None:
    """And can be found by its name."""
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await create_workspace(uow, f"named {workspace_id}", "live", now=NOW)
        made, pool, secret = (
            await get_workspace(uow),
            await get_pool_identity(uow),
            await find_link_secret(uow),
        )
    async with database.scheduling() as transaction:
        found = [each.id for each in await list_workspaces(transaction) if each.name == made.name]

    assert (made.mode, pool.daily_quota, len(secret or b"")) == ("live", None, 32)
    assert len(set(secret or b"")) > 1
    assert found == [workspace_id]


@pytest.mark.parametrize(
    ("name", "mode", "pointer"),
    [
        ("", "live", "/name"),
        (" ", "live", "/name"),
        ("a\nb", "live", "/name"),
        ("x" * 201, "live", "/name"),
        ("a", "x", "/mode"),
    ],
)
async def test_what_cannot_be_one_is_refused(database: Database, name: str, mode: str, pointer: str) -> None:
    """Naming the field."""
    with pytest.raises(Unacceptable) as refused:
        async with database.unit_of_work(new_id(NOW)) as uow:
            await create_workspace(uow, name, mode, now=NOW)

    assert [fault.pointer for fault in refused.value.faults] == [pointer]
