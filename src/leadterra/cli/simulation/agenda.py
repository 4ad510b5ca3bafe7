"""Virtual time: a clock that stands still until it is moved, and what is to happen at which instant."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

Act = Callable[[], Awaitable[None]]


class VirtualClock:
    """See `actions.ports.Clock`."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """Where it stands."""
        return self._now

    def move_to(self, now: datetime) -> None:
        """Put it on, never back."""
        assert now >= self._now
        self._now = now


class Agenda:
    """What was arranged before. What is due at one instant happens in the order in which it was added, but
    for what is said to come first.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, int, Act]] = []
        self._numbers = count()

    def add(self, at: datetime, act: Act, *, first: bool = False) -> None:
        """Have it happen then."""
        heappush(self._entries, (at, 0 if first else 1, next(self._numbers), act))

    def next_at(self) -> datetime | None:
        """When the next one is due."""
        return self._entries[0][0] if self._entries else None

    async def play(self, now: datetime) -> None:
        """Do all that is due."""
        while self._entries and self._entries[0][0] <= now:
            await heappop(self._entries)[-1]()
