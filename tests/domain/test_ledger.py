"""The ledger of a day: `limit = sent + uncertain + reserved + remaining`."""

from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.capacity import AccountUse, capacity_of
from leadterra.domain.ledger import LedgerLine, LedgerTotal, total_of

UNITS = st.integers(0, 50)


def within(units: tuple[int, int, int], spare: int, may_send: bool) -> LedgerLine:
    """A line that is not over its limit."""
    sent, uncertain, reserved = units
    return LedgerLine(sum(units) + spare, sent, uncertain, reserved, may_send)


WITHIN = st.builds(within, st.tuples(UNITS, UNITS, UNITS), UNITS, st.booleans())
ANY = st.builds(LedgerLine, UNITS, UNITS, UNITS, UNITS, st.booleans())


def is_balanced(line: LedgerLine | LedgerTotal) -> bool:
    """Whether every unit is accounted for."""
    return line.limit == line.sent + line.uncertain + line.reserved + line.remaining


@given(st.lists(WITHIN), st.integers(0, 500))
def test_every_unit_is_accounted_for(lines: list[LedgerLine], spare: int) -> None:
    """In each line and in the total, with a workspace's quota that is not passed, and without one."""
    quota = sum(line.used for line in lines) + spare

    assert all(is_balanced(line) for line in lines)
    assert is_balanced(total_of(lines))
    assert is_balanced(total_of(lines, daily_quota=quota))


@given(st.lists(ANY), st.none() | st.integers(0, 500))
def test_what_remains_is_the_pool_s_remaining_volume(lines: list[LedgerLine], quota: int | None) -> None:
    """R3, whatever was lowered, paused or used."""
    uses = [AccountUse(line.may_send, False, line.limit, line.used) for line in lines]

    assert total_of(lines, daily_quota=quota).remaining == capacity_of(uses, quota).remaining


def test_a_limit_lowered_below_what_was_taken_leaves_nothing() -> None:
    """The line is over its limit, and says so: the sum does not hold, and what remains is not negative."""
    line = LedgerLine(10, sent=12, reserved=1)

    assert (line.limit, line.used, line.remaining) == (10, 13, 0)


def test_one_that_may_not_send_counts_with_what_it_used() -> None:
    """A paused account's rest is nobody's."""
    total = total_of([LedgerLine(100, sent=10), LedgerLine(50, sent=20, may_send=False)])

    assert total == LedgerTotal(limit=120, sent=30, uncertain=0, reserved=0, remaining=90)


def test_the_workspace_s_quota_caps_the_total() -> None:
    """Limit and rest, and not the lines."""
    lines = [LedgerLine(100, sent=10), LedgerLine(100, uncertain=5)]

    assert total_of(lines, daily_quota=60) == LedgerTotal(60, 10, 5, 0, 45)
