"""How long to wait before asking again, and when to give up."""

from datetime import timedelta

import pytest

from leadterra.domain.retry import account_rest, detour_delay, message_delay

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("attempt", "delay"),
    [(1, 5), (2, 15), (3, 60), (4, 240), (5, 480), (6, 960), (7, None), (8, None), (1000, None)],
)
def test_a_message_waits_longer_after_each_temporary_refusal(attempt: int, delay: int | None) -> None:
    """Five minutes first, sixteen hours last; the seventh refusal ends it."""
    assert message_delay(attempt) == (None if delay is None else delay * MINUTE)


def test_a_message_is_tried_for_more_than_a_day() -> None:
    """All delays together pass 24 hours, so that a full mailbox or a greylist of a day is outlived (RFC 5321
    §4.5.4.1).
    """
    assert sum((message_delay(n) or timedelta(0) for n in range(1, 8)), timedelta(0)) > timedelta(days=1)


@pytest.mark.parametrize(
    ("attempt", "delay"),
    [
        (1, 0),
        (2, 0),
        (3, 0),
        (4, 5),
        (5, 15),
        (6, 60),
        (7, 240),
        (8, 480),
        (9, 960),
        (10, 960),
        (39, 960),
        (40, None),
        (41, None),
    ],
)
def test_a_detour_is_free_at_first_and_then_waits_too(attempt: int, delay: int | None) -> None:
    """Three failures for the account's sake cost the message nothing; it is given up after the fortieth."""
    assert detour_delay(attempt) == (None if delay is None else delay * MINUTE)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 30), (2, 120), (3, 600), (4, 1800), (5, 3600), (6, 3600), (99, 3600)]
)
def test_an_account_rests_longer_after_each_failure(failures: int, seconds: int) -> None:
    """Half a minute first; never more than an hour, so that it heals by itself (R9)."""
    assert account_rest(failures) == timedelta(seconds=seconds)
