"""The course of an account's warm-up: begun and ended with its status, set, asked about, and checked.

created or set `warming`          begins at `start`, or goes on where it stood if it was only interrupted
graduated (actions.warming)       active; the limit ramps on
activated by hand from `warming`  a person's word that it is warm: the whole daily limit holds at once
paused, and active again          the ramp goes on where it stood
created anew after a removal      nothing is remembered but what was sent today
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypedDict
from uuid import UUID

from leadterra.actions.warming import list_sending_days, warmth_of
from leadterra.domain.day import day_of, next_reset
from leadterra.domain.errors import NotFound
from leadterra.domain.sender_account import Status
from leadterra.domain.warmup import Fault, Reputation, WarmupRule, graduates_on, reputation_of, window_of
from leadterra.store import warmups
from leadterra.store.database import UnitOfWork
from leadterra.store.sender_accounts import SenderAccount, get_sender_account
from leadterra.store.sender_pools import wake_pool
from leadterra.store.warmups import WarmupRow

_RECHECK = timedelta(hours=6)
"""A check that failed is made again after so long."""
_NEXT_LOOK = timedelta(hours=1)


class Stage(StrEnum):
    """Where a warm-up is."""

    WARMING = "warming"
    FROZEN = "frozen"
    """Warming, and the last day was not clean: neither limit nor clean days went on."""
    RAMPING = "ramping"
    """Graduated: campaigns use it, and the limit goes on to rise."""
    COMPLETE = "complete"
    """Graduated, and the limit has reached the daily limit."""
    PAUSED = "paused"
    NOT_STARTED = "not_started"
    """Only settings are kept."""


@dataclass(frozen=True, slots=True)
class WarmupState:
    """All that is told of a warm-up. limit: in force today. target: where the ramp ends, the daily limit.
    frozen_by: what was wrong with the last day. letters: of today. expected_on: the day of graduation to
    expect if all goes well from now on, None if it is over or more than a year away. check_failure: of an
    account that has nobody to write to, what failed last.
    """

    stage: Stage
    rule: WarmupRule
    limit: int
    target: int
    clean_days: int
    frozen_by: Fault | None
    reputation: Reputation | None
    letters: int
    check_failure: str | None
    started_at: datetime | None
    graduated_at: datetime | None
    expected_on: date | None


class WarmupSettings(TypedDict, total=False):
    """What may be set, as in `WarmupRule`."""

    start: int
    step: int
    days: int


async def follow_account(
    uow: UnitOfWork, account: SenderAccount, *, before: Status | None, now: datetime
) -> None:
    """Have the warm-up follow its account, which was just saved. before: its status until then, None for one
    that was just created. The pool is locked.
    """
    status = Status(account.status)
    if before is None:
        await warmups.delete_warmup(uow, account.id)
        await warmups.set_ramp(uow, account.id, None)
    if status is Status.WARMING and before is not Status.WARMING:
        await _begin(uow, account.id, now=now)
    elif status is Status.ACTIVE and before is Status.WARMING:
        await warmups.end_warmup(uow, account.id)
        await warmups.set_ramp(uow, account.id, None)
    await warmups.wake_warmup(uow, account.id, now=now)


async def change_warmup(
    uow: UnitOfWork, account_id: UUID, settings: WarmupSettings | None, *, now: datetime
) -> None:
    """Change what is given; None goes back to what is usual, and ends a ramp that goes on after graduation.
    A new start counts until the first clean day. Raises `NotFound`.
    """
    await uow.lock_pool()
    account, _ = await get_sender_account(uow, account_id, day=day_of(now))
    row = await warmups.find_warmup(uow, account_id, day=day_of(now))
    rule = WarmupRule() if settings is None else replace(row.rule if row else WarmupRule(), **settings)
    await warmups.save_rule(uow, account_id, rule)
    is_warming = account.status == Status.WARMING
    if settings is None and not is_warming:
        await warmups.end_warmup(uow, account_id)
        await warmups.set_ramp(uow, account_id, None)
    elif is_warming and (row is None or not row.clean_days):
        await warmups.set_ramp(uow, account_id, rule.start)
    await warmups.wake_warmup(uow, account_id, now=now)
    await wake_pool(uow, at=now)


async def read_warmup(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> WarmupState | None:
    """How an account's warm-up stands; None if there never was one."""
    today = day_of(now)
    row = await warmups.find_warmup(uow, account_id, day=today)
    if row is None:
        return None
    limit = min(row.daily_limit, row.ramp_limit or row.daily_limit)
    reputation, expected_on = None, None
    if row.looked_on is not None:
        days = (await list_sending_days(uow, [row], today=today)).get(row.id, [])
        reputation = reputation_of(window_of(days, today))
        if row.status == Status.WARMING:
            expected_on = graduates_on(warmth_of(row), row.rule, days, target=row.daily_limit, today=today)
    return WarmupState(
        stage=_stage_of(row),
        rule=row.rule,
        limit=limit,
        target=row.daily_limit,
        clean_days=row.clean_days,
        frozen_by=Fault(row.frozen_by) if row.frozen_by else None,
        reputation=reputation,
        letters=row.letters,
        check_failure=row.check_failure,
        started_at=row.started_at,
        graduated_at=row.graduated_at,
        expected_on=expected_on,
    )


async def record_check(uow: UnitOfWork, account_id: UUID, failure: str | None, *, now: datetime) -> None:
    """Whether login and DNS of an account that has nobody to write to pass today. failure: what does not."""
    await uow.lock_pool()
    due_at = min(now + (_NEXT_LOOK if failure is None else _RECHECK), next_reset(now))
    shortened = None if failure is None else failure[:500]
    await warmups.save_check(uow, account_id, shortened, day=day_of(now), due_at=due_at)


async def _begin(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> None:
    """From the start, unless it was interrupted by a pause."""
    row = await warmups.find_warmup(uow, account_id, day=day_of(now))
    if row is None:
        await warmups.save_rule(uow, account_id, WarmupRule())
        row = await warmups.find_warmup(uow, account_id, day=day_of(now))
    if row is None:
        raise NotFound("sender_account")
    if row.started_at is None or row.graduated_at is not None or row.ramp_limit is None:
        await warmups.begin_warmup(uow, account_id, day=day_of(now), now=now)
        await warmups.set_ramp(uow, account_id, row.rule.start)


def _stage_of(row: WarmupRow) -> Stage:
    if row.started_at is None:
        return Stage.NOT_STARTED
    if row.status == Status.PAUSED:
        return Stage.PAUSED
    if row.status == Status.WARMING:
        return Stage.FROZEN if row.frozen_by else Stage.WARMING
    return Stage.COMPLETE if row.ramp_limit is None else Stage.RAMPING
