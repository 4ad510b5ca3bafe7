"""A dead server and many workers: one letter at a time is tried, until the server is back (R9)."""

from functools import partial
from uuid import UUID

import pytest

from leadterra.actions.ports import Attempt, Submission
from leadterra.domain.outcomes import Answer, Command
from leadterra.mail.letter import Letter
from leadterra.store.database import Database
from leadterra.transport.scripted import ScriptedCourier
from tests.support.clock import ManualClock
from tests.support.pools import TestPool
from tests.support.sending import quiet, until_state, working
from tests.support.waiting import eventually

REFUSED = Answer(Command.CONNECT, None, None, "connection refused")
TAKEN = Answer(Command.BODY, 250, "2.0.0", "taken")
RESTS = [30, 120, 600, 1800, 3600, 3600]


class Server:
    """A mail server that is away until somebody says otherwise, and how often it was asked."""

    def __init__(self) -> None:
        self.is_up, self.asked = False, 0

    def answer(self, submission: Submission, letter: Letter) -> Answer:
        """The answer in which this conversation is going to end."""
        self.asked += 1
        return TAKEN if self.is_up else REFUSED

    def was_asked_more_than(self, times: int) -> bool:
        """Whether somebody has come since."""
        return self.asked > times

    def ended(self, submission: Submission, letter: Letter, attempt: Attempt) -> None:
        """How it did end is of no interest."""


@pytest.fixture
def pool(own_database: Database, own_workspace: UUID) -> TestPool:
    """The test's own pool, which the workers find alone."""
    return TestPool(own_database, own_workspace)


async def test_however_many_workers_there_are_one_letter_is_tried(pool: TestPool, clock: ManualClock) -> None:
    """Six rests, each longer; nothing is sent in them, and one letter after each. Then the server is back."""
    await pool.account("ada", 100)
    await pool.leads(await pool.campaign(), 30)
    server = Server()
    async with working(pool, clock, ScriptedCourier(clock, server), workers=4):
        await eventually(partial(server.was_asked_more_than, 0), what="the server to be asked")
        await quiet(pool, clock)
        for rest in RESTS:
            before = server.asked
            clock.advance(seconds=rest - 1)
            await quiet(pool, clock)
            assert server.asked == before
            clock.advance(seconds=1)
            await eventually(partial(server.was_asked_more_than, before), what="a probe")
            await quiet(pool, clock)
            assert server.asked == before + 1
        server.is_up = True
        clock.advance(hours=1)
        await until_state(pool, "finished", 30)
    await pool.check_books(now=clock.now())
