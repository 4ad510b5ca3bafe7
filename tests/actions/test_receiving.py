"""Receiving: each letter once, whose it is, and what follows from it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from leadterra.actions.leads import erase_lead
from leadterra.actions.running import run
from leadterra.domain.outcomes import Answer, Command, Uncertain
from leadterra.mail.finding import Finding
from leadterra.mail.incoming import Part
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TestPool
from tests.support.returning import (
    AUTOMATIC,
    AWAY,
    AWAY_SOMEHOW,
    GONE,
    LATER,
    OTHER,
    REPLY,
    UNSUBSCRIBE,
    Mailroom,
    complaint,
    failed,
)
from tests.support.waiting import eventually

LEAD = "lead00000@leads.test"
UNKNOWN = Uncertain(Answer(Command.BODY, None, None, "closed"))


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def one_sent(pool: TestPool, *, steps: int = 2, leads: int = 1) -> tuple[Mailroom, UUID, list[UUID]]:
    """An account whose leads were all sent the first step: its mailbox, the campaign, the enrollments."""
    account = await pool.account("ada", 1000)
    await pool.execute("update sender_pools set message_domain = 'acme.test' where workspace_id = :w")
    campaign = await pool.campaign(steps=steps)
    enrollments = await pool.leads(campaign, leads)
    claim = await pool.must_claim()
    await pool.clear(claim)
    await pool.settle(claim, data_at=NOW)
    await pool.execute("update messages set subject = 'Hello Ada' where workspace_id = :w")
    return Mailroom(pool, account), campaign, enrollments


async def total(pool: TestPool, name: str) -> int:
    """One total of the workspace's campaigns, added up."""
    rows = await pool.ask(f"select sum({name})::int from campaign_totals where workspace_id = :w")
    return int(rows[0][0])


async def suppressed(pool: TestPool) -> dict[str, str]:
    """What is suppressed, and why."""
    return dict(await pool.ask("select value, reason from suppressions where workspace_id = :w"))


@pytest.mark.parametrize(
    ("finding", "state", "suppression", "message"),
    [
        (REPLY, "replied", None, "sent"),
        (UNSUBSCRIBE, "unsubscribed", "unsubscribed", "sent"),
        (AWAY, "waiting", None, "sent"),
        (AUTOMATIC, "waiting", None, "sent"),
        (GONE, "paused", None, "sent"),
        (failed(LEAD, hard=True), "bounced", "bounced", "bounced"),
        (failed(LEAD, hard=False), "waiting", None, "bounced"),
        (complaint(LEAD), "suppressed", "complaint", "sent"),
    ],
)
async def test_what_came_decides_what_follows(
    pool: TestPool, finding: Finding, state: str, suppression: str | None, message: str
) -> None:
    """The lead's part in the campaign, the suppression list and the message; the books hold."""
    mailroom, _, [enrollment] = await one_sent(pool)

    assert await mailroom.answer(enrollment, finding) is not None
    assert await pool.enrollment(enrollment) == state
    assert await suppressed(pool) == ({LEAD: suppression} if suppression else {})
    assert await pool.message(enrollment) == message
    await pool.check_books()


@pytest.mark.parametrize(
    ("finding", "events"),
    [
        (REPLY, ["reply.received"]),
        (UNSUBSCRIBE, ["lead.unsubscribed", "reply.received"]),
        (AWAY, ["reply.received"]),
        (failed(LEAD, hard=True), ["message.bounced", "lead.suppressed"]),
        (failed(LEAD, hard=False), ["message.bounced"]),
        (complaint(LEAD), ["lead.suppressed"]),
    ],
)
async def test_every_effect_is_an_event(pool: TestPool, finding: Finding, events: list[str]) -> None:
    """And a campaign whose last lead has come to its end is completed."""
    mailroom, _, [enrollment] = await one_sent(pool)
    before = len(await pool.events())

    await mailroom.answer(enrollment, finding)
    found = [kind for kind, _ in (await pool.events())[before:]]
    assert [kind for kind in found if kind != "campaign.completed"] == events
    assert ("campaign.completed" in found) == (await total(pool, "open") == 0)


