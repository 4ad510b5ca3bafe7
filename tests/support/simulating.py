"""Plans played in databases of a test's own: the engine in virtual time, step by step or to the end.

    plan = plan_of(days=3, accounts=[{"count": 2, "dailyLimit": 10}])
    simulation = await open_simulation(plan, own_database)  # the stage is set, nothing has been sent
    while await simulation.step(before):  # one instant after the other
        ...

`before(simulation)` is awaited at every instant, when what the plan arranges for it has happened and the
engine has done nothing yet; `simulation.now` is the instant, `simulation.stage.run(action)` acts or reads as
any face would, `simulation.stage.accounts` and `.campaigns` have the ids, and
`simulation.servers.conversations` is what the mail servers saw so far, in order.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from leadterra.cli.simulation.plan import Plan
from leadterra.cli.simulation.reading import parse_plan
from leadterra.cli.simulation.report import Report, make_report
from leadterra.cli.simulation.run import Before, Simulation, open_simulation
from leadterra.cli.simulation.servers import Conversation
from leadterra.store.database import Database

__all__ = ["Simulation", "Theatre", "arrivals", "hours", "open_simulation", "plan_of"]

START = datetime(2026, 3, 2, tzinfo=UTC)
"""A Monday midnight: when plans begin unless they say otherwise."""

MakeDatabase = Callable[[str], tuple[str, str]]


def plan_of(*, days: int = 3, simulation: Mapping[str, object] | None = None, **tables: object) -> Plan:
    """A plan of these tables, as its file would have them. Its workspace goes as fast as it can unless it
    says otherwise.
    """
    usual: dict[str, object] = {
        "workspace": {"pacing": {"mode": "asap"}},
        "accounts": [{"count": 3, "dailyLimit": 10}],
        "campaigns": [{"name": "One", "leads": 60}],
    }
    return parse_plan({**usual, **tables, "simulation": {"start": START, "days": days, **(simulation or {})}})


def hours(count: float) -> datetime:
    """So many hours after the beginning."""
    return START + timedelta(hours=count)


def arrivals(simulation: Simulation) -> list[Conversation]:
    """The letters that arrived, in order."""
    return [each for each in simulation.servers.conversations if each.has_arrived]


class Theatre:
    """Databases for one play each, gone when the block ends."""

    def __init__(self, make_database: MakeDatabase, worker_id: str) -> None:
        """As the fixtures of these names."""
        self._make, self._worker_id = make_database, worker_id
        self._open: list[Database] = []

    @classmethod
    @asynccontextmanager
    async def opened(cls, make_database: MakeDatabase, worker_id: str) -> AsyncIterator["Theatre"]:
        """One that is closed afterwards."""
        theatre = cls(make_database, worker_id)
        try:
            yield theatre
        finally:
            for database in theatre._open:
                await database.close()

    async def stage(self, plan: Plan, *, seed: int | None = None) -> Simulation:
        """The stage of a plan, set; nothing has been sent."""
        _, program_url = self._make(f"leadterra_{self._worker_id}_{uuid4().hex[:8]}")
        database = Database(program_url, connections=4)
        await database.open()
        self._open.append(database)
        return await open_simulation(plan, database, seed=seed)

    async def play(self, plan: Plan, *, seed: int | None = None, before: Before | None = None) -> Simulation:
        """A plan, played to its end."""
        simulation = await self.stage(plan, seed=seed)
        await simulation.run(before)
        return simulation

    async def report(self, plan: Plan, *, seed: int | None = None) -> Report:
        """What came of a plan."""
        return await make_report(await self.play(plan, seed=seed))
