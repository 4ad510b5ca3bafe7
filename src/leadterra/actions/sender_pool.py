"""The state of a workspace's pool right now, for the API and the command line."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.capacity import Capacity, capacity_of
from leadterra.domain.day import day_of, next_reset
from leadterra.store import capacity
from leadterra.store.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class PoolState:
    """A pool and its capacity. reset_at: the next midnight UTC."""

    id: UUID
    workspace_id: UUID
    capacity: Capacity
    reset_at: datetime


async def read_sender_pool(uow: UnitOfWork, *, now: datetime) -> PoolState:
    """The pool as of now (R3)."""
    pool = await capacity.get_pool_identity(uow)
    uses = await capacity.list_account_uses(uow, day=day_of(now))
    return PoolState(pool.id, uow.workspace_id, capacity_of(uses, pool.daily_quota), next_reset(now))
