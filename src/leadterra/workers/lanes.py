"""What one process has in hand of each account: so many letters at once, and none any more after trouble.

When an account's server or login fails, the letters that were claimed with that one and have not begun are
not put to the server too: thirty refused logins in a row are how a mailbox gets locked. An account of which
nothing is in hand is forgotten.
"""

import asyncio
from uuid import UUID


class Lane:
    """One account's letters. turns: held by each letter that is under way. in_hand: claimed, not settled."""

    __slots__ = ("_latest", "_stopped", "in_hand", "turns")

    def __init__(self, width: int) -> None:
        self.turns = asyncio.Semaphore(width)
        self.in_hand = 0
        self._latest = 0
        self._stopped = 0

    def stop(self) -> None:
        """There was trouble: what is in hand now is not to begin. What is claimed later is a new try."""
        self._stopped = self._latest

    def is_stopped(self, claim_number: int) -> bool:
        """Whether there was trouble since that claim."""
        return claim_number <= self._stopped

    def take(self, claim_number: int) -> None:
        """One more letter."""
        self.in_hand += 1
        self._latest = max(self._latest, claim_number)


class Lanes:
    """The lanes by account."""

    def __init__(self, width: int, most: int) -> None:
        """width: letters of one account at once. most: of one account in hand."""
        self._width, self._most = width, most
        self._lanes: dict[UUID, Lane] = {}

    def room(self, account_id: UUID) -> int:
        """How many more messages of that account can be taken on."""
        lane = self._lanes.get(account_id)
        return self._most - (lane.in_hand if lane else 0)

    def enter(self, account_id: UUID, claim_number: int) -> Lane:
        """Take on one message of that account, by that claim."""
        lane = self._lanes.setdefault(account_id, Lane(self._width))
        lane.take(claim_number)
        return lane

    def leave(self, account_id: UUID) -> None:
        """One message of that account is settled."""
        lane = self._lanes[account_id]
        lane.in_hand -= 1
        if not lane.in_hand:
            del self._lanes[account_id]
