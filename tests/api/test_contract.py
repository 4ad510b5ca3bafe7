"""What the API answers is what its OpenAPI document says: every route, every status, every field."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from leadterra.api.application import RESOURCES
from leadterra.api.openapi import describe
from leadterra.api.routing import NOUNS, Operation
from tests.support.hostile import PATIENCE_SECONDS, Target, open_target
from tests.support.routes import OPERATIONS, asked, title

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOCUMENT = describe(RESOURCES)
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
ID_NAMES = {f"{noun.title().replace('_', '')}Id".lower(): kind for kind, noun in NOUNS.values()}
"""Path parameters of the document, lower case, and what they name."""

FEW = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=title)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target(database_urls: tuple[str, str]) -> AsyncIterator[Target]:
    """A workspace with one of everything."""
    async with open_target(database_urls) as opened:
        yield opened


def shown_path(operation: Operation) -> str:
    """Its path in the document."""
    found = [
        path
        for path, methods in DOCUMENT["paths"].items()
        if operation.method.lower() in methods and _shape(path) == _shape(operation.path)
    ]
    assert len(found) == 1
    return str(found[0])


def _shape(path: str) -> list[str]:
    return ["{}" if part.startswith("{") else part for part in path.split("/")]


def described(operation: Operation) -> dict[str, Any]:
    """What the document says of it."""
    found: dict[str, Any] = DOCUMENT["paths"][shown_path(operation)][operation.method.lower()]
    return found


def check(case: Case[Any], answer: httpx.Response) -> None:
    """Raise if the answer is not what the document says."""
    case.validate_response(answer, checks=CHECKS)
    assert answer.headers["request-id"].startswith("req_")
    assert {"ratelimit", "ratelimit-policy"} <= set(answer.headers)


def blank(operation: Operation) -> Case[Any]:
    """A case of that operation, to check an answer by."""
    names = [field["name"] for field in described(operation)["parameters"] if field["in"] == "path"]
    return SCHEMA[shown_path(operation)][operation.method].Case(path_parameters=dict.fromkeys(names, "x"))


@each_operation
async def test_a_success_is_as_described(target: Target, operation: Operation) -> None:
    """Status, media type and every field."""
    answer = await asked(operation, target.tenant).send(target.tenant.api, dry_run=True)

    assert answer.status_code in operation.successes
    check(blank(operation), answer)


@each_operation
async def test_every_refusal_is_described(target: Target, operation: Operation) -> None:
    """Unknown ids and parameters, another media type, no key: each is a status that the document names."""
    request, case = asked(operation, target.tenant), blank(operation)
    headers = ({"Authorization": ""}, {"Accept": "text/html"}, {"Content-Type": "text/plain"})
    answers = [await request.send(target.tenant.api, each) for each in headers[: 3 if operation.body else 2]]
    answers.append(await target.tenant.api.request(operation.method, request.path, params={"no": "such"}))
    for kind in operation.kinds:
        other = asked(
            operation, target.tenant, foreign={kind: f"{NOUNS[kind][0]}_01hx3kqp7mbn2vd9czf6yw4e8r"}
        )
        answers.append(await other.send(target.tenant.api))

    expected = {"400", "401", "403", "404", "406", "429"} | (
        {"409", "413", "415", "422"} if operation.mutates else set()
    )
    assert expected <= set(described(operation)["responses"])
    for answer in answers:
        assert str(answer.status_code) in described(operation)["responses"]
        case.validate_response(answer, checks=CHECKS)
        assert answer.headers["request-id"] == answer.json()["requestId"]


@each_operation
@given(data=st.data())
@FEW
async def test_whatever_is_asked_the_answer_is_as_described(
    target: Target, operation: Operation, data: st.DataObject
) -> None:
    """Requests made from the document, with ids of the workspace's own as often as with others."""
    case = data.draw(SCHEMA[shown_path(operation)][operation.method].as_strategy())
    own = data.draw(st.booleans())
    parameters = dict(case.path_parameters or {})
    if own:
        parameters |= {name: target.tenant.ids[ID_NAMES[name.lower()]] for name in parameters}
    answer = await target.tenant.api.request(
        operation.method,
        shown_path(operation).format_map(parameters),
        params=_sent(case.query or {}),
        **_body(case),
        timeout=PATIENCE_SECONDS,
    )

    check(case, answer)


def _sent(query: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items()}


def _body(case: Case[Any]) -> dict[str, Any]:
    if case.media_type is None or isinstance(case.body, schemathesis.core.NotSet):
        return {}
    if case.media_type == "application/json":
        return {"json": case.body}
    return {"content": str(case.body).encode(errors="replace"), "headers": {"Content-Type": case.media_type}}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"data": {"id": "ws_1"}}),
        httpx.Response(200, json={}),
        httpx.Response(200, text="{}", headers={"content-type": "text/html"}),
        httpx.Response(500, json={}),
    ],
)
async def test_an_answer_that_is_not_as_described_is_seen(answer: httpx.Response) -> None:
    """The checks above can fail."""
    answer.request, answer.elapsed = httpx.Request("GET", "http://api.test/v1/workspace"), timedelta(0)
    case = blank(next(operation for operation in OPERATIONS if title(operation) == "GET /v1/workspace"))

    with pytest.raises(FailureGroup):
        case.validate_response(answer, checks=CHECKS)


async def test_the_document_is_what_is_served(target: Target) -> None:
    """And it names every operation that there is."""
    served = (await target.tenant.api.get("/openapi.json")).json()

    assert served == DOCUMENT
    assert sum(len(methods) for methods in served["paths"].values()) == len(OPERATIONS)


@each_operation
async def test_every_operation_names_what_it_takes(target: Target, operation: Operation) -> None:
    """An id of its own, a summary, its scope, its parameters and the mutations' two."""
    about = described(operation)
    parameters = {(each["in"], each["name"]) for each in about["parameters"]}

    assert (about["operationId"].isidentifier(), bool(about["summary"])) == (True, True)
    assert f"`{operation.scope}`" in about["description"]
    assert len([where for where, _ in parameters if where == "path"]) == len(operation.kinds)
    assert ({("query", "dryRun"), ("header", "Idempotency-Key")} <= parameters) == operation.mutates
    assert ("requestBody" in about) == (operation.body is not None)
