"""Rotation: the account with the lowest share of its limit used is next; among equals, the one that waited
longest (R4).

Exact in the sense that two equal shares compare equal: a quotient of integers is correctly rounded, so equal
quotients are equal floats and, with limits up to 100 000, different ones differ.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Wish:
    """Which accounts come into question. tags: those with at least one of them, all if there are none.
    provider: those of this provider, if one of them can; None for any.
    """

    tags: frozenset[str] = frozenset()
    provider: str | None = None


ANY = Wish()


@dataclass(slots=True, eq=False)
class Seat:
    """An account in the rotation. used: units of today. limit: of a day. room: how many it may still take
    now. weight: multiplies its limit. place: grows each time it is chosen; the lowest waited longest.
    next_send_at: when its spacing is over.
    """

    id: UUID
    used: int
    limit: int
    room: int
    weight: float = 1.0
    tags: frozenset[str] = frozenset()
    provider: str | None = None
    place: int = 0
    next_send_at: datetime | None = None

    @property
    def share(self) -> float:
        """How much of its part is used."""
        return self.used / self.limit if self.weight == 1.0 else self.used / (self.limit * self.weight)

    def suits(self, wish: Wish) -> bool:
        """Whether it is one of those that come into question."""
        return (not wish.tags or not wish.tags.isdisjoint(self.tags)) and (
            wish.provider is None or wish.provider == self.provider
        )


_Entry = tuple[float, int, UUID, Seat]


class Rotation:
    """The accounts of a plan. What they use may change as it goes: by `choose`, `take` and `open`."""

    def __init__(self, seats: Iterable[Seat]) -> None:
        self.seats = {seat.id: seat for seat in seats}
        self.open_seats = sum(seat.room > 0 for seat in self.seats.values())
        """How many have room."""
        self.chosen: list[Seat] = []
        """Those that `choose` gave."""
        self._last_place = max((seat.place for seat in self.seats.values()), default=0)
        self._queues: dict[Wish, list[_Entry]] = {}
        self._latest: tuple[Wish | None, list[_Entry]] = (None, [])
        """The wish that was asked for last, and its queue: most often it is the next one too."""

    def choose(self, wish: Wish = ANY) -> Seat | None:
        """Take one unit of the account whose turn it is; None if none that comes into question has room."""
        seat = self._next(wish)
        if seat is None and wish.provider is not None:
            seat = self._next(Wish(wish.tags))
        if seat is None:
            return None
        self._last_place += 1
        seat.place = self._last_place
        self.take(seat)
        self.chosen.append(seat)
        return seat

    def has_room(self, wish: Wish = ANY) -> bool:
        """Whether `choose` would find an account."""
        if not wish.tags or not self.open_seats:
            return self.open_seats > 0
        return self._next(wish if wish.provider is None else Wish(wish.tags)) is not None

    def take(self, seat: Seat) -> bool:
        """Take one unit of that account; False if it has no room."""
        if seat.room <= 0:
            return False
        seat.used += 1
        self.open(seat, seat.room - 1)
        return True

    def open(self, seat: Seat, room: int) -> None:
        """It may take that many now. Its entries so far are outdated, and are passed over."""
        self.open_seats += (room > 0) - (seat.room > 0)
        seat.room = room
        if room > 0:
            entry = _entry(seat)
            for wish, queue in self._queues.items():
                if wish is ANY or seat.suits(wish):
                    heappush(queue, entry)

    def _next(self, wish: Wish) -> Seat | None:
        latest, queue = self._latest
        if latest is not wish:
            queue = self._queue_of(wish)
            self._latest = wish, queue
        while queue:
            share, place, _, seat = queue[0]
            if seat.room > 0 and place == seat.place and share == seat.share:
                return seat
            heappop(queue)
        return None

    def _queue_of(self, wish: Wish) -> list[_Entry]:
        queue = self._queues.get(wish)
        if queue is None:
            seats = [seat for seat in self.seats.values() if seat.room > 0 and seat.suits(wish)]
            queue = self._queues[wish] = [_entry(seat) for seat in seats]
            heapify(queue)
        return queue


def _entry(seat: Seat) -> _Entry:
    return seat.share, seat.place, seat.id, seat
