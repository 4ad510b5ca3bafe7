"""Reading what a caller sends, within limits, into a model of `api.fields`.

Bad JSON, bad UTF-8, NUL bytes, lone surrogates, nesting without end, numbers without end, repeated names,
unknown or wrong fields: each raises `Problem` or `InvalidRequest` naming the place by JSON pointer (RFC
6901). Nothing is coerced, nothing else is raised.
"""

import json
import math
from asyncio import to_thread
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NoReturn, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json
from starlette.requests import ClientDisconnect, Request

from leadterra.api.fields import NoFields, Query
from leadterra.api.problems import InvalidRequest, Problem
from leadterra.domain.errors import Fault

Model = TypeVar("Model", bound=BaseModel)
_Point = Callable[[Sequence[str | int]], str]

LARGEST_JSON = 20 * 1024 * 1024
"""Octets of a JSON body."""

_PARSED_AT_ONCE = 64 * 1024
_MOST_FAULTS = 1000
# 10 000 leads of a hundred fields. Every value but one follows a comma or an opening, so memory is bounded.
_MOST_COMMAS = 1_000_000
_MOST_OPENINGS = 300_000
_MOST_NAMES = 1000
_NO_NUL = "Must not contain the character NUL."
_CODES = {
    "missing": "required",
    "extra_forbidden": "unknown_field",
    "literal_error": "not_allowed",
    "enum": "not_allowed",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_short": "too_short",
    "too_long": "too_long",
    "greater_than_equal": "out_of_range",
    "greater_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "finite_number": "out_of_range",
    "string_pattern_mismatch": "invalid",
    "value_error": "invalid",
}
_MESSAGES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field here.",
    "model_type": "Must be an object.",
    "model_attributes_type": "Must be an object.",
    "dict_type": "Must be an object.",
}


def media_type(request: Request) -> str:
    """The type of the body without its parameters, lower case. Raises 415 for a body that is encoded once
    more."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem("unsupported_media_type", "The body must not have a Content-Encoding.")
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def read_body(request: Request, limit: int = LARGEST_JSON) -> bytes:
    """The body, at most that many octets; 413 as soon as it is known to be longer."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > 18 or int(announced) > limit):
        refuse_size(limit)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                refuse_size(limit)
            chunks.append(chunk)
    except ClientDisconnect:
        raise Problem("invalid_request", "The connection closed before the body was complete.") from None
    return b"".join(chunks)


def refuse_size(limit: int) -> NoReturn:
    """413."""
    raise Problem("payload_too_large", f"The body is larger than {limit} octets.")


async def parse_body(raw: bytes, kind: str, model: type[Model], files: Sequence[str] = ()) -> Model:
    """The JSON body as that model; a large one is read in a thread, so that other requests go on. files:
    other media types that the route would have taken.
    """
    if not raw and issubclass(model, NoFields):
        return model()
    if raw and kind != "application/json":
        taken = " or ".join(["application/json", *files])
        raise Problem("unsupported_media_type", f"Content-Type: must be {taken}.")
    if len(raw) <= _PARSED_AT_ONCE:
        return _parse(raw, model)
    return await to_thread(_parse, raw, model)


def _parse(raw: bytes, model: type[Model]) -> Model:
    return _validate(model, read_json(raw), _pointer)


def read_json(raw: bytes) -> object:
    """JSON text as Python values. Raises `InvalidRequest`."""
    if raw.count(b",") > _MOST_COMMAS or raw.count(b"{") + raw.count(b"[") > _MOST_OPENINGS:
        raise InvalidRequest([Fault("", "too_many_values", "Must not hold so many values in one body.")])
    try:
        # The first reader bounds nesting and digits and checks UTF-8; only the second sees repeated names.
        from_json(raw, allow_inf_nan=False, cache_strings=False)
        repeated: dict[int, str] = {}
        value = json.loads(raw, object_pairs_hook=partial(_object, repeated))
    except ValueError as error:
        raise InvalidRequest([Fault("", "malformed_json", f"Must be JSON: {error}.")]) from None
    faults: list[Fault] = []
    _find_faults(value, [], repeated, faults)
    if faults:
        raise InvalidRequest(faults)
    return value


