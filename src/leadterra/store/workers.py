"""Which worker processes are alive, and which migrations are in place: what readiness asks. Used in
`Database.global_work`."""

from datetime import datetime
from uuid import UUID

from leadterra.store.database import Transaction
from leadterra.store.statements import load

_SQL = load("workers")


async def record_worker(
    transaction: Transaction, worker_id: UUID, host: str, pid: int, *, now: datetime
) -> None:
    """Say that this worker is alive; the first time adds it."""
    await transaction.execute(_SQL["upsert_worker"], id=worker_id, host=host, pid=pid, now=now)


async def delete_worker(transaction: Transaction, worker_id: UUID) -> None:
    """Say that this worker has stopped."""
    await transaction.execute(_SQL["delete_worker"], id=worker_id)


async def delete_silent_workers(transaction: Transaction, *, before: datetime) -> int:
    """Forget workers that were last seen before that instant; how many they were."""
    return await transaction.execute(_SQL["delete_silent_workers"], before=before)


async def count_workers(transaction: Transaction, *, since: datetime) -> int:
    """How many were seen since that instant."""
    return int(await transaction.value(_SQL["count_workers"], since=since))


async def list_applied_migrations(transaction: Transaction) -> list[str]:
    """Names of the migrations that the database has; none when it was never migrated."""
    if not await transaction.value(_SQL["migrations_exist"]):
        return []
    return [row[0] for row in await transaction.rows(_SQL["list_applied_migrations"])]
