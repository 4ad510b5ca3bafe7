"""Warm-up letters in flight: units and caps, lost workers, and what stops a letter right before DATA."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from leadterra.actions.sender_accounts import (
    AccountChange,
    activate_sender_account,
    change_sender_account,
    pause_sender_account,
    remove_sender_account,
)
from leadterra.actions.workspaces import change_workspace
from leadterra.domain.outcomes import Reason, Withheld
from leadterra.domain.sender_account import Status
from leadterra.store.database import Database
from tests.support.clock import ManualClock
from tests.support.pools import TestPool
from tests.support.warming import (
    MIDNIGHT,
    RING,
    TURNED_AWAY,
    Circle,
    act,
    books,
    claim,
    clear,
    first_letter,
    settle,
)


@pytest.fixture
def circle(own_database: Database, own_workspace: UUID, clock: ManualClock) -> Circle:
    """No account yet, at midnight."""
    clock.set(MIDNIGHT)
    return Circle(TestPool(own_database, own_workspace), clock)


async def test_a_worker_that_dies_before_data_has_sent_nothing(circle: Circle) -> None:
    """Its unit comes back when its lease is over, and another letter takes its place."""
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await first_letter(circle)
    assert await circle.pool.ledger() == {"ada": (0, 0, 1)}
    await books(circle)
    await circle.live(until=MIDNIGHT + timedelta(days=1))
    assert await circle.counts() == {"cancelled": 1, "sent": 5}
    assert await circle.pool.ledger() == {"ada": (5, 0, 0)}
    await books(circle)


@pytest.mark.parametrize("has_arrived", [True, False])
async def test_a_worker_that_dies_after_data_leaves_an_uncertain_letter(
    circle: Circle, *, has_arrived: bool
) -> None:
    """Its unit is kept. Found in the recipient's mailbox it was sent; else it stays uncertain, and is never
    sent again.
    """
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    letter = await first_letter(circle)
    assert await clear(circle, letter)
    if has_arrived:
        name = f"<warm-up.{letter.occasion.letter_id.hex}@acme.test>"
        circle.mailboxes.mailbox("bob@acme.test").deliver(f"Message-ID: {name}\r\n\r\nx".encode())
    await circle.live(until=MIDNIGHT + timedelta(days=1))
    assert await circle.pool.ledger() == {"ada": (5, 0, 0) if has_arrived else (4, 1, 0)}
    assert await circle.counts() == ({"sent": 5} if has_arrived else {"sent": 4, "uncertain": 1})
    await circle.live(days=2)
    assert await circle.pool.ledger(MIDNIGHT.date()) == {"ada": (5, 0, 0) if has_arrived else (4, 1, 0)}
    await books(circle)


async def test_settling_twice_is_settling_once(circle: Circle) -> None:
    """And a lost worker that comes back with what it knows settles what is uncertain, once."""
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    letter = await first_letter(circle, timedelta(minutes=1))
    assert await clear(circle, letter)
    circle.clock.advance(minutes=2)
    await claim(circle)
    assert await circle.counts() == {"uncertain": 1}
    assert [await settle(circle, letter), await settle(circle, letter)] == [1, 0]
    assert await circle.pool.ledger() == {"ada": (1, 0, 0)}
    await books(circle)


async def test_a_lost_claim_is_refused_its_clearance(circle: Circle) -> None:
    """After the lease nobody may begin DATA."""
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    letter = await first_letter(circle, timedelta(minutes=1))
    circle.clock.advance(minutes=2)
    assert not await clear(circle, letter)


async def _pause_sender(circle: Circle, ada: UUID, bob: UUID) -> None:
    await act(circle, lambda uow: pause_sender_account(uow, ada, now=circle.clock.now()))


async def _activate_sender(circle: Circle, ada: UUID, bob: UUID) -> None:
    await act(circle, lambda uow: activate_sender_account(uow, ada, now=circle.clock.now()))


async def _remove_recipient(circle: Circle, ada: UUID, bob: UUID) -> None:
    await act(circle, lambda uow: remove_sender_account(uow, bob, now=circle.clock.now()))


async def _forbid_all(circle: Circle, ada: UUID, bob: UUID) -> None:
    await act(circle, lambda uow: change_workspace(uow, {"daily_quota": 0}, now=circle.clock.now()))


async def _pass_midnight(circle: Circle, ada: UUID, bob: UUID) -> None:
    circle.clock.set(MIDNIGHT + timedelta(days=1))


@pytest.mark.parametrize(
    "happens", [_pause_sender, _activate_sender, _remove_recipient, _forbid_all, _pass_midnight]
)
async def test_what_happens_before_data_stops_a_letter(circle: Circle, happens: Any) -> None:
    """R7, as for messages: it is not cleared, and its unit goes back."""
    ada = await circle.account("ada", status=Status.WARMING)
    bob = await circle.account("bob")
    letter = await first_letter(circle, timedelta(days=2))
    await happens(circle, ada, bob)
    assert not await clear(circle, letter)
    await settle(circle, letter, Withheld(Reason.NOT_CLEARED))
    assert await circle.pool.ledger() == {"ada": (0, 0, 0)}
    await books(circle)


@pytest.mark.parametrize(
    "values",
    [{"daily_quota": 3}, {"sending_domain_daily_limit": 3}],
    ids=["workspace", "sending domain"],
)
async def test_letters_keep_to_every_cap(circle: Circle, values: dict[str, int]) -> None:
    """The workspace's, and that of the domain: three a day of both accounts together, and the books know."""
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob", status=Status.WARMING)
    await act(circle, lambda uow: change_workspace(uow, values, now=MIDNIGHT))  # type: ignore[arg-type]
    await circle.live(days=2)
    assert [await circle.counts(MIDNIGHT + timedelta(days=day)) for day in (0, 1)] == [{"sent": 3}] * 2
    await books(circle)


async def test_letters_keep_to_the_rolling_limit(circle: Circle) -> None:
    """Three in any 24 hours; and a cap that is set later counts the letters that went before."""
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(days=0.5)
    change = AccountChange({"rolling_limit": 3})
    await act(
        circle,
        lambda uow: change_sender_account(uow, ada, change, key_ring=RING, now=circle.clock.now()),
    )
    await books(circle)
    await circle.live(days=2.5)
    instants = [at for at, _ in circle.letters]
    window = timedelta(hours=24)
    assert max(sum(at <= other < at + window for other in instants) for at in instants) == 3
    await books(circle)


async def test_an_account_in_trouble_rests_and_letters_wait_for_it(circle: Circle) -> None:
    """A server that turns it away is asked less and less often, not at every turn."""
    circle.spoil = lambda letter, now: TURNED_AWAY
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(days=1)
    assert set(await circle.counts()) == {"cancelled"}
    assert (await circle.counts())["cancelled"] <= 24
    assert await circle.pool.ledger() == {"ada": (0, 0, 0)}
    await books(circle)
