"""The calm after a storm: time goes on by leaps, and who is due is served.

A pool that is due while nobody claims it and none of its letters comes is neglected; after `_NEGLECTED` that
is a finding, whatever else goes on.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from chaos.parts import Parts
from chaos.verdict import Verdict

_LEAP = timedelta(minutes=20)
"""At least so far time leaps."""
_NEGLECTED = 10.0
"""Seconds of the machine's own time: three leases, and what a busy machine takes."""
_PULSE = (
    "select (select count(*) from claims where workspace_id = %(workspace_id)s),"
    " (select nullif(wake_at, 'infinity') from sender_pools where workspace_id = %(workspace_id)s)"
)


class Calm:
    """verdict: on the pools that were due. end: how it ended, in words."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._waiting: dict[str, tuple[float, int]] = {}
        self.verdict = Verdict("in the calm nobody was due for long and left alone")
        self.end = "it was cut short"

    @property
    def longest(self) -> float:
        """Limit of `until_quiet`, in seconds, as long as the database answers."""
        return self._parts.plan.calm_seconds + _NEGLECTED

    async def until_quiet(self) -> None:
        """Whenever nothing is in flight and nobody wants to be woken, on to when somebody does; at most for
        the plan's seconds, and so much longer as tells whether who is due then is served.
        """
        began, dice, timeline = time.monotonic(), self._parts.plan.dice("calm"), self._parts.timeline
        while not self.verdict.findings and (seconds := time.monotonic() - began) < self.longest:
            is_over = seconds >= self._parts.plan.calm_seconds
            if is_over and not self._waiting:
                break
            await asyncio.sleep(0.15)
            wakes, is_busy = await self._look()
            if is_busy or is_over or any(wake_at <= timeline.now() for wake_at in wakes):
                continue
            if not wakes:
                self.end = f"all was done, or held by a gate, after {seconds:.0f} s"
                return
            timeline.move_to(max(min(wakes), timeline.now() + _LEAP), dice)
        self.end = "there was more to do than it had time for"

    async def _look(self) -> tuple[Sequence[datetime], bool]:
        """When pools want to be woken, and whether anything is in flight."""
        world, now = self._parts.world, self._parts.timeline.now()
        letters = Counter(letter.campaign for letter in self._parts.mail.read().letters)
        wakes, is_busy = [], False
        for place in world.places.values():
            [(claims, wake_at)] = await world.ask(place, _PULSE)
            is_due = wake_at is not None and wake_at <= now and not claims
            self._note(place.name, sum(letters[tag] for tag in place.campaigns), is_due=is_due)
            wakes += [wake_at] if wake_at is not None else []
            is_busy = is_busy or bool(claims)
        return wakes, is_busy

    def _note(self, pool: str, letters: int, *, is_due: bool) -> None:
        since, before = self._waiting.get(pool, (time.monotonic(), letters))
        if not is_due:
            self._waiting.pop(pool, None)
        else:
            self._waiting[pool] = (since, before) if letters == before else (time.monotonic(), letters)
        seconds = time.monotonic() - self._waiting[pool][0] if is_due else 0.0
        self.verdict.expect(
            seconds < _NEGLECTED,
            f"{pool} is due, and for {seconds:.0f} s nobody claimed it and no letter of it came",
        )
