"""Answers in flight: at most once, within every limit, before all others, and not where they must not go."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from leadterra.actions.workspaces import change_workspace
from leadterra.domain.outcomes import (
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Withheld,
)
from leadterra.store.database import Database
from tests.support.answering import MINUTE, AnswerDesk
from tests.support.pools import LEASE, TestPool
from tests.support.returning import LATER

MIDNIGHT = datetime.combine(LATER.date() + timedelta(days=1), datetime.min.time(), UTC)
GREYLISTED = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.7.1", "come back later"))
NO_SUCH_USER = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
SPAM = Refused(Scope.SERVER, Answer(Command.BODY, 554, "5.7.1", "spam"))
AWAY = Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "connection refused"))
BROKE_OFF = Uncertain(Answer(Command.BODY, None, None, "connection lost"))


@pytest.fixture
async def desk(own_database: Database, own_workspace: UUID) -> AnswerDesk:
    """A lead that wrote back."""
    return await AnswerDesk.opened(TestPool(own_database, own_workspace))


async def test_a_unit_is_taken_before_the_first_byte_and_kept(desk: AnswerDesk) -> None:
    """Reserved with the claim, sent with the settlement, and settling twice is settling once."""
    await desk.respond()
    item, fence = await desk.one()
    assert await desk.used() == (1, 0, 1)
    await desk.check()
    assert await desk.clear(item, fence)
    assert [await desk.settle(item, fence), await desk.settle(item, fence)] == [1, 0]
    assert await desk.used() == (2, 0, 0)
    assert (await desk.claim()).letters == ()
    await desk.check()


async def test_two_workers_take_it_once(desk: AnswerDesk) -> None:
    """At the same time, of the same pool."""
    await desk.respond()
    rounds = await asyncio.gather(*(desk.claim_or_none() for _ in range(4)))
    assert sum(len(each.letters) for each in rounds if each) == 1
    assert await desk.used() == (1, 0, 1)


async def test_a_worker_that_dies_before_data_has_sent_nothing(desk: AnswerDesk) -> None:
    """Its unit comes back, and the answer goes anew; who comes late is refused."""
    await desk.respond()
    item, fence = await desk.one()
    later = LATER + LEASE
    assert (await desk.claim(later)).letters == ()
    assert await desk.state("state, state_reason") == ("queued", "lost")
    assert not await desk.clear(item, fence, later)
    again, number = await desk.one(later + MINUTE)
    assert (again.id, number > fence) == (item.id, True)
    assert await desk.settle(item, fence, now=later + MINUTE) == 0
    assert await desk.used() == (1, 0, 1)
    await desk.check(later)


async def test_a_worker_that_dies_after_data_leaves_it_uncertain(desk: AnswerDesk) -> None:
    """Its unit is kept, and it is never sent again; unless its worker comes back and knows better."""
    await desk.respond()
    item, fence = await desk.one()
    assert await desk.clear(item, fence)
    assert (await desk.claim(LATER + LEASE)).letters == ()
    assert await desk.state() == "uncertain"
    assert await desk.used() == (1, 1, 0)
    assert (await desk.claim(LATER + timedelta(days=3))).letters == ()
    await desk.check()
    assert await desk.settle(item, fence) == 1
    assert (await desk.state(), await desk.used()) == ("sent", (2, 0, 0))
    await desk.check()


@pytest.mark.parametrize(
    ("ending", "state", "used", "wait"),
    [
        (BROKE_OFF, "uncertain", (1, 1, 0), None),
        (NO_SUCH_USER, "refused", (1, 0, 0), None),
        (SPAM, "refused", (1, 0, 0), None),
        (GREYLISTED, "queued", (1, 0, 0), timedelta(minutes=5)),
        (Withheld(Reason.DRAINED), "queued", (1, 0, 0), timedelta(seconds=1)),
    ],
)
async def test_what_endings_mean(
    desk: AnswerDesk, ending: Ending, state: str, used: tuple[int, int, int], wait: timedelta | None
) -> None:
    """As for messages: what may go later is queued for then, all else is for good."""
    await desk.respond()
    await desk.settle(*await desk.one(), ending)
    assert (await desk.state("state, due_at")) == (state, LATER + wait if wait else None)
    assert await desk.used() == used
    await desk.check()
    if wait:
        assert (await desk.claim(LATER + wait / 2)).letters == ()
        await desk.settle(*await desk.one(LATER + wait), now=LATER + wait)
        assert await desk.state() == "sent"


async def test_a_server_that_is_away_rests_the_account(desk: AnswerDesk) -> None:
    """The answer waits with it, says so, and goes when the rest is over, one letter at a time."""
    await desk.respond()
    await desk.respond()
    work = await desk.claim(limit=1)
    await desk.settle(work.letters[0], work.fence, AWAY)
    assert (await desk.claim(LATER + timedelta(seconds=2))).letters == ()
    held = await desk.pool.ask("select distinct held_by from responses where workspace_id = :w")
    assert held == [("account_resting",)]
    assert len((await desk.claim(LATER + 2 * MINUTE)).letters) == 1


async def test_it_waits_for_the_reset_when_the_day_is_used_up(
    own_database: Database, own_workspace: UUID
) -> None:
    """And says what holds it; it is neither lost nor beyond the limit."""
    desk = await AnswerDesk.opened(TestPool(own_database, own_workspace), limit=1)
    await desk.respond()
    assert (await desk.claim()).letters == ()
    assert await desk.state("state, held_by") == ("queued", "account_quota")
    item, fence = await desk.one(MIDNIGHT)
    assert await desk.clear(item, fence, MIDNIGHT)
    assert (await desk.pool.ledger(MIDNIGHT.date()))["ada"] == (0, 0, 1)
    await desk.check(MIDNIGHT)


async def test_a_limit_that_is_raised_lets_it_go_within_a_minute(
    own_database: Database, own_workspace: UUID
) -> None:
    """Not only after the reset."""
    desk = await AnswerDesk.opened(TestPool(own_database, own_workspace), limit=1)
    await desk.respond()
    await desk.claim()
    await desk.pool.change("sender_accounts", desk.account_id, daily_limit=2)
    assert len((await desk.claim(LATER + MINUTE)).letters) == 1


async def test_it_minds_the_workspaces_quota_and_caps(desk: AnswerDesk) -> None:
    """Every level at once, and what was taken is counted there."""
    await desk.act(lambda uow: change_workspace(uow, {"daily_quota": 2}, now=LATER))
    await desk.act(lambda uow: change_workspace(uow, {"sending_domain_daily_limit": 5}, now=LATER))
    await desk.pool.execute("update sender_accounts set rolling_limit = 5 where workspace_id = :w")
    await desk.respond()
    await desk.respond()
    assert len((await desk.claim()).letters) == 1
    held = await desk.pool.ask("select held_by from responses where workspace_id = :w and state = 'queued'")
    assert held == [("workspace_quota",)]


async def test_caps_are_counted_and_given_back(desk: AnswerDesk) -> None:
    """The books of caps are exact whatever becomes of it."""
    await desk.act(lambda uow: change_workspace(uow, {"sending_domain_daily_limit": 5}, now=LATER))
    await desk.respond()
    item, fence = await desk.one()
    await desk.check()
    await desk.settle(item, fence, GREYLISTED)
    await desk.check()
    later = LATER + timedelta(minutes=5)
    item, fence = await desk.one(later)
    assert await desk.clear(item, fence, later)
    await desk.settle(item, fence, now=later)
    await desk.check(later)
    await desk.act(lambda uow: change_workspace(uow, {"sending_domain_daily_limit": None}, now=later))
    await desk.act(lambda uow: change_workspace(uow, {"sending_domain_daily_limit": 5}, now=later))
    await desk.check(later)


async def test_answers_go_before_campaigns(own_database: Database, own_workspace: UUID) -> None:
    """The last unit is a person's: a campaign's claim leaves it alone, whoever asks first."""
    pool = TestPool(own_database, own_workspace)
    desk = await AnswerDesk.opened(pool, limit=3)
    await pool.leads(await pool.campaign(now=LATER), 5, domain="others.test", now=LATER)
    await desk.respond()
    assert len((await pool.must_claim(LATER)).rows) == 1
    assert len((await desk.claim()).letters) == 1
    assert await desk.used() == (1, 0, 2)
    await desk.check()


async def test_answers_do_not_mind_spacing(own_database: Database, own_workspace: UUID) -> None:
    """Who waits is a person; but what follows keeps its distance to them."""
    desk = await AnswerDesk.opened(TestPool(own_database, own_workspace), gap=600)
    await desk.pool.change("sender_accounts", desk.account_id, next_send_at=LATER + MINUTE)
    await desk.respond()
    item, fence = await desk.one()
    assert await desk.clear(item, fence)
    await desk.settle(item, fence)
    next_at = await desk.pool.account_field(desk.account_id, "next_send_at")
    assert next_at == LATER + timedelta(seconds=600)


@pytest.mark.parametrize("trouble", ["suppress", "remove", "shut_out", "midnight", "closing", "forbid"])
async def test_what_stops_it_right_before_data(desk: AnswerDesk, trouble: str) -> None:
    """R7: whatever changed since the claim."""
    await desk.respond()
    item, fence = await desk.one()
    now = LATER
    match trouble:
        case "suppress":
            await desk.pool.suppress("somebody@else.test")
        case "remove":
            await desk.pool.change("sender_accounts", desk.account_id, removed_at=LATER, status="paused")
        case "shut_out":
            await desk.pool.change(
                "sender_accounts", desk.account_id, status="paused", status_reason="auth_failed"
            )
        case "midnight":
            now = MIDNIGHT
        case "closing":
            now = MIDNIGHT - timedelta(milliseconds=500)
        case _:
            await desk.act(lambda uow: change_workspace(uow, {"daily_quota": 0}, now=LATER))
    assert not await desk.clear(item, fence, now)


async def test_who_is_suppressed_meanwhile_is_not_answered(desk: AnswerDesk) -> None:
    """What waits is cancelled, and says why."""
    await desk.respond()
    await desk.pool.suppress("else.test", "domain")
    assert (await desk.claim()).letters == ()
    assert await desk.state("state, state_reason, due_at") == ("cancelled", "suppressed", None)


async def test_a_refused_login_holds_what_waits(desk: AnswerDesk) -> None:
    """Until a person has given the account another password."""
    await desk.respond()
    await desk.pool.change("sender_accounts", desk.account_id, status="paused", status_reason="auth_failed")
    assert (await desk.claim()).letters == ()
    assert await desk.state("state, held_by") == ("queued", "auth_failed")
    await desk.pool.change("sender_accounts", desk.account_id, status="active", status_reason=None)
    assert len((await desk.claim(LATER + MINUTE)).letters) == 1


async def test_an_account_that_is_removed_cancels_what_waits(desk: AnswerDesk) -> None:
    """Nobody else answers in its place."""
    await desk.respond()
    await desk.pool.change("sender_accounts", desk.account_id, removed_at=LATER, status="paused")
    assert (await desk.claim()).letters == ()
    assert await desk.state() == "cancelled"
