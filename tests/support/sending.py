"""Sending workers at work on a test's own pool, with the outside world in the test's hands."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from psycopg import OperationalError

from leadterra.actions.access_tokens import AccessTokens
from leadterra.actions.lettering import LetterWriter
from leadterra.actions.ports import Courier
from leadterra.store.claims import AccountRow
from leadterra.store.database import Database
from leadterra.workers.sending import Limits, Outside, SendingWorker
from tests.support.clock import ManualClock
from tests.support.pools import TestPool
from tests.support.waiting import eventually

LIMITS = Limits(
    in_flight=200, batch=50, per_account=4, lease=timedelta(seconds=60), poll=timedelta(milliseconds=10)
)
"""Of every worker, unless a test says otherwise. The lease is of the clock that the test moves."""


def no_password(workspace_id: UUID, account: AccountRow) -> str | None:
    """Servers of tests ask for no login."""
    return None


@dataclass(frozen=True, slots=True)
class Setting:
    """What workers are made of. database: None for the pool's. tokens: for accounts without passwords."""

    limits: Limits = LIMITS
    writer: LetterWriter | None = None
    unseal: Callable[[UUID, AccountRow], str | None] = no_password
    database: Database | None = None
    tokens: AccessTokens | None = None


@asynccontextmanager
async def working(
    pool: TestPool, clock: ManualClock, courier: Courier, *, workers: int = 1, setting: Setting | None = None
) -> AsyncIterator[list[SendingWorker]]:
    """Workers at work while the block runs; drained afterwards."""
    given = setting or Setting()
    outside = Outside(given.database or pool.database, clock, courier, given.unseal, given.tokens)
    writer = given.writer or LetterWriter("http://mail.test")
    running = [SendingWorker(f"worker-{number}", outside, writer, given.limits) for number in range(workers)]
    tasks = [asyncio.create_task(worker.run()) for worker in running]
    try:
        yield running
    finally:
        for worker in running:
            worker.stop()
        await asyncio.gather(*tasks)


async def until_state(pool: TestPool, state: str, count: int, table: str = "enrollments") -> None:
    """Wait until so many enrollments, or messages, are in that state. The database may be away meanwhile."""

    async def is_so() -> bool:
        with suppress(OperationalError):
            return (await pool.states(table)).get(state, 0) == count
        return False

    await eventually(is_so, what=f"{count} {table} to be {state}")


async def quiet(pool: TestPool, clock: ManualClock) -> None:
    """Wait until nothing is in flight, and the pool wants to be looked at later or never: nothing more
    happens at this instant. Both are asked in one statement: of two, each could see another instant.
    """

    async def is_quiet() -> bool:
        rows = await pool.ask(
            "select wake_at > :now and not exists ("
            " select from messages where workspace_id = :w and state = 'sending')"
            " from sender_pools where workspace_id = :w",
            now=clock.now(),
        )
        return bool(rows[0][0])

    await eventually(is_quiet, what="the pool to be quiet")
