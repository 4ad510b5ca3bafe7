"""What holds for every route: ids, errors, headers, and bodies that mean harm."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from tests.support.api import client

_ACCOUNTS = "/v1/sender-accounts"
_JSON = {"Content-Type": "application/json"}
_PROBLEM = {"type", "title", "status", "detail", "code", "requestId", "retryable", "errors"}


def is_problem(answer: httpx.Response) -> bool:
    """Whether the answer has the one shape of an error, and no trace of how the program is made."""
    problem = answer.json()
    return (
        answer.headers["content-type"] == "application/problem+json"
        and set(problem) == _PROBLEM
        and problem["status"] == answer.status_code
        and problem["requestId"] == answer.headers["request-id"]
        and "Traceback" not in answer.text
    )


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[]", ""),
        (b"null", ""),
        (b'"text"', ""),
        (b"\xff\xfe{}", ""),
        (b"\xef\xbb\xbf{}", ""),
        (b'{"name": "a"} {}', ""),
        (b'{"name": NaN}', ""),
        (b'{"name": "\\ud800"}', ""),
        (b'{"name": "\xed\xa0\x80"}', ""),
        (b'{"name": "a\nb"}', ""),
        (b"[" * 10_000 + b"]" * 10_000, ""),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, ""),
        (b'{"dailyLimit": ' + b"9" * 10_000 + b"}", ""),
        (b'{"name": "a", "name": "b"}', "/name"),
        (b'{"smtp": {"host": "a", "host": "b"}}', "/smtp/host"),
        (b'{"name": "a\\u0000"}', "/name"),
        (b'{"na\\u0000me": 1}', "/na\x00me"),
        (b'{"smtp": {"host": ["x", "a\\u0000"]}}', "/smtp/host/1"),
        (b'{"dailyLimit": 1e999}', "/dailyLimit"),
        (b'{"a/b~c": 1}', "/a~1b~0c"),
        (b'{"__proto__": {}, "constructor": 1}', "/__proto__"),
    ],
)
async def test_a_hostile_body_is_refused(api: httpx.AsyncClient, body: bytes, pointer: str) -> None:
    """400 that points at the place, and nothing is created."""
    answer = await api.patch("/v1/workspace", content=body, headers=_JSON)
    if pointer.startswith(("/smtp", "/dailyLimit")):
        answer = await api.post(_ACCOUNTS, content=body, headers=_JSON)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert is_problem(answer)
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_a_body_of_many_unknown_fields_has_a_bounded_answer(api: httpx.AsyncClient) -> None:
    """At most a thousand faults are told, and long names are cut."""
    body = {f"field{number}": number for number in range(900)} | {"x" * 100_000: 1}

    answer = await api.patch("/v1/workspace", json=body)
    more = await api.patch("/v1/workspace", json={f"field{number}": 1 for number in range(100_000)})

    assert (answer.status_code, len(answer.json()["errors"]), len(answer.content) < 200_000) == (
        400,
        901,
        True,
    )
    assert [error["code"] for error in more.json()["errors"]] == ["too_many_fields"]


async def test_a_list_of_very_many_wrong_items_has_a_bounded_answer(api: httpx.AsyncClient) -> None:
    """What is behind the longest list allowed is not looked at."""
    answer = await api.post("/v1/suppression-list", json={"emails": [1] * 500_000})

    assert answer.status_code == 400
    assert len(answer.json()["errors"]) <= 1002


async def test_lengths_are_told_in_characters(api: httpx.AsyncClient) -> None:
    """For text, whatever was checked before its length."""
    answer = await api.patch("/v1/workspace", json={"name": "x" * 201})

    assert answer.json()["errors"] == [
        {"pointer": "/name", "code": "too_long", "message": "Must have at most 200 characters."}
    ]


@pytest.mark.parametrize("piece", [b"[],", b'{"a":1},', b"1,", b'"",'])
async def test_a_body_of_very_many_values_is_refused_unread(api: httpx.AsyncClient, piece: bytes) -> None:
    """Small values cost much more memory than octets, so they are counted before anything is built."""
    body = b"[" + piece * 1_100_000 + b"1]"

    answer = await api.patch("/v1/workspace", content=body, headers=_JSON)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_many_values")


async def test_a_body_that_is_too_large_is_refused_before_it_is_read(api: httpx.AsyncClient) -> None:
    """413 for 50 MB, whether its length is announced or not."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 1_000_000

    announced = await api.patch(
        "/v1/workspace", content=b"{}", headers=_JSON | {"Content-Length": str(50_000_000)}
    )
    streamed = await api.patch("/v1/workspace", content=endless(), headers=_JSON)

    assert [announced.json()["code"], streamed.json()["code"]] == ["payload_too_large"] * 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": ""},
        _JSON | {"Content-Encoding": "gzip"},
    ],
)
async def test_another_kind_of_body_is_unsupported(api: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """415."""
    answer = await api.patch("/v1/workspace", content=b"{}", headers=headers)

    assert (answer.status_code, answer.json()["code"], is_problem(answer)) == (
        415,
        "unsupported_media_type",
        True,
    )


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "?limit"),
        ("limit=1001", "?limit"),
        ("limit=ten", "?limit"),
        ("limit=5.0", "?limit"),
        ("limit=%205", "?limit"),
        ("limit=1_0", "?limit"),
        ("limit=٣", "?limit"),
        ("limit=", "?limit"),
        ("limit=1&limit=2", "?limit"),
        ("cursor=nonsense", "?cursor"),
        ("cursor=%00", "?cursor"),
        ("cursor=" + "A" * 32, None),
        ("cursor=" + "f39_" * 8, "?cursor"),
        ("status=asleep", "?status"),
        ("status=active%00", "?status"),
        ("status=" + "' or 1=1", "?status"),
        ("colour=red", "?colour"),
        ("dryRun=true", "?dryRun"),
        ("&".join(f"a{n}=1" for n in range(100)), "?"),
        ("status=%ff", "?"),
    ],
)
async def test_a_wrong_parameter_is_named(api: httpx.AsyncClient, query: str, pointer: str | None) -> None:
    """400 that names the parameter; a well-formed cursor of nowhere is an empty page or the rest of the
    list."""
    answer = await api.get(f"{_ACCOUNTS}?{query}")

    if pointer is None:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


