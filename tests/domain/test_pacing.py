"""How long an account waits between two messages, and when it begins."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.pacing import (
    MOST_GAP,
    Pacing,
    PacingChoice,
    Window,
    draw,
    first_slot,
    gap_after,
    pacing_of,
)
from leadterra.domain.schedule import Interval
from leadterra.domain.windows import window_at

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOTHING = PacingChoice()


@pytest.mark.parametrize(
    ("account", "workspace", "is_live", "expected"),
    [
        (NOTHING, NOTHING, True, Pacing(True, 20, 0.3)),
        (NOTHING, NOTHING, False, Pacing(False, 0, 0.3)),
        (PacingChoice("spread"), NOTHING, False, Pacing(True, 20, 0.3)),
        (NOTHING, PacingChoice("asap"), True, Pacing(False, 0, 0.3)),
        (PacingChoice("spread"), PacingChoice("asap"), False, Pacing(True, 20, 0.3)),
        (PacingChoice(gap=0), PacingChoice(gap=60), True, Pacing(True, 0, 0.3)),
        (PacingChoice(jitter=0), PacingChoice("asap", 60, 1), True, Pacing(False, 60, 0)),
    ],
)
def test_the_account_s_own_word_goes_before_the_workspace_s(
    account: PacingChoice, workspace: PacingChoice, is_live: bool, expected: Pacing
) -> None:
    """And where neither says anything, the mode decides; a zero is a word too."""
    assert pacing_of(account, workspace, is_live=is_live) == expected


@pytest.mark.parametrize(
    ("left", "remaining", "least", "expected"),
    [
        (3600, 9, 20, 360),
        (3600, 0, 20, MOST_GAP),
        (60, 9, 20, 20),
        (0, 9, 20, 20),
        (-1, 9, 0, 0),
        (86400, 1, 20, MOST_GAP),
        (3600, 9, 1800, 1800),
    ],
)
def test_what_is_left_is_divided_evenly(left: float, remaining: int, least: float, expected: float) -> None:
    """Not closer than the minimum, not further apart than a quarter of an hour, unless the minimum is."""
    assert gap_after(left, remaining, least=least, jitter=0, chance=0.9) == expected


@given(
    left=st.floats(0, 86400),
    remaining=st.integers(0, 100_000),
    least=st.floats(0, 86400),
    jitter=st.floats(0, 1),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_no_jitter_passes_the_bounds(
    left: float, remaining: int, least: float, jitter: float, chance: float
) -> None:
    """Neither the minimum nor the maximum."""
    assert (
        least <= gap_after(left, remaining, least=least, jitter=jitter, chance=chance) <= max(least, MOST_GAP)
    )


@given(
    limit=st.integers(1, 300), hours=st.floats(2, 24), jitter=st.floats(0, 0.5), key=st.integers(0, 1 << 64)
)
def test_the_whole_limit_fits_into_the_window(limit: int, hours: float, jitter: float, key: int) -> None:
    """From the first slot on, gap by gap, whatever is drawn."""
    window = Window(NINE, hours * 3600, hours * 3600)
    end, account = NINE + timedelta(hours=hours), UUID(int=key)
    now = first_slot(window, account, limit, least=20)
    for used in range(1, limit):
        left = (end - now).total_seconds()
        now += timedelta(
            seconds=gap_after(left, limit - used, least=20, jitter=jitter, chance=draw(key, used))
        )

    assert now < end


def test_draws_are_the_same_again_and_fill_the_range() -> None:
    """A number of keys that differ in one alone are drawn evenly, and none twice."""
    drawn = [draw(7, number) for number in range(1000)]

    assert drawn == [draw(7, number) for number in range(1000)]
    assert len(set(drawn)) == 1000
    assert all(0 <= number < 1 for number in drawn)
    assert all(
        80 <= sum(tenth / 10 <= number < (tenth + 1) / 10 for number in drawn) <= 120 for tenth in range(10)
    )


def test_keys_count_in_their_order() -> None:
    """And large ones whole, not by their low bits alone, where they are given in parts."""
    assert len({draw(1, 2), draw(2, 1), draw(1), draw(2), draw(1, 2, 0)}) == 5


def test_accounts_begin_somewhere_in_their_first_gap() -> None:
    """A hundred of them, each where it began the last time it was asked, and elsewhere the next day."""
    window, tomorrow = Window(NINE, 28800, 28800), Window(NINE + 24 * HOUR, 28800, 28800)
    slots = [first_slot(window, UUID(int=number << 64), 80, least=20) for number in range(100)]

    assert all(NINE <= slot < NINE + timedelta(seconds=360) for slot in slots)
    assert sum(slot < NINE + timedelta(seconds=36) for slot in slots) < 25
    assert slots[0] == first_slot(window, UUID(int=0), 80, least=20)
    assert slots[0] + 24 * HOUR != first_slot(tomorrow, UUID(int=0), 80, least=20)


@pytest.mark.parametrize("least", [20, 900, 3600, 1e6])
def test_an_account_begins_before_the_window_ends(least: float) -> None:
    """However short the window, and however long its gap."""
    window = Window(NINE, 600, 600)

    assert all(
        NINE <= first_slot(window, UUID(int=number), 1, least=least) < NINE + timedelta(seconds=600)
        for number in range(50)
    )


MORNING, AFTERNOON = Interval(NINE, NINE + 3 * HOUR), Interval(NINE + 5 * HOUR, NINE + 8 * HOUR)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (-1, Window(NINE, 6 * 3600, 6 * 3600)),
        (0, Window(NINE, 6 * 3600, 6 * 3600)),
        (1, Window(NINE, 6 * 3600, 5 * 3600)),
        (3, Window(NINE + 5 * HOUR, 3 * 3600, 3 * 3600)),
        (4, Window(NINE + 5 * HOUR, 3 * 3600, 3 * 3600)),
        (7, Window(NINE + 5 * HOUR, 3 * 3600, 3600)),
        (8, None),
    ],
)
def test_the_window_of_an_instant_is_the_one_it_is_in_or_the_next(
    hours: int, expected: Window | None
) -> None:
    """With all that is open from its start on, and all that is left of it from now on."""
    assert window_at([MORNING, AFTERNOON], NINE + hours * HOUR) == expected


def test_closed_time_is_not_counted() -> None:
    """An account that spreads over a morning and an afternoon is as fast in both."""
    windows = [window_at([MORNING, AFTERNOON], NINE + hours * HOUR) for hours in (1, 6)]
    left = [window.left for window in windows if window]

    assert left == [5 * 3600, 2 * 3600]
    assert [gap_after(each, int(each) // 360 - 1, least=20, jitter=0, chance=0) for each in left] == [360] * 2
