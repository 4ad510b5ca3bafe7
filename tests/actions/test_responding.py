"""Answers to replies: whom they go to, from where, in which thread, and who is not answered."""

import json
from dataclasses import replace
from email import message_from_bytes
from email.policy import default as reading
from uuid import UUID

import pytest

from leadterra.actions.leads import erase_lead
from leadterra.actions.replies import read_reply
from leadterra.actions.responding import Draft
from leadterra.domain.errors import InvalidState, NotFound
from leadterra.domain.outcomes import Answer, Command, Uncertain
from leadterra.mail.composition import compose
from leadterra.mail.finding import Classification, Finding, Kind
from leadterra.mail.letter import Mailbox
from leadterra.store.database import Database
from tests.support.answering import DRAFT, MINUTE, AnswerDesk
from tests.support.pools import TAKEN, TestPool
from tests.support.returning import LATER, REPLY, failed


@pytest.fixture
async def desk(own_database: Database, own_workspace: UUID) -> AnswerDesk:
    """A lead that wrote back."""
    return await AnswerDesk.opened(TestPool(own_database, own_workspace))


async def test_an_answer_is_one_to_one_and_in_the_thread(desk: AnswerDesk) -> None:
    """A strict parser finds no defect, In-Reply-To names the letter, References the whole thread; there is no
    field of mass mail.
    """
    sent = await desk.mailroom.message_id(desk.enrollment_id)
    made = await desk.respond()
    item, _ = await desk.one()
    letter = message_from_bytes(compose(item.letter).content, policy=reading)
    assert [part.defects for part in letter.walk()] == [[], [], []]
    assert letter["In-Reply-To"] == "<1@elsewhere.test>"
    assert letter["References"].split() == [sent, "<1@elsewhere.test>"]
    assert letter["Message-ID"] == made.message_id
    assert (letter["From"], letter["To"]) == ("Ada <ada@acme.test>", "somebody@else.test")
    assert letter["Subject"] == "Re: Hello Ada"
    for field in ("List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "Precedence"):
        assert field not in letter
    text, html = letter.iter_parts()
    assert text.get_content().splitlines() == ["Gladly.", "", "Tomorrow at ten?"]
    assert "<p>Gladly.</p>" in html.get_content()


async def test_the_writer_says_where_answers_go(desk: AnswerDesk) -> None:
    """Reply-To, the first that can be written to, before From."""
    letter = desk.mailroom.letter(
        "a@else.test", references=[await desk.mailroom.message_id(desk.enrollment_id)]
    )
    letter = replace(letter, headers={"reply-to": ("nobody, Grace <grace@other.test>",)})
    reply_id = await desk.mailroom.take(letter, REPLY, now=LATER)
    assert reply_id is not None
    desk.reply_id = reply_id
    assert (await desk.respond()).recipient == "grace@other.test"
    item, _ = await desk.one()
    assert item.letter.recipient == Mailbox("Grace", "grace@other.test")


async def test_message_ids_that_no_header_could_carry_are_left_out(desk: AnswerDesk) -> None:
    """Whatever a letter names its thread by, the answer can be written."""
    sent = await desk.mailroom.message_id(desk.enrollment_id)
    outlook = "<0000$01d5$abc%@PC_1>"
    bad = ["<a b@c>", "<é@else.test>", "<" + "x" * 700 + "@else.test>", outlook, sent]
    letter = desk.mailroom.letter("a@else.test", references=bad, identifier="<\x01@else.test>")
    reply_id = await desk.mailroom.take(letter, REPLY, now=LATER)
    assert reply_id is not None
    desk.reply_id = reply_id
    assert (await desk.respond()).reference_ids == [outlook, sent]
    item, _ = await desk.one()
    assert compose(item.letter).content.count(b"In-Reply-To: " + sent.encode()) == 1


async def test_bodies_are_made_of_one_another(desk: AnswerDesk) -> None:
    """HTML alone gets a text; a text stands in HTML as what it is."""
    await desk.respond(Draft(body_html="<p>Well <b>yes</b></p>", subject="Other"))
    await desk.respond(Draft(body_text="1 < 2 & so on"))
    first, second = (item.letter for item in (await desk.claim()).letters)
    assert (first.subject, first.text) == ("Other", "Well yes\n")
    assert second.html == "<p>1 &lt; 2 &amp; so on</p>\n"


@pytest.mark.parametrize("value", ["somebody@else.test", "else.test", "lead"])
async def test_who_is_suppressed_is_not_answered(desk: AnswerDesk, value: str) -> None:
    """The writer's address or domain, or that of the lead for whom somebody else wrote."""
    if value == "lead":
        ((value,),) = await desk.pool.ask("select email_key from leads where workspace_id = :w")
    await desk.pool.suppress(value, "email" if "@" in value else "domain")
    with pytest.raises(InvalidState, match="suppression list"):
        await desk.respond()
    assert await desk.pool.ask("select 1 from responses where workspace_id = :w") == []


async def test_a_wish_to_be_left_alone_is_not_answered(desk: AnswerDesk) -> None:
    """The letter that asked for it has suppressed the address."""
    wish = Finding(Kind.UNSUBSCRIBE, Classification.UNSUBSCRIBE)
    reply_id = await desk.mailroom.answer(desk.enrollment_id, wish)
    assert reply_id is not None
    desk.reply_id = reply_id
    with pytest.raises(InvalidState, match="unsubscribed"):
        await desk.respond()


async def test_servers_are_not_answered(desk: AnswerDesk) -> None:
    """A bounce has nobody behind it."""
    ((address,),) = await desk.pool.ask("select email_key from leads where workspace_id = :w")
    reply_id = await desk.mailroom.answer(desk.enrollment_id, failed(address, hard=False))
    assert reply_id is not None
    desk.reply_id = reply_id
    with pytest.raises(InvalidState, match="nobody to answer"):
        await desk.respond()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"removed_at": LATER, "status": "paused", "lost_at": LATER}, "removed"),
        ({"smtp_host": None, "smtp_port": None, "smtp_security": None}, "no SMTP server"),
        ({"status": "paused", "status_reason": "auth_failed", "lost_at": LATER}, "auth_failed"),
    ],
)
async def test_an_account_that_cannot_send_cannot_answer(
    desk: AnswerDesk, change: dict[str, object], says: str
) -> None:
    """And the refusal says why."""
    await desk.pool.change("sender_accounts", desk.account_id, **change)
    with pytest.raises(InvalidState, match=says):
        await desk.respond()


