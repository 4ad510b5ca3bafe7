"""What one process has in hand of each account: so many letters at once, and none any more after trouble.

When an account's server or login fails, the letters that were claimed with that one and have not begun are
not put to the server too: thirty refused logins in a row are how a mailbox gets locked. An account whose
letters end fast has more of them in hand, as many as it ends in a moment; that of a slow server keeps little
from others. An account of which nothing is in hand is forgotten.
"""

import asyncio
from datetime import datetime
from uuid import UUID

from leadterra.actions.ports import Clock

_LOOK_EVERY = 0.25
_MOMENT = 0.5
"""Seconds: how often an account's pace is measured, and how much of its work is in hand."""


class Lane:
    """One account's letters. turns: held by each letter that is under way. in_hand: claimed, not settled."""

    __slots__ = ("_ended", "_latest", "_pace", "_since", "_stopped", "in_hand", "turns")

    def __init__(self, width: int, now: datetime) -> None:
        self.turns = asyncio.Semaphore(width)
        self.in_hand = 0
        self._latest = 0
        self._stopped = 0
        self._since, self._ended, self._pace = now, 0, 0

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

    def leave(self) -> None:
        """One letter less."""
        self.in_hand -= 1
        self._ended += 1

    def pace(self, now: datetime) -> int:
        """How many letters end in a moment, as it was lately."""
        seconds = (now - self._since).total_seconds()
        if not 0 <= seconds < _LOOK_EVERY:
            self._pace = int(self._ended / seconds * _MOMENT) if seconds > 0 else 0
            self._since, self._ended = now, 0
        return self._pace


class Lanes:
    """The lanes by account."""

    def __init__(self, width: int, least: int, most: int, clock: Clock) -> None:
        """width: letters of one account at once. least, most: of one account in hand, by its pace."""
        self._width, self._least, self._most, self._clock = width, least, most, clock
        self._lanes: dict[UUID, Lane] = {}

    def room(self, account_id: UUID) -> int:
        """How many more messages of that account can be taken on."""
        lane = self._lanes.get(account_id)
        if lane is None:
            return self._least
        return max(self._least, min(lane.pace(self._clock.now()), self._most)) - lane.in_hand

    def enter(self, account_id: UUID, claim_number: int) -> Lane:
        """Take on one message of that account, by that claim."""
        lane = self._lanes.get(account_id)
        if lane is None:
            lane = self._lanes[account_id] = Lane(self._width, self._clock.now())
        lane.take(claim_number)
        return lane

    def leave(self, account_id: UUID) -> None:
        """One message of that account is settled."""
        lane = self._lanes[account_id]
        lane.leave()
        if not lane.in_hand:
            del self._lanes[account_id]
