"""The storm's time: days in minutes, by moving the clock that all processes share.

The clock runs at its own pace and is moved on again and again, by minutes or hours; every lease that is held
at that moment has run out. Midnight is never jumped over: the clock is put a few seconds before it and runs
across, with whatever is in flight.
"""

import random
import time
from datetime import datetime, timedelta
from pathlib import Path

from leadterra.domain.day import day_of, next_reset
from leadterra.transport.clock import FileClock, set_offset

_BEFORE_MIDNIGHT = (2.0, 5.0)
_BEHIND_MIDNIGHT = timedelta(seconds=3)


class Timeline:
    """moves, midnights: how often the clock was moved, and how often a day began."""

    def __init__(self, file: Path, start: datetime) -> None:
        self._file, self._start = file, start
        self._put(start)
        self._clock = FileClock(file)
        self.moves = 0

    def now(self) -> datetime:
        """The instant, as every process sees it."""
        return self._clock.now()

    @property
    def midnights(self) -> int:
        """How many days have begun since the start."""
        return (day_of(self.now()) - day_of(self._start)).days

    @property
    def is_at_midnight(self) -> bool:
        """Whether a day ends or has just begun."""
        now = self.now()
        return day_of(now - _BEHIND_MIDNIGHT) != day_of(now + timedelta(seconds=_BEFORE_MIDNIGHT[1] + 1))

    def move_to(self, instant: datetime, rng: random.Random) -> None:
        """Move on to that instant, or to a little before the next midnight if that comes first."""
        now = self.now()
        if self.is_at_midnight:
            return
        eve = next_reset(now) - timedelta(seconds=rng.uniform(*_BEFORE_MIDNIGHT))
        target = min(instant, eve)
        if target > now:
            self._put(target)
            self.moves += 1

    def _put(self, instant: datetime) -> None:
        set_offset(self._file, instant.timestamp() - time.time())
