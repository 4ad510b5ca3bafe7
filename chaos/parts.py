"""Everything that a storm is made of, put together and taken apart in one place.

`assemble` ends all that it started, whatever happens inside. Raises what keeps a part from starting.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

from chaos.crew import Crew
from chaos.faults import Faults
from chaos.mail_servers import ROOT, MailServers
from chaos.people import People
from chaos.proxy import DatabaseProxy
from chaos.register import Register
from chaos.timeline import Timeline
from chaos.world import World
from leadterra.store.database import Database
from leadterra.store.embedded import EmbeddedPostgres
from leadterra.store.migration import migrate
from tests.support.fleet import Fleet

START = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
LEASE = 3.0
_MAIL_SERVERS = 3
_SETTINGS = {
    "lease_seconds": LEASE,
    "smtp_timeout_scale": 0.01,
    "connections_per_account": 3,
    "max_in_flight": 200,
    "claim_batch": 60,
    "log_level": "warning",
    "log_format": "json",
}
"""Of the workers. Time limits are a hundredth of the usual: three seconds for most answers."""


@dataclass(frozen=True, slots=True)
class Plan:
    """minutes: of faults. seed: of every choice. workers: processes. midnights: that are crossed meanwhile.
    scale: of the leads that there are at the start. calm_seconds: at most so long is waited for the end.
    """

    minutes: float = 10.0
    seed: int = 1
    workers: int = 8
    midnights: int = 4
    scale: float = 1.0
    calm_seconds: float = 90.0

    @property
    def seconds(self) -> float:
        """Of faults."""
        return self.minutes * 60

    def dice(self, purpose: str) -> Random:
        """Chance of one's own for each part: what one does changes nothing for the others."""
        return Random(f"{purpose} {self.seed}")


@dataclass(frozen=True, slots=True)
class Parts:
    """Of one storm. environment: what a command is told to reach the same database at the same time."""

    plan: Plan
    world: World
    mail: MailServers
    crew: Crew
    faults: Faults
    people: People
    register: Register
    environment: dict[str, str]

    @property
    def timeline(self) -> Timeline:
        """The time of all of them."""
        return self.world.timeline


@asynccontextmanager
async def assemble(plan: Plan, folder: Path) -> AsyncIterator[Parts]:
    """A world at peace, its mail servers and its database, in an empty directory. Workers are not started."""
    async with AsyncExitStack() as stack:
        postgres = stack.enter_context(EmbeddedPostgres(folder / "pg"))
        migrate(postgres.admin_url(), postgres.program_url())
        proxy = DatabaseProxy(_socket_of(postgres.program_url()))
        stack.push_async_callback(proxy.close)
        url = await _way_through(proxy)
        fleet = stack.enter_context(Fleet(_made(folder), url, **_SETTINGS))
        timeline = Timeline(fleet.clock_file, START)
        mail = MailServers(_made(folder / "mail"), fleet.clock_file, _MAIL_SERVERS, f"mail {plan.seed}")
        stack.enter_context(mail)
        database = Database(postgres.program_url(), check=True)
        await database.open()
        stack.push_async_callback(database.close)
        register = Register()
        world = World(database, timeline, mail.ports, plan.scale)
        await world.make(register)
        crew = Crew(fleet, plan.workers)
        stack.callback(crew.end)
        faults = Faults(postgres, proxy, crew, mail, timeline)
        people = People(world, register, plan.dice("people"))
        environment = _environment(folder, postgres, fleet)
        yield Parts(plan, world, mail, crew, faults, people, register, environment)


async def _way_through(proxy: DatabaseProxy) -> str:
    port = await proxy.open()
    return f"postgresql://leadterra_app@127.0.0.1:{port}/leadterra?sslmode=disable&gssencmode=disable"


def _made(folder: Path) -> Path:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    return folder


def _environment(folder: Path, postgres: EmbeddedPostgres, fleet: Fleet) -> dict[str, str]:
    return {
        "PYTHONPATH": str(ROOT / "src"),
        "HOME": str(folder),
        "LEADTERRA_DATABASE_URL": postgres.program_url(),
        "LEADTERRA_CLOCK_FILE": str(fleet.clock_file),
        "LEADTERRA_DATA_DIR": str(folder / "data"),
        "LEADTERRA_LOG_LEVEL": "warning",
    }


def _socket_of(url: str) -> Path:
    """Where the embedded server listens."""
    query = parse_qs(urlsplit(url).query)
    return Path(query["host"][0]) / f".s.PGSQL.{query['port'][0]}"
