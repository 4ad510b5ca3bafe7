"""What is done to the machinery, one kind a method; each is counted when it takes effect, and not if it does
not: an injector is given `felt`, and calls it then.

Faults last for a while beside each other, but for those of the PostgreSQL server, of which there is one at a
time.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress

import psycopg

from chaos.crew import Crew
from chaos.mail_servers import MailServers
from chaos.proxy import DatabaseProxy
from chaos.timeline import Timeline
from leadterra.store.embedded import EmbeddedPostgres

Felt = Callable[[], None]
_BACKENDS = "select pid from pg_stat_activity where usename = 'leadterra_app' order by random() limit %s"
_TERMINATE = "select pg_terminate_backend(pid) from unnest(%s::int[]) as pid"


class Faults:
    """counts: by kind. begun: by kind, when each took effect, in seconds of the machine's own time."""

    def __init__(
        self,
        postgres: EmbeddedPostgres,
        proxy: DatabaseProxy,
        crew: Crew,
        mail: MailServers,
        timeline: Timeline,
    ) -> None:
        self._postgres, self._proxy, self._crew, self._mail = postgres, proxy, crew, mail
        self._timeline = timeline
        self._server = asyncio.Lock()
        self._way = asyncio.Lock()
        self._mail_busy = [asyncio.Lock() for _ in mail.ports]
        self._tasks: list[asyncio.Future[None]] = []
        self.begun: defaultdict[str, list[float]] = defaultdict(list)

    @property
    def counts(self) -> Counter[str]:
        """How often each kind of fault took effect."""
        return Counter({kind: len(begun) for kind, begun in self.begun.items()})

    def begin(self, choice: random.Random, rng: random.Random, lease: float) -> None:
        """Do one, by chance; raises what an earlier one raised. choice: of the kind. lease: seconds of the
        workers'.
        """
        kinds: dict[str, tuple[int, Callable[[Felt], Awaitable[None]]]] = {
            "worker killed": (22, lambda felt: self._kill(rng, felt)),
            "worker stopped past its lease": (
                9,
                lambda felt: self._crew.freeze(rng, lease * rng.uniform(1.2, 2.5), felt),
            ),
            "worker's machine lost": (4, lambda felt: self._lose(rng, felt)),
            "worker drained": (7, lambda felt: self._drain(rng, felt)),
            "PostgreSQL crashed": (2, lambda felt: self._restart(felt, immediate=True)),
            "PostgreSQL killed": (2, self._kill_server),
            "PostgreSQL backend killed": (2, self._kill_backend),
            "PostgreSQL restarted": (2, lambda felt: self._restart(felt, immediate=False)),
            "database sessions terminated": (8, lambda felt: self._terminate(rng, felt)),
            "database connections dropped": (9, lambda felt: self._drop(rng, felt)),
            "database slow": (5, lambda felt: self._slow(rng, felt)),
            "database silent": (4, lambda felt: self._hush(rng, felt)),
            "commit carried out and not answered": (12, self._rob),
            "mail server killed and away": (4, lambda felt: self._send_away(rng, felt)),
            "mail server stopped": (4, lambda felt: self._freeze_server(rng, felt)),
        }
        for task in self._tasks:
            if task.done():
                task.result()
        [kind] = choice.choices(list(kinds), [weight for weight, _ in kinds.values()])
        inject = kinds[kind][1]
        self._tasks.append(asyncio.ensure_future(inject(lambda: self.begun[kind].append(time.time()))))

    @property
    def is_mail_still(self) -> bool:
        """Whether a mail server stands still: then midnight has to wait."""
        return any(lock.locked() for lock in self._mail_busy)

    async def rest(self) -> None:
        """Until every fault is over, and PostgreSQL runs. Raises what one of them raised."""
        await asyncio.gather(*self._tasks)
        self._proxy.rob_no_more()
        await asyncio.to_thread(self._postgres.start)

    async def _kill(self, rng: random.Random, felt: Felt) -> None:
        self._crew.kill(rng)
        felt()

    async def _lose(self, rng: random.Random, felt: Felt) -> None:
        """PostgreSQL learns late that its client is gone, and keeps what that had locked."""
        if self._crew.lose(rng, lambda ports: self._proxy.orphan(ports, rng.uniform(2, 8))):
            felt()

    async def _drain(self, rng: random.Random, felt: Felt) -> None:
        felt()
        await self._crew.drain(rng)

    async def _restart(self, felt: Felt, *, immediate: bool) -> None:
        async with self._server:
            felt()
            await asyncio.to_thread(lambda: self._postgres.restart(immediate=immediate))

    async def _kill_server(self, felt: Felt) -> None:
        async with self._server:
            pid_file = self._postgres.data_dir / "postgres" / "postmaster.pid"
            os.kill(int(pid_file.read_text().split()[0]), signal.SIGKILL)
            felt()
            await asyncio.to_thread(self._postgres.start)

    async def _kill_backend(self, felt: Felt) -> None:
        """Of which PostgreSQL recovers by itself, and drops everybody else too. A stop in the middle of that
        is not for us to try: PostgreSQL 18.4 never ends then.
        """
        async with self._server:
            for pid in await self._backends(1):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    felt()
            await asyncio.sleep(0.5)
            await asyncio.to_thread(self._postgres.start)

    async def _terminate(self, rng: random.Random, felt: Felt) -> None:
        async with self._server:
            pids = await self._backends(rng.randint(1, 8))
            ended = await self._admin(_TERMINATE, pids)
            if any(is_ended for (is_ended,) in ended):
                felt()

    async def _drop(self, rng: random.Random, felt: Felt) -> None:
        if self._proxy.drop(rng.choice([0.1, 0.3, 1.0])):
            felt()

    async def _slow(self, rng: random.Random, felt: Felt) -> None:
        async with self._way:
            felt()
            self._proxy.delay = rng.uniform(0.005, 0.1)
            await asyncio.sleep(rng.uniform(1, 4))
            self._proxy.delay = 0.0

    async def _hush(self, rng: random.Random, felt: Felt) -> None:
        """A network that is gone, and either comes back or turns out to be closed."""
        async with self._way:
            felt()
            self._proxy.hush()
            await asyncio.sleep(rng.uniform(1, 5))
            if rng.random() < 0.5:
                self._proxy.drop()
            self._proxy.speak()

    async def _rob(self, felt: Felt) -> None:
        self._proxy.rob(felt)

    async def _send_away(self, rng: random.Random, felt: Felt) -> None:
        place = rng.randrange(len(self._mail_busy))
        async with self._mail_busy[place]:
            felt()
            await self._mail.go_away(place, rng.uniform(0.5, 6))

    async def _freeze_server(self, rng: random.Random, felt: Felt) -> None:
        """Not at midnight: what it reads late it would count for the wrong day."""
        place = rng.randrange(len(self._mail_busy))
        async with self._mail_busy[place]:
            if not self._timeline.is_at_midnight:
                felt()
                await self._mail.freeze(place, rng.uniform(0.5, 4))

    async def _backends(self, count: int) -> list[int]:
        return [row[0] for row in await self._admin(_BACKENDS, count)]

    async def _admin(self, sql: str, value: object) -> list[tuple[int, ...]]:
        """As the superuser, if there is a server to be."""
        try:
            async with await psycopg.AsyncConnection.connect(
                self._postgres.admin_url(), autocommit=True
            ) as connection:
                return await (await connection.execute(sql.encode(), [value])).fetchall()
        except (psycopg.OperationalError, OSError):
            return []
