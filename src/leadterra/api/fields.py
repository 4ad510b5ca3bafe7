"""The kinds of fields that requests and answers are made of.

`Body` is what a request may contain: camelCase, no unknown fields, nothing coerced ("5" is not 5, nor is 1.0
or true). `Query` is the same for query parameters, which are text. `View` is what an answer shows.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from leadterra.domain.day import read_day
from leadterra.store.ids import InvalidId, Kind, decode, encode

UNSET: Any = Field(default_factory=lambda: None)
"""Default of a field of a change (PATCH): it may be left out, and then keeps what is stored; see
`Body.given`."""


class Body(BaseModel):
    """A JSON body or a part of one."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", strict=True, frozen=True, validate_by_name=False
    )

    def given(self, field: str) -> bool:
        """Whether the caller sent that field (by its Python name), be it null."""
        return field in self.model_fields_set


class NoFields(Body):
    """The body of a request that takes none: empty, or an empty object."""


class Query(BaseModel):
    """Query parameters of a route."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)


class View(BaseModel):
    """What an answer shows of something. Made by field name or from an object's attributes."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        json_schema_serialization_defaults_required=True,
        validate_by_name=True,
        validate_by_alias=False,
        from_attributes=True,
        frozen=True,
    )


def render_instant(instant: datetime) -> str:
    """RFC 3339 in UTC with `Z`, without a fraction when that is zero."""
    text = instant.astimezone(UTC).isoformat(timespec="microseconds" if instant.microsecond else "seconds")
    return text.replace("+00:00", "Z")


_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _read_instant(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper().replace("Z", "+00:00")).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
    raise PydanticCustomError("instant", "Must be an RFC 3339 instant such as 2025-01-15T00:00:00Z.")


Instant = Annotated[
    datetime,
    BeforeValidator(_read_instant),
    PlainSerializer(render_instant, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A point in time."""


def _read_day(value: object) -> object:
    if isinstance(value, date):
        return value
    with suppress(ValueError):
        return read_day(str(value))
    raise PydanticCustomError("day", "Must be a day such as 2025-01-15.")


Day = Annotated[
    date,
    BeforeValidator(_read_day),
    PlainSerializer(date.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date"}),
]
"""A UTC calendar day."""


@dataclass(frozen=True, slots=True)
class TypeId:
    """Marks a UUID that is shown and read as a TypeID of that kind."""

    kind: Kind

    def __get_pydantic_core_schema__(self, source: type[UUID], handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                self._show, return_schema=core_schema.str_schema()
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        return id_schema(self.kind)

    def _show(self, value: UUID) -> str:
        return encode(self.kind, value)

    def _read(self, value: object) -> UUID:
        if isinstance(value, UUID):
            return value
        try:
            return decode(self.kind, value if isinstance(value, str) else "")
        except InvalidId as error:
            raise PydanticCustomError(
                "invalid_id", "Must be an id of the form {kind}_….", {"kind": self.kind}
            ) from error


def id_schema(kind: Kind) -> dict[str, object]:
    """JSON schema of a TypeID."""
    return {"type": "string", "pattern": f"^{kind}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$"}


WorkspaceId = Annotated[UUID, TypeId("ws")]
SenderPoolId = Annotated[UUID, TypeId("sp")]
SenderAccountId = Annotated[UUID, TypeId("sa")]
CampaignId = Annotated[UUID, TypeId("camp")]
StepId = Annotated[UUID, TypeId("step")]
LeadId = Annotated[UUID, TypeId("lead")]
MessageId = Annotated[UUID, TypeId("msg")]
ReplyId = Annotated[UUID, TypeId("rpl")]
ApiKeyId = Annotated[UUID, TypeId("key")]
ImportId = Annotated[UUID, TypeId("imp")]
SuppressionId = Annotated[UUID, TypeId("sup")]

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _refuse(pattern: re.Pattern[str], what: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if pattern.search(text):
            raise PydanticCustomError("control_character", "Must not contain {what}.", {"what": what})
        return text

    return check


def not_blank(text: str) -> str:
    """Refuse a text that says nothing."""
    if not text.strip():
        raise PydanticCustomError("blank", "Must not be blank.")
    return text


Line = Annotated[str, AfterValidator(_refuse(_CONTROL, "line breaks or control characters"))]
"""Text of one line: nothing in it can begin a header (RFC 5322 §2.2). May be empty; bound its length with
`Field`."""

Text = Annotated[str, AfterValidator(_refuse(_CONTROL_BUT_LINES, "control characters"))]
"""Text that may have several lines and tabs."""

Name = Annotated[Line, Field(min_length=1, max_length=200), AfterValidator(not_blank)]
"""What something is called."""
