"""The pool's own row: its lock, and when it wants to be looked at."""

from datetime import datetime
from uuid import UUID

from leadterra.store.database import Transaction, UnitOfWork
from leadterra.store.statements import load

_SQL = load("sender_pools")


async def insert_pool(uow: UnitOfWork, pool_id: UUID) -> None:
    """The pool of a new workspace."""
    await uow.execute(_SQL["insert_pool"], id=pool_id)


async def wake_pool(uow: UnitOfWork, *, at: datetime) -> None:
    """Have a worker look for work not later than that instant. Locks the pool until the transaction ends."""
    await uow.execute(_SQL["wake_pool"], at=at)


async def postpone_pool(uow: UnitOfWork, *, until: datetime) -> None:
    """Do not look for work before that instant, unless something wakes the pool."""
    await uow.execute(_SQL["postpone_pool"], until=until)


async def refuse_claims_so_far(uow: UnitOfWork) -> None:
    """Have nothing go out any more that was claimed by rules that hold no more. The pool is locked."""
    await uow.execute(_SQL["refuse_claims_so_far"])


async def list_due_pools(transaction: Transaction, *, now: datetime, limit: int) -> list[UUID]:
    """Workspaces whose pool may have something to do, longest due first."""
    return [row[0] for row in await transaction.rows(_SQL["list_due_pools"], now=now, limit=limit)]


async def next_wake_at(transaction: Transaction) -> datetime | None:
    """When the first pool may have something to do; None if all sleep."""
    found: datetime | None = await transaction.value(_SQL["next_wake_at"])
    return found
