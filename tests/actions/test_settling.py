"""Settling: what a batch of endings changes, once, and whose it is to change."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from leadterra.actions.claiming import Claim
from leadterra.actions.running import run
from leadterra.actions.settling import settle_messages
from leadterra.domain.outcomes import (
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import LEASE, TAKEN, TestPool, settlement

UNKNOWN = Uncertain(Answer(Command.BODY, None, None, "closed"))
GREYLISTED = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "greylisted"))
NO_SERVER = Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "refused"))
NO_MAILBOX = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
WRONG_LOGIN = Refused(Scope.ACCOUNT, Answer(Command.AUTH, 535, "5.7.8", "no"), authentication=True)
DAILY = Deferred(Scope.ACCOUNT, Answer(Command.MAIL, 550, "5.4.5", "daily quota exceeded"), daily=True)
BROKEN = Unsendable(Reason.UNRENDERABLE, "no such filter")
SECOND = timedelta(seconds=1)


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def one_claimed(
    pool: TestPool, *, steps: int = 2, limit: int = 10, gap: float | None = None
) -> tuple[UUID, UUID, Claim]:
    """An account, a campaign and one lead, claimed: the account, the enrollment and the claim."""
    account = await pool.account("ada", limit, gap=gap)
    [enrollment] = await pool.leads(await pool.campaign(steps=steps), 1)
    return account, enrollment, await pool.must_claim()


@pytest.mark.parametrize(
    ("ending", "states", "units", "events"),
    [
        (TAKEN, ("waiting", "sent"), (1, 0, 0), ["message.sent"]),
        (UNKNOWN, ("uncertain", "uncertain"), (0, 1, 0), ["message.uncertain"]),
        (GREYLISTED, ("waiting", "deferred"), (0, 0, 0), ["message.deferred"]),
        (NO_SERVER, ("waiting", "queued"), (0, 0, 0), []),
        (
            NO_MAILBOX,
            ("bounced", "refused"),
            (0, 0, 0),
            ["message.bounced", "campaign.completed", "lead.suppressed"],
        ),
        (BROKEN, ("failed", "refused"), (0, 0, 0), ["campaign.completed"]),
        (Withheld(Reason.NOT_CLEARED), ("waiting", "queued"), (0, 0, 0), []),
        (Withheld(Reason.MISSING_VARIABLE, "company"), ("held", "queued"), (0, 0, 0), []),
    ],
)
async def test_each_ending_is_written_down_everywhere(
    pool: TestPool,
    ending: Ending,
    states: tuple[str, str],
    units: tuple[int, int, int],
    events: list[str],
) -> None:
    """Enrollment, message, ledger and log tell the same; and the claim is over."""
    _, enrollment_id, claim = await one_claimed(pool)
    assert await pool.settle(claim, ending) == 1
    assert (await pool.enrollment(enrollment_id), await pool.message(enrollment_id)) == states
    assert (await pool.ledger())["ada"] == units
    assert [kind for kind, _ in await pool.events()] == events
    assert await pool.ask("select number from claims where workspace_id = :w") == []
    await pool.check_books()


async def test_settling_twice_is_settling_once(pool: TestPool) -> None:
    """The second time it is nobody's to settle: no unit, no event, no total more."""
    _, _, claim = await one_claimed(pool)
    assert [await pool.settle(claim), await pool.settle(claim)] == [1, 0]
    assert await pool.ledger() == {"ada": (1, 0, 0)}
    assert len(await pool.events()) == 1


async def test_the_same_ending_twice_in_a_batch_counts_once(pool: TestPool) -> None:
    """A worker that repeats itself changes nothing."""
    _, _, claim = await one_claimed(pool)
    batch = [settlement(claim, claim.rows[0], TAKEN)] * 2
    assert await run(pool.database, pool.workspace_id, lambda uow: settle_messages(uow, batch, now=NOW)) == 1
    assert await pool.ledger() == {"ada": (1, 0, 0)}


