"""How much of an account's mail comes back, and what follows (R9)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.delivery_record import LEAST, WINDOW, Fault, Record, health_score

BOUNCES, COMPLAINTS = Fault.BOUNCES, Fault.COMPLAINTS


@pytest.mark.parametrize(
    ("endings", "bounces", "warnings", "pause"),
    [
        (19, 19, (), None),
        (20, 0, (), None),
        (20, 1, (BOUNCES,), BOUNCES),
        (21, 1, (BOUNCES,), None),
        (50, 1, (BOUNCES,), None),
        (51, 1, (), None),
        (200, 3, (), None),
        (200, 4, (BOUNCES,), None),
        (200, 9, (BOUNCES,), None),
        (200, 10, (BOUNCES,), BOUNCES),
        (200, 200, (BOUNCES,), BOUNCES),
    ],
)
def test_bounces_warn_at_two_percent_and_pause_at_five(
    endings: int, bounces: int, warnings: tuple[Fault, ...], pause: Fault | None
) -> None:
    """Both at the rate itself, and not before twenty have ended."""
    record = Record(endings, bounces)
    assert (record.warnings, record.pause_reason) == (warnings, pause)


@pytest.mark.parametrize(
    ("complaints", "warnings", "pause"),
    [(0, (), None), (1, (COMPLAINTS,), None), (2, (COMPLAINTS,), None), (3, (COMPLAINTS,), COMPLAINTS)],
)
@pytest.mark.parametrize("endings", [0, 20, 200])
def test_complaints_warn_at_one_of_a_thousand_and_pause_at_three(
    endings: int, complaints: int, warnings: tuple[Fault, ...], pause: Fault | None
) -> None:
    """However little was sent."""
    record = Record(endings, 0, complaints)
    assert (record.warnings, record.pause_reason) == (warnings, pause)


def test_after_a_pause_two_bounces_are_enough() -> None:
    """No blind period: whatever follows, two of the first twenty are too many; one may still be chance."""
    found = [Record(2, bounces, is_on_probation=True).pause_reason for bounces in range(3)]
    assert found == [None, None, BOUNCES]


def test_an_account_with_few_messages_is_watched_while_there_are_bounces() -> None:
    """The twentieth ending decides, and it may be no bounce."""
    assert [Record(*counts).is_undecided for counts in [(19, 0), (19, 1), (20, 1)]] == [False, True, False]


@pytest.mark.parametrize(
    ("record", "failures", "mailbox", "score"),
    [
        (Record(19, 0), 0, 0, None),
        (Record(200, 0), 0, 0, 1.0),
        (Record(200, 4), 0, 0, 0.8),
        (Record(200, 10), 0, 0, 0.5),
        (Record(200, 40), 0, 0, 0.0),
        (Record(200, 0, 3), 0, 0, 0.5),
        (Record(200, 10, 3), 0, 0, 0.25),
        (Record(200, 0), 1, 0, 0.5),
        (Record(200, 0), 1, 2, 0.25),
    ],
)
def test_health_is_a_product(record: Record, failures: int, mailbox: int, score: float | None) -> None:
    """Of bounces, complaints and failures; null until it is measured."""
    assert health_score(record, failures, mailbox) == score


@given(st.integers(LEAST, WINDOW), st.data(), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20))
def test_more_of_anything_bad_is_never_better(
    endings: int, data: st.DataObject, complaints: int, failures: int, mailbox: int
) -> None:
    """Health is between 0 and 1, and falls; what pauses has warned."""
    bounces = data.draw(st.integers(0, endings - 1))
    here = health_score(Record(endings, bounces, complaints), failures, mailbox)
    worse = [
        health_score(Record(endings, bounces + 1, complaints), failures, mailbox),
        health_score(Record(endings, bounces, complaints + 1), failures, mailbox),
        health_score(Record(endings, bounces, complaints), failures + 1, mailbox),
        health_score(Record(endings, bounces, complaints), failures, mailbox + 1),
    ]
    assert here is not None
    assert all(each is not None and 0 <= each <= here <= 1 for each in worse)
    record = Record(endings, bounces, complaints)
    assert record.pause_reason is None or record.pause_reason in record.warnings
