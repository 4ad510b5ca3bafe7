"""Variants from the claim to the books: what is chosen, what stays, what is counted."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from leadterra.actions.lettering import LetterWriter
from leadterra.actions.running import run
from leadterra.actions.sequence_steps import replace_steps
from leadterra.actions.variants import choose_variants, count_variants
from leadterra.domain.outcomes import Answer, Command, Deferred, Ending, Refused, Scope
from leadterra.domain.sequence import SequenceStep, StepDraft
from leadterra.domain.variant import VariantDraft
from leadterra.mail.letter import Letter
from leadterra.store.claims import ClaimedRow
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.sequence_steps import list_steps
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool

GREYLISTED = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "greylisted"))
GONE = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
LATER = NOW + timedelta(minutes=5)
OTHER = VariantDraft("<p>Other</p>")


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool, with an account that is enough for all."""
    pool = TestPool(database, workspace)
    await pool.account("ada", 1000, gap=0)
    return pool


async def words(pool: TestPool, campaign: UUID, *variants: VariantDraft, weight: float = 1.0) -> SequenceStep:
    """Give the campaign's only step these variants, and own words of that weight."""
    [known] = await steps_of(pool, campaign)
    draft = StepDraft("Hi", "<p>Own</p>", id=known.id, weight=weight, variants=variants)
    [step] = await run(
        pool.database, pool.workspace_id, lambda uow: replace_steps(uow, campaign, [draft], now=NOW)
    )
    return step


async def steps_of(pool: TestPool, campaign: UUID) -> list[SequenceStep]:
    """The campaign's steps as they are stored."""
    return await run(pool.database, pool.workspace_id, lambda uow: list_steps(uow, campaign))


async def given(pool: TestPool) -> Counter[UUID | None]:
    """How many messages have each variant."""
    rows = await pool.ask("select variant_id from messages where workspace_id = :w")
    return Counter(variant for (variant,) in rows)


async def totals(pool: TestPool, variant: UUID) -> tuple[int, int, int]:
    """Of a variant: assigned, sent, bounced."""
    [row] = await pool.ask(
        "select assigned::int, sent::int, bounced::int from variant_totals"
        " where workspace_id = :w and variant_id = :id",
        id=variant,
    )
    assigned, sent, bounced = row
    return assigned, sent, bounced


async def send(pool: TestPool, limit: int) -> Sequence[ClaimedRow]:
    """Claim so many and have them taken."""
    claim = await pool.must_claim(limit=limit)
    await pool.settle(claim)
    return claim.rows


async def test_messages_are_shared_by_weight_over_many_claims(pool: TestPool) -> None:
    """However they are cut: the rotation goes on where it was."""
    campaign = await pool.campaign()
    step = await words(pool, campaign, VariantDraft("<p>x</p>", weight=2.0), weight=1.0)
    await pool.leads(campaign, 21)
    for limit in (1, 4, 7, 9):
        await send(pool, limit)

    [variant] = step.variants
    assert await given(pool) == {step.id: 7, variant.id: 14}
    assert (await totals(pool, step.id), await totals(pool, variant.id)) == ((7, 7, 0), (14, 14, 0))


async def test_letters_are_written_in_the_words_that_were_given(pool: TestPool) -> None:
    """A variant without a subject has the step's, one without a text has it made from its HTML."""
    campaign = await pool.campaign()
    variant = VariantDraft("<p>Dear {{ firstName }}</p>")
    await words(pool, campaign, variant, VariantDraft("<p>x</p>", "Psst", "plain"), weight=0)
    await pool.leads(campaign, 2)
    claim = await pool.must_claim()
    writer = LetterWriter("http://mail.test")
    letters = [writer.write(claim, row, now=NOW) for row in claim.rows]

    written = [(each.subject, each.text.strip()) for each in letters if isinstance(each, Letter)]
    assert sorted(written) == [("Hi", "Dear Ada"), ("Psst", "plain")]


async def test_a_message_keeps_its_words_through_every_attempt(pool: TestPool) -> None:
    """And is counted once."""
    campaign = await pool.campaign()
    step = await words(pool, campaign, OTHER)
    await pool.leads(campaign, 4)
    first = await pool.must_claim()
    before = {row.enrollment_id: first.words_of(row).id for row in first.rows}
    await pool.settle(first, GREYLISTED)
    again = await pool.must_claim(LATER)

    assert {row.enrollment_id: again.words_of(row).id for row in again.rows} == before
    assert Counter(before.values()) == {step.id: 2, step.variants[0].id: 2}
    assert await totals(pool, step.id) == (2, 0, 0)


async def test_words_that_are_removed_are_replaced_before_the_next_attempt(pool: TestPool) -> None:
    """The message counts for what it goes out with; what the removed words did stays in the books."""
    campaign = await pool.campaign()
    before = await words(pool, campaign, OTHER, weight=0)
    await pool.leads(campaign, 2)
    claim = await pool.must_claim(limit=1)
    await pool.settle(claim)
    await pool.settle(await pool.must_claim(limit=1), GREYLISTED)
    await words(pool, campaign)
    again = await pool.must_claim(LATER)
    await pool.settle(again, now=LATER)

    assert [again.words_of(row).body_html for row in again.rows] == ["<p>Own</p>"]
    assert await totals(pool, before.variants[0].id) == (1, 1, 0)
    assert await totals(pool, before.id) == (1, 1, 0)


