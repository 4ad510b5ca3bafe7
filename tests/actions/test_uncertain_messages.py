"""Uncertain messages are looked for in the Sent folder: found is sent, and only what would have to be there
and is not counts as not sent (R6).
"""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadterra.actions.ports import MailAccess, Security
from leadterra.actions.resolving import resolve_by_evidence
from leadterra.actions.running import run
from leadterra.actions.uncertain_messages import (
    Search,
    Sighting,
    keeps_copies,
    list_searches,
    look_for,
)
from leadterra.domain.uncertain import GRACE, LONGEST, MOST_RESENDS
from leadterra.store.database import Database
from leadterra.store.ids import message_id_of
from leadterra.store.mailboxes import keep_mailbox
from leadterra.transport.scripted_mailboxes import ScriptedMailboxes
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool
from tests.support.uncertain import AFTER, BEFORE, UNKNOWN, SentItems

SOON = NOW + timedelta(seconds=30)
LATER = NOW + GRACE + timedelta(minutes=2)


@pytest.fixture
async def sent(database: Database, workspace: UUID) -> SentItems:
    """An account whose mailbox has an empty Sent folder."""
    pool = TestPool(database, workspace)
    account_id = await pool.account("ada", 100)
    async with database.unit_of_work(workspace) as uow:
        await keep_mailbox(uow, account_id, is_read=True)
    return SentItems(pool, account_id, ScriptedMailboxes(ManualClock(NOW)).mailbox("ada"))


async def searches(sent: SentItems, now: datetime) -> list[Search]:
    """What is to be looked for."""
    return await run(
        sent.pool.database,
        sent.pool.workspace_id,
        lambda uow: list_searches(uow, [sent.account_id], now=now),
    )


async def seen(sent: SentItems, wanted: list[Search]) -> list[Sighting]:
    """What there is of it."""
    session = sent.mailbox.admit(MailAccess(sent.account_id, "h", 1, Security.NONE, "ada", "x"), None)
    return await look_for(session, wanted)


async def conclude(sent: SentItems, wanted: list[Search], found: list[Sighting], now: datetime) -> None:
    """What follows."""
    await run(
        sent.pool.database,
        sent.pool.workspace_id,
        lambda uow: resolve_by_evidence(
            uow,
            sent.account_id,
            found,
            keeps_copies=keeps_copies(wanted, found),
            looked_at=now,
            now=now,
        ),
    )


async def look(sent: SentItems, now: datetime) -> int:
    """Look once; at how many messages."""
    wanted = await searches(sent, now)
    await conclude(sent, wanted, await seen(sent, wanted), now)
    return len(wanted)


async def test_what_is_in_the_sent_folder_was_sent(sent: SentItems) -> None:
    """Half a minute later its unit is a sent one, the sequence goes on, and the mailbox is known to keep
    copies.
    """
    enrollment = await sent.send(UNKNOWN)
    await sent.keep_copy(enrollment)

    assert await look(sent, SOON - timedelta(seconds=1)) == 0
    assert await look(sent, SOON) == 1
    assert await sent.pool.message(enrollment) == "sent"
    assert await sent.pool.enrollment(enrollment, "state, position") == ("waiting", 1)
    assert await sent.pool.ledger() == {"ada": (1, 0, 0)}
    assert await sent.keeps_copies() is True
    await sent.pool.check_books()


async def test_a_mailbox_that_is_not_known_to_keep_copies_proves_nothing(sent: SentItems) -> None:
    """Whatever the policy: its folder is empty of all that was sent."""
    await sent.policy("resend")
    await sent.send(at=BEFORE)
    enrollment = await sent.send(UNKNOWN)
    await sent.send(at=AFTER)

    await look(sent, LATER)
    assert await sent.pool.message(enrollment, "state, state_reason") == ("uncertain", "BODY: closed")
    assert await sent.keeps_copies() is False


