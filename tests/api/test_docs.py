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

    assert all(
        f'id="{code}"' in page for code in ("invalid_request", "idempotency_key_reused", "rate_limited")
    )
