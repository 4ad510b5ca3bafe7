"""A campaign's schedule: the windows in which it may send, on the clocks of a place.

An instant lies in a window when the local clock then shows a time from `opens` until before `closes`, on a
date on which a window begins; what comes after midnight belongs to the date before. That is all of the rule,
and it holds in nights in which clocks are changed: an hour that is shown twice can cut a window in two, one
that is left out shortens it or removes it, and on a date that is left out nobody's clock shows anything.

Offsets of zones come from the system's time zone database, or else from the package `tzdata`. UTC needs
neither. A schedule whose zone neither of them knows raises `ZoneInfoNotFoundError` when it is asked for
windows; `read_schedule` lets none in. No window is looked for beyond the year 9000.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache, lru_cache
from itertools import chain, pairwise
from zoneinfo import ZoneInfo, available_timezones

from leadterra.domain.day import read_day
from leadterra.domain.errors import Fault, Unacceptable

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_HOLIDAYS = 366

_EVERY_DAY = frozenset(range(7))
_KEYS = ("timeZone", "useLeadTimeZone", "days", "hours", "startOn", "endOn", "holidays")
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_NOT_PLACES = {"localtime", "Factory"}
"""Files of zone databases that are the zone of one machine, or none."""

_ONE_DAY = timedelta(days=1)
_ONE_HOUR = timedelta(hours=1)
_LAST_DAY = date(9000, 1, 1)
_REACH = 3
"""Days from the one that is asked about to which a window without a gap is followed."""

_SEARCH_DAYS = 400
"""How far ahead the next window is looked for, besides a week for each holiday. What has not come by then
never comes: every week without a holiday is like the next, but for changes of clocks."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a campaign may send; made without arguments, always.

    time_zone: an IANA name. uses_lead_zone: the lead's own zone goes before it, where that is known. days:
    weekdays on which a window begins, Monday is 0. opens, closes: local time of day in whole minutes; when
    they are equal the window is the whole day, when it closes before it opens it goes on over midnight.
    starts_on, ends_on: the first and the last local date on which a window begins, None without a bound.
    holidays: local dates on which none begins.
    """

    time_zone: str = "UTC"
    uses_lead_zone: bool = False
    days: frozenset[int] = _EVERY_DAY
    opens: time = time.min
    closes: time = time.min
    starts_on: date | None = None
    ends_on: date | None = None
    holidays: frozenset[date] = frozenset()

    def begins_on(self, day: date) -> bool:
        """Whether a window begins on that local date."""
        return (
            day.weekday() in self.days
            and day not in self.holidays
            and (self.starts_on is None or day >= self.starts_on)
            and (self.ends_on is None or day <= self.ends_on)
        )

    def zone_for(self, zone: str | None) -> str:
        """The zone that counts for a lead. zone: its own, empty or None when it is not known."""
        return zone if self.uses_lead_zone and zone and is_known_zone(zone) else self.time_zone


ALWAYS = Schedule()
"""What a campaign without a schedule goes by."""


@dataclass(frozen=True, slots=True)
class Interval:
    """From an instant, which is in it, to a later one, which is not; both UTC. `at in interval` tells."""

    start: datetime
    end: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.start <= at < self.end


def next_interval(schedule: Schedule, zone: str | None, at: datetime) -> Interval | None:
    """The interval in which that instant lies, or else the first that begins later; None if none ever does.

    zone: the lead's own, as for `Schedule.zone_for`. Windows that follow each other without a gap are one
    interval. Of more than 48 hours it need not be all: it is told from at most two days before the UTC day
    of `at` (or of its beginning, where that is later) to at most two days after it.
    """
    instant = at.astimezone(UTC)
    for interval in _ahead(schedule, schedule.zone_for(zone), instant.date()):
        if interval.end > instant:
            return interval
    return None


def intervals_between(schedule: Schedule, zone: str | None, start: datetime, end: datetime) -> list[Interval]:
    """The intervals of a stretch of time, cut at its ends; in order, with gaps between them."""
    first, last = start.astimezone(UTC), end.astimezone(UTC)
    count = (last.date() - first.date()).days + 1
    found = _runs(schedule, schedule.zone_for(zone), first.date(), count)
    cut = [Interval(max(first, each.start), min(last, each.end)) for each in found]
    return [each for each in cut if each.start < each.end]


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """All instants that are in any of them: in order, with gaps between them."""
    merged: list[Interval] = []
    for each in sorted(intervals, key=_start):
        if merged and each.start <= merged[-1].end:
            if each.end > merged[-1].end:
                merged[-1] = Interval(merged[-1].start, each.end)
        elif each.start < each.end:
            merged.append(each)
    return merged


def seconds_left(intervals: Iterable[Interval], now: datetime) -> float:
    """Seconds of these intervals that are still to come. They must not overlap: see `union`."""
    return sum(
        ((each.end - max(each.start, now)).total_seconds() for each in intervals if each.end > now), 0.0
    )


def is_known_zone(name: str) -> bool:
    """Whether that is the IANA name of a time zone, written as the database writes it."""
    return name in _zone_names()


@cache
def zone_named(name: str) -> tzinfo:
    """The clocks of a zone. Raises `ZoneInfoNotFoundError`, or `ValueError` for what can be no name."""
    return UTC if name == "UTC" else ZoneInfo(name)


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones() - _NOT_PLACES | {"UTC"})


def _start(interval: Interval) -> datetime:
    return interval.start


@lru_cache(maxsize=8192)
def _ahead(schedule: Schedule, zone: str, day: date) -> tuple[Interval, ...]:
    """The intervals that touch a UTC day and, unless the last of them goes on after it, the next one."""
    midnight = datetime.combine(day, time.min, UTC)
    nearby = _runs(schedule, zone, day - 2 * _ONE_DAY, 2 + _REACH)
    here = tuple(each for each in nearby if each.start < midnight + _ONE_DAY and each.end > midnight)
    if here and here[-1].end >= midnight + _ONE_DAY:
        return here
    later = _next_open_day(schedule, zone, day)
    return here if later is None else (*here, _runs(schedule, zone, later, _REACH)[0])


def _next_open_day(schedule: Schedule, zone: str, after: date) -> date | None:
    """The next UTC day in which there is any window."""
    day = after + _ONE_DAY
    if schedule.starts_on is not None and schedule.starts_on > day:
        day = schedule.starts_on - _ONE_DAY
    last = min(_LAST_DAY, schedule.ends_on or _LAST_DAY) + 2 * _ONE_DAY
    for _ in range(_SEARCH_DAYS + 7 * len(schedule.holidays)):
        if day > last:
            return None
        # No clock is a whole day ahead of UTC or behind it, and a window may be of the local date before.
        if any(schedule.begins_on(day + n * _ONE_DAY) for n in range(-2, 2)) and _open_in(
            schedule, zone, day
        ):
            return day
        day += _ONE_DAY
    return None


def _runs(schedule: Schedule, zone: str, first: date, count: int) -> list[Interval]:
    """The intervals of so many UTC days, cut at their ends."""
    days = (first + n * _ONE_DAY for n in range(count))
    return union(chain.from_iterable(_open_in(schedule, zone, day) for day in days))


@lru_cache(maxsize=32768)
def _open_in(schedule: Schedule, zone: str, day: date) -> tuple[Interval, ...]:
    """The intervals of one UTC day, cut at its ends."""
    found = []
    for start, end, offset in _offsets(zone, day):
        begins = (start + offset).date() - _ONE_DAY
        while begins <= (end + offset).date():
            if schedule.begins_on(begins):
                opens, closes = _window(schedule, begins)
                found.append(Interval(max(start, opens - offset), min(end, closes - offset)))
            begins += _ONE_DAY
    return tuple(union(each for each in found if each.start < each.end))


def _window(schedule: Schedule, begins: date) -> tuple[datetime, datetime]:
    """What local clocks show when the window of that date opens and closes, told as if it were UTC."""
    closes_on = begins if schedule.opens < schedule.closes else begins + _ONE_DAY
    return datetime.combine(begins, schedule.opens, UTC), datetime.combine(closes_on, schedule.closes, UTC)


@lru_cache(maxsize=32768)
def _offsets(zone: str, day: date) -> tuple[tuple[datetime, datetime, timedelta], ...]:
    """A UTC day in parts in which the zone's clocks are not changed, each with how far they are ahead."""
    clocks = zone_named(zone)
    midnight = datetime.combine(day, time.min, UTC)
    hours = [midnight + n * _ONE_HOUR for n in range(25)]
    edges = [midnight]
    for before, after in pairwise(hours):
        if _offset(clocks, before) != _offset(clocks, after):
            edges.append(_change(clocks, before, after))
    edges.append(hours[-1])
    return tuple((start, end, _offset(clocks, start)) for start, end in pairwise(edges) if start < end)