async def test_words_that_are_removed_while_they_are_sent_keep_their_message(pool: TestPool) -> None:
    """It goes out as it was claimed, and counts for them."""
    campaign = await pool.campaign()
    [variant] = (await words(pool, campaign, OTHER, weight=0)).variants
    await pool.leads(campaign, 1)
    claim = await pool.must_claim()
    await words(pool, campaign)
    await pool.settle(claim)

    assert claim.words_of(claim.rows[0]).body_html == "<p>Other</p>"
    assert await totals(pool, variant.id) == (1, 1, 0)


async def test_words_without_a_weight_go_to_nobody_new(pool: TestPool) -> None:
    """Whoever was given them keeps them."""
    campaign = await pool.campaign()
    before = await words(pool, campaign, OTHER, weight=0)
    await pool.leads(campaign, 3)
    await pool.settle(await pool.must_claim(limit=1), GREYLISTED)
    [variant] = before.variants
    await words(pool, campaign, VariantDraft("<p>Other</p>", weight=0, id=variant.id))
    claim = await pool.must_claim(LATER)

    assert sorted(claim.words_of(row).body_html for row in claim.rows) == [
        "<p>Other</p>",
        "<p>Own</p>",
        "<p>Own</p>",
    ]


async def test_a_new_variant_shares_from_now_on(pool: TestPool) -> None:
    """It is not given everything until it has caught up."""
    campaign = await pool.campaign()
    [old] = (step := await words(pool, campaign, OTHER)).variants
    await pool.leads(campaign, 26)
    await send(pool, 20)
    step = await words(pool, campaign, VariantDraft("<p>Other</p>", id=old.id), VariantDraft("<p>New</p>"))
    await send(pool, 6)

    assert await given(pool) == {step.id: 12, old.id: 12, step.variants[1].id: 2}


async def test_an_edit_of_words_alone_does_not_disturb_the_rotation(pool: TestPool) -> None:
    """After an odd number it is still the other one's turn."""
    campaign = await pool.campaign()
    [variant] = (step := await words(pool, campaign, OTHER)).variants
    await pool.leads(campaign, 2)
    await send(pool, 1)
    await words(pool, campaign, VariantDraft("<p>Better</p>", id=variant.id))
    await send(pool, 1)

    assert await given(pool) == {step.id: 1, variant.id: 1}


async def test_what_is_sent_and_what_bounces_is_counted(pool: TestPool) -> None:
    """By variant, as in the campaign's totals; what is deferred is neither."""
    campaign = await pool.campaign()
    [variant] = (await words(pool, campaign, OTHER, weight=0)).variants
    await pool.leads(campaign, 6)
    endings: Iterator[Ending] = iter([TAKEN, TAKEN, TAKEN, GONE, GONE, GREYLISTED])
    await pool.settle(await pool.must_claim(), lambda row: next(endings))

    assert await totals(pool, variant.id) == (6, 5, 2)
    assert (await pool.totals(campaign))["sent"] == 5


async def test_the_bandit_follows_the_replies(pool: TestPool) -> None:
    """Once each has been tried, and only where the campaign asks for it."""
    campaign = await pool.campaign()
    [variant] = (step := await words(pool, campaign, OTHER)).variants
    for each, replied in ((step.id, 0), (variant.id, 60)):
        await pool.execute(
            "insert into variant_totals (workspace_id, step_id, variant_id, assigned, sent, replied)"
            " values (:w, :step, :id, 200, 200, :replied)",
            step=step.id,
            id=each,
            replied=replied,
        )
    await pool.leads(campaign, 60)
    await send(pool, 20)
    by_weight = await given(pool)
    await pool.change("campaigns", campaign, variant_choice="bandit")
    await send(pool, 40)

    assert by_weight == {step.id: 10, variant.id: 10}
    assert (await given(pool))[variant.id] - 10 > 30


async def test_steps_without_variants_are_not_counted(pool: TestPool) -> None:
    """Their messages have no variant, and the totals no row."""
    campaign = await pool.campaign()
    await pool.leads(campaign, 3)
    await send(pool, 3)

    assert await given(pool) == {None: 3}
    assert await pool.ask("select 1 from variant_totals where workspace_id = :w") == []


async def test_nothing_to_choose_and_nothing_to_count_asks_nothing(workspace: UUID) -> None:
    """The usual case costs no statement; there is no connection for one."""
    uow = UnitOfWork(cast("AsyncConnection[Any]", None), workspace)

    assert await choose_variants(uow, []) == {}
    await count_variants(uow, [])


async def test_a_follow_up_answers_under_the_subject_that_its_reader_saw(pool: TestPool) -> None:
    """That of the variant which began the thread."""
    campaign = await pool.campaign(steps=2, delay_days=1)
    first, second = await steps_of(pool, campaign)
    drafts = [
        StepDraft("Hi", "<p>x</p>", id=first.id, weight=0, variants=(VariantDraft("<p>y</p>", "Psst"),)),
        StepDraft(None, "<p>again</p>", id=second.id, delay_days=1, variants=(OTHER,)),
    ]
    await run(pool.database, pool.workspace_id, lambda uow: replace_steps(uow, campaign, drafts, now=NOW))
    await pool.leads(campaign, 2)
    claim = await pool.must_claim()
    await pool.clear(claim)
    await pool.execute("update messages set subject = 'Psst' where workspace_id = :w")
    await pool.settle(claim)
    follow_up = await pool.must_claim(NOW + timedelta(days=1))
    writer = LetterWriter("http://mail.test")
    letters = [writer.write(follow_up, row, now=NOW) for row in follow_up.rows]

    written = sorted((each.subject, each.html) for each in letters if isinstance(each, Letter))
    assert written == [("Re: Psst", "<p>Other</p>"), ("Re: Psst", "<p>again</p>")]
