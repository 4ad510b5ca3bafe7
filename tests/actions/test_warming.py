"""Warming: ramps, graduation and who writes to whom over a real database, whose books stay exact."""

import asyncio
from datetime import timedelta
from email import message_from_bytes
from itertools import pairwise
from uuid import UUID

import pytest

from leadterra.actions.sender_accounts import (
    AccountChange,
    activate_sender_account,
    change_sender_account,
    pause_sender_account,
    remove_sender_account,
)
from leadterra.actions.warmup_courses import Stage, change_warmup
from leadterra.domain.sender_account import Status
from leadterra.domain.warmup import Fault
from leadterra.mail.warmup import FIELD, FOLDER, is_warmup
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import ManualClock
from tests.support.pools import TestPool
from tests.support.warming import (
    HOUR,
    LOST,
    MIDNIGHT,
    REFUSED,
    RING,
    SPAM,
    TURNED_AWAY,
    WELL,
    Circle,
    Fate,
    act,
    books,
)


@pytest.fixture
def circle(own_database: Database, own_workspace: UUID, clock: ManualClock) -> Circle:
    """No account yet, at midnight."""
    clock.set(MIDNIGHT)
    return Circle(TestPool(own_database, own_workspace), clock)


async def test_letters_of_a_day_are_spread_over_it_counted_and_filed(circle: Circle) -> None:
    """Five on the first day, hours apart; each is found by IMAP and moved out of the inbox; the ledger counts
    each.
    """
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(days=1)
    instants = [at for at, _ in circle.letters]
    assert len(instants) == 5
    assert min(after - before for before, after in pairwise(instants)) > 2 * HOUR
    assert await circle.placements() == {"inbox": 5}
    folders = circle.mailboxes.mailbox("bob@acme.test").folders
    assert {name: len(folder.letters) for name, folder in folders.items() if folder.letters} == {FOLDER: 5}
    assert await circle.pool.ledger(MIDNIGHT.date()) == {"ada": (5, 0, 0)}
    await books(circle)


async def test_letters_bear_the_mark_of_their_workspace(circle: Circle) -> None:
    """What arrives is known for what it is."""
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(days=0.5)
    secret = (await circle.pool.ask("select link_secret from workspaces where workspace_id = :w"))[0][0]
    folder = circle.mailboxes.mailbox("bob@acme.test").folders[FOLDER]
    marks = [message_from_bytes(letter.content)[FIELD] for letter in folder.letters.values()]
    assert len(marks) >= 2
    assert all(is_warmup(mark, secret) for mark in marks)


async def test_only_mailboxes_of_the_workspace_write_to_each_other_and_evenly(circle: Circle) -> None:
    """Two that warm up, one that is active, one that is paused, and one that cannot be read: the last two get
    nothing, and nobody writes to itself.
    """
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob", status=Status.WARMING)
    await circle.account("cyd")
    await circle.account("dan", status=Status.PAUSED)
    await circle.account("eve", imap=False)
    await circle.live(days=3)
    pairs = [(letter.sender.address[:3], letter.recipient.address[:3]) for _, letter in circle.letters]
    assert {pair: pairs.count(pair) for pair in set(pairs)} == {
        ("ada", "bob"): pytest.approx(10.5, abs=1.5),
        ("ada", "cyd"): pytest.approx(10.5, abs=1.5),
        ("bob", "ada"): pytest.approx(10.5, abs=1.5),
        ("bob", "cyd"): pytest.approx(10.5, abs=1.5),
    }
    assert len(pairs) == 2 * (5 + 7 + 9)
    await books(circle)


async def test_campaigns_skip_it_and_the_pool_does_not_count_it(circle: Circle) -> None:
    """Its units are in the ledger, and in no capacity."""
    await circle.account("ada", status=Status.WARMING)
    await circle.account("bob", limit=3)
    await circle.pool.leads(await circle.pool.campaign(now=MIDNIGHT), 10, now=MIDNIGHT)
    await circle.live(days=1)
    campaign_letters = [letter for _, letter in circle.letters if not letter.warmup_mark]
    assert {letter.sender.address for letter in campaign_letters} == {"bob@acme.test"}
    assert await circle.pool.ledger(MIDNIGHT.date()) == {"ada": (5, 0, 0), "bob": (3, 0, 0)}
    await books(circle)


