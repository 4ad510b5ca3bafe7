"""When a step is due: calendar days as hours, business days as a working calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.delay import MOST_DAYS, Delay, due_after

FACTS = settings(max_examples=150, deadline=None, derandomize=True)
DAY = timedelta(days=1)
DAYS_OFF = frozenset({date(2026, 12, 24), date(2026, 12, 25), date(2027, 1, 1), date(2009, 6, 18)})
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Nuuk"]

DELAYS = st.integers(0, 30) | st.floats(0, 30)
INSTANTS = st.datetimes(datetime(2020, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
HOLIDAYS = st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=30)
MOMENTS = INSTANTS | INSTANTS.map(lambda at: at.replace(year=2026, month=at.month, day=min(at.day, 28)))


def local(text: str, zone: str) -> datetime:
    """The instant at which clocks of that zone show it; the first, if they do twice."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def is_working(day: date, holidays: frozenset[date]) -> bool:
    """Monday to Friday, and no holiday."""
    return day.isoweekday() <= 5 and day not in holidays


@pytest.mark.parametrize(
    ("zone", "start", "days", "due"),
    [
        # A Wednesday, a Friday, a Saturday.
        ("UTC", "2026-05-06T10:00", 0, "2026-05-06T10:00"),
        ("UTC", "2026-05-06T10:00", 1, "2026-05-07T10:00"),
        ("UTC", "2026-05-06T10:00", 3, "2026-05-11T10:00"),
        ("UTC", "2026-05-08T10:00", 0.5, "2026-05-08T22:00"),
        ("UTC", "2026-05-08T10:00", 0.75, "2026-05-11T04:00"),
        ("UTC", "2026-05-08T10:00", 1, "2026-05-11T10:00"),
        ("UTC", "2026-05-08T10:00", 1.5, "2026-05-11T22:00"),
        ("UTC", "2026-05-07T18:00", 1.25, "2026-05-11T00:00"),
        ("UTC", "2026-05-09T10:00", 0, "2026-05-11T10:00"),
        ("UTC", "2026-05-09T10:00", 1, "2026-05-11T10:00"),
        ("UTC", "2026-05-09T10:00", 2, "2026-05-12T10:00"),
        # Over holidays and the turn of the year.
        ("Europe/Berlin", "2026-12-23T10:00", 1, "2026-12-28T10:00"),
        ("Europe/Berlin", "2026-12-24T10:00", 0, "2026-12-28T10:00"),
        ("Europe/Berlin", "2026-12-31T10:00", 1, "2027-01-04T10:00"),
        # A leap day is a day.
        ("UTC", "2028-02-28T10:00", 1, "2028-02-29T10:00"),
        ("UTC", "2028-02-29T10:00", 1, "2028-03-01T10:00"),
        # The local time is kept over changes of clocks, in three zones, in both directions.
        ("Europe/Berlin", "2026-03-27T10:00", 1, "2026-03-30T10:00"),
        ("Europe/Berlin", "2026-10-23T10:00", 1, "2026-10-26T10:00"),
        ("America/New_York", "2026-03-06T10:00", 2, "2026-03-10T10:00"),
        ("America/New_York", "2026-10-30T10:00", 2, "2026-11-03T10:00"),
        ("Australia/Lord_Howe", "2026-04-03T10:00", 1, "2026-04-06T10:00"),
        ("Australia/Lord_Howe", "2026-10-02T10:00", 1, "2026-10-05T10:00"),
        # Late on Friday in New York it is Saturday in UTC already.
        ("America/New_York", "2026-05-08T22:00", 0, "2026-05-08T22:00"),
        # On working days: the hour after midnight left out, the hour before it shown twice.
        ("Asia/Tehran", "2022-03-21T00:30", 1, "2022-03-22T01:30"),
        ("Asia/Tehran", "2022-09-20T23:30", 1, "2022-09-21T23:30"),
        # Midnight became 01:00 on Friday; a day that is only passed does not change the time.
        ("Africa/Cairo", "2025-04-24T00:30", 1, "2025-04-25T01:30"),
        ("Africa/Cairo", "2025-04-23T00:30", 3, "2025-04-28T00:30"),
        # Friday's 23:00 became Saturday's midnight: what clocks showed instead was no working day.
        ("Asia/Dhaka", "2009-06-17T23:30", 1, "2009-06-22T00:30"),
        ("Asia/Dhaka", "2009-06-18T23:30", 0, "2009-06-22T00:30"),
        # Samoa had no Friday 30 December 2011.
        ("Pacific/Apia", "2011-12-29T10:00", 1, "2012-01-02T10:00"),
        ("Pacific/Apia", "2011-12-29T10:00", 2, "2012-01-03T10:00"),
    ],
)
def test_business_days(zone: str, start: str, days: float, due: str) -> None:
    """Whole days from one working day to the next, at the same local time; then the rest, and on to a day
    that is one.
    """
    assert due_after(Delay(days, is_business=True), local(start, zone), zone, DAYS_OFF) == local(due, zone)


