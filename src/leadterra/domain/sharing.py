"""Fair shares: whose turn it is among campaigns of different weight.

Worst-case fair weighted fair queueing (WF2Q+; Bennett and Zhang, 1996) with messages for packets. Every
campaign has a finish: how far its share has come. The pool has a clock, that goes on by 1/W a message when
campaigns of weight W in sum contend. A campaign may have the turn if it is not ahead of the clock, and of
those that may, the one that would be through with its message first has it. So while campaigns contend
without a break, each has had its weight's share of the messages, give or take one.

One that had nothing to send saves nothing up: it is never further behind the clock than one message.
"""

from collections.abc import Sequence
from math import inf
from typing import TypeVar
from uuid import UUID

_TOLERANCE = 1e-9
"""Of comparisons: the clock and the finishes are sums of fractions."""


class Share:
    """A campaign's share. finish: as it was remembered, 0 for a new one. period: what a message costs it."""

    __slots__ = ("finish", "key", "period", "rate")

    def __init__(self, key: UUID, weight: float = 1.0, finish: float = 0.0) -> None:
        """weight: above 0."""
        self.key, self.period, self.finish = key, 1 / weight, finish
        self.rate = 1 / self.period


Contender = TypeVar("Contender", bound=Share)


class Shares:
    """The clock that shares are measured by."""

    def __init__(self, clock: float) -> None:
        self.clock = clock

    def choose(self, contenders: Sequence[Contender]) -> Contender:
        """Whose turn it is. There is at least one contender."""
        if len(contenders) == 1:
            return contenders[0]
        starts = [self._start(share) for share in contenders]
        horizon = max(self.clock, min(starts))
        horizon += _TOLERANCE * max(1.0, horizon)
        # Keys are only compared where it matters: a UUID is slow to compare.
        ends = [
            round(start + share.period, 9) if start <= horizon else inf
            for start, share in zip(starts, contenders, strict=True)
        ]
        first = min(ends)
        if ends.count(first) == 1:
            return contenders[ends.index(first)]
        tied = [share for end, share in zip(ends, contenders, strict=True) if end == first]
        return min(tied, key=lambda share: share.key.int)

    def charge(self, chosen: Share, contenders: Sequence[Share]) -> None:
        """It has had its message."""
        start = self._start(chosen)
        rates = sum([share.rate for share in contenders]) if len(contenders) > 1 else chosen.rate
        self.clock = max(self.clock, start) + 1 / rates
        chosen.finish = start + chosen.period

    def _start(self, share: Share) -> float:
        least = self.clock - share.period
        return share.finish if share.finish > least else least
