"""Rotation: the account with the lowest share of its limit used is next; among equals, the one that waited
longest (R4).

Exact in the sense that two equal shares compare equal: a quotient of integers is correctly rounded, so equal
quotients are equal floats and, with limits up to 100 000, different ones differ.
"""

from collections.abc import Iterable
from heapq import heapify, heappop, heappush
from uuid import UUID


class Rotation:
    """The accounts of one plan. Each is given as (id, used, limit, room): room is how many it may still take
    now.
    """

    def __init__(self, senders: Iterable[tuple[UUID, int, int, int]], *, after: UUID | None) -> None:
        """after: the account chosen last, so that among equals the cycle goes on behind it."""
        self._used: dict[UUID, int] = {}
        self._limit: dict[UUID, int] = {}
        self._room: dict[UUID, int] = {}
        for sender_id, used, limit, room in senders:
            self._used[sender_id], self._limit[sender_id], self._room[sender_id] = used, limit, room
        cycle = sorted(self._room, key=lambda key: (after is not None and key <= after, key))
        self._place = {sender_id: place for place, sender_id in enumerate(cycle)}
        self._places = len(cycle)
        self._heap = [(self._share(key), self._place[key], key) for key in cycle if self._room[key] > 0]
        heapify(self._heap)
        self.last: UUID | None = None
        """The account that `choose` gave last."""

    def choose(self) -> UUID | None:
        """Take one unit of the account whose turn it is; None if none has room."""
        while self._heap:
            share, place, sender_id = heappop(self._heap)
            if not self._room[sender_id]:
                continue
            if share != self._share(sender_id):
                heappush(self._heap, (self._share(sender_id), place, sender_id))
                continue
            self.take(sender_id)
            self._place[sender_id] = self._places
            self._places += 1
            heappush(self._heap, (self._share(sender_id), self._place[sender_id], sender_id))
            self.last = sender_id
            return sender_id
        return None

    def take(self, sender_id: UUID) -> bool:
        """Take one unit of that account; False if it has no room."""
        if not self._room.get(sender_id):
            return False
        self._room[sender_id] -= 1
        self._used[sender_id] += 1
        return True

    def _share(self, sender_id: UUID) -> float:
        return self._used[sender_id] / self._limit[sender_id]
