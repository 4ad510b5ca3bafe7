"""Edits of the steps while messages of them are on their way: nobody is sent a step twice, and none is lost.

The words of a message are those that its claim read; everybody else has the new ones with the next claim.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from leadterra.actions.lettering import LetterWriter
from leadterra.actions.running import run
from leadterra.actions.sequence_steps import replace_steps
from leadterra.domain.errors import NoSequenceSteps, Unacceptable
from leadterra.domain.outcomes import Answer, Command, Deferred, Ending, Reason, Scope, Uncertain, Withheld
from leadterra.domain.sequence import SequenceStep, StepDraft
from leadterra.mail.letter import Letter
from leadterra.store.database import Database
from leadterra.store.sequence_steps import list_steps
from tests.support.clock import NOW
from tests.support.pools import LEASE, TAKEN, TestPool

GREYLISTED = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "greylisted"))
UNKNOWN = Uncertain(Answer(Command.BODY, None, None, "connection lost"))
LOST = Withheld(Reason.LOST, "")
LATER = NOW + timedelta(minutes=5)
DAY = timedelta(days=1)


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool, with an account that is enough for all."""
    pool = TestPool(database, workspace)
    await pool.account("ada", 1000, gap=0)
    return pool


@pytest.fixture
async def campaign(pool: TestPool) -> UUID:
    """Running, with two steps a day apart."""
    return await pool.campaign(steps=2, delay_days=1)


def same(step: SequenceStep, html: str | None = None) -> StepDraft:
    """A step as it is, or in other words."""
    return StepDraft("Hello", html or step.body_html, delay_days=step.delay_days, id=step.id)


def fresh(html: str = "<p>New</p>", *, delay_days: float = 1) -> StepDraft:
    """A step that was not there before."""
    return StepDraft("Hello", html, delay_days=delay_days)


async def edit(pool: TestPool, campaign: UUID, *drafts: StepDraft, now: datetime = NOW) -> list[SequenceStep]:
    """Make these the steps."""
    return await run(
        pool.database, pool.workspace_id, lambda uow: replace_steps(uow, campaign, drafts, now=now)
    )


async def steps_of(pool: TestPool, campaign: UUID) -> list[SequenceStep]:
    """The steps as they are stored."""
    return await run(pool.database, pool.workspace_id, lambda uow: list_steps(uow, campaign))


async def claimed_words(pool: TestPool, now: datetime, ending: Ending = TAKEN) -> list[str]:
    """Claim what is due, write it and settle it so; the HTML of each letter."""
    claim = await pool.claim(now)
    if claim is None:
        return []
    writer = LetterWriter("http://mail.test")
    letters = [writer.write(claim, row, now=now) for row in claim.rows]
    await pool.settle(claim, ending, now)
    return [each.html for each in letters if isinstance(each, Letter)]


async def all_sent(pool: TestPool, days: int = 6) -> list[str]:
    """Send whatever falls due on the days to come."""
    return [
        html for number in range(days * 2) for html in await claimed_words(pool, LATER + number * DAY / 2)
    ]


async def sent(pool: TestPool) -> list[tuple[UUID, int]]:
    """Steps that went out, and how often."""
    rows = await pool.ask(
        "select step_id, count(*)::int from messages where workspace_id = :w and state = 'sent'"
        " group by step_id"
    )
    return [(step, count) for step, count in rows]


async def test_a_claimed_message_goes_out_in_the_words_of_its_claim(pool: TestPool, campaign: UUID) -> None:
    """The others of the same step get the new ones; each message says which version it was."""
    first, second = await steps_of(pool, campaign)
    claimed, other = await pool.leads(campaign, 2)
    claim = await pool.must_claim(limit=1)
    await edit(pool, campaign, same(first, "<p>Better</p>"), same(second))
    letter = LetterWriter("http://mail.test").write(claim, claim.rows[0], now=NOW)
    await pool.settle(claim)

    assert isinstance(letter, Letter)
    assert letter.html == "<p>Step 0 for lead00000@leads.test</p>"
    assert await claimed_words(pool, LATER) == ["<p>Better</p>"]
    assert [await pool.message(each, "step_version") for each in (claimed, other)] == [1, 2]


@pytest.mark.parametrize("ending", [GREYLISTED, LOST])
async def test_a_message_that_comes_back_gets_the_new_words(
    pool: TestPool, campaign: UUID, ending: Ending
) -> None:
    """Whether its server deferred it or it was withheld: the next claim reads again."""
    first, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    claim = await pool.must_claim()
    await edit(pool, campaign, same(first, "<p>Better</p>"), same(second))
    await pool.settle(claim, ending)

    assert await claimed_words(pool, LATER) == ["<p>Better</p>"]
    assert await pool.message(enrollment, "state, step_version") == ("sent", 2)


