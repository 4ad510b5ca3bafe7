"""The OpenAPI 3.1 document, made from the routes' declarations: nothing in it is written by hand twice."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from leadterra.api.answers import Answer, Nothing
from leadterra.api.fields import Query, id_schema
from leadterra.api.problems import MEDIA_TYPE, STATUSES
from leadterra.api.routing import NOUNS, Operation, Routes

Document = dict[str, Any]
_REF = "#/components/schemas/{model}"

_ABOUT = """\
Every request carries an API key: `Authorization: Bearer sk_live_…`. Keys have scopes; each route names the
one that it needs.

An answer is `{"data": …}`. A list adds `"pagination": {"nextCursor": …}`: give it as `cursor` for the next
page, until it is null. Ids are a prefix and 26 characters, instants are RFC 3339 in UTC. What a route does
not know, a field or a parameter, it refuses and never ignores.

Every POST, PUT, PATCH and DELETE takes an `Idempotency-Key`: for 24 hours the same key and request get the
first answer again, with `Idempotency-Replayed: true`, and are done once. With `?dryRun=true` it is checked,
answered, and nothing is changed.

Every answer has a `Request-Id`, and to a key that holds `RateLimit-Policy` and `RateLimit`: how often it
may ask, and what is left of that. A 429 says in `Retry-After` after how many seconds to ask again."""
"""What holds for all routes; `/docs` begins with it. Code stands between back-quotes."""

_FAULT = {
    "type": "object",
    "description": "One thing wrong with one field.",
    "required": ["pointer", "code", "message"],
    "properties": {
        "pointer": {
            "type": "string",
            "description": "A JSON pointer into the body, or `?name` for a query parameter.",
        },
        "code": {"type": "string"},
        "message": {"type": "string"},
    },
}
_PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "requestId", "retryable", "errors"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {
            "type": "string",
            "description": "Stable: one of " + ", ".join(STATUSES) + ", or <noun>_not_found.",
        },
        "requestId": {
            "type": "string",
            "description": "Finds the request in the log; the same as the header Request-Id.",
        },
        "retryable": {"type": "boolean", "description": "Whether the same request may succeed later."},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Fault"}},
    },
}
_PAGINATION = {
    "type": "object",
    "required": ["nextCursor"],
    "properties": {
        "nextCursor": {
            "type": ["string", "null"],
            "description": "Give it as `cursor` for the next page; null on the last.",
        }
    },
}
_DRY_RUN = {
    "name": "dryRun",
    "in": "query",
    "description": "Validate, answer what would happen, and change nothing.",
    "schema": {"type": "string", "enum": ["true", "false"], "default": "false"},
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and request within 24 hours get the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}


class _Schemas(GenerateJsonSchema):
    """JSON schemas without titles that only repeat the fields' names."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Never."""
        return False


def describe(resources: Iterable[Routes]) -> Document:
    """The whole document."""
    groups = list(resources)
    operations = [operation for group in groups for operation in group.operations]
    paths: Document = {}
    for operation in operations:
        paths.setdefault(_shown_path(operation), {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Leadterra",
            "version": "1",
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": group.tag, "description": group.about} for group in groups],
        "security": [{"apiKey": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key: `sk_live_…` or `sk_test_…`.",
                }
            },
            "schemas": _schemas(operations)
            | {"Problem": _PROBLEM, "Fault": _FAULT, "Pagination": _PAGINATION},
            "responses": {
                "Problem": {
                    "description": "What went wrong.",
                    "content": {MEDIA_TYPE: {"schema": _ref("Problem")}},
                }
            },
        },
    }


def _shown_path(operation: Operation) -> str:
    path = operation.path
    for kind in operation.kinds:
        path = path.replace(f"{{{kind}}}", f"{{{_id_name(kind)}}}")
    return path


def _id_name(kind: str) -> str:
    return to_camel(NOUNS[kind][1]) + "Id"


def _operation(operation: Operation) -> Document:
    described: Document = {
        "operationId": to_camel(
            f"{operation.handler.__module__.rpartition('.')[2]}_{operation.handler.__name__}"
        ),
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": f"{operation.description}\n\nNeeds the scope `{operation.scope}`.",
        "parameters": list(_parameters(operation)),
        "responses": _responses(operation),
    }
    content: Document = {kind: {"schema": {"type": "string"}} for kind in operation.uploads}
    if operation.body:
        content = {"application/json": {"schema": _ref(operation.body.__name__)}} | content
    if content:
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(operation: Operation) -> Iterable[Document]:
    for kind in operation.kinds:
        yield {"name": _id_name(kind), "in": "path", "required": True, "schema": id_schema(NOUNS[kind][0])}
    if operation.query:
        yield from _query_parameters(operation.query)
    if operation.mutates:
        yield from (_DRY_RUN, _IDEMPOTENCY_KEY)


def _query_parameters(query: type[BaseModel]) -> Iterable[Document]:
    schema = query.model_json_schema(ref_template=_REF, schema_generator=_Schemas)
    for name, field in schema.get("properties", {}).items():
        described = {"description": field.pop("description")} if "description" in field else {}
        # null is how a model says "not given"; a parameter has no way to be null.
        choices = [choice for choice in field.pop("anyOf", [{}]) if choice != {"type": "null"}]
        kind = {key: value for key, value in field.items() if (key, value) != ("default", None)} | choices[0]
        required = name in schema.get("required", ())
        yield {"name": name, "in": "query", "required": required, **described, "schema": kind}


def _responses(operation: Operation) -> Document:
    shape, views = operation.answered
    done: Document = {"description": "Done."}
    said = done
    if shape is not Nothing:
        said = {**done, "content": {"application/json": {"schema": _envelope(shape, views)}}}
    successes = {str(status): done if status == 204 else said for status in operation.successes}
    problem = {"$ref": "#/components/responses/Problem"}
    refused = ["400", "401", "403", "404", "406", "429"] + (
        ["409", "413", "415", "422"] if operation.mutates else []
    )
    return successes | dict.fromkeys(refused, problem) | {"default": problem}


def _envelope(shape: type, views: Sequence[type[BaseModel]]) -> Document:
    choices = [_ref(view.__name__) for view in views]
    shown = choices[0] if len(choices) == 1 else {"anyOf": choices}
    if shape is Answer:
        return {"type": "object", "required": ["data"], "properties": {"data": shown}}
    properties = {"data": {"type": "array", "items": shown}, "pagination": _ref("Pagination")}
    return {"type": "object", "required": ["data"], "properties": properties}


def _schemas(operations: Sequence[Operation]) -> Document:
    """Every model of the operations; a request's and an answer's never share a class, so names are unique."""
    models: dict[type[BaseModel], JsonSchemaMode] = {}
    for operation in operations:
        if operation.body:
            models[operation.body] = "validation"
        models.update(dict.fromkeys(operation.answered[1], "serialization"))
        if operation.query:
            models[operation.query] = "validation"
    _, schema = models_json_schema(list(models.items()), ref_template=_REF, schema_generator=_Schemas)
    queries = {model.__name__ for model in models if issubclass(model, Query)}
    return {name: each for name, each in schema.get("$defs", {}).items() if name not in queries}


def _ref(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}