async def test_a_parameter_that_a_mutation_does_not_know_is_named(api: httpx.AsyncClient) -> None:
    """dryRun takes true and false; anything else is refused."""
    answers = [await api.post(f"{_ACCOUNTS}?{query}", json={}) for query in ("dryRun=1", "dryrun=true")]

    assert [a.json()["errors"][0]["pointer"] for a in answers] == ["?dryRun", "?dryrun"]


@pytest.mark.parametrize(
    "text",
    [
        "sa_01hx3kqp7mbn2vd9czf6yw4e8r",
        "camp_01hx3kqp7mbn2vd9czf6yw4e8r",
        "sa_81hx3kqp7mbn2vd9czf6yw4e8r",
        "SA_01HX3KQP7MBN2VD9CZF6YW4E8R",
        "sa_",
        "sa",
        "01hx3kqp7mbn2vd9czf6yw4e8r",
        "sa_01hx3kqp7mbn2vd9czf6yw4e8r%00",
        "sa_%ed%a0%80",
        "%00",
        "'%20or%201=1",
        "x" * 5000,
        "💣",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
async def test_an_id_that_leads_nowhere_is_not_found(api: httpx.AsyncClient, method: str, text: str) -> None:
    """Unknown, of another kind, or not an id at all: the same 404."""
    answer = await api.request(method, f"{_ACCOUNTS}/{text}", json={} if method == "PATCH" else None)

    assert (answer.status_code, answer.json()["code"]) == (404, "sender_account_not_found")


async def test_what_belongs_to_another_workspace_is_not_found(
    api: httpx.AsyncClient, other_workspace: httpx.AsyncClient
) -> None:
    """No method on another workspace's account reaches it, and no list shows it (R1)."""
    mine = (await api.post(_ACCOUNTS, json={"email": "a@example.com", "name": "A"})).json()["data"]
    path = f"{_ACCOUNTS}/{mine['id']}"

    answers = [
        await other_workspace.get(path),
        await other_workspace.patch(path, json={"name": "B"}),
        await other_workspace.delete(path),
        await other_workspace.post(f"{path}/pause"),
        await other_workspace.post(f"{path}/activate"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert (await other_workspace.get(_ACCOUNTS)).json() == {"data": []}
    assert (await api.get(path)).json()["data"] == mine


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nothing", "/v1/workspace/", "/v2/workspace", "/%00", "/💣"]
)
async def test_an_unknown_address_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    """404 in the one shape, with a Request-Id."""
    answer = await api.get(path)

    assert (answer.status_code, answer.json()["code"], is_problem(answer)) == (404, "not_found", True)


async def test_a_method_that_a_route_does_not_take_is_named(api: httpx.AsyncClient) -> None:
    """405 with every method that it does take."""
    answer = await api.put(_ACCOUNTS, json={})

    assert (answer.status_code, answer.json()["code"], is_problem(answer)) == (
        405,
        "method_not_allowed",
        True,
    )
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("text/html, application/*;q=0.1", 200),
        ("application/problem+json", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("application/xml, text/*", 406),
    ],
)
async def test_a_caller_must_accept_json(api: httpx.AsyncClient, accept: str, status: int) -> None:
    """406 in the one shape for a caller that wants something else."""
    answer = await api.get("/v1/workspace", headers={"Accept": accept})

    assert (answer.status_code, status == 200 or is_problem(answer)) == (status, True)


async def test_head_is_get_without_a_body(api: httpx.AsyncClient) -> None:
    """The same headers, no content."""
    answer = await api.head("/v1/workspace")

    assert (answer.status_code, answer.content) == (200, b"")


async def test_every_response_has_a_request_id_of_its_own(api: httpx.AsyncClient) -> None:
    """Answers, errors and pages."""
    paths = ["/v1/workspace", "/v1/nothing", "/healthz", "/docs", "/openapi.json", "/u/x"]

    ids = [(await api.get(path)).headers["request-id"] for path in paths]

    assert len(set(ids)) == len(paths)
    assert all(text.startswith("req_") for text in ids)


async def test_a_dry_run_answers_and_changes_nothing(api: httpx.AsyncClient) -> None:
    """The answer is that of the real thing."""
    answer = await api.post(f"{_ACCOUNTS}?dryRun=true", json={"email": "a@example.com", "name": "A"})

    assert (answer.status_code, answer.json()["data"]["email"]) == (201, "a@example.com")
    assert (await api.get(_ACCOUNTS)).json() == {"data": []}


async def test_an_error_of_ours_tells_nothing(equipment: Equipment, key: str) -> None:
    """500 internal_error without a cause; the requestId finds it in the log. Nothing is kept."""
    async with client(replace(equipment, key_ring=KeyRing({})), key) as broken:
        answer = await broken.post(
            _ACCOUNTS,
            json={
                "email": "a@example.com",
                "name": "A",
                "smtp": {"host": "a", "username": "u", "password": "p"},
            },
        )
        kept = (await broken.get(_ACCOUNTS)).json()

    problem = answer.json()
    assert (answer.status_code, problem["code"], is_problem(answer)) == (500, "internal_error", True)
    assert problem["detail"] == "Something went wrong on our side. The requestId finds it in the log."
    assert kept == {"data": []}


async def test_a_database_that_is_away_is_told_apart(equipment: Equipment, key: str) -> None:
    """503 unavailable, and worth another try."""
    away = replace(equipment, database=Database("postgresql://nowhere.invalid/x"))
    async with client(away, key) as api:
        answer = await api.get("/v1/workspace")

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["retryable"]) == (503, "unavailable", True)
    assert "retry-after" in answer.headers