async def test_held_it_stays_uncertain_and_says_why(sent: SentItems) -> None:
    """The message and its lead, once, however often it is looked for."""
    enrollment = await sent.surrounded()
    events = await sent.pool.events()

    for now in (LATER, LATER + timedelta(hours=1)):
        assert await look(sent, now) == 1
        reason = (
            "BODY: closed; its mailbox keeps copies and has none of it: a person must say whether it arrived"
        )
        assert await sent.pool.message(enrollment, "state, state_reason") == ("uncertain", reason)
        assert await sent.pool.enrollment(enrollment, "state, state_reason") == ("uncertain", reason)
    assert await sent.pool.events() == events
    await sent.pool.check_books()


async def test_resent_its_unit_is_given_back_and_it_is_due_again(sent: SentItems) -> None:
    """At once, and as the same message."""
    await sent.policy("resend")
    enrollment = await sent.surrounded()

    await look(sent, LATER)
    assert await sent.pool.ledger() == {"ada": (2, 0, 0)}
    claim = await sent.pool.must_claim(LATER)
    assert [row.enrollment_id for row in claim.rows] == [enrollment]
    assert await sent.pool.message(enrollment) == "sending"
    await sent.pool.check_books()


async def test_before_the_grace_time_is_over_nothing_is_concluded(sent: SentItems) -> None:
    """A copy may come late; and then it is found."""
    await sent.policy("resend")
    enrollment = await sent.surrounded()

    await look(sent, NOW + GRACE - timedelta(seconds=1))
    assert await sent.pool.message(enrollment) == "uncertain"
    await sent.keep_copy(enrollment)
    await look(sent, NOW + 2 * GRACE)
    assert await sent.pool.message(enrollment) == "sent"


@pytest.mark.parametrize("missing", ["before", "after"])
async def test_both_sides_must_be_there(sent: SentItems, missing: str) -> None:
    """A folder that was emptied since has nothing from before; one that keeps copies no more, nothing from
    after.
    """
    await sent.policy("resend")
    before, enrollment = await sent.send(at=BEFORE), await sent.send(UNKNOWN)
    after = await sent.send(at=AFTER)
    await sent.keep_copy(after if missing == "before" else before)

    await look(sent, LATER)
    assert await sent.pool.message(enrollment) == "uncertain"
    assert await sent.keeps_copies() is True


async def test_what_was_sent_just_now_is_no_witness(sent: SentItems) -> None:
    """Its own copy may not have come yet."""
    before, enrollment = await sent.send(at=BEFORE), await sent.send(UNKNOWN)
    late = await sent.send(at=LATER - timedelta(minutes=1))
    for each in (before, late):
        await sent.keep_copy(each)

    [wanted] = await searches(sent, LATER)
    assert (wanted.message.enrollment_id, len(wanted.before), wanted.after) == (enrollment, 1, [])


async def test_a_message_that_was_deleted_is_not_the_only_witness(sent: SentItems) -> None:
    """Three on each side are looked for."""
    await sent.policy("resend")
    older, _ = await sent.send(at=BEFORE), await sent.send(at=BEFORE + timedelta(minutes=1))
    enrollment, after = await sent.send(UNKNOWN), await sent.send(at=AFTER)
    for each in (older, after):
        await sent.keep_copy(each)

    await look(sent, LATER)
    assert await sent.pool.message(enrollment) == "queued"


async def test_a_folder_that_cannot_be_searched_says_nothing(sent: SentItems) -> None:
    """It is looked at again later."""
    await sent.policy("resend")
    enrollment = await sent.surrounded()
    wanted = await searches(sent, LATER)

    await conclude(sent, wanted, [Sighting(each.message, is_searched=False) for each in wanted], LATER)
    assert await sent.pool.message(enrollment) == "uncertain"
    assert await searches(sent, LATER + timedelta(minutes=5)) == []
    assert len(await searches(sent, LATER + timedelta(hours=1))) == 1


async def test_a_mailbox_without_a_sent_folder_proves_nothing(sent: SentItems) -> None:
    """There is nowhere to look."""
    await sent.policy("resend")
    enrollment = await sent.surrounded()
    del sent.mailbox.folders["Sent"]

    await look(sent, LATER)
    assert await sent.pool.message(enrollment) == "uncertain"


