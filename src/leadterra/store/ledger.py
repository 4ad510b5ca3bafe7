"""The ledger, read: by account for one day, and by day for a span of them. Costs the accounts and the days,
not what was ever sent."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("ledger")


@dataclass(frozen=True, slots=True)
class AccountDay:
    """One account's part in one UTC day. status: as it is now, "removed" for a tombstone. daily_limit: of
    that day. sent, uncertain, reserved: units of it.
    """

    id: UUID
    email: str
    name: str
    status: str
    daily_limit: int
    sent: int
    uncertain: int
    reserved: int


@dataclass(frozen=True, slots=True)
class PoolDay:
    """All accounts that claimed anything on one UTC day. capacity: their limits. sent: units. bounced:
    messages of that day that were refused for the recipient's sake, or returned later. replied: leads that
    answered a message of that day first.
    """

    day: date
    capacity: int
    sent: int
    bounced: int
    replied: int


async def list_account_days(uow: UnitOfWork, day: date, *, today: date) -> list[AccountDay]:
    """The accounts with a part in that day, oldest first."""
    name = "list_accounts_of_today" if day == today else "list_accounts_of_past_day"
    return await uow.list(AccountDay, _SQL[name], day=day)


async def list_pool_days(uow: UnitOfWork, *, first: date, last: date) -> list[PoolDay]:
    """Those of the days from first to last on which anything was claimed, oldest first."""
    return await uow.list(PoolDay, _SQL["list_days"], first=first, last=last)
