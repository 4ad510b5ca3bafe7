"""Identifiers: UUIDv7 inside, TypeIDs at the faces."""

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.store.ids import InvalidId, Kind, decode, encode, enrollment_of, message_id_of, new_id, new_ids

NOW = datetime(2026, 3, 10, 12, 0, 0, 123456, tzinfo=UTC)
KINDS: tuple[Kind, ...] = get_args(Kind)
ID = "sa_01hx3kqp7mbn2vd9czf6yw4e8r"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.sampled_from(KINDS), st.uuids())
def test_an_id_is_read_back_as_it_was_written(kind: Kind, value: UUID) -> None:
    """Any UUID, under any prefix; lower case, 26 characters."""
    text = encode(kind, value)
    assert decode(kind, text) == value
    assert text == text.lower()
    assert len(text) == len(kind) + 27


def test_the_reference_page_s_ids_are_ours() -> None:
    """As they stand there, to the letter."""
    assert encode("sa", decode("sa", ID)) == ID


@pytest.mark.parametrize(
    "text",
    [
        *("", "sa", "sa_", "_", ID[3:], "_" + ID[3:], ID + "0", ID[:-1], ID.upper(), "Sa" + ID[2:]),
        *(
            "sp" + ID[2:],
            "saa" + ID[2:],
            "sa__" + ID[3:],
            "sa-" + ID[3:],
            " " + ID,
            ID + " ",
            ID + "\n",
            ID[:-1] + "\x00",
        ),
        *(
            ID[:-1] + "i",
            ID[:-1] + "l",
            ID[:-1] + "o",
            ID[:-1] + "u",
            ID[:-1] + "é",
            ID[:-1] + "٣",
            ID[:-1] + "\ud800",
        ),
        *(
            "sa_" + "8" + "0" * 25,
            "sa_" + "z" * 26,
            "sa_" + str(UUID(int=5)),
            "'; drop table leads; --",
            "9" * 10000,
        ),
    ],
)
def test_anything_else_is_not_an_id(text: str) -> None:
    """Wrong kind, length, case, alphabet, or more than 128 bits: one error for all."""
    with pytest.raises(InvalidId):
        decode("sa", text)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    """It is an id or `InvalidId`; what is read is written the same."""
    for candidate in (text, f"msg_{text}"):
        try:
            assert encode("msg", decode("msg", candidate)) == candidate
        except InvalidId:
            continue


def test_a_new_id_is_a_uuid_of_version_7_of_its_instant() -> None:
    """Milliseconds, version and variant in place (RFC 9562 §5.7), the last six bits zero."""
    value = new_id(NOW)
    assert (value.version, value.variant) == (7, UUID(int=0x80 << 56).variant)
    assert value.int >> 80 == int(NOW.timestamp() * 1000)
    assert value.int & 63 == 0


def test_ids_of_one_batch_rise() -> None:
    """So that order by id is the order in which they were made."""
    values = list(new_ids(NOW, 5000))
    assert values == sorted(set(values))
    assert {value.version for value in values} == {7}


def test_later_ids_are_greater() -> None:
    """A microsecond is enough."""
    instants = [NOW + timedelta(microseconds=n) for n in range(1000)]
    ids = [new_id(instant) for instant in instants]
    assert ids == sorted(ids)


def test_ids_of_one_instant_differ() -> None:
    """The rest of them is random."""
    assert len({new_id(NOW) for _ in range(1000)}) == 1000


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(1, 63))
def test_a_message_s_id_names_its_enrollment(ordinal: int) -> None:
    """Back and forth without a look-up."""
    enrollment = new_id(NOW)
    message = message_id_of(enrollment, ordinal)
    assert enrollment_of(message) == enrollment
    assert message.int - enrollment.int == ordinal


@pytest.mark.parametrize("ordinal", [-1, 0, 64, 1000])
def test_an_enrollment_has_63_messages_at_most(ordinal: int) -> None:
    """There is no id for another."""
    with pytest.raises(ValueError, match="63"):
        message_id_of(new_id(NOW), ordinal)
