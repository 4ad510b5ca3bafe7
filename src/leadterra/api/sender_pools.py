"""`/v1/sender-pools`: what the workspace's pool may send today, and what is left of it (R3); the ledger of
any day, and the last days in a row."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from leadterra.actions.ledgers import (
    MOST_DAYS,
    USUAL_DAYS,
    AccountLine,
    DayLedger,
    read_history,
    read_ledger,
)
from leadterra.actions.sender_pool import read_sender_pool
from leadterra.api.answers import Answer
from leadterra.api.fields import Day, Instant, Query, SenderAccountId, SenderPoolId, View, WorkspaceId
from leadterra.api.pagination import read_integer
from leadterra.api.problems import InvalidRequest
from leadterra.api.routing import Call, Routes
from leadterra.domain.day import day_of
from leadterra.domain.errors import Fault

routes = Routes("Sender pool", "The workspace's accounts taken together, with one daily quota.")


class SenderPoolView(View):
    """The pool. Its quota resets at midnight UTC."""

    id: SenderPoolId
    workspace_id: WorkspaceId
    daily_capacity: int
    remaining_volume: int
    reset_at: Instant
    sender_account_count: int
    active_sender_account_count: int


class LedgerTotalView(View):
    """The units of a day. `limit = sent + uncertain + reserved + remaining`, but where a limit was lowered
    below what had been taken: nothing remains then."""

    limit: int
    sent: int
    uncertain: int
    reserved: int
    remaining: int


class LedgerAccountView(LedgerTotalView):
    """One account's units of a day. Its status is the present one."""

    sender_account_id: SenderAccountId
    email: str
    name: str
    status: Literal["active", "warming", "paused", "removed"]


class LedgerView(View):
    """The exact account of each unit of a UTC day's quota."""

    date: Day
    total: LedgerTotalView
    accounts: list[LedgerAccountView]


class PoolDayView(View):
    """One UTC day of a pool."""

    date: Day
    capacity: int
    sent: int
    bounced: int
    replied: int


class PoolHistoryView(View):
    """The last days of a pool, oldest first; none is left out."""

    sender_pool_id: SenderPoolId
    days: list[PoolDayView]


class LedgerQuery(Query):
    """Which day."""

    date: Day | None = Field(default=None, description="A UTC day, today (the default) or one before it.")


class HistoryQuery(Query):
    """How far back."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS), BeforeValidator(read_integer)] = Field(
        default=USUAL_DAYS, description="How many days, today included."
    )


@routes.get("/v1/sender-pools")
async def get(call: Call) -> Answer[SenderPoolView]:
    """Get the workspace's pool and its capacity."""
    pool = await read_sender_pool(call.uow, now=call.now)
    return Answer(
        SenderPoolView(
            id=pool.id,
            workspace_id=pool.workspace_id,
            daily_capacity=pool.capacity.daily,
            remaining_volume=pool.capacity.remaining,
            reset_at=pool.reset_at,
            sender_account_count=pool.capacity.accounts,
            active_sender_account_count=pool.capacity.active_accounts,
        )
    )


@routes.get("/v1/sender-pools/ledger")
async def get_ledger(call: Call, query: LedgerQuery) -> Answer[LedgerView]:
    """Get the ledger of a day: who may send how much, and what became of each unit.

    Today's has every active account, and whichever other used units today, with their present limits; a past
    day's has the accounts that were given something to send, with the limits that they had. In today's total
    an account that is not active counts with what it used, and the workspace's `dailyQuota` caps the sum:
    what remains there is the pool's `remainingVolume`.
    """
    today = day_of(call.now)
    if query.date and query.date > today:
        message = f"Must be today, {today.isoformat()}, or a day before it."
        raise InvalidRequest([Fault("?date", "out_of_range", message)])
    return Answer(_ledger_view(await read_ledger(call.uow, query.date or today, now=call.now)))


@routes.get("/v1/sender-pools/history")
async def get_history(call: Call, query: HistoryQuery) -> Answer[PoolHistoryView]:
    """Get the last days of the pool: capacity, messages sent, bounces and replies.

    Today's capacity is the pool's `dailyCapacity`; a past day's is what the accounts that were given
    something to send could have sent. A bounce counts on the UTC day of its message.
    """
    history = await read_history(call.uow, query.days, now=call.now)
    days = [
        PoolDayView(
            date=each.day,
            capacity=each.capacity,
            sent=each.sent,
            bounced=each.bounced,
            replied=each.replied,
        )
        for each in history.days
    ]
    return Answer(PoolHistoryView(sender_pool_id=history.pool_id, days=days))


def _ledger_view(ledger: DayLedger) -> LedgerView:
    return LedgerView(
        date=ledger.day,
        total=LedgerTotalView.model_validate(ledger.total),
        accounts=[_account_view(each) for each in ledger.accounts],
    )


def _account_view(account: AccountLine) -> LedgerAccountView:
    line = account.line
    return LedgerAccountView.model_validate(
        {
            "sender_account_id": account.id,
            "email": account.email,
            "name": account.name,
            "status": account.status,
            "limit": line.limit,
            "sent": line.sent,
            "uncertain": line.uncertain,
            "reserved": line.reserved,
            "remaining": line.remaining,
        }
    )