def _object(repeated: dict[int, str], pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """An object of the body; a name that comes twice in it is noted under the object's identity."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = Counter(name for name, _ in pairs)
        repeated[id(made)] = next(name for name, count in names.items() if count > 1)
    return made


def _find_faults(
    value: object, place: list[str | int], repeated: Mapping[int, str], faults: list[Fault]
) -> None:
    """What no field may hold, wherever it stands: NUL (PostgreSQL cannot store it), infinities, and names
    given twice. Nesting was bounded before."""
    if len(faults) >= _MOST_FAULTS:
        return
    if isinstance(value, str):
        if "\0" in value:
            faults.append(Fault(_pointer(place), "control_character", _NO_NUL))
    elif isinstance(value, float):
        if math.isinf(value):
            faults.append(Fault(_pointer(place), "out_of_range", "Must be a number that fits 64 bits."))
    elif isinstance(value, dict) and len(value) > _MOST_NAMES:
        faults.append(Fault(_pointer(place), "too_many_fields", f"Must have at most {_MOST_NAMES} fields."))
    elif isinstance(value, dict):
        if id(value) in repeated:
            faults.append(
                Fault(_pointer([*place, repeated[id(value)]]), "repeated_field", "Must be given once.")
            )
        for name, item in value.items():
            if "\0" in name:
                faults.append(Fault(_pointer([*place, name]), "control_character", _NO_NUL))
            _find_faults(item, [*place, name], repeated, faults)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _find_faults(item, [*place, index], repeated, faults)


def _pointer(place: Sequence[str | int]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in place)


def _parameter(place: Sequence[str | int]) -> str:
    return f"?{place[0]}"


def parse_query(pairs: Sequence[tuple[str, str]], model: type[Query]) -> Query:
    """Query parameters as that model."""
    names = [name for name, _ in pairs]
    faults = [
        Fault(f"?{name}", "repeated_parameter", "Must be given once.")
        for name in {*names}
        if names.count(name) > 1
    ]
    faults += [Fault(f"?{name}", "control_character", _NO_NUL) for name, text in pairs if "\0" in text]
    if faults:
        raise InvalidRequest(faults)
    return _validate(model, dict(pairs), _parameter)


def read_model(model: type[Model], value: object) -> Model:
    """A part of a body as that model. Raises `InvalidRequest` with pointers from that part on."""
    return _validate(model, value, _pointer)


def _validate(model: type[Model], value: object, point: _Point) -> Model:
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise InvalidRequest([_fault(detail, point) for detail in details[:_MOST_FAULTS]]) from None


def _fault(detail: ErrorDetails, point: _Point) -> Fault:
    kind = detail["type"]
    code = _CODES.get(kind) or ("wrong_type" if kind.endswith("_type") or kind.endswith("_parsing") else kind)
    message = (
        _MESSAGES.get(kind)
        or _length_message(detail)
        or detail["msg"].replace("Input should be", "Must be").removeprefix("Value error, ")
    )
    if point is _parameter and code == "unknown_field":
        code, message = "unknown_parameter", "There is no such parameter here."
    return Fault(point(detail["loc"]), code, message if message.endswith(".") else message + ".")


def _length_message(detail: ErrorDetails) -> str | None:
    """Pydantic speaks of items also where a text was checked before it was measured."""
    bounds = detail.get("ctx", {})
    if detail["type"] not in ("too_long", "too_short"):
        return None
    what = "items" if bounds["field_type"] in ("List", "Dictionary") else "characters"
    if "max_length" in bounds:
        return f"Must have at most {bounds['max_length']} {what}."
    return f"Must have at least {bounds['min_length']} {what}."