async def test_two_settlers_of_one_message_at_once_settle_it_once(pool: TestPool) -> None:
    """On connections of their own: one waits for the other and finds nothing left."""
    _, _, claim = await one_claimed(pool)
    assert sorted(await asyncio.gather(*(pool.settle(claim) for _ in range(4)))) == [0, 0, 0, 1]
    await pool.check_books()


@pytest.mark.parametrize(
    "ending", [GREYLISTED, NO_MAILBOX, BROKEN], ids=["deferred", "bounced", "unsendable"]
)
async def test_a_returned_unit_wakes_those_who_wait_for_quota(pool: TestPool, ending: Ending) -> None:
    """The account's last unit comes back: the other lead has it at once, not at midnight (R2)."""
    await pool.account("ada", 1)
    await pool.leads(await pool.campaign(), 2)
    claim = await pool.must_claim()
    assert await pool.claim() is None
    await pool.settle(claim, ending)
    assert await pool.wake_at() == NOW
    assert len((await pool.must_claim()).rows) == 1


async def test_a_probe_that_succeeds_wakes_those_who_wait_for_it(pool: TestPool) -> None:
    """The account is well: its queue goes on at once, though the probe's own next step is days away (R9)."""
    account = await pool.account("ada", 10)
    await pool.change("sender_accounts", account, failures=2)
    await pool.leads(await pool.campaign(steps=2), 3)
    probe = await pool.must_claim()
    assert len(probe.rows) == 1
    assert await pool.claim() is None
    await pool.settle(probe, TAKEN, data_at=NOW)
    assert await pool.wake_at() == NOW
    assert len((await pool.must_claim()).rows) == 2


