"""What `leadterra up` makes when there is nothing yet: the workspace `default`, and a key for it.

The key is made with all scopes and shown once. If a key file is asked for, it gets the key. If it is asked
for and missing while the workspace is there, it gets a further key of that workspace, for a lost key cannot
be read back. A file that exists is left alone, unless it would have to hold the key of a new workspace: then
`CommandError`, and nothing is made.
"""

from dataclasses import dataclass
from pathlib import Path

from leadterra.actions.api_keys import create_key
from leadterra.actions.workspaces import create_workspace
from leadterra.cli.errors import CommandError
from leadterra.cli.key_file import refuse_unwritable, write_key
from leadterra.cli.session import Access
from leadterra.domain.api_key import Mode, Scope
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_id

FIRST_WORKSPACE = "default"
_LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made now. text: the whole of it."""

    workspace: str
    text: str


async def make_what_is_missing(access: Access, key_file: Path | None, *, is_there: bool) -> NewKey | None:
    """Workspace and key as the module says. is_there: whether the key file exists already."""
    is_new = not await access.workspaces()
    if key_file is not None and is_there:
        if is_new:
            raise CommandError(
                f"--key-file: {key_file} exists, and the key in it cannot be for the workspace that is to be "
                "made: remove it, or name another file"
            )
        return None
    if key_file is not None:
        refuse_unwritable(key_file)
    if is_new:
        key = NewKey(FIRST_WORKSPACE, await _make_first(access))
    elif key_file is not None:
        key = await _make_further(access, key_file)
    else:
        return None
    if key_file is not None:
        write_key(key_file, key.text)
    return key


async def _make_first(access: Access) -> str:
    """Workspace and key at once: neither is there without the other."""
    now = access.now()

    async def make(uow: UnitOfWork) -> str:
        await create_workspace(uow, FIRST_WORKSPACE, Mode.LIVE, now=now)
        return (await create_key(uow, "made by leadterra up", list(Scope), now=now)).text

    return await access.run(new_id(now), make)


async def _make_further(access: Access, key_file: Path) -> NewKey:
    workspace = await access.workspace()

    async def make(uow: UnitOfWork) -> str:
        label = f"made by leadterra up for {key_file.name}"[:_LONGEST_LABEL]
        return (await create_key(uow, label, list(Scope), now=access.now())).text

    return NewKey(workspace.name, await access.run(workspace.id, make))