async def test_nobodys_letters_are_not_kept(pool: TestPool) -> None:
    """Neither a stranger's, nor what is no answer."""
    mailroom, _, [enrollment] = await one_sent(pool)

    assert await mailroom.take(mailroom.letter("stranger@far.test", subject="Invoice"), REPLY) is None
    assert await mailroom.answer(enrollment, OTHER) is None
    assert await pool.ask("select from replies where workspace_id = :w") == []


async def test_a_letter_counts_once_however_often_it_is_read(pool: TestPool) -> None:
    """In two folders, in two mailboxes, or again after a crash."""
    mailroom, _, [enrollment] = await one_sent(pool)
    other = await pool.account("bob", 10)
    letter = mailroom.letter(LEAD, references=[await mailroom.message_id(enrollment)])

    assert await mailroom.take(letter, REPLY) is not None
    events = await pool.events()
    assert await mailroom.take(letter, REPLY) is None
    assert await mailroom.take(letter, REPLY, account_id=other) is None
    assert await pool.events() == events
    assert await total(pool, "replied") == 1


async def test_leads_that_answered_are_counted_not_letters(pool: TestPool) -> None:
    """Three letters of one lead are one."""
    mailroom, _, enrollments = await one_sent(pool, leads=2)

    for _ in range(3):
        await mailroom.answer(enrollments[0], REPLY)
    assert await total(pool, "replied") == 1
    await mailroom.answer(enrollments[1], REPLY)
    assert await total(pool, "replied") == 2
    assert await pool.ask("select sum(replied)::int from ledger where workspace_id = :w") == [(2,)]


LETTERS: dict[str, Finding] = {
    "reply": REPLY,
    "unsubscribe": UNSUBSCRIBE,
    "away": AWAY,
    "hard": failed(LEAD, hard=True),
    "complaint": complaint(LEAD),
}


async def end_state(pool: TestPool, enrollment: UUID) -> tuple[object, ...]:
    """All that letters decide."""
    return (
        await pool.enrollment(enrollment),
        await pool.message(enrollment),
        await suppressed(pool) != {},
        [await total(pool, name) for name in ("open", "sent", "bounced", "replied", "unsubscribed")],
        await pool.ask("select sent, bounced, replied from ledger where workspace_id = :w"),
        sorted(await pool.ask("select kind from replies where workspace_id = :w")),
    )


async def test_the_order_of_letters_does_not_matter(
    database: Database, new_workspace: Callable[[], Awaitable[UUID]]
) -> None:
    """Each order of three of them, read twice over, ends the same."""
    for chosen in (
        ("reply", "away", "hard"),
        ("reply", "unsubscribe", "away"),
        ("unsubscribe", "hard", "complaint"),
    ):
        ends = []
        for order in permutations(chosen):
            pool = TestPool(database, await new_workspace())
            mailroom, _, [enrollment] = await one_sent(pool)
            references = [await mailroom.message_id(enrollment)]
            letters = {name: mailroom.letter(LEAD, references=references) for name in chosen}
            for name in (*order, *reversed(order)):
                await mailroom.take(letters[name], LETTERS[name])
            ends.append(await end_state(pool, enrollment))
            await pool.check_books()
        assert ends == [ends[0]] * len(ends)


async def test_a_reply_after_the_last_step_counts(pool: TestPool) -> None:
    """The sequence had ended; the lead has answered all the same."""
    mailroom, _, [enrollment] = await one_sent(pool, steps=1)
    assert await pool.enrollment(enrollment) == "finished"

    await mailroom.answer(enrollment, REPLY)
    assert await pool.enrollment(enrollment) == "replied"
    assert await total(pool, "replied") == 1
    await pool.check_books()


