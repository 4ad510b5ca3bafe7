"""Workspaces: the tenants."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.errors import NotFound
from leadterra.store.database import Transaction, UnitOfWork
from leadterra.store.statements import load

_SQL = load("workspaces")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace's settings. daily_quota: cap over all accounts, None for no cap. min_gap_seconds: between
    two messages of one account."""

    id: UUID
    name: str
    mode: str
    daily_quota: int | None
    postal_address: str
    min_gap_seconds: float
    created_at: datetime
    updated_at: datetime


class Named(NamedTuple):
    """A workspace as commands find it."""

    id: UUID
    name: str


async def insert_workspace(
    uow: UnitOfWork, name: str, mode: str, link_secret: bytes, *, now: datetime
) -> None:
    """A new workspace, of the id that the unit of work was opened for."""
    await uow.execute(_SQL["insert_workspace"], name=name, mode=mode, link_secret=link_secret, now=now)


async def get_workspace(uow: UnitOfWork) -> Workspace:
    """The workspace of this unit of work. Raises `NotFound`."""
    found = await uow.find(Workspace, _SQL["get_workspace"])
    if found is None:
        raise NotFound("workspace")
    return found


async def find_link_secret(uow: UnitOfWork) -> bytes | None:
    """What signs the workspace's unsubscribe links; None if there is no such workspace."""
    secret = await uow.value(_SQL["get_link_secret"])
    return None if secret is None else bytes(secret)


async def update_workspace(uow: UnitOfWork, workspace: Workspace, *, now: datetime) -> None:
    """Save name, quota, postal address and gap."""
    await uow.execute(
        _SQL["update_workspace"],
        name=workspace.name,
        daily_quota=workspace.daily_quota,
        postal_address=workspace.postal_address,
        min_gap_seconds=workspace.min_gap_seconds,
        now=now,
    )


async def list_workspaces(transaction: Transaction) -> list[Named]:
    """All workspaces by name, in a scheduling transaction."""
    return [Named(*row) for row in await transaction.rows(_SQL["list_workspaces"])]
