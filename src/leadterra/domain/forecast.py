"""A forecast: what a look ahead means for one campaign, or for leads that are new to it, day by day.

From the events of `domain.projection` to numbers, and no further: it looks at each event once, keeps none,
and stops listening when what it was asked about is through. It cannot fail.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from leadterra.domain.day import day_of
from leadterra.domain.gate import Gate
from leadterra.domain.pool import Pool
from leadterra.domain.projection import DayEnd, Send

FIRST_NEW = UUID(int=(1 << 128) - (1 << 40))
"""Enrollments that are only asked about have this id or a higher one: they are younger than all others."""

_DAY = timedelta(days=1)
_REASONS = {
    Gate.OUTSIDE_SCHEDULE: "its schedule leaves no window in which everything could have gone",
    Gate.CAMPAIGN_QUOTA: "the campaign has sent its dailyLimit",
    Gate.NEW_LEADS_QUOTA: "the campaign has begun with as many leads as its newLeadsDailyLimit allows",
    Gate.RECIPIENT_DOMAIN_QUOTA: "recipients' domains have had their daily limit",
    Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA: "recipients' domains have had their hourly limit",
    Gate.NO_ACTIVE_ACCOUNT: "no active account may send it",
    Gate.SENDER_LOST: "leads wait for an account that is not active",
    Gate.WORKSPACE_QUOTA: "the workspace has sent its dailyQuota",
    Gate.SENDING_DOMAIN_QUOTA: "the accounts' domains have sent the sendingDomainDailyLimit",
    Gate.ACCOUNT_SPACING: "the accounts space their messages further apart than that",
    Gate.ACCOUNT_RESTING: "the accounts rest after failures",
    Gate.ACCOUNT_QUOTA: "the accounts have sent their daily limits",
    Gate.ACCOUNT_ROLLING_QUOTA: "the accounts have sent their rollingLimit of 24 hours",
}


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked about. steps: of the campaign. first_steps: how many of them are still to come.
    new_leads: only of so many leads from `FIRST_NEW` on; None for everybody in the campaign.
    """

    campaign_id: UUID
    steps: int
    first_steps: int
    new_leads: int | None = None


@dataclass(frozen=True, slots=True)
class ForecastDay:
    """One UTC day. capacity: what the pool may send in it; of today, what is left. sends: of what is asked
    about. by_steps: the same, one number a step. overflow: messages of it that are due and wait at the reset.
    """

    date: date
    capacity: int
    sends: int
    overflow: int
    by_steps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Constraint:
    """What held the oldest due message back at most of the resets at which any waited. days: at how many."""

    gate: Gate
    days: int
    detail: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """days: from today to the last on which anything goes or waits. completes_at, first_step_completes_at:
    when the last of it goes; None if nothing is left to go, or not within the horizon. leads_left: leads that
    are not through by then. constraint: None if nothing waits at any reset. by_sender: messages by account,
    most first. horizon: the last day that was looked at. is_cut: so much was sent that no further day was.
    """

    days: tuple[ForecastDay, ...]
    first_step_completes_at: datetime | None
    completes_at: datetime | None
    leads_left: int
    constraint: Constraint | None
    by_sender: tuple[tuple[UUID, int], ...]
    horizon: date
    is_cut: bool = False

    @property
    def sends(self) -> int:
        """Messages within the horizon."""
        return sum(day.sends for day in self.days)


def day_capacity(pool: Pool, *, is_today: bool) -> int:
    """What a pool may send in a day under the limits of its accounts and their domains and the workspace's
    quota. is_today: what is left of them now.
    """
    by_domain: Counter[UUID | None] = Counter()
    for sender in pool.senders:
        if sender.is_active:
            left = max(0, sender.daily_limit - (sender.used if is_today else 0))
            by_domain[sender.domain] += _capped(
                pool, Gate.ACCOUNT_ROLLING_QUOTA, sender.id, left, is_today=is_today
            )
    total = sum(
        _capped(pool, Gate.SENDING_DOMAIN_QUOTA, domain, left, is_today=is_today)
        for domain, left in by_domain.items()
    )
    return _capped(pool, Gate.WORKSPACE_QUOTA, None, total, is_today=is_today)


def _capped(pool: Pool, gate: Gate, key: UUID | None, count: int, *, is_today: bool) -> int:
    cap = pool.caps.get((gate, key))
    return count if cap is None else min(count, cap.left if is_today else cap.limit)