def _offset(clocks: tzinfo, at: datetime) -> timedelta:
    return at.astimezone(clocks).utcoffset() or timedelta(0)


def _change(clocks: tzinfo, before: datetime, after: datetime) -> datetime:
    """The instant in that hour from which on clocks show what they show at its end; whole seconds."""
    old, new = 0, round((after - before).total_seconds())
    offset = _offset(clocks, before)
    while new - old > 1:
        middle = (old + new) // 2
        if _offset(clocks, before + timedelta(seconds=middle)) == offset:
            old = middle
        else:
            new = middle
    return before + timedelta(seconds=new)


def read_schedule(value: Mapping[str, object]) -> Schedule:
    """A schedule from its JSON form, in which every key may be left out. Raises `Unacceptable` with all that
    is wrong; pointers begin at the schedule. A window may close at 24:00, which is kept as 00:00. A holiday
    may be named twice.
    """
    faults = _unknown_keys(value, _KEYS, "")
    opens, closes = _read_hours(value.get("hours", {"from": "00:00", "to": "00:00"}), faults)
    schedule = Schedule(
        time_zone=_read_zone(value.get("timeZone", "UTC"), faults),
        uses_lead_zone=_read_flag(value.get("useLeadTimeZone", False), faults),
        days=_read_days(value.get("days", list(DAY_NAMES)), faults),
        opens=opens,
        closes=closes,
        starts_on=_read_bound(value.get("startOn"), "/startOn", faults),
        ends_on=_read_bound(value.get("endOn"), "/endOn", faults),
        holidays=_read_holidays(value.get("holidays", []), faults),
    )
    if schedule.starts_on and schedule.ends_on and schedule.ends_on < schedule.starts_on:
        faults.append(Fault("/endOn", "out_of_range", "Must not be before startOn."))
    if faults:
        raise Unacceptable(faults)
    return schedule


