"""A lead: a person, unique by e-mail address in a workspace, and what may be known of them.

A field is text of one line, or absent; the time zone is a name that the tz database knows. Custom fields are
a flat mapping of text (several lines allowed), numbers and truth values. The checks answer with a sentence
that says what is wrong, or None; they never raise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from leadterra.domain.schedule import is_known_zone

FieldValue = str | int | float | bool | None
"""What a custom field may hold."""

FIELD_LENGTH = 500
CUSTOM_KEY_LENGTH = 100
CUSTOM_VALUE_LENGTH = 10_000
CUSTOM_FIELDS = 100
_LARGEST_NUMBER = 2**63

"""Numbers stay below it: beyond, JSON readers disagree about them."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_UNPRINTABLE_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Person:
    """What templates may say of a lead.

    email: as it was given. first_name, last_name, company, job_title: one line each, None when unknown.
    time_zone: an IANA name. custom_fields: by the name that templates use.
    """

    email: str
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    time_zone: str | None = None
    custom_fields: Mapping[str, FieldValue] = field(default_factory=dict)


def fault_of_field(value: object) -> str | None:
    """What is wrong with the value of a standard field."""
    if value is None:
        return None
    if not isinstance(value, str):
        return "must be a string or null"
    if len(value) > FIELD_LENGTH:
        return f"must have at most {FIELD_LENGTH} characters"
    # isprintable is false for some harmless characters too (a no-break space); the pattern has the last word.
    if not value.isprintable() and (found := _UNPRINTABLE.search(value)):
        return f"must not contain line breaks or control characters ({_name(found)})"
    return None


def fault_of_time_zone(value: object) -> str | None:
    """What is wrong with the name of a lead's time zone; an empty one is none."""
    if fault := fault_of_field(value):
        return fault
    if isinstance(value, str) and (name := value.strip()) and not is_known_zone(name):
        return "must be the IANA name of a time zone, such as Europe/Berlin"
    return None


def fault_of_custom_key(key: str) -> str | None:
    """What is wrong with the name of a custom field."""
    if not 0 < len(key) <= CUSTOM_KEY_LENGTH:
        return f"a custom field's name must have between 1 and {CUSTOM_KEY_LENGTH} characters"
    if not key.isprintable() and (found := _UNPRINTABLE.search(key)):
        return f"a custom field's name must not contain line breaks or control characters ({_name(found)})"
    return None


def fault_of_custom_value(value: object) -> str | None:
    """What is wrong with the value of a custom field."""
    if isinstance(value, str):
        if len(value) > CUSTOM_VALUE_LENGTH:
            return f"must have at most {CUSTOM_VALUE_LENGTH} characters"
        if not value.isprintable() and (found := _UNPRINTABLE_IN_TEXT.search(value)):
            return f"must not contain control characters ({_name(found)})"
        return None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return None if abs(value) < _LARGEST_NUMBER else "must be a number below 2^63"
    return "must be a string, a number, true, false or null; nested values are not supported"


def _name(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X} at character {found.start() + 1}"