class _Tally:
    """What was heard so far. due: of new leads, messages that fall due on each day."""

    def __init__(self, aim: Aim, pool: Pool, today: date) -> None:
        self.aim, self.today, self._pool = aim, today, pool
        self.capacities = day_capacity(pool, is_today=True), day_capacity(pool, is_today=False)
        self._limits: Mapping[UUID, int] = {}
        self.days: list[ForecastDay] = []
        self.gates: Counter[Gate] = Counter()
        self.by_sender: Counter[UUID] = Counter()
        self.steps = [0] * aim.steps
        self.done = [0] * aim.steps
        self.due = Counter({today: aim.new_leads or 0})
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.leads_left = aim.first_steps

    def hear_send(self, send: Send) -> None:
        """A message of the campaign goes out."""
        if self.aim.new_leads is not None:
            if send.due.enrollment_id.int < FIRST_NEW.int:
                return
            if send.next_due_at is not None:
                self.due[day_of(send.next_due_at)] += 1
        position = send.due.position
        self.steps[position] += 1
        self.by_sender[send.sender_id] += 1
        self.last_at = send.at
        if position == 0:
            self.first_at = send.at

    def hear_end(self, end: DayEnd) -> None:
        """A day is over."""
        self._skip_to(end.day)
        self._note_limits(end.limits)
        self.done = [before + now for before, now in zip(self.done, self.steps, strict=True)]
        overflow = self._overflow(end)
        self.days.append(self._day(end.day, overflow, tuple(self.steps)))
        self.steps = [0] * self.aim.steps
        if overflow and self.aim.campaign_id in end.gates:
            self.gates[end.gates[self.aim.campaign_id]] += 1
        self.leads_left = self._leads_left(end)

    def _overflow(self, end: DayEnd) -> int:
        if self.aim.new_leads is None:
            return end.overflow.get(self.aim.campaign_id, 0)
        return sum(count for day, count in self.due.items() if day <= end.day) - sum(self.done)

    def _leads_left(self, end: DayEnd) -> int:
        if self.aim.new_leads is None:
            return end.waiting.get(self.aim.campaign_id, 0)
        return self.aim.new_leads - sum(self.done[-1:])

    def _skip_to(self, day: date) -> None:
        """Days on which nothing happened at all."""
        while (missing := self.today + len(self.days) * _DAY) < day:
            self.days.append(self._day(missing, 0, (0,) * self.aim.steps))

    def _note_limits(self, limits: Mapping[UUID, int]) -> None:
        """Where ramps go on a later day may have another capacity than the one before it."""
        if limits == self._limits:
            return
        self._limits = limits
        senders = [
            replace(sender, daily_limit=limits.get(sender.id, sender.daily_limit))
            for sender in self._pool.senders
        ]
        later = day_capacity(replace(self._pool, senders=senders), is_today=False)
        self.capacities = self.capacities[0], later

    def _day(self, day: date, overflow: int, by_steps: tuple[int, ...]) -> ForecastDay:
        capacity = self.capacities[0 if day == self.today else 1]
        return ForecastDay(day, capacity, sum(by_steps), overflow, by_steps)


def forecast_of(
    events: Iterable[Send | DayEnd], aim: Aim, pool: Pool, *, today: date, most_sends: int
) -> Forecast:
    """Listen to a look ahead. most_sends: of the whole pool; a day that begins after so many is not looked
    at.
    """
    tally, sends, is_cut = _Tally(aim, pool, today), 0, False
    for event in events:
        if isinstance(event, Send):
            sends += 1
            if event.due.campaign_id == aim.campaign_id:
                tally.hear_send(event)
        else:
            tally.hear_end(event)
            is_cut = sends >= most_sends and tally.leads_left > 0
            if is_cut or not tally.leads_left:
                break
    return replace(_conclude(tally), is_cut=is_cut)


def _conclude(tally: _Tally) -> Forecast:
    horizon = tally.days[-1].date if tally.days else tally.today
    while len(tally.days) > 1 and not (tally.days[-1].sends or tally.days[-1].overflow):
        tally.days.pop()
    has_begun_all = bool(tally.done) and tally.done[0] >= tally.aim.first_steps
    return Forecast(
        days=tuple(tally.days),
        first_step_completes_at=tally.first_at if has_begun_all else None,
        completes_at=None if tally.leads_left else tally.last_at,
        leads_left=tally.leads_left,
        constraint=_constraint_of(tally.gates, tally.days),
        by_sender=tuple(sorted(tally.by_sender.items(), key=lambda pair: (-pair[1], pair[0]))),
        horizon=horizon,
    )


def _constraint_of(gates: Counter[Gate], days: Sequence[ForecastDay]) -> Constraint | None:
    if not gates:
        return None
    # Of gates that held at equally many resets the first in the engine's order.
    order = list(Gate)
    gate = min(gates, key=lambda each: (-gates[each], order.index(each)))
    reason = _REASONS.get(gate, f"{gate} holds it")
    plural = "day" if len(days) == 1 else "days"
    detail = f"On {gates[gate]} of {len(days)} {plural} messages wait at the reset because {reason}."
    return Constraint(gate, gates[gate], detail)