async def test_a_message_that_waits_wakes_the_pool_when_it_is_due(pool: TestPool) -> None:
    """A follow-up after its delay."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(steps=2, delay_days=2), 1)
    claim = await pool.must_claim()
    await pool.claim()
    await pool.settle(claim, TAKEN, NOW + SECOND)
    await pool.claim(NOW + SECOND)
    assert await pool.wake_at() == NOW + SECOND + timedelta(days=2)


async def test_the_gap_is_counted_from_data(pool: TestPool) -> None:
    """A letter that took a minute to hand over does not make the next one later."""
    account, _, claim = await one_claimed(pool, gap=120)
    await pool.settle(claim, TAKEN, NOW + timedelta(seconds=60), data_at=NOW + SECOND)
    assert await pool.account_field(account, "next_send_at") == NOW + timedelta(seconds=121)


@pytest.mark.parametrize(
    "ending", [NO_SERVER, NO_MAILBOX, Withheld(Reason.NOT_CLEARED)], ids=["connect", "rcpt", "withheld"]
)
async def test_what_did_not_come_to_data_costs_no_gap(pool: TestPool, ending: Ending) -> None:
    """The account may send at once, as far as spacing goes."""
    account, _, claim = await one_claimed(pool, gap=120)
    await pool.settle(claim, ending)
    assert await pool.account_field(account, "next_send_at") is None


async def test_a_late_word_of_an_old_letter_does_not_shorten_the_gap(pool: TestPool) -> None:
    """The account has sent another since: the gap runs from that one."""
    account, _, old = await one_claimed(pool, gap=120)
    await pool.clear(old)
    later = NOW + timedelta(minutes=10)
    await pool.leads(await pool.campaign(now=later), 1, prefix="other", now=later)
    new = await pool.must_claim(later)
    await pool.settle(new, TAKEN, later, data_at=later)
    await pool.settle(old, TAKEN, later, data_at=NOW)
    assert await pool.account_field(account, "next_send_at") == later + timedelta(seconds=120)


async def test_a_dead_server_rests_its_account(pool: TestPool) -> None:
    """With the reason; the lead's message is as it was, bound to nobody, and another account may have it
    (R9).
    """
    account, enrollment, claim = await one_claimed(pool)
    other = await pool.account("bob", 10)
    await pool.settle(claim, NO_SERVER)
    rest, reason, status = await pool.account_field(account, "rest_until, rest_reason, status")
    assert (rest, reason, status) == (NOW + timedelta(seconds=30), "CONNECT:  refused", "active")
    assert await pool.enrollment(enrollment, "state, sender_account_id") == ("waiting", None)
    assert [row.sender_account_id for row in (await pool.must_claim()).rows] == [other]


async def test_three_refused_logins_pause_the_account_and_say_so(pool: TestPool) -> None:
    """A person must act: status, reason, and the event (R9)."""
    account, _, claim = await one_claimed(pool)
    now = NOW
    for _ in range(3):
        await pool.settle(claim, WRONG_LOGIN, now)
        now += timedelta(hours=1)
        claim = await pool.claim(now) or claim
    assert await pool.account_field(account, "status, status_reason") == ("paused", "auth_failed")
    assert [data["reason"] for kind, data in await pool.events() if kind == "sender.paused"] == [
        "auth_failed"
    ]


async def test_the_provider_s_daily_quota_is_not_the_lead_s_fault(pool: TestPool) -> None:
    """550 5.4.5: the account rests until midnight, and the lead is sent by another today."""
    account, enrollment, claim = await one_claimed(pool)
    await pool.account("bob", 10)
    await pool.settle(claim, DAILY)
    assert await pool.account_field(account, "rest_until, failures") == (
        datetime.fromisoformat("2026-03-11T00:00:00Z"),
        0,
    )
    assert [row.enrollment_id for row in (await pool.must_claim()).rows] == [enrollment]


async def test_a_daily_quota_told_of_before_midnight_is_over_after_it(pool: TestPool) -> None:
    """Settled a moment into the new day, it does not take that day too (R2)."""
    account = await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 1)
    midnight = datetime.fromisoformat("2026-03-11T00:00:00Z")
    claim = await pool.must_claim(midnight - 10 * SECOND)
    batch = [settlement(claim, row, DAILY, midnight - 2 * SECOND) for row in claim.rows]
    await run(
        pool.database, pool.workspace_id, lambda uow: settle_messages(uow, batch, now=midnight + SECOND)
    )
    assert (await pool.account_field(account, "rest_until") or midnight) <= midnight


async def test_the_totals_tell_what_happened(pool: TestPool) -> None:
    """Ten leads, one ending each: sent counts the bounced too; all that is over is closed."""
    await pool.account("ada", 100)
    campaign = await pool.campaign()
    await pool.leads(campaign, 10)
    claim = await pool.must_claim()
    endings = dict(
        zip(
            (row.enrollment_id for row in claim.rows),
            [TAKEN] * 4 + [NO_MAILBOX] * 3 + [BROKEN] * 2 + [UNKNOWN],
            strict=True,
        )
    )
    await pool.settle(claim, lambda row: endings[row.enrollment_id])
    assert await pool.totals(campaign) == {
        "enrolled": 10,
        "open": 1,
        "sent": 7,
        "bounced": 3,
        "failed": 2,
        "uncertain": 1,
    }
    await pool.check_books()


async def test_a_campaign_is_completed_once(pool: TestPool) -> None:
    """By the settlement that ends its last lead."""
    await pool.account("ada", 100)
    await pool.leads(await pool.campaign(), 4)
    first, second = await pool.must_claim(limit=2), await pool.must_claim(limit=2)
    await pool.settle(first)
    before = [kind for kind, _ in await pool.events()].count("campaign.completed")
    await pool.settle(second)
    await pool.settle(second)
    assert (before, [kind for kind, _ in await pool.events()].count("campaign.completed")) == (0, 1)


@pytest.mark.parametrize("state", ["replied", "unsubscribed", "suppressed", "removed"])
@pytest.mark.parametrize(
    ("ending", "message", "units"),
    [
        (TAKEN, "sent", (1, 0, 0)),
        (Withheld(Reason.NOT_CLEARED), "cancelled", (0, 0, 0)),
        (UNKNOWN, "uncertain", (0, 1, 0)),
    ],
    ids=["taken", "withheld", "uncertain"],
)
async def test_what_ended_in_flight_stays_ended(
    pool: TestPool, state: str, ending: Ending, message: str, units: tuple[int, int, int]
) -> None:
    """The message and its unit are settled as they must; the lead gets nothing more."""
    _, enrollment, claim = await one_claimed(pool)
    await pool.change("enrollments", enrollment, state=state)
    await pool.settle(claim, ending)
    assert await pool.enrollment(enrollment) == state
    assert await pool.message(enrollment) == message
    assert await pool.ledger() == {"ada": units}
    assert await pool.claim(NOW + timedelta(days=30)) is None


async def test_a_lead_refused_its_clearance_for_a_suppression_ends(pool: TestPool) -> None:
    """Its enrollment did not know: the address came onto the list by another way. It is not claimed again and
    again.
    """
    _, enrollment, claim = await one_claimed(pool)
    await pool.suppress(claim.rows[0].email_key)
    assert await pool.clear(claim) == set()
    await pool.settle(claim, Withheld(Reason.NOT_CLEARED))
    assert await pool.enrollment(enrollment) == "suppressed"
    assert await pool.claim() is None
    await pool.check_books()


async def test_the_history_of_a_message_has_an_attempt_a_conversation(pool: TestPool) -> None:
    """Two deferrals and an acceptance, numbered; what was withheld is no conversation."""
    _, enrollment, claim = await one_claimed(pool)
    now = NOW
    for ending in (GREYLISTED, GREYLISTED, Withheld(Reason.NOT_CLEARED), TAKEN):
        await pool.settle(claim, ending, now)
        now += timedelta(hours=1)
        claim = await pool.claim(now) or claim
    rows = await pool.ask(
        "select number, outcome from attempts where workspace_id = :w and enrollment_id = :e order by number",
        e=enrollment,
    )
    assert rows == [(1, "deferred"), (2, "deferred"), (3, "accepted")]
    assert await pool.message(enrollment, "state, attempts") == ("sent", 3)


@pytest.mark.parametrize("order", range(6))
async def test_settling_clearing_stopping_and_recovering_at_once_keep_the_books(
    pool: TestPool, order: int
) -> None:
    """In whatever order they get their locks: one of the endings, and units to match."""
    account, enrollment, claim = await one_claimed(pool)
    stop = (
        partial(pool.change, "enrollments", enrollment, state="paused")
        if order % 2
        else partial(pool.change, "sender_accounts", account, status="paused")
    )
    acts: list[Callable[[], Awaitable[object]]] = [
        lambda: pool.settle(claim, TAKEN, NOW + LEASE, data_at=NOW),
        lambda: pool.clear(claim, NOW + LEASE - SECOND),
        lambda: pool.claim(NOW + LEASE),
        stop,
        lambda: pool.suppress(claim.rows[0].email_key),
    ]
    turned = acts[order % 5 :] + acts[: order % 5]
    await asyncio.gather(*(act() for act in turned))
    message, units = await pool.message(enrollment), (await pool.ledger())["ada"]
    expected = {"sent": (1, 0, 0), "uncertain": (0, 1, 0), "queued": (0, 0, 0), "sending": (0, 0, 1)}
    assert units == expected[message]


async def test_a_campaign_whose_last_lead_is_suppressed_is_completed(pool: TestPool) -> None:
    """Ended by the suppression that its clearance ran into, and said as any other end is."""
    _, _, claim = await one_claimed(pool)
    await pool.suppress(claim.rows[0].email_key)
    await pool.settle(claim, Withheld(Reason.NOT_CLEARED))
    assert [kind for kind, _ in await pool.events()] == ["campaign.completed"]


async def test_an_uncertain_message_that_is_uncertain_again_changes_nothing(pool: TestPool) -> None:
    """A settlement whose commit was not heard of is made twice: one attempt, one event, one unit."""
    await pool.account("ada", 10)
    campaign = await pool.campaign()
    [enrollment] = await pool.leads(campaign, 1)
    claim = await pool.must_claim()
    for _ in range(2):
        await pool.settle(claim, Uncertain(Answer(Command.BODY, None, None, "closed")))
    assert await pool.message(enrollment, "attempts") == 1
    assert [kind for kind, _ in await pool.events()] == ["message.uncertain"]
    assert await pool.ledger() == {"ada": (0, 1, 0)}
    await pool.check_books()