async def test_a_paused_account_answers(desk: AnswerDesk) -> None:
    """A person's answer is no campaign."""
    await desk.pool.change(
        "sender_accounts", desk.account_id, status="paused", status_reason="paused", lost_at=LATER
    )
    await desk.respond()
    item, fence = await desk.one()
    assert await desk.clear(item, fence)


async def test_a_reply_of_nobody_is_not_found(desk: AnswerDesk) -> None:
    """As everywhere."""
    desk.reply_id = desk.account_id
    with pytest.raises(NotFound):
        await desk.respond()


async def test_the_thread_shows_what_became_of_it(desk: AnswerDesk) -> None:
    """Queued, held, sent, in the order of the conversation, by its Message-ID."""
    made = await desk.respond(now=LATER + MINUTE)
    conversation = await desk.act(lambda uow: read_reply(uow, desk.reply_id))
    assert [(each.direction, each.state) for each in conversation.thread] == [
        ("out", "sent"),
        ("in", None),
        ("out", "queued"),
    ]
    await desk.settle(*await desk.one(LATER + MINUTE))
    last = (await desk.act(lambda uow: read_reply(uow, desk.reply_id))).thread[-1]
    assert (last.id, last.state, last.snippet) == (made.message_id, "sent", "Gladly. Tomorrow at ten?")


async def test_who_answers_the_answer_is_known(desk: AnswerDesk) -> None:
    """From another address, with nothing but our answer's Message-ID to go by."""
    made = await desk.respond()
    await desk.settle(*await desk.one())
    letter = desk.mailroom.letter("other@nowhere.test", references=[made.message_id], subject="Fine")
    reply_id = await desk.mailroom.take(letter, REPLY, now=LATER + MINUTE)
    rows = await desk.pool.ask(
        "select enrollment_id from replies where workspace_id = :w and id = :id", id=reply_id
    )
    assert rows == [(desk.enrollment_id,)]


async def test_an_uncertain_answer_that_is_answered_was_sent(desk: AnswerDesk) -> None:
    """R6: settled from evidence."""
    made = await desk.respond()
    item, fence = await desk.one()
    assert await desk.clear(item, fence)
    await desk.settle(item, fence, Uncertain(Answer(Command.BODY, None, None, "connection lost")))
    await desk.mailroom.take(desk.mailroom.letter("somebody@else.test", references=[made.message_id]), REPLY)
    assert (await desk.state(), await desk.used()) == ("sent", (2, 0, 0))
    await desk.check()


@pytest.mark.parametrize("is_known", [True, False])
async def test_a_report_about_an_answer_is_about_no_message(desk: AnswerDesk, *, is_known: bool) -> None:
    """The answer came back, be it that nobody knew of its being sent; what the campaign sent did not."""
    made = await desk.respond()
    item, fence = await desk.one()
    assert await desk.clear(item, fence)
    lost = Uncertain(Answer(Command.BODY, None, None, "connection lost"))
    await desk.settle(item, fence, TAKEN if is_known else lost)
    sent = await desk.mailroom.message_id(desk.enrollment_id)
    report = replace(
        failed("somebody@else.test", hard=True), original_ids=("<other@acme.test>", made.message_id, sent)
    )
    for _ in range(2):
        assert await desk.mailroom.take(desk.mailroom.letter("mailer-daemon@else.test"), report) is None
    assert await desk.state("state, state_reason") == ("bounced", "550 5.1.1 no")
    assert await desk.pool.message(desk.enrollment_id) == "sent"
    await desk.check()


async def test_an_erased_person_is_not_answered(desk: AnswerDesk) -> None:
    """What waits does not go, what was in flight is not cleared, and no word of it stays."""
    await desk.respond(DRAFT)
    item, fence = await desk.one()
    await desk.respond(Draft(body_text="And another secret"))
    ((lead_id,),) = await desk.pool.ask("select id from leads where workspace_id = :w")
    await desk.act(lambda uow: erase_lead(uow, lead_id, now=LATER))
    assert not await desk.clear(item, fence)
    assert await desk.pool.states("responses") == {"sending": 1, "cancelled": 1}
    assert (await desk.claim(LATER + 2 * MINUTE)).letters == ()
    assert await desk.pool.states("responses") == {"cancelled": 2}
    rows = await desk.pool.records("select * from responses where workspace_id = :w")
    assert "secret" not in json.dumps(rows, default=str)
    assert "somebody" not in json.dumps(rows, default=str)
    with pytest.raises(InvalidState, match="erased"):
        await desk.respond()
    await desk.check(LATER + 2 * MINUTE)
