"""Rotation: the account with the lowest share of its limit used is next (R4)."""

from fractions import Fraction
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.rotation import Rotation

A, B, C = (UUID(int=number) for number in (1, 2, 3))


def rotation(*senders: tuple[UUID, int, int], after: UUID | None = None) -> Rotation:
    """Accounts as (id, used, limit), each with all its room."""
    return Rotation(((key, used, limit, max(0, limit - used)) for key, used, limit in senders), after=after)


def choices(turn: Rotation, count: int) -> list[UUID | None]:
    """What it gives next."""
    return [turn.choose() for _ in range(count)]


@pytest.mark.parametrize(
    ("senders", "expected"),
    [
        ([(A, 1, 10), (B, 0, 10)], [B]),
        ([(A, 5, 10), (B, 9, 20)], [B]),
        ([(A, 0, 1), (B, 0, 100000)], [A, B, B]),
        ([(A, 2, 4), (B, 50, 100)], [A, B, B]),
        ([(A, 99998, 100000), (B, 99998, 99999)], [A]),
    ],
)
def test_the_lowest_share_is_next(senders: list[tuple[UUID, int, int]], expected: list[UUID]) -> None:
    """Shares, not counts; equal ones in the order of ids."""
    assert choices(rotation(*senders), len(expected)) == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [(None, [A, B, C]), (A, [B, C, A]), (B, [C, A, B]), (C, [A, B, C]), (UUID(int=9), [A, B, C])],
)
def test_among_equals_the_cycle_goes_on_behind_the_last(after: UUID | None, expected: list[UUID]) -> None:
    """Even if the last one is gone by now."""
    assert choices(rotation((A, 0, 9), (B, 0, 9), (C, 0, 9), after=after), 3) == expected


def test_no_room_is_none() -> None:
    """A used-up account is never chosen, nor is anything when all are."""
    assert choices(rotation((A, 1, 1), (B, 0, 2)), 3) == [B, B, None]


def test_a_taken_unit_counts_in_the_next_choice() -> None:
    """What bound work took of A makes B the next."""
    turn = rotation((A, 0, 10), (B, 0, 10))
    assert turn.take(A)
    assert choices(turn, 2) == [B, A]


def test_nothing_is_taken_from_a_full_or_unknown_account() -> None:
    """`take` says so, and changes nothing."""
    turn = rotation((A, 1, 1), (B, 0, 1))
    assert [turn.take(A), turn.take(C), turn.take(B), turn.take(B)] == [False, False, True, False]


def test_what_is_taken_does_not_move_the_cycle() -> None:
    """`last` is the account that was chosen, not one that was asked for by name."""
    turn = rotation((A, 0, 10), (B, 0, 10))
    turn.choose()
    turn.take(B)
    assert turn.last == A


SENDERS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 12), st.integers(0, 12)), min_size=1, max_size=6
).map(
    lambda rows: [
        (UUID(int=n + 1), used, limit, min(room, max(0, limit - used)))
        for n, (used, limit, room) in enumerate(rows)
    ]
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(SENDERS, st.lists(st.none() | st.integers(0, 5), max_size=40))
def test_every_choice_has_the_lowest_share_of_those_with_room(
    senders: list[tuple[UUID, int, int, int]], script: list[int | None]
) -> None:
    """With choices and takes in any order; compared as exact fractions."""
    turn = Rotation(senders, after=None)
    used = {key: count for key, count, _, _ in senders}
    limit = {key: most for key, _, most, _ in senders}
    room = {key: left for key, _, _, left in senders}
    for wish in script:
        shares = {key: Fraction(used[key], limit[key]) for key in room if room[key]}
        if wish is None:
            key = turn.choose()
            assert (key is None) == (not shares)
            assert key is None or shares[key] == min(shares.values())
        else:
            key = senders[wish % len(senders)][0]
            if not turn.take(key):
                assert not room[key]
                key = None
        if key is not None:
            used[key] += 1
            room[key] -= 1


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(2, 6), st.integers(1, 30))
def test_equal_accounts_take_turns_across_rotations(accounts: int, count: int) -> None:
    """A rotation a choice, `last` handed on as `after`, no use in between: round and round."""
    keys = [UUID(int=number + 1) for number in range(accounts)]
    after: UUID | None = None
    seen = []
    for _ in range(count):
        turn = rotation(*((key, 0, 100) for key in keys), after=after)
        after = turn.choose()
        seen.append(after)
    assert seen == [keys[number % accounts] for number in range(count)]
    assert all(one != other for one, other in pairwise(seen))
