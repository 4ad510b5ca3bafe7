"""A model's second opinion: where it is asked, what it may change, and that it never fails anybody."""

from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.actions.ports import ModelError
from leadterra.actions.replies import correct_reply
from leadterra.actions.second_opinions import TRIES
from leadterra.mail.finding import Classification, Finding, Kind
from leadterra.store.database import Database
from leadterra.transport.language_model import ChatModel
from leadterra.workers.asking import AskingWorker
from tests.support.answering import MINUTE, AnswerDesk
from tests.support.clock import ManualClock
from tests.support.model_server import model_server, said
from tests.support.pools import TestPool
from tests.support.returning import AUTOMATIC, LATER

UNCLEAR = Finding(Kind.REPLY, Classification.OTHER, new_text="Mañana, quizás")


class ScriptedModel:
    """Says the same each time, or fails. asked: what it was asked about."""

    def __init__(self, meaning: Classification | None) -> None:
        self.meaning, self.asked = meaning, list[str]()

    async def classify(self, text: str) -> Classification:
        """Whatever it is."""
        self.asked.append(text)
        if self.meaning is None:
            raise ModelError("The model is away.")
        return self.meaning

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
async def desk(own_database: Database, own_workspace: UUID, clock: ManualClock) -> AnswerDesk:
    """A lead that wrote what the rules understand."""
    clock.set(LATER)
    return await AnswerDesk.opened(TestPool(own_database, own_workspace))


def worker_of(desk: AnswerDesk, clock: ManualClock) -> AskingWorker:
    """One that is turned by hand."""
    return AskingWorker(desk.pool.database, clock, None)


async def meaning(desk: AnswerDesk, reply_id: UUID | None) -> tuple[str, str]:
    """What a reply means, and who says so."""
    rows = await desk.pool.ask(
        "select classification, classified_by from replies where workspace_id = :w and id = :id", id=reply_id
    )
    return rows[0][0], rows[0][1]


async def test_the_model_labels_what_the_rules_made_nothing_of(desk: AnswerDesk, clock: ManualClock) -> None:
    """Once, by its new text alone; nothing else is asked about."""
    unclear = await desk.mailroom.answer(desk.enrollment_id, UNCLEAR)
    await desk.mailroom.answer(desk.enrollment_id, AUTOMATIC)
    model, worker = ScriptedModel(Classification.INTERESTED), worker_of(desk, clock)
    assert [await worker.turn(model), await worker.turn(model)] == [1, 0]
    clock.advance(days=1)
    assert await worker.turn(model) == 0
    assert model.asked == ["Mañana, quizás"]
    assert await meaning(desk, unclear) == ("interested", "model")
    assert await meaning(desk, desk.reply_id) == ("interested", "rules")


async def test_the_letter_acts_without_the_model(desk: AnswerDesk, clock: ManualClock) -> None:
    """The sequence has stopped before anybody is asked."""
    assert await desk.pool.enrollment(desk.enrollment_id) == "replied"


async def test_a_model_that_says_unsubscribe_only_labels(desk: AnswerDesk, clock: ManualClock) -> None:
    """Nothing is suppressed, ended or logged: whoever can talk a model into a word gains a word."""
    unclear = await desk.mailroom.answer(desk.enrollment_id, UNCLEAR)
    events = await desk.pool.events()
    await worker_of(desk, clock).turn(ScriptedModel(Classification.UNSUBSCRIBE))
    assert await meaning(desk, unclear) == ("unsubscribe", "model")
    assert await desk.pool.ask("select 1 from suppressions where workspace_id = :w") == []
    assert await desk.pool.enrollment(desk.enrollment_id) == "replied"
    assert await desk.pool.events() == events


async def test_a_person_knows_better(desk: AnswerDesk, clock: ManualClock) -> None:
    """Also one who speaks while the model thinks, and who says `other`."""
    unclear = await desk.mailroom.answer(desk.enrollment_id, UNCLEAR)

    class Interrupted(ScriptedModel):
        async def classify(self, text: str) -> Classification:
            assert unclear is not None
            known: UUID = unclear
            await desk.act(lambda uow: correct_reply(uow, known, Classification.OTHER, now=LATER))
            return await super().classify(text)

    worker = worker_of(desk, clock)
    assert await worker.turn(Interrupted(Classification.INTERESTED)) == 1
    assert await meaning(desk, unclear) == ("other", "person")
    clock.advance(days=1)
    assert await worker.turn(ScriptedModel(Classification.INTERESTED)) == 0


async def test_a_model_that_fails_changes_nothing_and_is_asked_a_few_times(
    desk: AnswerDesk, clock: ManualClock
) -> None:
    """Not without end."""
    unclear = await desk.mailroom.answer(desk.enrollment_id, UNCLEAR)
    model, worker = ScriptedModel(None), worker_of(desk, clock)
    for _ in range(TRIES + 3):
        await worker.turn(model)
        clock.advance(minutes=10)
    assert len(model.asked) == TRIES
    assert await meaning(desk, unclear) == ("other", "rules")


async def test_what_came_long_ago_is_not_asked_about(desk: AnswerDesk, clock: ManualClock) -> None:
    """An operator who turns a model on pays for what comes from then on."""
    await desk.mailroom.answer(desk.enrollment_id, UNCLEAR)
    clock.advance(days=8)
    model, worker = ScriptedModel(Classification.INTERESTED), worker_of(desk, clock)
    for _ in range(3):
        await worker.turn(model)
        clock.advance(minutes=10)
    assert model.asked == []


async def test_two_workers_ask_once(desk: AnswerDesk, clock: ManualClock) -> None:
    """What one has taken the other leaves alone."""
    await desk.mailroom.answer(desk.enrollment_id, UNCLEAR)

    class Reentrant(ScriptedModel):
        async def classify(self, text: str) -> Classification:
            assert await worker_of(desk, clock).turn(self) == 0
            return await super().classify(text)

    model = Reentrant(Classification.REFERRAL)
    assert await worker_of(desk, clock).turn(model) == 1
    assert len(model.asked) == 1


async def test_a_real_server_is_asked(desk: AnswerDesk, clock: ManualClock) -> None:
    """From the mailbox's letter to the label, over HTTP, by the loop as it runs."""
    unclear = await desk.mailroom.answer(desk.enrollment_id, UNCLEAR, now=LATER + MINUTE)
    clock.set(LATER + timedelta(minutes=2))
    async with model_server(said("not_interested")) as server:
        model = ChatModel(server.url, "small", None)
        await worker_of(desk, clock).turn(model)
        await model.close()
    assert server.asked[0].body["messages"][1]["content"] == UNCLEAR.new_text
    assert await meaning(desk, unclear) == ("not_interested", "model")
