"""`Idempotency-Key`: done once, answered as often as asked."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.store.database import Database
from leadterra.store.idempotency import Claim, FirstAnswer, complete_key, take_key
from leadterra.store.sealing import KeyRing
from tests.support.api import client
from tests.support.clock import NOW, ManualClock

_PATH = "/v1/sender-accounts"
_KEY = {"Idempotency-Key": "one"}
_ACCOUNT = {"email": "a@example.com", "name": "A"}


async def accounts(api: httpx.AsyncClient) -> int:
    """How many there are."""
    return len((await api.get(_PATH)).json()["data"])


async def test_the_same_request_gets_the_first_answer_again(api: httpx.AsyncClient) -> None:
    """Status, body and Location are the same, and it is marked as a replay."""
    first = await api.post(_PATH, json=_ACCOUNT, headers=_KEY)
    second = await api.post(_PATH, json=_ACCOUNT, headers=_KEY)

    assert (second.status_code, second.content) == (201, first.content)
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert await accounts(api) == 1


@pytest.mark.parametrize(
    "other",
    [
        ("POST", _PATH, {"email": "b@example.com", "name": "A"}),
        ("POST", f"{_PATH}?dryRun=true", _ACCOUNT),
        ("POST", "/v1/suppression-list", _ACCOUNT),
        ("PATCH", "/v1/workspace", _ACCOUNT),
    ],
)
async def test_another_request_may_not_use_the_key(
    api: httpx.AsyncClient, other: tuple[str, str, dict[str, str]]
) -> None:
    """Another body, path, method or dryRun is a 422."""
    await api.post(_PATH, json=_ACCOUNT, headers=_KEY)

    method, path, body = other
    answer = await api.request(method, path, json=body, headers=_KEY)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("body", [{"email": "nobody", "name": "A"}, {"name": "A"}, {"colour": "red"}])
async def test_a_refusal_is_replayed_too(api: httpx.AsyncClient, body: dict[str, str]) -> None:
    """4xx: the same answer with the first requestId in it."""
    first = await api.post(_PATH, json=body, headers=_KEY)
    second = await api.post(_PATH, json=body, headers=_KEY)

    assert first.status_code in (400, 422)
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert second.headers["content-type"] == "application/problem+json"
    assert second.headers["idempotency-replayed"] == "true"


async def test_an_error_of_ours_is_not_kept(equipment: Equipment, key: str, api: httpx.AsyncClient) -> None:
    """After a 500 the same request is tried again at once, and succeeds."""
    body = _ACCOUNT | {"smtp": {"host": "a", "username": "u", "password": "p"}}
    async with client(replace(equipment, key_ring=KeyRing({})), key) as broken:
        first = await broken.post(_PATH, json=body, headers=_KEY)

    second = await api.post(_PATH, json=body, headers=_KEY)

    assert (first.status_code, second.status_code) == (500, 201)


async def test_a_deletion_is_replayed(api: httpx.AsyncClient) -> None:
    """The second DELETE answers 204 and not 404."""
    account = (await api.post(_PATH, json=_ACCOUNT)).json()["data"]

    answers = [await api.delete(f"{_PATH}/{account['id']}", headers=_KEY) for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2


async def test_a_dry_run_is_replayed_and_still_changes_nothing(api: httpx.AsyncClient) -> None:
    """Its answer is kept apart from the rolled back work."""
    answers = [await api.post(f"{_PATH}?dryRun=true", json=_ACCOUNT, headers=_KEY) for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert await accounts(api) == 0


async def test_of_many_at_once_one_is_done(api: httpx.AsyncClient) -> None:
    """The others are told that it is in progress, or get its answer."""
    answers = await asyncio.gather(
        *(api.post(_PATH, json=_ACCOUNT, headers=_KEY) for _ in range(8)),
    )

    codes = sorted(answer.status_code for answer in answers)
    assert set(codes) <= {201, 409}
    assert 201 in codes
    assert all(a.json()["code"] == "idempotency_in_progress" for a in answers if a.status_code == 409)
    assert await accounts(api) == 1


async def test_a_key_is_forgotten_after_a_day(api: httpx.AsyncClient, clock: ManualClock) -> None:
    """Then the request is a new one: here, a conflict."""
    await api.post(_PATH, json=_ACCOUNT, headers=_KEY)
    clock.advance(hours=24)

    answer = await api.post(_PATH, json=_ACCOUNT, headers=_KEY)

    assert (answer.status_code, "idempotency-replayed" in answer.headers) == (409, False)


@pytest.mark.parametrize("text", ["", "x" * 256, "a\tb", "\x7f"])
async def test_a_key_that_cannot_be_kept_is_refused(api: httpx.AsyncClient, text: str) -> None:
    """400 that names the header."""
    answer = await api.post(_PATH, json=_ACCOUNT, headers={"Idempotency-Key": text})

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert "Idempotency-Key" in answer.json()["detail"]


async def test_keys_of_two_workspaces_have_nothing_to_do_with_each_other(
    api: httpx.AsyncClient, other_workspace: httpx.AsyncClient
) -> None:
    """The same key does its work in each."""
    answers = [await each.post(_PATH, json=_ACCOUNT, headers=_KEY) for each in (api, other_workspace)]

    assert [answer.status_code for answer in answers] == [201, 201]


@pytest.fixture
def make_claim() -> Callable[[], Claim]:
    """Claims of the same request, each by another try."""
    return lambda: Claim("k", b"h" * 32, uuid4())


async def test_a_dead_holders_key_can_be_taken_after_a_minute(
    database: Database, workspace: UUID, clock: ManualClock, make_claim: Callable[[], Claim]
) -> None:
    """Not before; and what the dead one does late is not kept."""
    dead, heir = make_claim(), make_claim()
    answers: list[object] = []
    for claim, seconds in ((dead, 0), (heir, 59), (heir, 1)):
        clock.advance(seconds=seconds)
        async with database.unit_of_work(workspace) as uow:
            answers.append(await take_key(uow, claim, now=clock.now()))
    async with database.unit_of_work(workspace) as uow:
        late = await complete_key(uow, dead, FirstAnswer(201, {}, b""))

    assert [answer is None for answer in answers] == [True, False, True]
    assert late is False
    assert clock.now() > NOW