async def test_two_edits_at_one_instant_are_two_versions(pool: TestPool, campaign: UUID) -> None:
    """Compiled words are not taken for others of the same date."""
    first, second = await steps_of(pool, campaign)
    await pool.leads(campaign, 2)
    writer = LetterWriter("http://mail.test")
    written = []
    for words in ("<p>One</p>", "<p>Two</p>"):
        await edit(pool, campaign, same(first, words), same(second))
        claim = await pool.must_claim(limit=1)
        written.append(writer.write(claim, claim.rows[0], now=NOW))
        await pool.settle(claim)

    assert [each.html for each in written if isinstance(each, Letter)] == ["<p>One</p>", "<p>Two</p>"]


async def test_an_edit_wakes_the_pool(pool: TestPool) -> None:
    """Who was through has something to do again."""
    campaign = await pool.campaign()
    await pool.leads(campaign, 1)
    assert len(await claimed_words(pool, NOW)) == 1
    assert await pool.claim(NOW) is None
    [only] = await steps_of(pool, campaign)
    await edit(pool, campaign, same(only), fresh())

    assert await pool.wake_at() == NOW
    assert await pool.claim(NOW) is None
    assert await pool.wake_at() == NOW + DAY
    assert await all_sent(pool) == ["<p>New</p>"]


async def test_who_is_through_goes_on_with_what_is_added(pool: TestPool, campaign: UUID) -> None:
    """A finished lead is waiting again, and is counted as open; it is sent the new step alone."""
    first, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    await all_sent(pool)
    assert await pool.enrollment(enrollment) == "finished"
    await edit(pool, campaign, same(first), same(second), fresh())

    assert (await pool.totals(campaign))["open"] == 1
    assert await all_sent(pool) == ["<p>New</p>"]
    await pool.check_books()


@pytest.mark.parametrize("ending", [TAKEN, GREYLISTED, LOST])
async def test_a_step_put_before_one_in_flight_changes_nothing_for_it(
    pool: TestPool, campaign: UUID, ending: Ending
) -> None:
    """However the message in flight ends: it goes once, and the follow-up after it."""
    first, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    claim = await pool.must_claim()
    _, *after = await edit(pool, campaign, fresh(), same(first), same(second))
    await pool.settle(claim, ending)
    await all_sent(pool)

    sent_steps = dict(await sent(pool))
    assert {step.id: sent_steps.get(step.id) for step in after} == {first.id: 1, second.id: 1}
    assert set(sent_steps.values()) == {1}
    assert await pool.enrollment(enrollment) == "finished"
    await pool.check_books()


@pytest.mark.parametrize("ending", [TAKEN, GREYLISTED, LOST, UNKNOWN])
@pytest.mark.parametrize("is_paused", [False, True])
async def test_a_follow_up_in_flight_is_not_lost_when_steps_change_places(
    pool: TestPool, campaign: UUID, ending: Ending, is_paused: bool
) -> None:
    """Even of a lead that is paused meanwhile, and whatever becomes of the message."""
    first, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    await claimed_words(pool, NOW)
    claim = await pool.must_claim(NOW + DAY)
    if is_paused:
        await pool.change("enrollments", enrollment, state="paused")
    if ending is UNKNOWN:
        await pool.settle(claim, ending, NOW + DAY)
    await edit(pool, campaign, same(second), same(first), now=NOW + DAY)
    if ending is UNKNOWN:
        [(message,)] = await pool.ask(
            "select id from messages where workspace_id = :w and state = 'uncertain'"
        )
        await pool.resolve(message, "not_sent", NOW + DAY)
    else:
        await pool.settle(claim, ending, NOW + DAY)
    if is_paused and await pool.enrollment(enrollment) == "paused":
        await pool.change("enrollments", enrollment, state="waiting")
        await pool.wake(NOW + DAY)
    await all_sent(pool)

    assert sorted(await sent(pool)) == sorted([(first.id, 1), (second.id, 1)])
    assert await pool.enrollment(enrollment) == "finished"
    await pool.check_books()


@pytest.mark.parametrize("ending", [None, UNKNOWN])
async def test_a_step_in_flight_cannot_be_removed(
    pool: TestPool, campaign: UUID, ending: Ending | None
) -> None:
    """Nor one that may have been sent: nothing of the edit is kept."""
    before = await steps_of(pool, campaign)
    await pool.leads(campaign, 1)
    claim = await pool.must_claim()
    if ending:
        await pool.settle(claim, ending)

    with pytest.raises(Unacceptable) as refused:
        await edit(pool, campaign, same(before[1]))
    assert [fault.code for fault in refused.value.faults] == ["step_was_sent"]
    assert await steps_of(pool, campaign) == before


