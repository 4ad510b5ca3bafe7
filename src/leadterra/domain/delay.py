"""The delay of a step: when it is due, counted from the acceptance of the one before it.

In calendar days a day is 24 hours, whatever clocks do. In business days only working days count, Monday to
Friday without the holidays, and the local time of day is kept through changes of clocks. The result is never
earlier than it was counted from.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from leadterra.domain.schedule import zone_named

MOST_DAYS = 365
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Delay:
    """days: 0 to 365, in part if need be. is_business: whether only working days count. Raises `ValueError`
    for a number out of that range.
    """

    days: float
    is_business: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.days <= MOST_DAYS:
            raise ValueError(f"a delay has 0 to {MOST_DAYS} days, not {self.days}")


def due_after(delay: Delay, at: datetime, zone: str, holidays: AbstractSet[date]) -> datetime:
    """When what has to wait so long from that instant on is due; UTC.

    zone: the IANA name of the zone whose working days count. holidays: local dates that are none. Of
    business days the whole ones are counted first, each to the next working day: one from a Saturday is
    Monday. Then comes the rest of the delay as a part of 24 hours; and if that ends on a day that is no
    working day, it is due on the next one at the same local time. Raises `ZoneInfoNotFoundError` for a zone
    that is not known.
    """
    if not delay.is_business:
        return at.astimezone(UTC) + timedelta(days=delay.days)
    local = at.astimezone(zone_named(zone))
    whole = int(delay.days)
    for _ in range(whole):
        local = _next_working_day(local, holidays)
    due = local.astimezone(UTC) + timedelta(days=delay.days - whole)
    # Twice only where that local time is left out, and what clocks show instead is of a later date.
    while not _is_working((local := due.astimezone(local.tzinfo)).date(), local.tzinfo, holidays):
        due = _next_working_day(local, holidays).astimezone(UTC)
    return due


def _next_working_day(local: datetime, holidays: AbstractSet[date]) -> datetime:
    """The same local time on the next working day. Ends, as weekends and holidays do."""
    day = local.date() + _ONE_DAY
    while not _is_working(day, local.tzinfo, holidays):
        day += _ONE_DAY
    # Shown twice on that day, the first counts; left out, what clocks show instead (PEP 495).
    return datetime.combine(day, local.time().replace(fold=0), local.tzinfo)


def _is_working(day: date, clocks: tzinfo | None, holidays: AbstractSet[date]) -> bool:
    if day.weekday() >= 5 or day in holidays:
        return False
    # Samoa had no 30 December 2011.
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=clocks)
    return noon.astimezone(UTC).astimezone(clocks).date() == day
