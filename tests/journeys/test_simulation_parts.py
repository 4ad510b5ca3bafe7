"""What simulations are made of: named dice, ids from a seed, an agenda, a worker that goes by turns and dies
when it is told to.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from math import inf
from uuid import UUID

from leadterra.actions.lettering import LetterWriter
from leadterra.cli.simulation.agenda import Agenda
from leadterra.cli.simulation.chance import chance, id_source
from leadterra.cli.simulation.crash import FusedCourier
from leadterra.store.database import Database
from leadterra.store.ids import drawing_ids, new_id, new_ids
from leadterra.workers.sending import Outside, SendingWorker
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool
from tests.support.sending import LIMITS, no_password
from tests.support.smtp_fakes import FakeCourier

BY_TURNS = replace(LIMITS, gather=inf)


def worker_of(database: Database, clock: ManualClock, courier: FakeCourier | FusedCourier) -> SendingWorker:
    """One that goes by turns."""
    outside = Outside(database, clock, courier, no_password)
    return SendingWorker("by-turns", outside, LetterWriter("http://mail.test"), BY_TURNS)


def test_a_throw_has_a_name() -> None:
    """The same number for the same seed and name, whoever asks first; another for another."""
    assert chance(1, "bounce", "a@b.example") == chance(1, "bounce", "a@b.example")
    assert len({chance(seed, *name) for seed in (1, 2) for name in (("a", "bc"), ("ab", "c"))}) == 4


def test_throws_are_even() -> None:
    """A tenth in each tenth, give or take."""
    throws = [chance(7, "throw", number) for number in range(10_000)]
    counts = [sum(part / 10 <= throw < (part + 1) / 10 for throw in throws) for part in range(10)]
    assert all(900 <= count <= 1100 for count in counts)


def test_ids_come_from_a_seed_where_that_is_wanted() -> None:
    """The same ones for the same seed; outside of the block nobody can foretell them."""

    def made(seed: int) -> list[UUID]:
        with drawing_ids(id_source(seed)):
            return [new_id(NOW), *new_ids(NOW, 3), new_id(NOW)]

    assert made(1) == made(1)
    assert len({*made(1), *made(2), new_id(NOW), new_id(NOW)}) == 12


async def test_an_agenda_keeps_the_order_of_instants_and_of_those_who_came() -> None:
    """But for what is said to come first."""
    agenda, done = Agenda(), list[str]()

    def note(word: str) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            done.append(word)

        return act

    later = NOW + timedelta(hours=1)
    agenda.add(later, note("c"))
    agenda.add(NOW, note("a"))
    agenda.add(later, note("d"))
    agenda.add(later, note("b"), first=True)
    assert agenda.next_at() == NOW
    await agenda.play(NOW)
    await agenda.play(later)
    assert (done, agenda.next_at()) == (["a", "b", "c", "d"], None)


async def test_a_turn_ends_when_all_it_claimed_is_settled(
    own_database: Database, own_workspace: UUID, clock: ManualClock
) -> None:
    """Each turn one claim; the last one finds nothing, and says so."""
    pool = TestPool(own_database, own_workspace)
    await pool.account("ada", 200)
    await pool.leads(await pool.campaign(), 70)
    courier = FakeCourier(clock)
    worker = worker_of(own_database, clock, courier)
    sent = []
    while await worker.turn():
        sent.append((len(courier.delivered), (await pool.states()).get("finished")))
    assert sent == [(32, 32), (64, 64), (70, 70)]
    assert (worker.in_flight, worker.faults) == (0, 0)
    await pool.check_books()


async def test_what_an_abandoned_worker_held_is_found_again_by_its_lease(
    own_database: Database, own_workspace: UUID, clock: ManualClock
) -> None:
    """What was cleared is uncertain, the rest goes out through the next one; nobody is written to twice."""
    pool = TestPool(own_database, own_workspace)
    await pool.account("ada", 200)
    await pool.leads(await pool.campaign(), 20)
    courier = FakeCourier(clock)
    courier.hold.clear()
    first = worker_of(own_database, clock, courier)
    turn = asyncio.create_task(first.turn())
    transmitting = asyncio.create_task(courier.transmitting.wait())
    await asyncio.wait([turn, transmitting], return_when=asyncio.FIRST_COMPLETED)
    assert transmitting.done()
    await first.abandon()
    await turn
    assert await pool.states("messages") == {"sending": 20}
    clock.advance(seconds=61)
    courier.hold.set()
    second = worker_of(own_database, clock, courier)
    while await second.turn():
        pass
    assert await pool.states() == {"uncertain": 4, "finished": 16}
    assert len({letter.recipient.address for _, letter in courier.delivered}) == len(courier.delivered) == 20
    await pool.check_books()
