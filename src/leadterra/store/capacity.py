"""What the pool's capacity is summed up from. Reads only; the cost grows with the accounts, not with what
was ever sent."""

from datetime import date
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.capacity import AccountUse
from leadterra.domain.errors import NotFound
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("capacity")


class PoolIdentity(NamedTuple):
    """The pool's id, and the workspace's cap over all of its accounts."""

    id: UUID
    daily_quota: int | None


async def get_pool_identity(uow: UnitOfWork) -> PoolIdentity:
    """The workspace's pool. Raises `NotFound`."""
    rows = await uow.rows(_SQL["get_pool_identity"])
    if not rows:
        raise NotFound("sender_pool")
    return PoolIdentity(*rows[0])


async def list_account_uses(uow: UnitOfWork, *, day: date) -> list[AccountUse]:
    """Every account's part in the pool on that day."""
    return await uow.list(AccountUse, _SQL["list_account_uses"], day=day)
