"""`leadterra seal`: the keys that mailbox passwords are sealed with.

A rotation can be interrupted anywhere. The new key is on the disk before the first password is sealed with
it, and no key is ever taken away: whatever sealed a password, in a running process or in a backup, its key is
still there.
"""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from leadterra.actions.resealing import find_outdated_seals, reseal_passwords
from leadterra.cli.declaring import database_command, group
from leadterra.cli.session import Access
from leadterra.store.database import UnitOfWork
from leadterra.store.workspaces import Named

commands = group("The keys that seal mailbox passwords at rest.")

_BATCH = 50


@database_command(commands, lacks=["workspace"])
async def rotate(
    access: Access,
    *,
    finish: Annotated[
        bool, typer.Option("--finish", help="Make no new key: only finish a rotation that was interrupted.")
    ] = False,
) -> None:
    """Make a new sealing key, and seal every stored password with it.

    Old keys stay in the ring: processes that run already use the key they know until they are restarted, and
    backups need theirs. Interrupted, run it again. Where LEADTERRA_SEAL_KEYS holds the keys, put a new one in
    front of it first; this then seals the passwords anew.
    """
    ring = access.equipment.key_ring
    if not finish and access.equipment.settings.seal_keys is None:
        ring.rotate()
    resealed = 0
    for workspace in await access.workspaces():
        resealed += await _reseal(access, workspace)
    access.output.result(
        {"keyId": ring.current, "accountsResealed": resealed},
        f"The current key is {ring.current}. The passwords of {resealed} accounts were sealed with it now.",
    )


async def _reseal(access: Access, workspace: Named) -> int:
    """Batch by batch, so that the pool is locked for a moment at a time; how many accounts changed."""
    ring = access.equipment.key_ring
    outdated = await access.run(workspace.id, lambda uow: find_outdated_seals(uow, ring))
    resealed = 0
    for begin in range(0, len(outdated), _BATCH):
        batch = outdated[begin : begin + _BATCH]

        async def reseal(uow: UnitOfWork, batch: Sequence[UUID] = batch) -> int:
            return await reseal_passwords(uow, batch, key_ring=ring, now=access.now())

        resealed += await access.run(workspace.id, reseal)
    return resealed
