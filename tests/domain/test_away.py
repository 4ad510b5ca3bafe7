"""Until when an out-of-office puts off what is due, whatever date it gives."""

from datetime import UTC, date, datetime, timedelta

import pytest

from leadterra.domain.inbound import away_until

CAME = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("return_on", [date.min, date(2026, 11, 23), date(2028, 1, 1), date.max])
def test_any_date_is_answered_within_a_year(return_on: date, zone: str) -> None:
    """A day that is past holds until the next working day, one far away for a year at most."""
    until = away_until(CAME, return_on, zone, frozenset())
    assert CAME < until <= CAME + timedelta(days=365)
