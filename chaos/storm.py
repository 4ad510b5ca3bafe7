"""A storm, from its beginning to its report: everything is started, broken for a while, left alone until it
is quiet, and examined.

Bounded: the storm ends by the clock, and the calm behind it does too, finished or not; whatever then still
waits must say for what. What the engine does wrong is in the report; raised is only what keeps the storm
itself from working.
"""

import asyncio
import time
from datetime import datetime, timedelta
from pathlib import Path

from chaos.examination import Course, examine
from chaos.parts import LEASE, START, Parts, Plan, assemble
from chaos.report import Report
from tests.support.waiting import eventually

_FIRST_LETTERS = 50
"""At the servers when the storm breaks: by then the workers are at work."""
_PATIENCE = 120.0
_LEAP = timedelta(minutes=20)
"""At least so far time leaps in the calm."""
_PULSE = (
    "select (select count(*) from claims where workspace_id = %(workspace_id)s),"
    " (select nullif(wake_at, 'infinity') from sender_pools where workspace_id = %(workspace_id)s)"
)


async def run_storm(plan: Plan, folder: Path) -> Report:
    """All of it, in an empty directory."""
    async with assemble(plan, folder) as parts:
        storm = Storm(parts)
        course = await storm.rage()
        await storm.calm_down()
        return await examine(parts, course)


class Storm:
    """What happens to the parts, in order."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._plan = parts, parts.plan
        self._began = 0.0

    async def rage(self) -> Course:
        """Faults, people and time, until the minutes are over and every fault has passed."""
        parts = self._parts
        parts.crew.fill()
        await eventually(self._is_flowing, seconds=_PATIENCE, what="the first letters")
        self._began, before = time.time(), len(parts.mail.bag.letters)
        await asyncio.gather(self._break_things(), self._change_things(), self._pass_time())
        await parts.faults.rest()
        await parts.people.rest()
        return Course(self._began, self._elapsed, len(parts.mail.read().letters) - before)

    async def calm_down(self) -> None:
        """No faults any more: who was at work ends, and others go on until all is done, or held by a gate."""
        parts = self._parts
        parts.mail.behave()
        await parts.crew.drain_all()
        for place in parts.world.places.values():
            await parts.people.resolve_arrived(place, parts.mail.read())
            await parts.people.resolve_missing(place, parts.mail.read())
        parts.crew.fill()
        await self._until_quiet()
        await parts.crew.drain_all()

    def _is_flowing(self) -> bool:
        return len(self._parts.mail.read().letters) >= _FIRST_LETTERS

    @property
    def _elapsed(self) -> float:
        return time.time() - self._began

    async def _break_things(self) -> None:
        dice = self._plan.dice("faults")
        while self._elapsed < self._plan.seconds:
            await asyncio.sleep(dice.uniform(0.2, 1.6))
            self._parts.faults.begin(dice, LEASE)
            self._parts.crew.fill()

    async def _change_things(self) -> None:
        dice = self._plan.dice("changes")
        while self._elapsed < self._plan.seconds:
            await asyncio.sleep(dice.uniform(0.1, 0.8))
            self._parts.people.begin(self._parts.mail.read())

    async def _pass_time(self) -> None:
        """So that the days go by evenly, in leaps."""
        dice = self._plan.dice("time")
        while self._elapsed < self._plan.seconds:
            await asyncio.sleep(dice.uniform(1.0, 5.0))
            share = min(1.0, self._elapsed / self._plan.seconds)
            if not self._parts.faults.is_mail_still:
                instant = START + timedelta(days=self._plan.midnights + 0.3) * share
                self._parts.timeline.move_to(instant, dice)

    async def _until_quiet(self) -> None:
        """Whenever nothing is in flight and nobody wants to be woken, on to when somebody does."""
        end, dice = time.monotonic() + self._plan.calm_seconds, self._plan.dice("calm")
        timeline = self._parts.timeline
        while time.monotonic() < end:
            await asyncio.sleep(0.15)
            wakes, is_busy = await self._pulse()
            if is_busy or any(wake_at <= timeline.now() for wake_at in wakes):
                continue
            if not wakes:
                return
            timeline.move_to(max(min(wakes), timeline.now() + _LEAP), dice)

    async def _pulse(self) -> tuple[list[datetime], bool]:
        """When pools want to be woken, and whether anything is in flight."""
        world = self._parts.world
        rows = [(await world.ask(place, _PULSE))[0] for place in world.places.values()]
        return [wake_at for _, wake_at in rows if wake_at is not None], any(claims for claims, _ in rows)
