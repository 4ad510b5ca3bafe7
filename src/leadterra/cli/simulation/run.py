"""The engine at work in virtual time.

One worker claims, transmits and settles until its pool has nothing more to do at this instant; then the clock
jumps to the next one at which anything can happen. Whatever is drawn is drawn by name, ids come from the
seed, and what ends at one instant is settled in one order: the same plan and seed give the same letters at
the same instants. What goes wrong on the engine's side raises `SimulationError`.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from math import ceil, inf
from uuid import UUID

from leadterra.actions.lettering import LetterWriter
from leadterra.bootstrap import build_scripted_courier
from leadterra.cli.simulation.agenda import Agenda, VirtualClock
from leadterra.cli.simulation.chance import chance, id_source
from leadterra.cli.simulation.crash import FusedCourier
from leadterra.cli.simulation.days import DayRow, close_day
from leadterra.cli.simulation.plan import EventTable, Plan
from leadterra.cli.simulation.servers import Conversation, MailServers
from leadterra.cli.simulation.stage import Stage, naming, set_stage
from leadterra.domain.day import next_reset
from leadterra.store.claims import AccountRow
from leadterra.store.database import Database
from leadterra.store.ids import drawing_ids
from leadterra.store.sender_pools import next_wake_at
from leadterra.workers.sending import Limits, Outside, SendingWorker

_LIMITS = Limits(
    in_flight=1000,
    batch=250,
    per_account=4,
    lease=timedelta(seconds=60),
    poll=timedelta(0),
    gather=inf,
    claims_at_once=1,
    hesitation=0,
)
_MOST_IDLE_TURNS = 25
"""Turns of one instant in which nothing is claimed, although the pool wants to be looked at."""

_MOST_LETTERS_BEFORE_CRASH = 6

Before = Callable[["Simulation"], Awaitable[None]]


class SimulationError(Exception):
    """The engine did what it never should."""


class Simulation:
    """A plan that is being played. Made by `open_simulation`."""

    def __init__(self, plan: Plan, stage: Stage, clock: VirtualClock, seed: int) -> None:
        """stage: as it was set at the plan's first instant."""
        self.plan, self.stage, self.clock, self.seed = plan, stage, clock, seed
        self.servers = MailServers(plan, clock, seed)
        self.servers.arrived = self._note_arrival
        self.replies: list[tuple[datetime, str]] = []
        """Who has answered, and when."""
        self.days: list[DayRow] = []
        """The days that are over."""
        self.crashes: list[datetime] = []
        """When the worker died."""
        self.over_limit = 0
        """Letters that arrived although their account had sent its limit of the day."""
        self._sent: Counter[tuple[date, str]] = Counter()
        self._courier = FusedCourier(build_scripted_courier(clock, self.servers))
        self._agenda = Agenda()
        self._worker = self._new_worker()
        self._draw = id_source(seed ^ 1)
        self._arrange()

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.clock.now()

    async def run(self, before: Before | None = None) -> None:
        """Play it to its end. before: called at each instant, when what was arranged has happened and the
        engine has done nothing yet.
        """
        while await self.step(before):
            pass

    async def step(self, before: Before | None = None) -> bool:
        """Play the next instant; False when the end is reached."""
        with drawing_ids(self._draw):
            instant = await self._next_instant()
            self.clock.move_to(instant)
            await self._agenda.play(instant)
            if instant >= self.plan.simulation.end:
                return False
            if before is not None:
                await before(self)
            await self._work()
            return True

    async def _next_instant(self) -> datetime:
        """The next at which anything can happen: the engine's own wish, rounded up, or what is arranged."""
        wake_at = await self._wake_at()
        arranged = self._agenda.next_at()
        instants = [self.plan.simulation.end]
        if wake_at is not None:
            instants.append(self._rounded(max(wake_at, self.now)))
        if arranged is not None:
            instants.append(arranged)
        return min(instants)

    def _rounded(self, at: datetime) -> datetime:
        resolution = self.plan.simulation.resolution
        if not resolution:
            return at
        seconds = ceil(at.timestamp() / resolution) * resolution
        return max(at, datetime.fromtimestamp(seconds, UTC))

    async def _wake_at(self) -> datetime | None:
        async with self.stage.database.scheduling() as scheduling:
            return await next_wake_at(scheduling)

    async def _work(self) -> None:
        """Everything that the engine does at this instant."""
        idle = 0
        wake_at = await self._wake_at()
        while wake_at is not None and wake_at <= self.now:
            idle = 0 if await self._turn() else idle + 1
            if self._worker.faults:
                raise SimulationError(
                    f"a fault of the engine's own at {self.now:%Y-%m-%dT%H:%M:%SZ}: see the log"
                )
            if idle > _MOST_IDLE_TURNS:
                raise SimulationError(f"the pool wants to be looked at again and again at {self.now}")
            wake_at = await self._wake_at()

    async def _turn(self) -> bool:
        if not self._courier.is_armed:
            return await self._worker.turn()
        turn = asyncio.ensure_future(self._worker.turn())
        blown = asyncio.ensure_future(self._courier.blown.wait())
        await asyncio.wait([turn, blown], return_when=asyncio.FIRST_COMPLETED)
        if self._courier.blown.is_set():
            await self._worker.abandon()
            self.crashes.append(self.now)
            self._courier.replace()
            self._worker = self._new_worker()
        blown.cancel()
        return await turn

    def _new_worker(self) -> SendingWorker:
        outside = Outside(self.stage.database, self.clock, self._courier, _no_password)
        name = f"simulated-{len(self.crashes) + 1}"
        return SendingWorker(name, outside, LetterWriter("http://simulation.example"), _LIMITS)

    def _arrange(self) -> None:
        """What the plan says will happen."""
        table = self.plan.simulation
        for campaign in self.plan.campaigns:
            if campaign.leads:
                self._agenda.add(campaign.start_at or table.start, self._start(campaign.name))
        for number, event in enumerate(self.plan.events):
            self._agenda.add(event.at, self._event(number, event))
        for number in range(table.worker_crashes):
            share = chance(self.seed, "crash", number)
            self._agenda.add(table.start + share * (table.end - table.start), self._crash(number))
        reset = next_reset(table.start)
        while reset < table.end:
            self._agenda.add(reset, self._close_day, first=True)
            reset = next_reset(reset)
        self._agenda.add(table.end, self._close_day, first=True)

    def _start(self, campaign: str) -> Callable[[], Awaitable[None]]:
        return lambda: self.stage.start(campaign, now=self.now)

    def _event(self, number: int, event: EventTable) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            with naming(f"/events/{number}"):
                await self.stage.do(event, now=self.now)

        return act

    def _crash(self, number: int) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            self._courier.arm(1 + int(chance(self.seed, "letters", number) * _MOST_LETTERS_BEFORE_CRASH))

        return act

    def _note_arrival(self, conversation: Conversation) -> None:
        key = (conversation.day, conversation.sender)
        self._sent[key] += 1
        self.over_limit += self._sent[key] > self.stage.limits[conversation.sender]
        if conversation.is_first:
            self._expect_reply(conversation)

    def _expect_reply(self, conversation: Conversation) -> None:
        """A lead may answer its first letter, after a while."""
        recipient = conversation.recipient
        name = self.stage.campaign_of(recipient)
        [campaign] = [each for each in self.plan.campaigns if each.name == name]
        if chance(self.seed, "reply", recipient) < campaign.replies:
            hours = 2 * campaign.reply_after_hours * chance(self.seed, "delay", recipient)
            self._agenda.add(conversation.at + timedelta(hours=hours), self._reply(recipient))

    def _reply(self, recipient: str) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            await self.stage.take_reply(recipient, now=self.now)
            self.replies.append((self.now, recipient))

        return act

    async def _close_day(self) -> None:
        self.days.append(await close_day(self.stage, self.now))


async def open_simulation(plan: Plan, database: Database, *, seed: int | None = None) -> Simulation:
    """Set the stage of a plan in a migrated database that nobody else uses. seed: instead of the plan's.
    Raises `PlanError`.
    """
    chosen = plan.simulation.seed if seed is None else seed
    with drawing_ids(id_source(chosen)):
        stage = await set_stage(plan, database)
    return Simulation(plan, stage, VirtualClock(plan.simulation.start), chosen)


def _no_password(_workspace_id: UUID, _account: AccountRow) -> str | None:
    """The servers of a plan ask for no login."""
    return None
