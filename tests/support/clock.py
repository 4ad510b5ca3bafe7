"""A clock that tests move by hand."""

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
"""A Tuesday noon: the hour at which tests begin unless they say otherwise."""


class ManualClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        """Where it stands."""
        return self._now

    def set(self, now: datetime) -> None:
        """Put it to that instant."""
        self._now = now

    def advance(self, **spans: float) -> None:
        """Move it on: `advance(hours=3)`."""
        self._now += timedelta(**spans)
