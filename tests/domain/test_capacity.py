"""R3's sums."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.capacity import AccountUse, capacity_of, next_send_at
from tests.support.clock import NOW

USES = st.lists(
    st.builds(AccountUse, st.booleans(), st.booleans(), st.integers(1, 1000), st.integers(0, 1200)),
    max_size=8,
)
QUOTAS = st.none() | st.integers(0, 3000)


@given(USES, QUOTAS)
def test_what_is_left_is_never_negative_and_never_more_than_a_day_holds(
    accounts: list[AccountUse], quota: int | None
) -> None:
    """0 <= remaining <= daily, whatever limits and quotas were changed to."""
    capacity = capacity_of(accounts, quota)

    assert 0 <= capacity.remaining <= capacity.daily


@given(USES, QUOTAS, st.integers(1, 1000))
def test_an_account_that_is_not_active_adds_no_capacity(
    accounts: list[AccountUse], quota: int | None, limit: int
) -> None:
    """Paused and warming ones are counted, and that is all."""
    idle = AccountUse(is_active=False, is_removed=False, daily_limit=limit, used=0)

    before, after = capacity_of(accounts, quota), capacity_of([*accounts, idle], quota)

    assert (after.daily, after.remaining, after.active_accounts) == (
        before.daily,
        before.remaining,
        before.active_accounts,
    )
    assert after.accounts == before.accounts + 1


_HOUR = timedelta(hours=1)
_MIDNIGHT = NOW + 12 * _HOUR


@pytest.mark.parametrize(
    ("use", "spaced", "resting", "expected"),
    [
        (AccountUse(True, False, 5, 0), None, None, NOW),
        (AccountUse(True, False, 5, 0), NOW - _HOUR, None, NOW),
        (AccountUse(True, False, 5, 0), NOW + _HOUR, None, NOW + _HOUR),
        (AccountUse(True, False, 5, 0), NOW + _HOUR, NOW + 2 * _HOUR, NOW + 2 * _HOUR),
        (AccountUse(True, False, 5, 5), NOW + _HOUR, None, _MIDNIGHT),
        (AccountUse(True, False, 5, 5), None, NOW + 20 * _HOUR, NOW + 20 * _HOUR),
        (AccountUse(False, False, 5, 0), None, None, None),
        (AccountUse(True, True, 5, 0), None, None, None),
    ],
)
def test_an_account_sends_again_when_the_last_of_its_gates_opens(
    use: AccountUse, spaced: datetime | None, resting: datetime | None, expected: datetime | None
) -> None:
    """Spacing, rest and the reset; never for one that campaigns skip."""
    assert next_send_at(use, spaced_until=spaced, resting_until=resting, now=NOW) == expected
