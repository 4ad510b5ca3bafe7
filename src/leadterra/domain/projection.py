"""A pool in virtual time: what the engine will do from now on if nothing unforeseen happens.

It goes from one instant to the next at which something can change, asks the planner that sends, and takes
every message to be accepted at once. Work that is alike is counted, not named: a hundred thousand first steps
are one item; so it costs what is sent within the horizon, and not how many leads there are. Explanations ask
it about the next instants, forecasts about the next weeks. Pure, like all that it asks.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.caps import Cap
from leadterra.domain.day import MIDNIGHT_GUARD, day_of, next_reset
from leadterra.domain.delay import Delay, due_after
from leadterra.domain.gate import QUOTAS, Gate
from leadterra.domain.pacing import first_slot
from leadterra.domain.planner import Assignment, Planner, Waiting
from leadterra.domain.pool import Pool, Work
from leadterra.domain.rotation import Seat
from leadterra.domain.schedule import (
    ALWAYS,
    Interval,
    Schedule,
    next_interval,
)
from leadterra.domain.windows import OpenCampaign, RunningWindow, open_on, takes_part

ROLLING = timedelta(hours=24, minutes=1)
"""How long a minute's messages count under a cap of 24 hours: until its last second is a day old."""

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_EVERYTHING = 1 << 30
_WHATEVER_THE_HOUR = QUOTAS | {Gate.NO_ACTIVE_ACCOUNT}
"""What holds a message back in a window as well as out of it."""

_DAILY = (
    Gate.WORKSPACE_QUOTA,
    Gate.CAMPAIGN_QUOTA,
    Gate.NEW_LEADS_QUOTA,
    Gate.SENDING_DOMAIN_QUOTA,
    Gate.RECIPIENT_DOMAIN_QUOTA,
)


@dataclass(frozen=True, slots=True)
class Course:
    """A campaign on its way. started_at: nothing of it is due before. delays: of each step, behind the one
    before it.
    """

    started_at: datetime
    delays: tuple[Delay, ...]
    schedule: Schedule = ALWAYS
    resumed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Due(Work):
    """Work that is or will be due. position: of its step."""

    position: int = 0


class Send(NamedTuple):
    """A message goes out. next_due_at: when the step behind it will be due, None behind the last one."""

    at: datetime
    due: Due
    sender_id: UUID
    next_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayEnd:
    """A UTC day is over. overflow: messages that are due and did not go, by campaign. gates: what held the
    oldest of them back in the end, or most of them where these wait for an instant of their own, by
    campaign; a closed window only where no quota was used up as well.
    waiting: leads of which anything waits, due or not, by campaign. limits: of that day, of the accounts
    whose ramp goes on.
    """

    day: date
    overflow: Mapping[UUID, int]
    gates: Mapping[UUID, Gate]
    waiting: Mapping[UUID, int]
    limits: Mapping[UUID, int] = field(default_factory=dict)


class _Books:
    """What waits of a campaign. due: messages due by now. kept: those that were due and wait for an instant
    of their own, and kept_by: what for. zones: what waits in each, due or not. named: of items that count
    several, how many went.
    """

    __slots__ = ("course", "due", "kept", "kept_by", "named", "zones")

    def __init__(self, course: Course) -> None:
        self.course, self.due, self.kept = course, 0, 0
        self.kept_by: Gate | None = None
        self.zones: Counter[str] = Counter()
        self.named: dict[int, int] = {}

    def name(self, item: Due) -> UUID:
        """Who goes on when one of an item went: of several that are alike, one after the other. Ids of
        enrollments are further apart than their numbers.
        """
        if item.sender_id is not None:
            return item.enrollment_id
        first = item.enrollment_id.int
        went = self.named.get(first, 0)
        self.named[first] = went + 1
        return UUID(int=first + went)

    @property
    def has_work(self) -> bool:
        """Whether anything was due: then its windows are the pool's."""
        return self.due > 0 or self.kept > 0


