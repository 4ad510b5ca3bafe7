"""What the ledger says, of one day by account, and of the last days in a row, for the API and the command
line."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from leadterra.domain.capacity import capacity_of
from leadterra.domain.day import day_of
from leadterra.domain.ledger import LedgerLine, LedgerTotal, total_of
from leadterra.store import capacity, ledger
from leadterra.store.database import UnitOfWork

USUAL_DAYS = 30
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account's line. status: as it is now, "removed" for a tombstone."""

    id: UUID
    email: str
    name: str
    status: str
    line: LedgerLine


@dataclass(frozen=True, slots=True)
class DayLedger:
    """The ledger of one UTC day. accounts: oldest first."""

    day: date
    accounts: list[AccountLine]
    total: LedgerTotal


@dataclass(frozen=True, slots=True)
class DayHistory:
    """One UTC day of a pool.

    capacity: today's is the pool's `dailyCapacity`; a past day's, the limits that the accounts had that were
    given something to send. sent: units. bounced: messages of that day that were refused for the recipient's
    sake or returned later. replied: leads whose first answer was to a message of that day.
    """

    day: date
    capacity: int = 0
    sent: int = 0
    bounced: int = 0
    replied: int = 0


@dataclass(frozen=True, slots=True)
class PoolHistory:
    """The days of a pool, oldest first, today's last; none is left out."""

    pool_id: UUID
    days: list[DayHistory]


async def read_ledger(uow: UnitOfWork, day: date, *, now: datetime) -> DayLedger:
    """The ledger of today or of a day before it; one that is to come has none."""
    today = day_of(now)
    accounts = [
        AccountLine(row.id, row.email, row.name, row.status, _line_of(row, is_today=day == today))
        for row in await ledger.list_account_days(uow, day, today=today)
    ]
    quota = (await capacity.get_pool_identity(uow)).daily_quota if day == today else None
    return DayLedger(day, accounts, total_of((each.line for each in accounts), daily_quota=quota))


async def read_history(uow: UnitOfWork, days: int, *, now: datetime) -> PoolHistory:
    """The last days, today included."""
    today = day_of(now)
    first = today - timedelta(days=days - 1)
    pool = await capacity.get_pool_identity(uow)
    known = {row.day: row for row in await ledger.list_pool_days(uow, first=first, last=today)}
    present = capacity_of(await capacity.list_account_uses(uow, day=today), pool.daily_quota).daily
    history = []
    for day in (first + timedelta(days=number) for number in range(days)):
        row = known.get(day) or ledger.PoolDay(day, 0, 0, 0, 0)
        shown = present if day == today else row.capacity
        history.append(DayHistory(day, shown, row.sent, row.bounced, row.replied))
    return PoolHistory(pool.id, history)


def _line_of(row: ledger.AccountDay, *, is_today: bool) -> LedgerLine:
    """Of a day that is over every account may be added up in full."""
    may_send = row.status == "active" or not is_today
    return LedgerLine(row.daily_limit, row.sent, row.uncertain, row.reserved, may_send)
