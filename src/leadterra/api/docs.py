"""`/openapi.json`, and `/docs`: the same document as a page. It is made here, runs no script, and loads
nothing from elsewhere."""

import re
from collections.abc import Awaitable, Callable, Sequence
from html import escape
from importlib.resources import files
from string import Template

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leadterra.api.openapi import Document
from leadterra.api.problems import RETRYABLE, STATUSES
from leadterra.api.routing import NOUNS

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_MISSING = {f"{noun}_not_found": 404 for _, noun in NOUNS.values()}
_PAGE = Template(files(__package__).joinpath("docs.html").read_text("utf-8"))


def routes(document: Document) -> list[Route]:
    """The document, its page, and the page's style."""
    style = files(__package__).joinpath("docs.css").read_bytes()
    answers = {
        "/openapi.json": Response(to_json(document), media_type="application/json"),
        "/docs": Response(render_docs(document), media_type="text/html", headers=_HEADERS),
        "/docs/style.css": Response(
            style, media_type="text/css", headers={"X-Content-Type-Options": "nosniff"}
        ),
    }
    return [Route(path, _always(answer), methods=["GET"], name=path) for path, answer in answers.items()]


def _always(answer: Response) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        return answer

    return show


def render_docs(document: Document) -> str:
    """The document as HTML: contents, every operation with its fields, the error codes, the schemas."""
    schemas = document["components"]["schemas"]
    contents = (
        f'<li><a href="#{_anchor(tag["name"])}">{escape(tag["name"])}</a></li>' for tag in document["tags"]
    )
    codes = STATUSES | _MISSING
    errors = [
        (str(status), _code(code), "yes" if code in RETRYABLE else "no") for code, status in codes.items()
    ]
    return _PAGE.substitute(
        title=f"{escape(document['info']['title'])} API",
        version=escape(document["info"]["version"]),
        about=_paragraphs(document["info"]["description"]),
        contents="".join(contents),
        operations="".join(_group(tag, document["paths"]) for tag in document["tags"]),
        errors=_table(("status", "code", "retryable"), errors, anchors=list(codes)),
        schemas="".join(_schema(name, schema) for name, schema in schemas.items()),
    )


def _group(tag: dict[str, str], paths: Document) -> str:
    shown = "".join(
        _operation(method, path, operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if tag["name"] in operation["tags"]
    )
    title = f"<h2>{escape(tag['name'])}</h2>{_paragraphs(tag['description'])}"
    return f'<section id="{_anchor(tag["name"])}">{title}{shown}</section>'


def _operation(method: str, path: str, operation: Document) -> str:
    parameters = [
        (_code(field["name"]), field["in"], _kind(field["schema"]), _prose(field.get("description", "")))
        for field in operation["parameters"]
    ]
    bodies = operation.get("requestBody", {}).get("content", {})
    parts = [
        f'<h3><b class="{method}">{method.upper()}</b> {_code(path)}</h3>',
        _paragraphs(operation["description"]),
        _table(("parameter", "in", "kind", ""), parameters),
        *(f"<p>Body {_code(kind)}: {_kind(content['schema'])}</p>" for kind, content in bodies.items()),
        _answers(operation["responses"]),
    ]
    return f'<article id="{escape(operation["operationId"])}">{"".join(parts)}</article>'


def _answers(responses: Document) -> str:
    successes = {status: answer for status, answer in responses.items() if status.startswith("2")}
    return "".join(_answer(status, success) for status, success in successes.items())


def _answer(status: str, success: Document) -> str:
    content = success.get("content", {}).get("application/json")
    if not content:
        return f"<p>Answers <b>{status}</b> without a body.</p>"
    kind = _kind(content["schema"]["properties"]["data"])
    return f"<p>Answers <b>{status}</b> with {_code('data')}: {kind}</p>"


def _schema(name: str, schema: Document) -> str:
    required = schema.get("required", [])
    fields = [
        (
            _code(field),
            _kind(kind),
            "required" if field in required else "",
            _prose(kind.get("description", "")),
        )
        for field, kind in schema.get("properties", {}).items()
    ]
    about = f"<h3>{escape(name)}</h3>{_paragraphs(schema.get('description', ''))}"
    # What has no fields is one of a few words.
    shown = _table(("field", "kind", "", ""), fields) if fields else f"<p>{_kind(schema)}</p>"
    return f'<article id="schema-{escape(name)}">{about}{shown}</article>'


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], anchors: Sequence[str] = ()) -> str:
    """Cells are HTML already. anchors: one id a row."""
    if not rows:
        return ""
    head = "".join(f"<th>{head}</th>" for head in heads)
    opened = [f'<tr id="{anchor}">' for anchor in anchors] if anchors else ["<tr>"] * len(rows)
    body = (
        opening + "".join(f"<td>{cell}</td>" for cell in row)
        for opening, row in zip(opened, rows, strict=True)
    )
    return f"<table><tr>{head}</tr>{''.join(body)}</table>"


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_prose(part)}</p>" for part in text.split("\n\n"))


def _prose(text: str) -> str:
    """Text with code between back-quotes."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _kind(schema: Document) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_kind(choice) for choice in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return " | ".join(_code(str(choice)) for choice in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    kind = schema.get("format") or schema.get("type", "any")
    shown = escape(" or ".join(kind) if isinstance(kind, list) else str(kind))
    low, high = schema.get("minimum", schema.get("minLength")), schema.get("maximum", schema.get("maxLength"))
    return f"{shown} ({low}–{high})" if low is not None and high is not None else shown


def _anchor(name: str) -> str:
    return escape(name.lower().replace(" ", "-"))
