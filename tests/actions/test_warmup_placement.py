"""Where warm-up letters arrived: found, missing, unknown, and come back."""

from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from leadterra.actions.receiving import Arrival, receive_letter
from leadterra.actions.warmup_letters import (
    bounce_warmup_letter,
)
from leadterra.domain.sender_account import Status
from leadterra.domain.warmup import Fault
from leadterra.mail.finding import Classification, Failure, Finding, Kind
from leadterra.mail.incoming import Incoming
from leadterra.mail.warmup import FOLDER
from leadterra.store.database import Database
from tests.support.clock import ManualClock
from tests.support.pools import TestPool
from tests.support.warming import LOST, MIDNIGHT, Circle, act, books, clear, first_letter, settle


@pytest.fixture
def circle(own_database: Database, own_workspace: UUID, clock: ManualClock) -> Circle:
    """No account yet, at midnight."""
    clock.set(MIDNIGHT)
    return Circle(TestPool(own_database, own_workspace), clock)


async def test_what_is_nowhere_after_a_day_is_missing_and_not_before(circle: Circle) -> None:
    """It is looked for a few times meanwhile."""
    circle.spoil = lambda letter, now: LOST
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(until=MIDNIGHT + timedelta(hours=23))
    assert await circle.placements() == {None: 5}
    await circle.live(days=1.2)
    assert (await circle.placements())["missing"] >= 5
    looks = await circle.pool.ask("select max(looks) from warmup_letters where workspace_id = :w")
    assert looks[0][0] <= 8


async def test_a_mailbox_that_cannot_be_read_says_nothing_of_its_letters(circle: Circle) -> None:
    """They are not missing; and are found when it can be read again."""
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    circle.mailboxes.mailbox("bob@acme.test").unreachable = "connection refused"
    await circle.live(days=3)
    assert await circle.placements() == {None: 21}
    circle.mailboxes.mailbox("bob@acme.test").unreachable = None
    await circle.live(days=0.1)
    assert (await circle.placements())["inbox"] >= 20


async def test_what_was_filed_and_not_written_down_was_in_the_inbox(circle: Circle) -> None:
    """Whoever filed it has died in between."""
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    letter = await first_letter(circle)
    assert await clear(circle, letter)
    await settle(circle, letter)
    name = f"<warm-up.{letter.occasion.letter_id.hex}@acme.test>"
    circle.mailboxes.mailbox("bob@acme.test").deliver(f"Message-ID: {name}\r\n\r\nx".encode(), FOLDER)
    await circle.live(days=0.05)
    assert await circle.placements() == {"inbox": 1}


async def test_a_letter_that_comes_back_is_a_bounce_of_its_day_once(circle: Circle) -> None:
    """Its unit is kept, for a server had taken it; the day is no clean one."""
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(until=MIDNIGHT + timedelta(hours=20))
    (letter_id,) = (
        await circle.pool.ask("select id from warmup_letters where workspace_id = :w order by id limit 1")
    )[0]
    found = [await act(circle, lambda uow: bounce_warmup_letter(uow, letter_id, "5.1.1")) for _ in "12"]
    assert found == [True, False]
    await books(circle)
    await circle.live(until=MIDNIGHT + timedelta(days=1, hours=1))
    state = await circle.state(ada)
    assert (state.clean_days, state.frozen_by, state.limit) == (0, Fault.BOUNCES, 5)
    await books(circle)


async def test_a_report_about_a_letter_is_read_from_the_mailbox(circle: Circle) -> None:
    """As the inbox worker hands it over, once and again; one about no letter of ours is nobody's."""
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(until=MIDNIGHT + timedelta(hours=20))
    _, letter = circle.letters[0]
    for message_id in (letter.message_id, letter.message_id, f"<warm-up.{ada.hex}@acme.test>"):
        failure = Failure("bob@acme.test", "5.1.1", 550, hard=True, reason="no_such_mailbox", dead=True)
        finding = Finding(Kind.BOUNCE, Classification.BOUNCE, (failure,), (message_id,))
        arrival = Arrival(ada, Incoming(subject=message_id), finding, circle.clock.now())
        assert await act(circle, partial(receive_letter, arrival=arrival, now=circle.clock.now())) is None
    assert (await circle.counts())["bounced"] == 1
    await books(circle)
