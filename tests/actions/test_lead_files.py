"""A row that cannot be read is one row, wherever it stands, and those around it are taken."""

import io

import pytest

from leadterra.actions.lead_files import LeadFile, Row
from leadterra.actions.lead_rows import LeadRow

BAD_ROWS = {
    "other encoding": (b"b\xf6b@example.com,B", "the row is not UTF-8; save the file in the encoding UTF-8"),
    "stray quote": (b'bob@example.com,"B"x', "the row cannot be read: ',' expected after '\"'"),
    "no address": (b"bob,B", "The e-mail address has no @-sign."),
    "cells too many": (b"bob@example.com,B,more", "the row has 3 cells, and the header names 2"),
}
PLACES = (0, 1, 98, 99, 100, 101, 199, 200, 249)
"""At the ends of what is read at a time, and beside them."""


def rows_of(lines: list[bytes]) -> list[Row]:
    """All of a CSV file."""
    return list(LeadFile(io.BytesIO(b"\n".join([b"email,firstName", *lines])), "csv", "x").rows())


def reason(row: Row) -> str | None:
    """Why it cannot be taken; None if it can."""
    return None if isinstance(row, LeadRow) else row.faults[0].message


@pytest.mark.parametrize(("line", "message"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_rows_are_reported_in_their_places(line: bytes, message: str) -> None:
    """Among 250, in one and the same order, each with its number."""
    lines = [line if place in PLACES else b"p%d@example.com,P" % place for place in range(250)]

    found = rows_of(lines)

    assert [row.number for row in found] == list(range(1, 251))
    assert {row.number - 1: reason(row) for row in found if reason(row)} == dict.fromkeys(PLACES, message)
    assert [row.email for row in found if not reason(row)] == [
        f"p{place}@example.com" for place in range(250) if place not in PLACES
    ]


def test_a_quote_that_is_never_closed_ends_the_file_in_one_row() -> None:
    """The rows before it are taken, and the one says how far it went."""
    found = rows_of(
        [*(b"p%d@example.com,P" % place for place in range(150)), b'q@example.com,"Q', b"r@example.com,R"]
    )

    assert [reason(row) for row in found[:150]] == [None] * 150
    assert [(row.number, reason(row)) for row in found[150:]] == [
        (151, "the row cannot be read: unexpected end of data (it spans 2 lines)")
    ]


def test_blank_lines_do_not_count() -> None:
    """Nor does a line break within quotes begin a row."""
    found = rows_of([b"", b'a@example.com,"A\nB"', b"", b"c@example.com,C"])

    assert [(row.number, row.email) for row in found] == [(1, "a@example.com"), (2, "c@example.com")]
