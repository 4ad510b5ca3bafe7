"""What the fields of a lead may hold."""

import pytest

from leadterra.domain.lead import (
    fault_of_custom_key,
    fault_of_custom_value,
    fault_of_field,
    fault_of_time_zone,
)


@pytest.mark.parametrize(
    "value", [None, "", "Ada", "Ada Lovelace", "Zoë", "李", "O'Neil-Smith", "a\u00a0b", "x" * 500]
)
def test_fields_that_can_be_taken(value: object) -> None:
    """Text of one line in any script, or nothing."""
    assert fault_of_field(value) is None


@pytest.mark.parametrize(
    "value", [5, True, [], {}, "a\nb", "a\rb", "a\tb", "a\0b", "a\u2028b", "\x85", "\ud800", "x" * 501]
)
def test_fields_that_cannot_be_taken(value: object) -> None:
    """No other type, no line break or control character, no half characters, not too long."""
    assert fault_of_field(value) is not None


@pytest.mark.parametrize("value", [None, "", " ", "UTC", "Europe/Berlin", " America/Argentina/Ushuaia "])
def test_time_zones_that_can_be_taken(value: object) -> None:
    """Names of the tz database, or nothing."""
    assert fault_of_time_zone(value) is None


@pytest.mark.parametrize(
    "value", [5, True, [], "Mars/Olympus", "Europe", "+02:00", "../etc/passwd", "UTC\n", "\ud800", "x" * 501]
)
def test_time_zones_that_cannot_be_taken(value: object) -> None:
    """No offsets, no folders, no files of this machine."""
    assert fault_of_time_zone(value) is not None


@pytest.mark.parametrize("value", [None, "", "two\nlines", "a\ttab", 5, -1.5, True, 2**62, "x" * 10_000])
def test_custom_values_that_can_be_taken(value: object) -> None:
    """Text of several lines, numbers, truth values, nothing."""
    assert fault_of_custom_value(value) is None


@pytest.mark.parametrize(
    "value", [[], {}, b"x", "\0", "\x1b", "\udc80", 2**63, float("inf"), float("nan"), "x" * 10_001]
)
def test_custom_values_that_cannot_be_taken(value: object) -> None:
    """Nothing nested, no control characters, no numbers that JSON readers disagree about."""
    assert fault_of_custom_value(value) is not None


@pytest.mark.parametrize(
    ("key", "is_taken"),
    [
        ("plan", True),
        ("Deal Size", True),
        ("x" * 100, True),
        ("", False),
        ("x" * 101, False),
        ("a\nb", False),
    ],
)
def test_names_of_custom_fields(key: str, is_taken: bool) -> None:
    """One line of 1 to 100 characters."""
    assert (fault_of_custom_key(key) is None) is is_taken
