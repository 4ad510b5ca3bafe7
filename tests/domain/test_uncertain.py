"""When an uncertain message is looked for, and what a look proves."""

from datetime import timedelta

import pytest

from leadterra.domain.uncertain import GRACE, LONGEST, LONGEST_PAUSE, Conclusion, Look, next_look
from tests.support.clock import NOW

SECOND = timedelta(seconds=1)


def test_found_is_sent_whenever_that_is() -> None:
    """Also before the grace time is over, and where nothing else is known of the folder."""
    assert Look(True, timedelta(0)).conclusion is Conclusion.SENT


@pytest.mark.parametrize(
    ("waited", "has_before", "has_after", "conclusion"),
    [
        (GRACE, True, True, Conclusion.ABSENT),
        (GRACE - SECOND, True, True, Conclusion.NOTHING),
        (GRACE, False, True, Conclusion.NOTHING),
        (GRACE, True, False, Conclusion.NOTHING),
        (LONGEST, False, False, Conclusion.NOTHING),
    ],
)
def test_absence_is_a_proof_only_where_a_copy_would_have_to_be(
    waited: timedelta, has_before: bool, has_after: bool, conclusion: Conclusion
) -> None:
    """After the grace time, with messages of before and of after it in the folder."""
    assert Look(False, waited, has_before, has_after).conclusion is conclusion


def test_pauses_grow_and_end() -> None:
    """A message is looked for again once it has been uncertain for twice as long, some fifteen times."""
    looks = [NOW + timedelta(seconds=30)]
    while (again := next_look(NOW, looks[-1], is_searched=True)) is not None:
        assert again - NOW >= 2 * (looks[-1] - NOW)
        looks.append(again)
    assert len(looks) == 16
    assert LONGEST <= looks[-1] - NOW < 2 * LONGEST


def test_nobody_gives_up_on_a_mailbox_that_cannot_be_searched() -> None:
    """It is looked at once a day, and once more when it works again."""
    late = NOW + 5 * LONGEST
    assert next_look(NOW, late, is_searched=False) == late + LONGEST_PAUSE
    assert next_look(NOW, late, is_searched=True) is None


def test_the_clock_of_another_machine_makes_no_pause_shorter() -> None:
    """A look that seems to have begun before the message became uncertain is followed by a pause all the
    same.
    """
    early = NOW - timedelta(minutes=1)
    assert next_look(NOW, early, is_searched=True) == early + timedelta(seconds=30)