@pytest.mark.parametrize(("setting", "other"), [("campaign", "waiting"), ("workspace", "replied")])
async def test_a_reply_stops_other_campaigns_if_the_workspace_says_so(
    pool: TestPool, setting: str, other: str
) -> None:
    """Only the campaign that it answers otherwise."""
    mailroom, _, [enrollment] = await one_sent(pool)
    await pool.execute("update workspaces set stop_on_reply = :s where workspace_id = :w", s=setting)
    second = await pool.campaign(status="paused")
    await pool.execute(
        "insert into enrollments (workspace_id, id, campaign_id, lead_id, state, due_at, created_at,"
        " updated_at) select workspace_id, :id, :campaign, lead_id, 'waiting', :now, :now, :now"
        " from enrollments where workspace_id = :w and id = :first",
        id=UUID(int=enrollment.int + 64 * 1000),
        campaign=second,
        now=NOW,
        first=enrollment,
    )
    await pool.execute(
        "update campaign_totals set enrolled = 1, open = 1 where workspace_id = :w and campaign_id = :c",
        c=second,
    )

    await mailroom.answer(enrollment, REPLY)
    assert await pool.enrollment(UUID(int=enrollment.int + 64 * 1000)) == other
    await pool.check_books()


async def test_who_is_away_waits_until_a_working_day_after_the_return(pool: TestPool) -> None:
    """Back on Monday, 1 June 2026: Tuesday. Without a date: 7 days."""
    mailroom, _, [dated, undated] = await one_sent(pool, leads=2)

    await mailroom.answer(dated, AWAY)
    await mailroom.answer(undated, AWAY_SOMEHOW)
    assert await pool.enrollment(dated, "due_at") == max(
        datetime(2026, 6, 2, tzinfo=UTC), NOW + timedelta(days=3)
    )
    assert await pool.enrollment(undated, "due_at") == LATER + timedelta(days=7)


async def test_who_is_away_waits_also_when_the_next_step_was_on_its_way(pool: TestPool) -> None:
    """What is due after a message in flight is due after the return."""
    mailroom, _, [enrollment] = await one_sent(pool, steps=3)
    after = NOW + timedelta(days=3)
    claim = await pool.must_claim(after)

    await mailroom.answer(enrollment, AWAY_SOMEHOW, now=after)
    await pool.settle(claim, now=after, data_at=after)
    assert await pool.enrollment(enrollment, "due_at") >= after + timedelta(days=7)


async def test_what_is_answered_was_sent(pool: TestPool) -> None:
    """An uncertain message, or one whose worker has not said so yet, is settled by the answer; the worker's
    own word changes nothing then.
    """
    account = await pool.account("ada", 10)
    await pool.execute("update sender_pools set message_domain = 'acme.test' where workspace_id = :w")
    uncertain, in_flight = await pool.leads(await pool.campaign(steps=2), 2)
    claim = await pool.must_claim()
    await pool.clear(claim)
    mailroom = Mailroom(pool, account)

    await mailroom.answer(in_flight, AWAY_SOMEHOW)
    assert await pool.message(in_flight) == "sent"
    await pool.settle(claim, UNKNOWN)
    assert await pool.message(in_flight) == "sent"
    assert await pool.message(uncertain) == "uncertain"
    await mailroom.answer(uncertain, REPLY)
    assert await pool.message(uncertain) == "sent"
    assert await pool.ledger() == {"ada": (2, 0, 0)}
    await pool.check_books()


async def test_three_soft_bounces_on_different_days_are_a_hard_one(pool: TestPool) -> None:
    """Two letters that come back on one day count once."""
    mailroom, _, [enrollment] = await one_sent(pool, steps=4)
    for day in range(3):
        now = NOW + timedelta(days=3 * day)
        if day:
            claim = await pool.must_claim(now)
            await pool.clear(claim, now)
            await pool.settle(claim, now=now, data_at=now)
        assert await pool.enrollment(enrollment) == "waiting"
        await mailroom.answer(enrollment, failed(LEAD, hard=False), now=now + timedelta(hours=1))
    assert await pool.enrollment(enrollment) == "bounced"
    assert await suppressed(pool) == {LEAD: "bounced"}
    await pool.check_books(now=NOW + timedelta(days=7))


async def test_a_letter_that_is_only_late_is_no_bounce(pool: TestPool) -> None:
    """Its server goes on trying."""
    mailroom, _, [enrollment] = await one_sent(pool)

    assert await mailroom.answer(enrollment, failed(LEAD, hard=False, delayed=True)) is None
    assert await pool.message(enrollment) == "sent"


async def test_a_lead_is_known_by_its_address(pool: TestPool) -> None:
    """A new letter of a lead, in no thread, is an answer to what was sent to it last."""
    mailroom, _, enrollments = await one_sent(pool, leads=3)

    await mailroom.take(mailroom.letter("LEAD00001@Leads.Test", subject="About your offer"), REPLY)
    assert [await pool.enrollment(each) for each in enrollments] == ["waiting", "replied", "waiting"]


