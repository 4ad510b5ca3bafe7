"""`/openapi.json` and `/docs`."""

import re

import httpx
import pytest

from leadterra.api.application import RESOURCES
from leadterra.api.docs import render_docs
from leadterra.api.openapi import Document, describe


@pytest.fixture(scope="module")
def document() -> Document:
    """The OpenAPI document."""
    return describe(RESOURCES)


async def test_both_are_served_without_a_key(api: httpx.AsyncClient) -> None:
    """To anyone; the document says 3.1."""
    del api.headers["authorization"]

    page = await api.get("/docs")
    served = await api.get("/openapi.json")

    assert (page.status_code, served.json()["openapi"]) == (200, "3.1.0")


def test_every_route_is_described(document: Document) -> None:
    """With a summary, a success, the one error shape, and a schema for its body and its answer."""
    for resource in RESOURCES:
        for operation in resource.operations:
            name = f"{operation.method} {operation.path}"
            path = re.sub(r"{\w+}", "{}", operation.path)
            found = [
                methods[operation.method.lower()]
                for shown, methods in document["paths"].items()
                if re.sub(r"{\w+}", "{}", shown) == path and operation.method.lower() in methods
            ]
            assert len(found) == 1, name
            described = found[0]
            assert described["summary"], name
            assert {str(operation.status), "401", "default"} <= set(described["responses"]), name
            assert ("requestBody" in described) == bool(operation.body or operation.uploads), name


def test_no_reference_leads_nowhere(document: Document) -> None:
    """Every $ref of the document is in it."""
    for reference in set(re.findall(r"'\$ref': '#/([^']+)'", str(document))):
        place: object = document
        for part in reference.split("/"):
            assert isinstance(place, dict)
            assert part in place, reference
            place = place[part]


def test_operation_ids_are_unique(document: Document) -> None:
    """Generated clients name functions by them."""
    ids = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]

    assert len(ids) == len(set(ids))


def test_no_field_of_a_change_has_a_default(document: Document) -> None:
    """What is left out of a PATCH stays as it is, which a default would deny."""
    for name, schema in document["components"]["schemas"].items():
        if name.endswith("Patch"):
            assert all("default" not in field for field in schema["properties"].values()), name


def test_the_page_loads_nothing_from_elsewhere(document: Document) -> None:
    """Only our own style sheet; no script at all."""
    page = render_docs(document)

    assert re.findall(r"(?:src|href)=\"(?!#)([^\"]+)\"", page) == ["/docs/style.css", "/openapi.json"]
    assert "<script" not in page


async def test_the_page_says_so_to_the_browser(api: httpx.AsyncClient) -> None:
    """Its Content-Security-Policy allows our style and nothing else; the style is served."""
    page = await api.get("/docs")
    style = await api.get("/docs/style.css")

    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert (style.status_code, style.headers["content-type"]) == (200, "text/css; charset=utf-8")


def test_every_error_code_has_an_anchor(document: Document) -> None:
    """The `type` of a problem leads there."""
    page = render_docs(document)

    codes = ("invalid_request", "idempotency_key_reused", "rate_limited", "sender_account_not_found")
    assert all(f'id="{code}"' in page for code in codes)


def test_the_page_begins_with_what_holds_for_all_routes(document: Document) -> None:
    """Keys, pages, idempotency, dry runs, limits; and code is shown as code."""
    page = render_docs(document)

    begin = page[page.index("<main>") : page.index(">Workspace</h2>")]
    said = ("Authorization: Bearer", "nextCursor", "Idempotency-Key", "?dryRun=true", "RateLimit")
    assert all(each in begin for each in said)
    assert "`" not in page


def test_the_words_of_a_state_are_shown(document: Document) -> None:
    """A schema without fields says what it may be."""
    assert "<code>warming</code>" in render_docs({**document, "paths": {}})


def test_both_answers_of_an_import_are_described(document: Document) -> None:
    """The numbers for JSON, the report for files."""
    bulk = document["paths"]["/v1/campaigns/{campaignId}/leads/bulk"]["post"]
    shown = bulk["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["data"]

    assert [each["$ref"].rpartition("/")[2] for each in shown["anyOf"]] == ["BulkView", "ReportView"]
    assert {"importId", "invalid", "errors"} <= set(
        document["components"]["schemas"]["ReportView"]["properties"]
    )
