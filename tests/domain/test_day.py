"""The UTC day: where it ends, and when it is too late to begin a message in it."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.day import day_of, is_closing, next_reset, read_day

MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
TICK = timedelta(microseconds=1)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (MIDNIGHT - TICK, date(2026, 3, 10)),
        (MIDNIGHT, date(2026, 3, 11)),
        (MIDNIGHT + timedelta(days=1) - TICK, date(2026, 3, 11)),
        (datetime(2026, 3, 11, 1, 30, tzinfo=timezone(timedelta(hours=2))), date(2026, 3, 10)),
        (datetime(2026, 3, 10, 20, 0, tzinfo=timezone(timedelta(hours=-5))), date(2026, 3, 11)),
    ],
)
def test_the_day_of_an_instant_is_that_of_utc(instant: datetime, day: date) -> None:
    """It changes at 00:00:00Z, whatever zone the instant is told in (R3)."""
    assert day_of(instant) == day


@pytest.mark.parametrize(
    ("instant", "reset"),
    [
        (MIDNIGHT - TICK, MIDNIGHT),
        (MIDNIGHT, MIDNIGHT + timedelta(days=1)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2028, 2, 28, 12, 0, tzinfo=UTC), datetime(2028, 2, 29, tzinfo=UTC)),
    ],
)
def test_the_reset_is_the_midnight_strictly_after(instant: datetime, reset: datetime) -> None:
    """Midnight itself belongs to the new day: its reset is a day away."""
    assert next_reset(instant) == reset


@pytest.mark.parametrize(
    ("before_midnight", "closing"),
    [
        (timedelta(seconds=1, microseconds=1), False),
        (timedelta(seconds=1), True),
        (TICK, True),
        (timedelta(0), False),
    ],
)
def test_the_last_second_of_a_day_is_closed(before_midnight: timedelta, closing: bool) -> None:
    """No message begins in it (R2); at midnight the next day is open."""
    assert is_closing(MIDNIGHT - before_midnight) is closing


@settings(max_examples=100, deadline=None, derandomize=True)
@given(INSTANTS)
def test_every_instant_lies_between_two_resets_of_one_day(now: datetime) -> None:
    """The reset is at most a day away, and begins the next day."""
    reset = next_reset(now)
    assert timedelta(0) < reset - now <= timedelta(days=1)
    assert day_of(reset) == day_of(now) + timedelta(days=1)


@pytest.mark.parametrize(
    "text", ["2025-1-15", "20250115", "2025-W03-3", "2025-02-29", "٢٠٢٥-01-15", " 2025-01-15", ""]
)
def test_a_day_is_written_in_one_way(text: str) -> None:
    """What else Python would read as one is none."""
    assert read_day("2025-01-15") == date(2025, 1, 15)
    with pytest.raises(ValueError, match=r"is not written|day is out"):
        read_day(text)