async def test_whoever_looks_late_changes_nothing(sent: SentItems) -> None:
    """A person, or another process, has settled it while the folder was searched."""
    await sent.policy("resend")
    enrollment = await sent.surrounded()
    wanted = await searches(sent, LATER)
    found = await seen(sent, wanted)
    await sent.pool.resolve(message_id_of(enrollment, 1), "sent", LATER)
    events = await sent.pool.events()

    await conclude(sent, wanted, found, LATER)
    assert await sent.pool.message(enrollment) == "sent"
    assert await sent.pool.events() == events
    await sent.pool.check_books()


async def test_a_look_of_an_earlier_attempt_says_nothing_of_a_later_one(sent: SentItems) -> None:
    """It was sent anew, and became uncertain once more, meanwhile."""
    await sent.policy("resend")
    enrollment = await sent.surrounded()
    wanted = await searches(sent, LATER)
    found = await seen(sent, wanted)
    await sent.pool.resolve(message_id_of(enrollment, 1), "not_sent", LATER)
    await sent.again(LATER)

    await conclude(sent, wanted, found, LATER)
    assert await sent.pool.message(enrollment) == "uncertain"
    assert len(await searches(sent, LATER + timedelta(seconds=30))) == 1


async def test_two_that_look_at_once_settle_it_once(sent: SentItems) -> None:
    """One unit comes back, and it is sent anew once."""
    await sent.policy("resend")
    await sent.surrounded()
    wanted = await searches(sent, LATER)
    found = await seen(sent, wanted)

    await asyncio.gather(*(conclude(sent, wanted, found, LATER) for _ in range(3)))
    assert await sent.pool.ledger() == {"ada": (2, 0, 0)}
    assert len((await sent.pool.must_claim(LATER)).rows) == 1
    await sent.pool.check_books()


async def test_it_is_sent_anew_twice_at_most(sent: SentItems) -> None:
    """Then a person must look: something is wrong with its server."""
    await sent.policy("resend")
    enrollment = await sent.surrounded()
    now = LATER
    for _ in range(MOST_RESENDS):
        await look(sent, now)
        await sent.again(now)
        await sent.keep_copy(await sent.send(at=now + timedelta(minutes=1)))
        now += timedelta(hours=1)

    await look(sent, now)
    state, reason = await sent.pool.message(enrollment, "state, state_reason")
    assert state == "uncertain"
    assert "sent anew 2 times" in reason


async def test_looking_ends(sent: SentItems) -> None:
    """After a week nobody looks any more."""
    await sent.send(UNKNOWN)

    assert await look(sent, NOW + LONGEST) == 1
    assert await searches(sent, NOW + 100 * LONGEST) == []


async def test_an_ended_lead_s_message_is_settled_and_nothing_follows(sent: SentItems) -> None:
    """It unsubscribed meanwhile: the message is cancelled, or counts as sent."""
    await sent.policy("resend")
    enrollment = await sent.surrounded()
    await sent.pool.change("enrollments", enrollment, state="unsubscribed")

    await look(sent, LATER)
    assert await sent.pool.message(enrollment) == "cancelled"
    assert await sent.pool.enrollment(enrollment) == "unsubscribed"
    assert await sent.pool.claim(LATER) is None


async def test_other_accounts_messages_are_not_looked_for(sent: SentItems) -> None:
    """Whoever reads another mailbox does not ask for them."""
    await sent.surrounded()
    other = await sent.pool.account("bob", 10)

    found = await run(
        sent.pool.database, sent.pool.workspace_id, lambda uow: list_searches(uow, [other], now=LATER)
    )
    assert found == []


async def test_a_look_is_no_conversation_and_says_nothing_of_the_account(sent: SentItems) -> None:
    """There is one attempt, and a rest goes on."""
    enrollment = await sent.send(UNKNOWN)
    await sent.keep_copy(enrollment)
    rest = NOW + timedelta(hours=1)
    await sent.pool.change("sender_accounts", sent.account_id, failures=3, rest_until=rest)

    await look(sent, SOON)
    assert await sent.pool.ask("select outcome from attempts where workspace_id = :w") == [("uncertain",)]
    assert await sent.pool.account_field(sent.account_id, "failures, rest_until") == (3, rest)