def write_schedule(schedule: Schedule) -> dict[str, object]:
    """Its JSON form, with every key: what `read_schedule` makes the same schedule of."""
    return {
        "timeZone": schedule.time_zone,
        "useLeadTimeZone": schedule.uses_lead_zone,
        "days": [DAY_NAMES[day] for day in sorted(schedule.days)],
        "hours": {"from": f"{schedule.opens:%H:%M}", "to": f"{schedule.closes:%H:%M}"},
        "startOn": schedule.starts_on and schedule.starts_on.isoformat(),
        "endOn": schedule.ends_on and schedule.ends_on.isoformat(),
        "holidays": [day.isoformat() for day in sorted(schedule.holidays)],
    }


def _unknown_keys(value: Mapping[str, object], known: tuple[str, ...], parent: str) -> list[Fault]:
    """A fault for each key that is none; pointers as in RFC 6901 §3."""
    names = [name.replace("~", "~0").replace("/", "~1") for name in value if name not in known]
    return [
        Fault(f"{parent}/{name[:200]}", "unknown_field", "There is no such field here.") for name in names
    ]


def _read_zone(value: object, faults: list[Fault]) -> str:
    if not isinstance(value, str):
        faults.append(Fault("/timeZone", "wrong_type", "Must be a string."))
    elif not is_known_zone(value):
        message = "Must be the name of a time zone in the IANA database, such as Europe/Berlin."
        faults.append(Fault("/timeZone", "unknown_time_zone", message))
    else:
        return value
    return "UTC"


def _read_flag(value: object, faults: list[Fault]) -> bool:
    if not isinstance(value, bool):
        faults.append(Fault("/useLeadTimeZone", "wrong_type", "Must be true or false."))
    return value is True


def _read_days(value: object, faults: list[Fault]) -> frozenset[int]:
    if not isinstance(value, list):
        faults.append(Fault("/days", "wrong_type", "Must be a list of days."))
    elif not value:
        faults.append(Fault("/days", "too_short", "Must have at least 1 day."))
    elif len(value) > len(DAY_NAMES):
        faults.append(Fault("/days", "too_long", f"Must have at most {len(DAY_NAMES)} days."))
    else:
        for place, name in enumerate(value):
            if name not in DAY_NAMES:
                message = f"Must be one of {', '.join(DAY_NAMES)}."
                faults.append(Fault(f"/days/{place}", "not_allowed", message))
            elif name in value[:place]:
                faults.append(Fault(f"/days/{place}", "repeated", "Must be named once."))
        return frozenset(DAY_NAMES.index(name) for name in value if name in DAY_NAMES)
    return _EVERY_DAY


def _read_hours(value: object, faults: list[Fault]) -> tuple[time, time]:
    if not isinstance(value, Mapping):
        faults.append(Fault("/hours", "wrong_type", "Must be an object."))
        return time.min, time.min
    faults += _unknown_keys(value, ("from", "to"), "/hours")
    return _read_clock(value, "from", faults), _read_clock(value, "to", faults)


def _read_clock(hours: Mapping[str, object], key: str, faults: list[Fault]) -> time:
    pointer, value = f"/hours/{key}", hours.get(key)
    if key not in hours:
        faults.append(Fault(pointer, "required", "This field is required."))
    elif not isinstance(value, str):
        faults.append(Fault(pointer, "wrong_type", "Must be a string."))
    elif _CLOCK.fullmatch(value):
        return time.fromisoformat(value)
    elif (key, value) != ("to", "24:00"):
        faults.append(Fault(pointer, "invalid_time", "Must be a time of day, such as 09:00."))
    return time.min


def _read_bound(value: object, pointer: str, faults: list[Fault]) -> date | None:
    return None if value is None else _read_date(value, pointer, faults)


def _read_date(value: object, pointer: str, faults: list[Fault]) -> date | None:
    if not isinstance(value, str):
        faults.append(Fault(pointer, "wrong_type", "Must be a string."))
        return None
    try:
        return read_day(value)
    except ValueError:
        faults.append(Fault(pointer, "invalid_date", "Must be a date, such as 2026-01-31."))
        return None


def _read_holidays(value: object, faults: list[Fault]) -> frozenset[date]:
    if not isinstance(value, list):
        faults.append(Fault("/holidays", "wrong_type", "Must be a list of dates."))
        return frozenset()
    if len(value) > MOST_HOLIDAYS:
        faults.append(Fault("/holidays", "too_long", f"Must have at most {MOST_HOLIDAYS} dates."))
        return frozenset()
    days = (_read_date(day, f"/holidays/{place}", faults) for place, day in enumerate(value))
    return frozenset(day for day in days if day is not None)
