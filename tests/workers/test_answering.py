"""The answering worker with the real courier, against a mail server on loopback."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as reading
from uuid import UUID

import pytest

from leadterra.mail.composition import compose
from leadterra.store.database import Database
from leadterra.transport.courier import SmtpCourier
from leadterra.workers.answering import AnsweringWorker
from leadterra.workers.sending import Outside
from tests.support.answering import MINUTE, AnswerDesk
from tests.support.clock import ManualClock
from tests.support.pools import Mail, TestPool
from tests.support.returning import LATER
from tests.support.sending import no_password
from tests.support.smtp_servers import Move, ScriptedServer, scripted
from tests.support.waiting import eventually

LEASE = timedelta(seconds=60)


@pytest.fixture
async def courier(clock: ManualClock) -> AsyncIterator[SmtpCourier]:
    """The real one."""
    clock.set(LATER)
    made = SmtpCourier(clock, compose)
    yield made
    await made.close()


@pytest.fixture
def pool(own_database: Database, own_workspace: UUID) -> TestPool:
    """The test's own."""
    return TestPool(own_database, own_workspace)


async def opened(pool: TestPool, server: ScriptedServer) -> AnswerDesk:
    """A lead that wrote back to an account of that server."""
    pool.mail = Mail(server.host, server.port)
    return await AnswerDesk.opened(pool)


def worker_of(pool: TestPool, clock: ManualClock, courier: SmtpCourier) -> AnsweringWorker:
    """One that looks often."""
    outside = Outside(pool.database, clock, courier, no_password)
    return AnsweringWorker(outside, lease=LEASE, pause=0.01)


async def test_an_answer_arrives(pool: TestPool, clock: ManualClock, courier: SmtpCourier) -> None:
    """As a letter of the account in the thread of the lead's, once, however long the worker goes on."""
    async with scripted() as server:
        desk = await opened(pool, server)
        worker = worker_of(pool, clock, courier)
        running = asyncio.create_task(worker.run())
        made = await desk.respond()
        await server.reached("BODY")
        await eventually(lambda: worker.in_flight == 0)
        worker.stop()
        await running
    (received,) = server.letters
    letter = message_from_bytes(received.content, policy=reading)
    assert received.mail.startswith(b"MAIL FROM:<ada@acme.test>")
    assert received.rcpt == b"RCPT TO:<somebody@else.test>"
    assert (letter["Message-ID"], letter["In-Reply-To"]) == (made.message_id, "<1@elsewhere.test>")
    assert await desk.state() == "sent"
    assert await desk.used() == (2, 0, 0)
    await desk.check()


async def test_two_workers_send_it_once(pool: TestPool, clock: ManualClock, courier: SmtpCourier) -> None:
    """Whoever comes first."""
    async with scripted() as server:
        desk = await opened(pool, server)
        for _ in range(5):
            await desk.respond()
        workers = [worker_of(pool, clock, courier) for _ in range(2)]
        running = [asyncio.create_task(worker.run()) for worker in workers]
        await server.reached("BODY", 5)
        await eventually(lambda: not any(worker.in_flight for worker in workers))
        for worker in workers:
            worker.stop()
        await asyncio.gather(*running)
    assert len(server.letters) == 5
    assert await pool.states("responses") == {"sent": 5}
    await desk.check()


async def test_a_server_that_closes_without_an_answer_leaves_it_uncertain(
    pool: TestPool, clock: ManualClock, courier: SmtpCourier
) -> None:
    """And it is not sent again, that day or another."""
    async with scripted({"BODY": Move.CLOSE}) as server:
        desk = await opened(pool, server)
        await desk.respond()
        worker = worker_of(pool, clock, courier)
        await worker.turn()
        await worker.finish()
        clock.advance(days=2)
        assert not await worker.turn()
    assert await desk.state() == "uncertain"
    assert [command for command in server.commands if command == b"DATA"] == [b"DATA"]
    await desk.check()


async def test_a_server_that_hangs_keeps_no_other_answer_waiting(
    pool: TestPool, clock: ManualClock, courier: SmtpCourier
) -> None:
    """Each answer is settled by itself; the lease of the slow one is its worker's until it ends."""
    async with scripted({"RCPT": ["250 2.1.5 fine", Move.HANG]}) as server:
        desk = await opened(pool, server)
        await desk.respond()
        await desk.respond()
        worker = worker_of(pool, clock, courier)
        await worker.turn()
        await server.reached("RCPT", 2)
        await eventually(lambda: worker.in_flight == 1)
        assert await pool.states("responses") == {"sent": 1, "sending": 1}
        await server.hang_up()
        await worker.finish()
    assert await pool.states("responses") == {"sent": 1, "queued": 1}
    await desk.check()


async def test_who_is_suppressed_while_it_is_under_way_gets_nothing(
    pool: TestPool, clock: ManualClock, courier: SmtpCourier
) -> None:
    """R7: between RCPT and DATA."""
    async with scripted() as server:
        desk = await opened(pool, server)
        await desk.respond()
        worker = worker_of(pool, clock, SuppressingCourier(courier, desk))  # type: ignore[arg-type]
        await worker.turn()
        await worker.finish()
        clock.advance(minutes=1)
        await worker.turn()
    assert server.letters == []
    assert await desk.state("state, state_reason") == ("cancelled", "suppressed")
    await desk.check(LATER + MINUTE)


class SuppressingCourier:
    """Somebody suppresses the recipient after the letter was claimed."""

    def __init__(self, real: SmtpCourier, desk: AnswerDesk) -> None:
        self._real, self._desk = real, desk

    async def deliver(self, submission: object, letter: object, clear: object) -> object:
        """First that, then as usual."""
        await self._desk.pool.suppress("somebody@else.test")
        return await self._real.deliver(submission, letter, clear)  # type: ignore[arg-type]


async def test_a_worker_that_is_told_to_stop_finishes_what_it_began(
    pool: TestPool, clock: ManualClock, courier: SmtpCourier
) -> None:
    """And begins nothing more: what waits waits for another."""
    async with scripted({"BODY": Move.HANG}) as server:
        desk = await opened(pool, server)
        await desk.respond()
        worker = worker_of(pool, clock, courier)
        running = asyncio.create_task(worker.run())
        await server.reached("DATA")
        worker.stop()
        await desk.respond()
        await server.hang_up()
        await running
    assert await pool.states("responses") == {"uncertain": 1, "queued": 1}
    assert worker.in_flight == 0
    await desk.check()
