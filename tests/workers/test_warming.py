"""The warming worker as a process runs it: it goes on while a server hangs, and stops when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from leadterra.actions.ports import Attempt, Clear, Submission
from leadterra.domain.outcomes import Accepted
from leadterra.domain.sender_account import Status
from leadterra.mail.letter import Letter
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from leadterra.workers.outside import Outside
from leadterra.workers.warming import Measuring, WarmingWorker
from tests.support.clock import ManualClock
from tests.support.pools import TestPool
from tests.support.sending import no_password
from tests.support.waiting import eventually
from tests.support.warming import ARRIVED, MIDNIGHT, Circle


@dataclass
class SlowCourier:
    """Takes letters; those of `stuck` only once it is told to. begun, taken: senders' addresses."""

    clock: ManualClock
    stuck: str = ""
    begun: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    freed: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, submission: Submission, letter: Letter, clear: Clear) -> Attempt:
        """One letter."""
        assert await clear()
        self.begun.append(letter.sender.address)
        if letter.sender.address == self.stuck:
            await self.freed.wait()
        self.taken.append(letter.sender.address)
        now = self.clock.now()
        return Attempt(Accepted(ARRIVED), "smtp.test:25", now, now, now)

    async def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture
def circle(own_database: Database, own_workspace: UUID, clock: ManualClock) -> Circle:
    """No account yet, at midnight."""
    clock.set(MIDNIGHT)
    return Circle(TestPool(own_database, own_workspace), clock)


@asynccontextmanager
async def at_work(circle: Circle, courier: SlowCourier) -> AsyncIterator[WarmingWorker]:
    """One that runs, and is stopped afterwards."""
    outside = Outside(circle.pool.database, circle.clock, courier, no_password)
    worker = WarmingWorker(outside, Measuring(), pause=0.02)
    task = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        courier.freed.set()
        worker.stop()
        await task


async def test_a_server_that_hangs_keeps_no_other_workspace_waiting(
    circle: Circle, own_database: Database, clock: ManualClock
) -> None:
    """One workspace's letter hangs; the other's go out, one after the other."""
    elsewhere = new_id(MIDNIGHT)
    async with own_database.unit_of_work(elsewhere) as uow:
        await insert_workspace(uow, "elsewhere", "test", bytes(32), now=MIDNIGHT)
        await insert_pool(uow, new_id(MIDNIGHT))
    other = Circle(TestPool(own_database, elsewhere), clock)
    for each, name in ((circle, "ada"), (other, "eve")):
        await each.account(name, status=Status.WARMING)
        await each.account(f"{name}-friend")
    courier = SlowCourier(clock, stuck="ada@acme.test")
    async with at_work(circle, courier):
        await _advance_until(clock, lambda: courier.taken.count("eve@acme.test") >= 3)
        assert courier.begun.count("ada@acme.test") == 1
        assert "ada@acme.test" not in courier.taken
    assert (await circle.counts())["sent"] == 1


async def test_told_to_stop_it_ends_what_it_began(circle: Circle) -> None:
    """The letter that is under way is settled before it returns."""
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    courier = SlowCourier(circle.clock, stuck="ada@acme.test")
    async with at_work(circle, courier) as worker:
        await _advance_until(circle.clock, lambda: bool(courier.begun))
        worker.stop()
    assert await circle.counts() == {"sent": 1}
    await circle.pool.check_books(now=circle.clock.now())


async def _advance_until(clock: ManualClock, is_so: object) -> None:
    """Let time go on, two minutes at a time."""
    assert callable(is_so)

    def ask() -> bool:
        clock.advance(minutes=2)
        return bool(is_so())

    await eventually(ask, what="letters to go")