async def test_many_workers_at_once_do_what_one_does(circle: Circle) -> None:
    """Four look at every instant: the same letters, the same ramp, the same books."""
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob", status=Status.WARMING)
    workers = [circle.worker() for _ in range(4)]
    end = MIDNIGHT + timedelta(days=3)
    while circle.clock.now() < end:
        await asyncio.gather(*(worker.turn() for worker in workers))
        circle.clock.advance(minutes=30)
    assert await circle.counts(MIDNIGHT) == {"sent": 10}
    assert await circle.counts(MIDNIGHT + timedelta(days=1)) == {"sent": 14}
    assert await circle.counts(MIDNIGHT + timedelta(days=2)) == {"sent": 18}
    assert (await circle.state(ada)).limit == 9
    ids = {letter.message_id for _, letter in circle.letters}
    assert len(ids) == len(circle.letters) == 42
    await books(circle)


@pytest.mark.parametrize(
    ("fate", "fault"),
    [
        (SPAM, Fault.PLACEMENT),
        (LOST, Fault.REPUTATION),
        (REFUSED, Fault.BOUNCES),
        (TURNED_AWAY, Fault.ERRORS),
    ],
    ids=["spam", "missing", "refused", "turned away"],
)
async def test_a_bad_week_freezes_the_ramp_and_it_goes_on_afterwards(
    circle: Circle, fate: Fate, fault: Fault
) -> None:
    """Three good days, four bad ones, and good ones again: it never falls, never jumps, and stands still
    while it is bad. What is refused or turned away takes no unit.
    """
    bad = (MIDNIGHT + timedelta(days=3), MIDNIGHT + timedelta(days=7))
    circle.spoil = lambda letter, now: fate if bad[0] <= now < bad[1] else WELL
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    limits, frozen = [], []
    for _ in range(8):
        await circle.live(until=circle.clock.now() + timedelta(days=1, seconds=-1))
        state = await circle.state(ada)
        limits.append(state.limit)
        frozen.append(state.frozen_by)
        await circle.live(until=circle.clock.now() + timedelta(seconds=1))
    steps = [after - before for before, after in pairwise(limits)]
    assert limits[:4] == [5, 7, 9, 11]
    assert set(steps) == {0, 2}
    assert fault in frozen[4:]
    assert all(frozen[6:])
    assert limits[-1] <= 13
    await books(circle)


async def test_a_day_without_any_worker_is_no_clean_day(circle: Circle) -> None:
    """Three days of standstill: the ramp has gone on for the day before, once, and nothing is made up for."""
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(days=2)
    circle.clock.advance(days=3)
    await circle.worker().turn()
    state = await circle.state(ada)
    assert (state.limit, state.clean_days) == (9, 2)
    await circle.live(days=1)
    assert await circle.counts(MIDNIGHT + timedelta(days=5)) == {"sent": 9}


async def test_it_graduates_by_itself_to_the_day(circle: Circle) -> None:
    """After as many clean days as it is set to, on the day that was expected from the first hour on; and the
    log says so once.
    """
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await act(circle, lambda uow: change_warmup(uow, ada, {"days": 4, "start": 8}, now=MIDNIGHT))
    await circle.live(days=0.25)
    expected = (await circle.state(ada)).expected_on
    await circle.live(until=MIDNIGHT + timedelta(days=4))
    assert await circle.pool.account_field(ada, "status") == "warming"
    await circle.live(days=2)
    state = await circle.state(ada)
    assert await circle.pool.account_field(ada, "status, lost_at") == ("active", None)
    assert state.graduated_at is not None
    assert expected == state.graduated_at.date() == (MIDNIGHT + timedelta(days=4)).date()
    assert (state.stage, state.limit, state.expected_on) == (Stage.RAMPING, 16, None)
    activated = [data for kind, data in await circle.pool.events() if kind == "sender.activated"]
    assert [(each["email"], each["reason"]) for each in activated] == [("ada@acme.test", "warmed_up")]


async def test_who_writes_into_spam_does_not_graduate(circle: Circle) -> None:
    """A quarter of the letters in spam: its days are clean, and its reputation is not sufficient."""
    circle.spoil = lambda letter, now: SPAM if int(letter.subject.split()[2]) % 4 == 0 else WELL
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await act(circle, lambda uow: change_warmup(uow, ada, {"days": 3, "start": 8, "step": 4}, now=MIDNIGHT))
    await circle.live(days=8)
    state = await circle.state(ada)
    assert (state.stage, state.clean_days) == (Stage.WARMING, 7)
    assert state.reputation is not None
    assert state.reputation.placement == pytest.approx(0.75, abs=0.03)
    assert len(circle.mailboxes.mailbox("bob@acme.test").folders["Junk"].letters) > 20


