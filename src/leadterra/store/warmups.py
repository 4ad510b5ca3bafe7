"""Warm-ups: settings and course of each account that is, or was, warming up.

Every write expects the pool's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.pool import Ramp
from leadterra.domain.warmup import WarmupRule
from leadterra.store.columns import columns_of
from leadterra.store.database import Transaction, UnitOfWork
from leadterra.store.statements import load

_SQL = load("warmups")


@dataclass(frozen=True, slots=True)
class WarmupRow:
    """A warm-up and its account. is_present: not removed. can_send: it has an SMTP server. daily_limit: where
    the ramp ends. ramp_limit: of today, None without a ramp. used, letters: units and warm-up letters of
    today. looked_on, started_at: None while only settings are kept.
    """

    id: UUID
    status: str
    email: str
    is_present: bool
    can_send: bool
    daily_limit: int
    ramp_limit: int | None
    first_limit: int
    step: int
    days: int
    looked_on: date | None
    clean_days: int
    frozen_by: str | None
    graduated_at: datetime | None
    next_letter_at: datetime | None
    checked_on: date | None
    check_failure: str | None
    used: int
    letters: int
    refused: int
    started_at: datetime | None = None

    @property
    def rule(self) -> WarmupRule:
        """Its settings."""
        return WarmupRule(self.first_limit, self.step, self.days)


@dataclass(frozen=True, slots=True)
class WarmupChange:
    """What a look found. due_at: when to look again, None for never."""

    id: UUID
    looked_on: date
    clean_days: int
    frozen_by: str | None
    graduated_at: datetime | None
    next_letter_at: datetime | None
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class RampChange:
    """A new day's limit, None where the ramp is over. graduates: it becomes active."""

    id: UUID
    ramp_limit: int | None
    graduates: bool


class SentDay(NamedTuple):
    """What an account's ledger says of a day."""

    id: UUID
    day: date
    daily_limit: int
    sent: int
    bounced: int
    troubled: int
    complained: int


class PlacedDay(NamedTuple):
    """Where its warm-up letters of a day arrived."""

    id: UUID
    day: date
    letters: int
    inbox: int
    spam: int
    missing: int


class Mailbox(NamedTuple):
    """One that may be written to."""

    id: UUID
    email: str
    name: str


async def list_due_warmups(transaction: Transaction, *, now: datetime, limit: int) -> list[UUID]:
    """Workspaces in which there may be something to do, longest due first."""
    return [row[0] for row in await transaction.rows(_SQL["list_due_warmups"], now=now, limit=limit)]


async def list_due_accounts(uow: UnitOfWork, *, day: date, now: datetime, limit: int) -> list[WarmupRow]:
    """Warm-ups to look at, longest due first."""
    return await uow.list(WarmupRow, _SQL["list_due_accounts"], day=day, now=now, limit=limit)


async def find_warmup(uow: UnitOfWork, account_id: UUID, *, day: date) -> WarmupRow | None:
    """One account's warm-up, begun or not; None if nobody ever asked for one."""
    return await uow.find(WarmupRow, _SQL["find_warmup"], account_id=account_id, day=day)


async def list_ramps(uow: UnitOfWork) -> dict[UUID, Ramp]:
    """How the limits of accounts in use go on, where they do."""
    return {account_id: Ramp(step, target) for account_id, step, target in await uow.rows(_SQL["list_ramps"])}


async def list_sent_days(uow: UnitOfWork, account_ids: Sequence[UUID], *, since: date) -> list[SentDay]:
    """The ledger of these accounts since that day, in order."""
    return await uow.list(SentDay, _SQL["list_sent_days"], account_ids=list(account_ids), since=since)


async def list_placed_days(uow: UnitOfWork, account_ids: Sequence[UUID], *, since: date) -> list[PlacedDay]:
    """Where letters of these accounts arrived, by the day on which they were sent."""
    return await uow.list(PlacedDay, _SQL["list_placed_days"], account_ids=list(account_ids), since=since)


async def list_mailboxes(uow: UnitOfWork) -> list[Mailbox]:
    """Whom a warm-up letter may go to, in one order."""
    return await uow.list(Mailbox, _SQL["list_mailboxes"])


async def save_rule(uow: UnitOfWork, account_id: UUID, rule: WarmupRule) -> None:
    """Keep the settings."""
    await uow.execute(
        _SQL["save_rule"], account_id=account_id, first_limit=rule.start, step=rule.step, days=rule.days
    )


async def begin_warmup(uow: UnitOfWork, account_id: UUID, *, day: date, now: datetime) -> None:
    """Its first day is that one. The settings are kept already."""
    await uow.execute(_SQL["begin_warmup"], account_id=account_id, day=day, now=now)


async def wake_warmup(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> None:
    """Have a worker look at it."""
    await uow.execute(_SQL["wake_warmup"], account_id=account_id, now=now)


async def end_warmup(uow: UnitOfWork, account_id: UUID) -> None:
    """Forget its course, and keep its settings."""
    await uow.execute(_SQL["end_warmup"], account_id=account_id)


async def delete_warmup(uow: UnitOfWork, account_id: UUID) -> None:
    """Forget both."""
    await uow.execute(_SQL["delete_warmup"], account_id=account_id)


async def set_ramp(uow: UnitOfWork, account_id: UUID, ramp_limit: int | None) -> None:
    """Today's limit of an account's ramp; None for none."""
    await uow.execute(_SQL["set_ramp"], account_id=account_id, ramp_limit=ramp_limit)


async def save_warmups(uow: UnitOfWork, changes: Sequence[WarmupChange]) -> None:
    """Write down what looks found."""
    if changes:
        await uow.execute(_SQL["save_warmups"], **columns_of(changes))


async def save_ramps(uow: UnitOfWork, changes: Sequence[RampChange], *, now: datetime) -> None:
    """Write down the limits of a new day."""
    if changes:
        await uow.execute(_SQL["save_ramps"], **columns_of(changes), now=now)


async def save_check(
    uow: UnitOfWork, account_id: UUID, failure: str | None, *, day: date, due_at: datetime
) -> None:
    """Write down whether an account's check passed, and when to look again."""
    await uow.execute(_SQL["save_check"], account_id=account_id, failure=failure, day=day, due_at=due_at)