async def test_a_deferred_message_goes_with_its_step(pool: TestPool, campaign: UUID) -> None:
    """It is cancelled with it, and the lead goes on with the step that is first now."""
    _, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    await pool.settle(await pool.must_claim(), GREYLISTED)
    await edit(pool, campaign, same(second))

    assert await pool.message(enrollment) == "cancelled"
    await all_sent(pool)
    assert await sent(pool) == [(second.id, 1)]
    await pool.check_books()


async def test_a_message_that_came_back_is_not_left_behind(pool: TestPool, campaign: UUID) -> None:
    """Where its step was put before one that its lead was sent: it is cancelled, and the lead is through."""
    first, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    await claimed_words(pool, NOW)
    await claimed_words(pool, NOW + DAY, LOST)
    assert await pool.states("messages") == {"sent": 1, "queued": 1}
    await edit(pool, campaign, same(second), same(first), now=NOW + DAY)

    assert await pool.states("messages") == {"sent": 1, "cancelled": 1}
    assert await pool.enrollment(enrollment) == "finished"
    await pool.check_books()


async def test_an_uncertain_message_holds_its_lead_through_an_edit(pool: TestPool, campaign: UUID) -> None:
    """When a person says that it was sent, the lead goes on behind its step, wherever that is now."""
    first, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    await pool.settle(await pool.must_claim(), UNKNOWN)
    await edit(pool, campaign, fresh(), same(first, "<p>Better</p>"), same(second))
    assert await all_sent(pool, 2) == []
    [(message,)] = await pool.ask("select id from messages where workspace_id = :w")
    await pool.resolve(message, "sent", NOW + 2 * DAY)

    assert await pool.enrollment(enrollment, "state, position") == ("waiting", 2)
    await all_sent(pool)
    assert sorted(await sent(pool)) == sorted([(first.id, 1), (second.id, 1)])


async def test_a_lost_claim_is_recovered_after_an_edit(pool: TestPool, campaign: UUID) -> None:
    """Whose worker died goes on with the new words; a settlement that comes late changes nothing."""
    first, second = await steps_of(pool, campaign)
    await pool.leads(campaign, 1)
    lost = await pool.must_claim()
    await edit(pool, campaign, fresh("<p>Front</p>"), same(first), same(second))
    again = await pool.must_claim(NOW + LEASE)

    assert await pool.settle(lost, TAKEN, NOW + LEASE) == 0
    assert await pool.settle(again, TAKEN, NOW + LEASE) == 1
    await all_sent(pool)
    assert {count for _, count in await sent(pool)} == {1}
    assert {first.id, second.id} <= {step for step, _ in await sent(pool)}


async def test_a_running_campaign_keeps_a_step(pool: TestPool, campaign: UUID) -> None:
    """It would end everybody who waits."""
    await pool.leads(campaign, 1)

    with pytest.raises(NoSequenceSteps):
        await edit(pool, campaign)


async def test_an_edit_of_words_leaves_everybody_s_time_alone(pool: TestPool, campaign: UUID) -> None:
    """A message that was put off is not brought forward by it."""
    first, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    await claimed_words(pool, NOW)
    await pool.change("enrollments", enrollment, due_at=NOW + 9 * DAY)
    await edit(pool, campaign, same(first), same(second, "<p>Better</p>"))
    kept = await pool.enrollment(enrollment, "due_at")
    await edit(pool, campaign, same(first), StepDraft(None, "<p>Better</p>", delay_days=2, id=second.id))

    assert (kept, await pool.enrollment(enrollment, "due_at")) == (NOW + 9 * DAY, NOW + 2 * DAY)


async def test_business_days_skip_what_the_schedule_says(pool: TestPool, campaign: UUID) -> None:
    """The weekend and the campaign's holidays, on its own clocks; sent on Tuesday noon, four days later is
    Monday but for the holiday and the change of clocks.
    """
    first, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    schedule = '{"timeZone": "America/New_York", "holidays": ["2026-03-16"]}'
    await claimed_words(pool, NOW)
    await pool.execute(
        "update campaigns set schedule = :schedule::jsonb where workspace_id = :w", schedule=schedule
    )
    business = StepDraft(None, "<p>x</p>", delay_days=4, delay_unit="business", id=second.id)
    await edit(pool, campaign, same(first), business)

    assert await pool.enrollment(enrollment, "due_at") == datetime(2026, 3, 17, 12, tzinfo=UTC)


async def test_a_lead_taken_out_comes_back_to_its_place(pool: TestPool, campaign: UUID) -> None:
    """Behind the last step that it was sent, wherever an edit has put that meanwhile."""
    first, second = await steps_of(pool, campaign)
    [enrollment] = await pool.leads(campaign, 1)
    await claimed_words(pool, NOW)
    await pool.change("enrollments", enrollment, state="removed")
    await edit(pool, campaign, fresh("<p>Front</p>"), same(first), same(second))

    assert await pool.enrollment(enrollment, "state, position") == ("removed", 2)