async def test_a_workspace_with_one_mailbox_graduates_by_checks_alone(circle: Circle) -> None:
    """No letters; fourteen days on which login and DNS pass. A day on which they do not is no clean one, and
    says why.
    """
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.live(days=2)
    circle.checks[ada] = "there is no SPF record"
    await circle.live(days=1)
    state = await circle.state(ada)
    assert (state.clean_days, state.check_failure) == (2, "there is no SPF record")
    circle.checks.clear()
    await circle.live(days=11.5)
    assert await circle.pool.account_field(ada, "status") == "warming"
    await circle.live(days=1)
    assert await circle.pool.account_field(ada, "status") == "active"
    assert circle.letters == []


async def test_a_check_that_passes_later_in_the_day_makes_it_clean(circle: Circle) -> None:
    """It is made again after six hours."""
    ada = await circle.account("ada", status=Status.WARMING)
    circle.checks[ada] = "the login was refused"
    await circle.live(days=0.4)
    circle.checks.clear()
    await circle.live(days=1)
    assert (await circle.state(ada)).clean_days == 1


async def test_activated_by_hand_it_is_warm_by_a_person_s_word(circle: Circle) -> None:
    """The whole daily limit holds at once."""
    ada = await circle.account("ada", status=Status.WARMING)
    await act(circle, lambda uow: activate_sender_account(uow, ada, now=MIDNIGHT))
    assert await circle.pool.account_field(ada, "limit_in_force, ramp_limit") == (50, None)
    assert (await circle.state(ada)).stage is Stage.NOT_STARTED


async def test_a_pause_does_not_make_the_ramp_jump(circle: Circle) -> None:
    """Neither while it warms up nor when it is put to use afterwards."""
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(days=2)
    await act(circle, lambda uow: pause_sender_account(uow, ada, now=circle.clock.now()))
    await circle.live(days=2)
    sent = len(circle.letters)
    to_warming = AccountChange(status=Status.WARMING)
    await act(
        circle,
        lambda uow: change_sender_account(uow, ada, to_warming, key_ring=RING, now=circle.clock.now()),
    )
    state = await circle.state(ada)
    assert (sent, state.limit, state.clean_days) == (12, 9, 2)
    await act(circle, lambda uow: pause_sender_account(uow, ada, now=circle.clock.now()))
    await act(circle, lambda uow: activate_sender_account(uow, ada, now=circle.clock.now()))
    assert await circle.pool.account_field(ada, "status, limit_in_force") == ("active", 9)


async def test_a_ramp_that_goes_on_after_graduation_can_be_ended(circle: Circle) -> None:
    """By taking the warm-up back."""
    ada = await circle.account("ada", status=Status.WARMING)
    await act(circle, lambda uow: pause_sender_account(uow, ada, now=MIDNIGHT))
    await act(circle, lambda uow: activate_sender_account(uow, ada, now=MIDNIGHT))
    await act(circle, lambda uow: change_warmup(uow, ada, None, now=MIDNIGHT))
    assert await circle.pool.account_field(ada, "limit_in_force") == 50


async def test_an_account_that_is_removed_and_created_anew_begins_anew(circle: Circle) -> None:
    """Active: with its whole limit; warming: from the start. What was sent today is not forgotten."""
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(days=2.5)
    used = await circle.pool.ledger(circle.clock.now().date())
    await act(circle, lambda uow: remove_sender_account(uow, ada, now=circle.clock.now()))
    assert await circle.account("ada", status=Status.WARMING) == ada
    state = await circle.state(ada)
    assert (state.limit, state.clean_days) == (5, 0)
    await act(circle, lambda uow: remove_sender_account(uow, ada, now=circle.clock.now()))
    await circle.account("ada")
    assert await circle.pool.account_field(ada, "limit_in_force") == 50
    assert await circle.pool.ledger(circle.clock.now().date()) == used != {"ada": (0, 0, 0)}
    await books(circle)


async def test_one_workspace_never_writes_to_another(
    circle: Circle, own_database: Database, clock: ManualClock
) -> None:
    """Two of one mailbox each: nobody has a partner (R1, R8)."""
    elsewhere = new_id(MIDNIGHT)
    async with own_database.unit_of_work(elsewhere) as uow:
        await insert_workspace(uow, "elsewhere", "test", bytes(32), now=MIDNIGHT)
        await insert_pool(uow, new_id(MIDNIGHT))
    other = Circle(TestPool(own_database, elsewhere), clock)
    await circle.account("ada", status=Status.WARMING)
    await other.account("eve", status=Status.WARMING)
    for _ in range(4):
        await circle.worker().turn()
        await other.worker().turn()
        clock.advance(hours=6)
    assert (circle.letters, other.letters) == ([], [])
