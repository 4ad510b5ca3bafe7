"""One lead as it comes in, checked: what it may hold, and how it is read from a JSON object.

What cannot be taken comes back as faults, all of them, with pointers into the lead; nothing is raised.
The same address in two spellings is one lead: `merge_rows` lets the later row win, field by field.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from leadterra.domain.errors import Fault
from leadterra.domain.lead import (
    CUSTOM_FIELDS,
    FieldValue,
    fault_of_custom_key,
    fault_of_custom_value,
    fault_of_field,
    fault_of_time_zone,
)
from leadterra.mail.addresses import InvalidAddress, parse_address

FIELDS = ("firstName", "lastName", "company", "jobTitle", "timeZone")
TIME_ZONE = FIELDS.index("timeZone")
_PLACES = {name: place for place, name in enumerate(FIELDS)}

Known = tuple[str | None, str | None, str | None, str | None, str | None]
"""The values of `FIELDS`, in their order."""


class LeadRow(NamedTuple):
    """A lead that can be taken.

    number: its place in the source, from 1. email: to show. key, domain: to compare. given: a bit for
    each of `FIELDS` that was given. known: their values. custom_fields: those that were given; a null
    takes one away.
    """

    number: int
    email: str
    key: str
    domain: str
    given: int
    known: Known
    custom_fields: Mapping[str, FieldValue]

    @property
    def says_zone(self) -> bool:
        """Whether the time zone was given."""
        return bool(self.given >> TIME_ZONE & 1)


class RejectedRow(NamedTuple):
    """A lead that cannot be taken.

    number: its place in the source. email: what stood there, as far as it can be told. faults: at least
    one.
    """

    number: int
    email: str | None
    faults: Sequence[Fault]


class GatheredFields:
    """The fields of one lead while they are read."""

    def __init__(self) -> None:
        self.given = 0
        self.known: list[str | None] = [None] * len(FIELDS)
        self.custom: dict[str, FieldValue] = {}
        self.faults: list[Fault] = []

    def take_known(self, place: int, value: object) -> None:
        """One of `FIELDS`."""
        if fault := (fault_of_time_zone if place == TIME_ZONE else fault_of_field)(value):
            self.faults.append(Fault(f"/{FIELDS[place]}", "invalid", f"{FIELDS[place]} {fault}"))
            return
        self.given |= 1 << place
        text = value.strip() if isinstance(value, str) else None
        self.known[place] = text or None if place == TIME_ZONE else text

    def take_custom(self, key: str, value: object, parent: str = "") -> None:
        """Any other field. parent: pointer of the object that it stands in."""
        if fault := fault_of_custom_key(key):
            self.faults.append(Fault(f"{parent}/{escape_pointer(key)[:200]}", "invalid", fault))
        elif fault := fault_of_custom_value(value):
            self.faults.append(Fault(f"{parent}/{escape_pointer(key)}", "invalid", f"{key} {fault}"))
        elif value is None or isinstance(value, str | int | float):
            self.custom[key] = value


def read_fields(value: Mapping[str, object]) -> tuple[int, Known, Mapping[str, FieldValue], list[Fault]]:
    """The fields of a lead besides its address: which were given, the known ones, the custom ones, and
    what is wrong.
    """
    gathered = GatheredFields()
    for key, item in value.items():
        place = _PLACES.get(key)
        if place is not None:
            gathered.take_known(place, item)
        elif key == "customFields":
            _take_custom_fields(gathered, item)
        elif key != "email":
            gathered.take_custom(key, item)
    if len(gathered.custom) > CUSTOM_FIELDS:
        gathered.faults.append(
            Fault("/customFields", "too_long", f"must have at most {CUSTOM_FIELDS} custom fields")
        )
    return gathered.given, as_known(gathered.known), gathered.custom, gathered.faults


def as_known(values: Iterable[str | None]) -> Known:
    """Of a known length, for the type checker and whoever unpacks it."""
    first, last, company, title, zone = values
    return first, last, company, title, zone


def _take_custom_fields(gathered: GatheredFields, item: object) -> None:
    if isinstance(item, dict):
        for key, inner in item.items():
            gathered.take_custom(key, inner, "/customFields")
    elif item is not None:
        gathered.faults.append(Fault("/customFields", "wrong_type", "customFields must be an object"))


def read_lead(number: int, value: object) -> LeadRow | RejectedRow:
    """A lead from a JSON value."""
    if not isinstance(value, dict):
        return RejectedRow(number, None, [Fault("", "wrong_type", "a lead must be an object with an email")])
    given, known, custom, faults = read_fields(value)
    email = value.get("email")
    if not isinstance(email, str):
        code, message = (
            ("required", "email is required") if email is None else ("wrong_type", "email must be a string")
        )
        return RejectedRow(number, None, [Fault("/email", code, message), *faults])
    try:
        address = parse_address(email)
    except InvalidAddress as error:
        return RejectedRow(number, email[:254], [Fault("/email", "invalid_email", error.reason), *faults])
    if faults:
        return RejectedRow(number, address.display, faults)
    return LeadRow(number, address.display, address.key, address.domain, given, known, custom)


def merge_rows(rows: Iterable[LeadRow]) -> list[LeadRow]:
    """One row an address, in the order of their first appearance; what the later ones give wins."""
    merged: dict[str, LeadRow] = {}
    for row in rows:
        earlier = merged.get(row.key)
        merged[row.key] = row if earlier is None else _merge(earlier, row)
    return list(merged.values())


def overwrite(before: Known, given: int, known: Known) -> Known:
    """The values of `FIELDS` after those that were given."""
    pairs = zip(before, known, strict=True)
    return as_known(new if given >> place & 1 else old for place, (old, new) in enumerate(pairs))


def _merge(earlier: LeadRow, later: LeadRow) -> LeadRow:
    return later._replace(
        given=earlier.given | later.given,
        known=overwrite(earlier.known, later.given, later.known),
        custom_fields={**earlier.custom_fields, **later.custom_fields},
    )


def escape_pointer(key: str) -> str:
    """A name as a part of a JSON pointer (RFC 6901 §3)."""
    return key.replace("~", "~0").replace("/", "~1")
