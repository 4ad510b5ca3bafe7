"""A storm, from its beginning to its report: everything is started, broken for a while, left alone until it
is quiet, and examined.

Bounded: the storm ends by the clock, and the calm behind it does too, finished or not; whatever then still
waits must say for what. A phase that does not end is cut short and a finding; an examination that does not
raises `TimeoutError`. What the engine does wrong is in the report; raised is only what keeps the storm
itself from working.
"""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from chaos.calm import Calm
from chaos.examination import Course, examine
from chaos.parts import LEASE, START, Parts, Plan, assemble
from chaos.phases import Phases
from chaos.report import Report
from chaos.verdict import Verdict
from tests.support.waiting import eventually

_FIRST_LETTERS = 50
"""At the servers when the storm breaks: by then the workers are at work."""
_PATIENCE = 120.0
"""Seconds for each phase but the storm itself and the calm: a worker may take 90 to end."""
_EXAMINATION = 600.0


async def run_storm(plan: Plan, folder: Path) -> Report:
    """All of it, in an empty directory."""
    async with assemble(plan, folder) as parts:
        storm = Storm(parts)
        course = await storm.rage()
        await storm.calm_down()
        async with asyncio.timeout(_EXAMINATION):
            return await examine(parts, course, storm.verdicts, [f"calm: {storm.calm.end}"])


class Storm:
    """What happens to the parts, in order. calm: the end of it."""

    def __init__(self, parts: Parts) -> None:
        self._parts, self._plan = parts, parts.plan
        self._began = 0.0
        self._phases, self.calm = Phases(), Calm(parts)

    @property
    def verdicts(self) -> list[Verdict]:
        """What was found on the way."""
        return [self._phases.verdict, self.calm.verdict]

    async def rage(self) -> Course:
        """Faults, people and time, until the minutes are over and every fault has passed."""
        parts = self._parts
        parts.crew.fill()
        await eventually(self._is_flowing, seconds=_PATIENCE, what="the first letters")
        self._began, before = time.time(), len(parts.mail.bag.letters)
        async with self._phases.within(self._plan.seconds + _PATIENCE, "the storm"):
            await asyncio.gather(self._break_things(), self._change_things(), self._pass_time())
        async with self._phases.within(_PATIENCE, "the last faults"):
            await parts.faults.rest()
        async with self._phases.within(_PATIENCE, "what people had begun"):
            await parts.people.rest()
        letters, timeline = len(parts.mail.read().letters) - before, parts.timeline
        return Course(self._began, self._elapsed, letters, timeline.moves, timeline.midnights)

    async def calm_down(self) -> None:
        """No faults any more: who was at work ends, and others go on until all is done, or held by a gate."""
        parts = self._parts
        parts.mail.behave()
        async with self._phases.within(_PATIENCE, "the end of the storm's workers"):
            await parts.crew.drain_all()
        async with self._phases.within(_PATIENCE, "the resolution of what is uncertain"):
            await self._resolve()
        parts.crew.fill()
        async with self._phases.within(self.calm.longest + _PATIENCE, "the calm"):
            await self.calm.until_quiet()
        async with self._phases.within(_PATIENCE, "the end of the last workers"):
            await parts.crew.drain_all()

    async def _resolve(self) -> None:
        people, bag = self._parts.people, self._parts.mail.read()
        for place in self._parts.world.places.values():
            await people.resolve_arrived(place, bag)
            await people.resolve_missing(place, bag)

    def _is_flowing(self) -> bool:
        return len(self._parts.mail.read().letters) >= _FIRST_LETTERS

    @property
    def _elapsed(self) -> float:
        return time.time() - self._began

    async def _break_things(self) -> None:
        dice, choice = self._plan.dice("faults"), self._plan.dice("kinds of faults")
        while self._elapsed < self._plan.seconds:
            await asyncio.sleep(dice.uniform(0.2, 1.6))
            self._parts.faults.begin(choice, dice, LEASE)
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