class Projection:
    """One look ahead; `run` is asked once."""

    def __init__(
        self,
        pool: Pool,
        courses: Mapping[UUID, Course],
        work: Iterable[Due],
        *,
        now: datetime,
        rolling: Mapping[UUID, Sequence[datetime]] | None = None,
    ) -> None:
        """pool: its campaigns are those of `courses`. work: all that waits, due or not. rolling: the minutes
        of the messages that count under caps of 24 hours, in order, by account.
        """
        calm = [replace(sender, in_flight=0, failures=0, most=None) for sender in pool.senders]
        self.now, self._pool = now, replace(pool, senders=calm)
        self._planner = Planner(self._pool, now)
        self._books = {campaign_id: _Books(course) for campaign_id, course in courses.items()}
        self._books_of = {campaign_id.int: books for campaign_id, books in self._books.items()}
        self._seats = {seat.id.int: seat for seat in self._planner.rotation.seats.values()}
        limited = {key for gate, key in pool.caps if gate is Gate.ACCOUNT_ROLLING_QUOTA and key}
        self._rolling = {key: deque((rolling or {}).get(key, ())) for key in limited}
        self._has_hours = any(gate is Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA for gate, _ in pool.caps)
        self._next_hour = _hour_after(now)
        self._numbers = self._due = 0
        self._set_midnight(next_reset(now))
        self._sender_of = {
            seat: self._planner.senders[seat.id] for seat in self._planner.rotation.seats.values()
        }
        self._calendar: list[tuple[datetime, int, int, Due]] = []
        self._edges: list[tuple[datetime, UUID, str]] = []
        self._asleep: list[tuple[datetime, int, Seat]] = []
        self._window = RunningWindow(now)
        self._slots: dict[Seat, datetime] = {}
        for item in work:
            self._note(item)
        heapify(self._calendar)
        for campaign_id, books in self._books.items():
            for zone in books.zones:
                self._look_at(campaign_id, zone)

    def run(self, until: datetime) -> Iterator[Send | DayEnd]:
        """What happens, in order, up to that instant; it ends when nothing waits any more."""
        self._wake_all()
        while True:
            self._take_in()
            yield from self._send()
            then = self._next_instant()
            if then is None or then >= until:
                yield self._end_day()
                return
            while self._midnight <= then:
                yield self._end_day()
                self._begin_day()
            self.now = max(self.now, then)

    def _set_midnight(self, midnight: datetime) -> None:
        self._midnight, self._closing = midnight, midnight - MIDNIGHT_GUARD

    def _note(self, item: Due) -> None:
        """It waits; it is due when it is, but never before its campaign was started."""
        books = self._books[item.campaign_id]
        books.zones[item.zone] += item.count
        self._numbers += 1
        due_at = max(item.due_at, books.course.started_at)
        if due_at != item.due_at:
            item = replace(item, due_at=due_at)
        self._calendar.append((due_at, item.enrollment_id.int, self._numbers, item))

    def _put_on_calendar(self, at: datetime, item: Due) -> None:
        self._numbers += 1
        heappush(self._calendar, (at, item.enrollment_id.int, self._numbers, item))

    def _look_at(self, campaign_id: UUID, zone: str) -> None:
        """Open or close a lane as its window is now, and note when that changes."""
        interval = next_interval(self._books[campaign_id].course.schedule, zone, self.now)
        if interval is not None and interval.start <= self.now:
            self._planner.open_lane(campaign_id, zone)
            heappush(self._edges, (interval.end, campaign_id, zone))
            return
        self._planner.close_lane(campaign_id, zone)
        if interval is not None:
            heappush(self._edges, (interval.start, campaign_id, zone))

    def _take_in(self) -> None:
        """What falls due, opens or closes, and which accounts are ready at this instant."""
        now = self._planner.now = self.now
        if self._has_hours and self._next_hour <= now:
            self._next_hour = _hour_after(now)
            self._planner.caps.begin(Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, self._next_hour)
        while self._calendar and self._calendar[0][0] <= now:
            self._take_next()
        while self._edges and self._edges[0][0] <= now:
            _, campaign_id, zone = heappop(self._edges)
            self._look_at(campaign_id, zone)
        self._look_at_window()
        while self._asleep and self._asleep[0][0] <= now:
            self._wake_in_time(heappop(self._asleep)[2])

    def _take_next(self) -> None:
        """It is due; unless it ends there, because its account is lost and its campaign wants it so."""
        at, _, _, item = heappop(self._calendar)
        was_kept = at > item.due_at
        planner, books = self._planner, self._books_of[item.campaign_id.int]
        had_work = books.has_work
        if was_kept:
            books.kept -= item.count
        stopped = len(planner.stopped)
        planner.add(item)
        if len(planner.stopped) > stopped:
            books.zones[item.zone] -= item.count
            self._window.is_stale = True
            return
        self._window.is_stale = self._window.is_stale or not had_work
        books.due += item.count
        self._due += item.count
        if planner.kept:
            self._put_off()

    def _put_off(self) -> None:
        """What has to wait for an instant of its own, as for a lost account, is due again then."""
        for waiting in self._planner.take_kept():
            if waiting.clears_at is not None and isinstance(waiting.work, Due):
                books = self._books[waiting.work.campaign_id]
                books.due -= waiting.work.count
                self._due -= waiting.work.count
                books.kept += waiting.work.count
                books.kept_by = waiting.gate
                self._put_on_calendar(waiting.clears_at, waiting.work)

    def _look_at_window(self) -> None:
        """The pool's window is that of the campaigns of which something is due."""
        if self._window.look(self.now, self._midnight, self._open_today):
            self._planner.window = self._window.window
            self._slots.clear()
            self._wake_all()

    def _open_today(self) -> list[Interval]:
        planner, senders = self._planner, self._pool.senders
        return open_on(
            self._midnight,
            (
                OpenCampaign(books.course.schedule, list(+books.zones), books.course.resumed_at)
                for campaign_id, books in self._books.items()
                if books.has_work and takes_part(planner.stands[campaign_id].contender, planner.caps, senders)
            ),
        )

    def _send(self) -> Iterator[Send]:
        if not self._planner.can_take:
            return
        tired: dict[Seat, None] = {}
        self._planner.seconds_left = self._window.seconds_left(self.now)
        for assignment in self._planner.run(_EVERYTHING):
            item = assignment.work
            assert isinstance(item, Due)
            books = self._books_of[item.campaign_id.int]
            books.due -= 1
            self._due -= 1
            books.zones[item.zone] -= 1
            seat = self._seats[assignment.sender_id.int]
            if self._rolling and seat.id in self._rolling:
                self._rolling[seat.id].append(self.now.replace(second=0, microsecond=0))
                self._count_rolling(seat)
            if not books.due or not books.zones[item.zone] or self._is_used_up(item.campaign_id):
                self._window.is_stale = True
            yield Send(self.now, item, seat.id, self._go_on(books, item, assignment))
            if seat.room <= 0:
                tired[seat] = None
        for seat in tired:
            self._sleep(seat, self._ready_at(seat))
        if self._planner.kept:
            self._put_off()

    def _go_on(self, books: _Books, item: Due, assignment: Assignment) -> datetime | None:
        """The step behind waits from now on; until when."""
        position, course = item.position + 1, books.course
        if position >= len(course.delays):
            return None
        due_at = due_after(
            course.delays[position], self.now, course.schedule.time_zone, course.schedule.holidays
        )
        follow_up = Due(
            books.name(item),
            True,
            due_at,
            assignment.sender_id,
            item.campaign_id,
            item.recipient_domain,
            item.provider,
            item.zone,
            1,
            position,
        )
        self._put_on_calendar(due_at, follow_up)
        books.zones[item.zone] += 1
        return due_at

    def _is_used_up(self, campaign_id: UUID) -> bool:
        """Whether its campaign has had its day."""
        return bool(self._pool.caps) and self._planner.caps.left(Gate.CAMPAIGN_QUOTA, campaign_id) == 0

    def _count_rolling(self, seat: Seat) -> None:
        minutes = self._rolling[seat.id]
        while minutes and minutes[0] + ROLLING <= self.now:
            minutes.popleft()
        limit = self._pool.caps[Gate.ACCOUNT_ROLLING_QUOTA, seat.id].limit
        clears_at = (minutes[0] if minutes else self.now) + ROLLING
        self._planner.caps.put(Gate.ACCOUNT_ROLLING_QUOTA, seat.id, Cap(limit, len(minutes), clears_at))

    def _wake_all(self) -> None:
        self._asleep = []
        for seat in self._planner.rotation.seats.values():
            self._wake(seat)

    def _wake_in_time(self, seat: Seat) -> None:
        """It has slept as long as it was to. Without caps nothing can have changed meanwhile."""
        if not self._pool.caps and self.now < self._closing and self._sender_of[seat].is_spaced:
            self._planner.open(seat, 1)
        else:
            self._wake(seat)

    def _wake(self, seat: Seat) -> None:
        """Open an account, or let it sleep on."""
        if self._rolling and seat.id in self._rolling:
            self._count_rolling(seat)
        at = self._ready_at(seat)
        if at > self.now:
            self._planner.open(seat, 0)
            self._sleep(seat, at)
        elif self._sender_of[seat].is_spaced:
            self._planner.open(seat, 1)
        else:
            rolling = self._planner.caps.left(Gate.ACCOUNT_ROLLING_QUOTA, seat.id)
            left = seat.limit - seat.used
            self._planner.open(seat, left if rolling is None else min(left, rolling))

    def _sleep(self, seat: Seat, until: datetime) -> None:
        heappush(self._asleep, (until, seat.id.int, seat))

    def _ready_at(self, seat: Seat) -> datetime:
        """When an account may be open again, as far as that can be told now."""
        now = self.now
        if seat.used >= seat.limit or now >= self._closing:
            return self._midnight
        sender, caps = self._sender_of[seat], self._planner.caps
        at = seat.next_send_at or now
        if sender.spreads and self._planner.window is not None and (slot := self._slot(seat)) > at:
            at = slot
        if sender.rest_until is not None and sender.rest_until > at:
            at = sender.rest_until
        if caps:
            holds = (
                caps.hold(Gate.SENDING_DOMAIN_QUOTA, sender.domain),
                caps.hold(Gate.ACCOUNT_ROLLING_QUOTA, seat.id),
            )
            at = max([at, *(hold.clears_at for hold in holds if hold and hold.clears_at)])
        return at if at > now else now

    def _slot(self, seat: Seat) -> datetime:
        slot = self._slots.get(seat)
        if slot is None:
            sender, window = self._sender_of[seat], self._planner.window
            assert window is not None
            slot = first_slot(window, seat.id, sender.daily_limit, least=sender.gap)
            self._slots[seat] = slot
        return slot

    def _next_instant(self) -> datetime | None:
        """When something may happen next; None if nothing waits. Caps begin anew with a day, or an hour."""
        if not self._due:
            return self._calendar[0][0] if self._calendar else None
        then = self._midnight
        if self._has_hours:
            then = min(then, self._next_hour)
        if self._edges and self._edges[0][0] < then:
            then = self._edges[0][0]
        if self._asleep and self._asleep[0][0] < then:
            then = self._asleep[0][0]
        if not self._planner.can_take:
            self._take_before(then)
        return min(then, self._calendar[0][0]) if self._calendar else then

    def _take_before(self, then: datetime) -> None:
        """While nothing can go, nothing has to be looked at when it falls due; but for the first of a
        campaign, whose window counts from then on.
        """
        while self._calendar and self._calendar[0][0] < then:
            at, _, _, item = self._calendar[0]
            if not self._books_of[item.campaign_id.int].due:
                return
            self._planner.now = at
            self._take_next()

    def _begin_day(self) -> None:
        """Every account and every daily cap begins anew."""
        self.now = self._midnight
        self._set_midnight(next_reset(self.now))
        for seat in self._planner.rotation.seats.values():
            if ramp := self._sender_of[seat].ramp:
                limit = ramp.limit_after(seat.limit, seat.used)
                self._sender_of[seat] = self._planner.set_limit(seat, limit)
            seat.used = 0
        for gate in _DAILY:
            self._planner.caps.begin(gate, self._midnight)
        self._window.is_stale = True
        self._slots.clear()
        self._take_in()
        self._wake_all()

    def _end_day(self) -> DayEnd:
        self._planner.now = self.now
        return DayEnd(
            day_of(self._midnight - _DAY),
            {key: books.due + books.kept for key, books in self._books.items() if books.has_work},
            self._gates(),
            {campaign_id: books.zones.total() for campaign_id, books in self._books.items()},
            {seat.id: seat.limit for seat, sender in self._sender_of.items() if sender.ramp},
        )

    def _gates(self) -> dict[UUID, Gate]:
        oldest: dict[UUID, Waiting] = {}
        for waiting in self._planner.list_oldest():
            work = waiting.work
            known = oldest.setdefault(work.campaign_id, waiting).work
            if (work.due_at, work.enrollment_id) < (known.due_at, known.enrollment_id):
                oldest[work.campaign_id] = waiting
        gates = {campaign_id: self._gate_of(waiting) for campaign_id, waiting in oldest.items()}
        for campaign_id, books in self._books.items():
            if books.kept > books.due and books.kept_by is not None:
                gates[campaign_id] = books.kept_by
        return gates

    def _gate_of(self, waiting: Waiting) -> Gate:
        lane = self._planner.stands[waiting.work.campaign_id].lane(waiting.work.zone)
        is_open = lane.is_open or waiting.gate in _WHATEVER_THE_HOUR
        return waiting.gate if is_open else Gate.OUTSIDE_SCHEDULE


def _hour_after(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) + _HOUR