async def test_a_bounce_without_ids_is_known_by_its_recipient(pool: TestPool) -> None:
    """Whoever wrote the report."""
    mailroom, _, enrollments = await one_sent(pool, leads=3)

    report = mailroom.letter("MAILER-DAEMON@mx.test", subject="Undelivered")
    await mailroom.take(report, failed("lead00002@leads.test", hard=True))
    assert [await pool.enrollment(each) for each in enrollments] == ["waiting", "waiting", "bounced"]


async def test_an_alias_is_known_by_domain_and_subject(pool: TestPool) -> None:
    """If only one lead of the domain had that subject, or the lead is named in what is quoted."""
    mailroom, _, [enrollment] = await one_sent(pool)

    assert await mailroom.take(mailroom.letter("ceo@leads.test", subject="Re: Other things"), REPLY) is None
    assert await mailroom.take(mailroom.letter("ceo@leads.test", subject="AW: Hello Ada"), REPLY) is not None
    assert await pool.enrollment(enrollment) == "replied"


async def test_who_has_the_same_subject_and_answers_nothing_is_nobody(pool: TestPool) -> None:
    """Others of a large company write too, and subjects are short."""
    mailroom, _, [enrollment] = await one_sent(pool)

    assert await mailroom.take(mailroom.letter("sales@leads.test", subject="Hello Ada"), REPLY) is None
    assert await pool.enrollment(enrollment) == "waiting"
    other = mailroom.letter("ceo@leads.test", subject="Hello Ada", references=["<rewritten@mx.test>"])
    assert await mailroom.take(other, REPLY) is not None


async def test_an_alias_of_several_leads_is_nobody_unless_one_is_named(pool: TestPool) -> None:
    """To guess would stop the wrong lead."""
    mailroom, _, enrollments = await one_sent(pool, leads=2)
    quoting = Finding(REPLY.kind, REPLY.classification, quoted_text="> To: lead00001@leads.test")

    assert await mailroom.take(mailroom.letter("ceo@leads.test"), REPLY) is None
    assert await mailroom.take(mailroom.letter("ceo@leads.test"), quoting) is not None
    assert [await pool.enrollment(each) for each in enrollments] == ["waiting", "replied"]


async def test_a_second_letter_of_a_thread_is_known_by_the_first(pool: TestPool) -> None:
    """Programs that name only the letter before."""
    mailroom, _, enrollments = await one_sent(pool, leads=2)
    first = mailroom.letter("a@else.test", references=[await mailroom.message_id(enrollments[1])])
    await mailroom.take(first, AUTOMATIC)

    await mailroom.take(mailroom.letter("b@else.test", references=[first.message_id]), REPLY)
    assert [await pool.enrollment(each) for each in enrollments] == ["waiting", "replied"]


async def test_other_workspaces_message_ids_mean_nothing(
    pool: TestPool, database: Database, new_workspace: Callable[[], Awaitable[UUID]]
) -> None:
    """A letter that answers a message of another workspace is nobody's here (R1)."""
    mailroom, _, [enrollment] = await one_sent(pool)
    foreign = TestPool(database, await new_workspace())
    stranger, _, [other] = await one_sent(foreign)

    letter = stranger.letter("x@else.test", references=[await mailroom.message_id(enrollment)], subject="x")
    assert await stranger.take(letter, REPLY) is None
    assert await foreign.enrollment(other) == "waiting"


async def test_erasing_a_lead_forgets_its_letters(pool: TestPool) -> None:
    """That they came stays: read again they are known, and a new one is nobody's."""
    mailroom, _, [enrollment] = await one_sent(pool)
    letter = mailroom.letter(LEAD, references=[await mailroom.message_id(enrollment)])
    await mailroom.take(letter, REPLY)
    lead_id = await pool.enrollment(enrollment, "lead_id")

    await run(pool.database, pool.workspace_id, lambda uow: erase_lead(uow, lead_id, now=LATER))
    assert await pool.ask(
        "select email, subject, new_text, headers::text from replies where workspace_id = :w"
    ) == [("", "", "", "{}")]
    assert await mailroom.take(letter, REPLY) is None
    assert await mailroom.answer(enrollment, REPLY) is None


