"""Workspaces: create one with its pool, change its settings."""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import TypedDict

from leadterra.domain.api_key import Mode
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.store import workspaces
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool, wake_pool
from leadterra.store.workspaces import Workspace

_LONGEST_NAME = 200
_LINK_SECRET_OCTETS = 32


class WorkspaceChange(TypedDict, total=False):
    """Settings that are to change. daily_quota: None takes the cap away."""

    name: str
    daily_quota: int | None
    postal_address: str
    min_gap_seconds: float


async def create_workspace(uow: UnitOfWork, name: str, mode: str, *, now: datetime) -> None:
    """Create the workspace whose id the unit of work was opened for, with its pool. mode: `live` or `test`.
    Raises `Unacceptable`."""
    if not 1 <= len(name.strip()) <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise Unacceptable([Fault("/name", "invalid", f"Must be 1 to {_LONGEST_NAME} printable characters.")])
    if mode not in set(Mode):
        raise Unacceptable([Fault("/mode", "not_allowed", "Must be live or test.")])
    await workspaces.insert_workspace(uow, name, mode, secrets.token_bytes(_LINK_SECRET_OCTETS), now=now)
    await insert_pool(uow, new_id(now))


async def change_workspace(uow: UnitOfWork, change: WorkspaceChange, *, now: datetime) -> Workspace:
    """Change what is given; the pool goes by it at its next claim. Raises `NotFound`."""
    await uow.lock_pool()
    workspace = replace(await workspaces.get_workspace(uow), **change, updated_at=now)
    await workspaces.update_workspace(uow, workspace, now=now)
    await wake_pool(uow, at=now)
    return workspace