@pytest.mark.parametrize(
    ("zone", "start", "days", "passed"),
    [
        ("UTC", "2026-05-09T10:00", 0, 0),
        ("UTC", "2026-05-08T10:00", 1, 24),
        ("UTC", "2026-05-08T10:00", 2.5, 60),
        ("Europe/Berlin", "2026-03-28T10:00", 1, 24),
        ("Europe/Berlin", "2026-12-24T10:00", 365, 365 * 24),
        ("Nowhere/Atall", "2026-12-24T10:00", 1, 24),
    ],
)
def test_calendar_days(zone: str, start: str, days: float, passed: float) -> None:
    """24 hours each, on weekends and holidays too, whatever clocks do."""
    at = local(start, "UTC")

    assert due_after(Delay(days), at, zone, DAYS_OFF) - at == timedelta(hours=passed)


@pytest.mark.parametrize(
    ("days", "due"), [(0, "2021-09-21T20:00"), (1, "2021-09-22T20:00"), (261, "2022-09-21T19:00")]
)
def test_a_time_that_is_shown_twice(days: float, due: str) -> None:
    """Without a day to go the instant is kept, though clocks showed the same an hour before; on a later day
    the first of the two counts.
    """
    second = local("2021-09-21T20:00", "UTC")
    shown = second.astimezone(ZoneInfo("Asia/Tehran"))

    assert (shown.time(), shown.fold) == (time(23, 30), 1)
    assert due_after(Delay(days, True), second, "Asia/Tehran", DAYS_OFF) == local(due, "UTC")


@FACTS
@given(MOMENTS, DELAYS, st.sampled_from(ZONES), HOLIDAYS)
def test_it_is_due_on_a_working_day_and_not_before(
    at: datetime, days: float, zone: str, holidays: frozenset[date]
) -> None:
    """Of the zone that counts; never earlier than it is counted from."""
    due = due_after(Delay(days, is_business=True), at, zone, holidays)

    assert due >= at
    assert due.tzinfo is UTC
    assert is_working(due.astimezone(ZoneInfo(zone)).date(), holidays)


@FACTS
@given(MOMENTS, st.integers(0, 30), HOLIDAYS)
def test_whole_days_are_counted_one_by_one(at: datetime, days: int, holidays: frozenset[date]) -> None:
    """From a working day on, as many working days lie behind as the delay has, at the same time of day."""
    while not is_working(at.date(), holidays):
        at += DAY
    due = due_after(Delay(days, is_business=True), at, "UTC", holidays)
    passed = [at.date() + n * DAY for n in range(1, (due.date() - at.date()).days + 1)]

    assert sum(is_working(day, holidays) for day in passed) == days
    assert due.time() == at.time()


@FACTS
@given(MOMENTS, DELAYS, DELAYS, st.sampled_from(ZONES))
def test_a_longer_delay_is_never_due_earlier(at: datetime, one: float, other: float, zone: str) -> None:
    """In whole days; in business days a part may be worth less than a change of clocks."""
    less, more = sorted([int(one), int(other)])
    first, second = (due_after(Delay(days, is_business=True), at, zone, frozenset()) for days in (less, more))

    assert first <= second


def test_a_year_without_a_working_day_ends() -> None:
    """The first working day after the holidays, however many there are."""
    holidays = frozenset(date(2026, 5, 4) + n * DAY for n in range(366))
    due = due_after(Delay(1, is_business=True), datetime(2026, 5, 4, 9, tzinfo=UTC), "UTC", holidays)

    assert due == datetime(2027, 5, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize("days", [-0.001, MOST_DAYS + 0.001, float("inf"), float("nan")])
def test_a_delay_has_bounds(days: float) -> None:
    """From nothing to a year."""
    with pytest.raises(ValueError, match="0 to 365"):
        Delay(days)