async def test_a_letter_that_is_read_while_its_lead_is_erased_is_forgotten(pool: TestPool) -> None:
    """Whoever comes first: nothing of the person is written down afterwards."""
    mailroom, _, [enrollment] = await one_sent(pool)
    lead_id = await pool.enrollment(enrollment, "lead_id")

    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await erase_lead(uow, lead_id, now=LATER)
        reading = asyncio.create_task(mailroom.answer(enrollment, REPLY))
        await eventually(lambda: waits_for_a_lock(pool))
    assert await reading is None
    assert await pool.ask("select from replies where workspace_id = :w and email <> ''") == []


async def waits_for_a_lock(pool: TestPool) -> bool:
    """Whether somebody does."""
    rows = await pool.ask("select count(*)::int from pg_locks where not granted and pid <> pg_backend_pid()")
    return bool(rows[0][0])


async def test_reports_without_an_id_are_told_apart_by_what_they_hold(pool: TestPool) -> None:
    """Two of one second, with the same words for people."""
    mailroom, _, enrollments = await one_sent(pool, leads=2)
    for number, enrollment in enumerate(enrollments):
        address = f"lead0000{number}@leads.test"
        status = Part("message/delivery-status", f"Final-Recipient: rfc822; {address}".encode())
        letter = replace(
            mailroom.letter("MAILER-DAEMON@mx.test", subject="failure notice", identifier=""), parts=(status,)
        )
        assert await mailroom.take(letter, failed(address, hard=True)) is not None
        assert await mailroom.take(letter, failed(address, hard=True)) is None
        assert await pool.enrollment(enrollment) == "bounced"


async def test_hostile_letters_are_kept_as_text(pool: TestPool) -> None:
    """NUL, halves of characters, and more than is kept."""
    mailroom, _, [enrollment] = await one_sent(pool)
    nasty = Finding(
        REPLY.kind, REPLY.classification, new_text="a\0b\ud800c" * 100_000, quoted_text="\0", evidence=("\0",)
    )

    assert await mailroom.answer(enrollment, nasty) is not None
    rows = await pool.ask("select new_text from replies where workspace_id = :w")
    assert rows[0][0].startswith("ab?c")
    assert len(rows[0][0]) <= 100_000


@pytest.mark.parametrize("nasty", ["\\u0000", "a\\\\u0000", "\ud800", "\0", "\\ud800", '"'])
async def test_no_header_keeps_a_letter_from_being_written_down(pool: TestPool, nasty: str) -> None:
    """Not even one that looks like an escape of JSON."""
    mailroom, _, [enrollment] = await one_sent(pool)
    ours = await mailroom.message_id(enrollment)
    letter = replace(
        mailroom.letter(LEAD, subject=nasty, references=[f"<{nasty}@x.test>", ours]),
        headers={"subject": (nasty,), "from": (nasty, nasty)},
    )
    finding = replace(failed(nasty, hard=False), original_ids=(f"<{nasty}@x.test>",), original_subject=nasty)

    assert await mailroom.take(letter, REPLY) is not None
    await mailroom.take(mailroom.letter(nasty, subject=nasty), REPLY)
    await mailroom.take(replace(letter, message_id="<2@x.test>"), finding)
    assert await pool.enrollment(enrollment) == "replied"


@pytest.mark.parametrize(
    ("verdict", "state"),
    [
        ("mx.acme.test; spf=pass; dmarc=fail", "waiting"),
        ("mx.acme.test; dmarc=pass", "replied"),
        ("", "replied"),
    ],
)
async def test_a_spoofed_address_is_not_believed(pool: TestPool, verdict: str, state: str) -> None:
    """Where the account's own server found that the lead did not write it."""
    mailroom, _, [enrollment] = await one_sent(pool)
    letter = mailroom.letter(LEAD, subject="Something else")
    letter = replace(
        letter, headers={**letter.headers, "authentication-results": (verdict,)} if verdict else {}
    )

    await mailroom.take(letter, REPLY)
    assert await pool.enrollment(enrollment) == state
