"""A person settles what nobody knew: it arrived, or it did not (R6)."""

from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.actions.enrolling import enroll_bulk
from leadterra.actions.leads import pause_lead, remove_lead_from_campaign, resume_lead
from leadterra.actions.running import run
from leadterra.domain.errors import InvalidState
from leadterra.domain.outcomes import Answer, Command, Uncertain
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.ids import message_id_of
from tests.support.clock import NOW
from tests.support.pools import TestPool

UNKNOWN = Uncertain(Answer(Command.BODY, None, None, "closed"))
LATER = NOW + timedelta(days=1)


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> TestPool:
    """An account and a campaign of two steps."""
    found = TestPool(database, workspace)
    await found.account("ada", 10)
    return found


async def uncertain(pool: TestPool, *, steps: int = 2) -> tuple[UUID, UUID]:
    """A campaign and its only lead, whose first message is uncertain."""
    campaign = await pool.campaign(steps=steps, delay_days=3)
    [enrollment] = await pool.leads(campaign, 1)
    await pool.settle(await pool.must_claim(), UNKNOWN, data_at=NOW)
    return campaign, enrollment


async def test_sent_counts_and_the_sequence_goes_on(pool: TestPool) -> None:
    """Its unit is a sent one of the day on which it was taken; the next step's delay runs from now."""
    campaign, enrollment = await uncertain(pool)
    await pool.resolve(message_id_of(enrollment, 1), "sent", LATER)
    assert await pool.enrollment(enrollment, "state, position, due_at") == (
        "waiting",
        1,
        LATER + timedelta(days=3),
    )
    assert await pool.ledger(NOW.date()) == {"ada": (1, 0, 0)}
    assert (await pool.totals(campaign))["sent"] == 1
    assert (await pool.totals(campaign))["uncertain"] == 0
    await pool.check_books()


async def test_not_sent_gives_the_unit_back_and_the_message_is_due_again(pool: TestPool) -> None:
    """At once, from whichever account is next."""
    _, enrollment = await uncertain(pool)
    await pool.resolve(message_id_of(enrollment, 1), "not_sent", LATER)
    assert await pool.ledger(NOW.date()) == {"ada": (0, 0, 0)}
    assert [row.enrollment_id for row in (await pool.must_claim(LATER)).rows] == [enrollment]
    await pool.check_books()


async def test_the_last_step_resolved_as_sent_finishes_the_lead(pool: TestPool) -> None:
    """And with it the campaign."""
    _, enrollment = await uncertain(pool, steps=1)
    await pool.resolve(message_id_of(enrollment, 1), "sent")
    assert await pool.enrollment(enrollment) == "finished"
    assert [kind for kind, _ in await pool.events()] == [
        "message.uncertain",
        "message.sent",
        "campaign.completed",
    ]


async def test_a_message_is_resolved_once(pool: TestPool) -> None:
    """The second person is told so, and nothing changes."""
    _, enrollment = await uncertain(pool)
    await pool.resolve(message_id_of(enrollment, 1), "sent")
    with pytest.raises(InvalidState):
        await pool.resolve(message_id_of(enrollment, 1), "not_sent")
    assert await pool.message(enrollment) == "sent"


async def test_only_an_uncertain_message_can_be_resolved(pool: TestPool) -> None:
    """Not one that is on its way, nor one that has no row yet."""
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    await pool.must_claim()
    for ordinal in (1, 2):
        with pytest.raises(InvalidState):
            await pool.resolve(message_id_of(enrollment, ordinal), "sent")


async def test_nothing_is_sent_until_somebody_knows(pool: TestPool) -> None:
    """A month later it is still uncertain, and its follow-up has not gone."""
    await uncertain(pool)
    assert await pool.claim(NOW + timedelta(days=30)) is None
    assert await pool.wake_at() is None


@pytest.mark.parametrize("comes_back", [True, False], ids=["enrolled again", "resumed"])
async def test_a_lead_that_comes_back_says_again_why_it_waits(pool: TestPool, *, comes_back: bool) -> None:
    """It was taken out or paused while nobody knew, and still nobody knows."""
    campaign, enrollment = await uncertain(pool)
    before = await pool.enrollment(enrollment, "state, state_reason")
    lead = await pool.enrollment(enrollment, "lead_id")
    again: list[object] = [{"email": "lead00000@leads.test"}]

    async def take_out(uow: UnitOfWork) -> None:
        await remove_lead_from_campaign(uow, campaign, lead, now=NOW)
        await enroll_bulk(uow, campaign, again, skips_invalid=False, now=NOW)

    async def pause(uow: UnitOfWork) -> None:
        await pause_lead(uow, campaign, lead, now=NOW)
        await resume_lead(uow, campaign, lead, now=NOW)

    await run(pool.database, pool.workspace_id, take_out if comes_back else pause)

    assert before[0] == "uncertain"
    assert before[1]
    assert await pool.enrollment(enrollment, "state, state_reason") == before


@pytest.mark.parametrize("outcome", ["sent", "not_sent"])
async def test_a_paused_lead_stays_paused(pool: TestPool, outcome: str) -> None:
    """The message is settled; the lead goes on when the person who paused it says so."""
    _, enrollment = await uncertain(pool)
    await pool.change("enrollments", enrollment, state="paused")
    await pool.resolve(message_id_of(enrollment, 1), "sent" if outcome == "sent" else "not_sent")
    assert await pool.enrollment(enrollment) == "paused"
    assert await pool.claim(NOW + timedelta(days=30)) is None


@pytest.mark.parametrize(("outcome", "message"), [("sent", "sent"), ("not_sent", "cancelled")])
async def test_a_lead_that_has_ended_stays_ended(pool: TestPool, outcome: str, message: str) -> None:
    """Its message and unit are set right all the same."""
    _, enrollment = await uncertain(pool)
    await pool.change("enrollments", enrollment, state="unsubscribed")
    await pool.resolve(message_id_of(enrollment, 1), "sent" if outcome == "sent" else "not_sent")
    assert await pool.enrollment(enrollment) == "unsubscribed"
    assert await pool.message(enrollment) == message


async def test_a_person_s_word_says_nothing_about_the_account(pool: TestPool) -> None:
    """One that rests goes on resting (R9)."""
    _, enrollment = await uncertain(pool)
    [(account,)] = await pool.ask("select id from sender_accounts where workspace_id = :w")
    rest = NOW + timedelta(minutes=10)
    await pool.change("sender_accounts", account, failures=3, rest_until=rest)
    await pool.resolve(message_id_of(enrollment, 1), "sent")
    assert await pool.account_field(account, "failures, rest_until") == (3, rest)


async def test_a_person_s_word_is_no_conversation(pool: TestPool) -> None:
    """The message has had one attempt, the one that was uncertain."""
    _, enrollment = await uncertain(pool)
    await pool.resolve(message_id_of(enrollment, 1), "sent")
    assert await pool.ask("select number, outcome from attempts where workspace_id = :w") == [
        (1, "uncertain")
    ]
