"""`POST /v1/replies/{id}/respond`: taken for later, shown in the thread, refused with a reason."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from leadterra.store.database import Database
from leadterra.store.ids import encode
from tests.support.answering import AnswerDesk
from tests.support.outreach import refused, shown
from tests.support.pools import TestPool


@pytest.fixture
async def desk(database: Database, workspace: UUID) -> AnswerDesk:
    """A lead that wrote back."""
    return await AnswerDesk.opened(TestPool(database, workspace))


async def respond(
    api: httpx.AsyncClient, desk: AnswerDesk, body: object, query: str = "", **headers: str
) -> httpx.Response:
    """Answer the lead."""
    path = f"/v1/replies/{encode('rpl', desk.reply_id)}/respond{query}"
    return await api.post(path, json=body, headers=headers)


async def thread(api: httpx.AsyncClient, desk: AnswerDesk) -> list[dict[str, Any]]:
    """The conversation, as the API shows it."""
    found: list[dict[str, Any]] = shown(await api.get(f"/v1/replies/{encode('rpl', desk.reply_id)}"))[
        "thread"
    ]
    return found


async def test_an_answer_is_taken_and_shown_in_the_thread(api: httpx.AsyncClient, desk: AnswerDesk) -> None:
    """202 with where it goes; its Message-ID finds it in the conversation."""
    answer = await respond(api, desk, {"bodyText": "Gladly"})
    made = answer.json()["data"]
    (entry,) = [each for each in await thread(api, desk) if each["id"] == made["id"]]
    assert answer.status_code == 202
    assert made["to"] == "somebody@else.test"
    assert made["subject"] == "Re: Hello Ada"
    assert made["senderAccountId"] == encode("sa", desk.account_id)
    assert (made["state"], made["references"][-1]) == ("queued", "<1@elsewhere.test>")
    assert (entry["direction"], entry["state"], entry["snippet"]) == ("out", "queued", "Gladly")


async def test_a_dry_run_queues_nothing(api: httpx.AsyncClient, desk: AnswerDesk) -> None:
    """And answers what would be."""
    answer = await respond(api, desk, {"bodyHtml": "<p>Gladly</p>"}, "?dryRun=true")
    assert (answer.status_code, answer.json()["data"]["state"]) == (202, "queued")
    assert len(await thread(api, desk)) == 2


async def test_the_same_key_answers_once(api: httpx.AsyncClient, desk: AnswerDesk) -> None:
    """A client that did not hear us may ask again."""
    first, second = [
        await respond(api, desk, {"bodyText": "Gladly"}, **{"Idempotency-Key": "one"}) for _ in range(2)
    ]
    assert first.json() == second.json()
    assert len(await thread(api, desk)) == 3


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/bodyText"),
        ({"bodyText": None}, "/bodyText"),
        ({"bodyText": "  \n"}, "/bodyText"),
        ({"bodyText": "x" * 100_001}, "/bodyText"),
        ({"bodyHtml": 1}, "/bodyHtml"),
        ({"bodyText": "x", "subject": "a\r\nBcc: b@c.test"}, "/subject"),
        ({"bodyText": "x", "to": "other@else.test"}, "/to"),
    ],
)
async def test_a_wrong_body_names_its_field(
    api: httpx.AsyncClient, desk: AnswerDesk, body: dict[str, object], pointer: str
) -> None:
    """400, and nothing was queued."""
    assert refused(await respond(api, desk, body)) == (400, "invalid_request", [pointer])
    assert len(await thread(api, desk)) == 2


async def test_who_is_suppressed_is_refused(api: httpx.AsyncClient, desk: AnswerDesk) -> None:
    """409, and why."""
    await desk.pool.suppress("somebody@else.test")
    answer = await respond(api, desk, {"bodyText": "Gladly"})
    assert refused(answer) == (409, "invalid_state", [])
    assert "suppression list" in answer.json()["detail"]
