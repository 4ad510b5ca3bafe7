"""Rotation: the account with the lowest share of its limit used is next (R4)."""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.rotation import Rotation, Seat, Wish

A, B, C = (UUID(int=number) for number in (1, 2, 3))


def rotation(*senders: tuple[UUID, int, int], places: Mapping[UUID, int] | None = None) -> Rotation:
    """Accounts as (id, used, limit), each with all its room. places: of those that were chosen before."""
    known = places or {}
    return Rotation(
        Seat(key, used, limit, max(0, limit - used), place=known.get(key, 0)) for key, used, limit in senders
    )


def choices(turn: Rotation, count: int) -> list[UUID | None]:
    """What it gives next."""
    return [chosen.id if (chosen := turn.choose()) else None for _ in range(count)]


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
    ("places", "expected"),
    [
        ({}, [A, B, C]),
        ({A: 1}, [B, C, A]),
        ({A: 1, B: 2}, [C, A, B]),
        ({A: 1, B: 2, C: 3}, [A, B, C]),
        ({A: 9, C: 4}, [B, C, A]),
    ],
)
def test_among_equals_the_one_that_waited_longest_is_next(
    places: dict[UUID, int], expected: list[UUID]
) -> None:
    """Those never chosen first, in the order of ids; then the others in the order in which they were."""
    assert choices(rotation((A, 0, 9), (B, 0, 9), (C, 0, 9), places=places), 3) == expected


def test_no_room_is_none() -> None:
    """A used-up account is never chosen, nor is anything when all are."""
    assert choices(rotation((A, 1, 1), (B, 0, 2)), 3) == [B, B, None]


def test_a_taken_unit_counts_in_the_next_choice() -> None:
    """What bound work took of A makes B the next."""
    turn = rotation((A, 0, 10), (B, 0, 10))
    assert turn.take(turn.seats[A])
    assert choices(turn, 2) == [B, A]


def test_nothing_is_taken_from_a_full_account() -> None:
    """`take` says so, and changes nothing."""
    turn = rotation((A, 1, 1), (B, 0, 1))
    assert [turn.take(turn.seats[key]) for key in (A, B, B)] == [False, True, False]
    assert turn.open_seats == 0


def test_what_is_taken_does_not_move_the_cycle() -> None:
    """Only who was chosen has had its turn; `chosen` names no other."""
    turn = rotation((A, 0, 10), (B, 0, 10))
    turn.choose()
    turn.take(turn.seats[B])
    assert [seat.id for seat in turn.chosen] == [A]
    assert [turn.seats[A].place, turn.seats[B].place] == [1, 0]


def test_an_account_that_opens_is_chosen_and_one_that_closes_is_not() -> None:
    """Room changes as time goes on."""
    turn = rotation((A, 0, 10), (B, 5, 10))
    turn.open(turn.seats[A], 0)
    assert choices(turn, 1) == [B]
    turn.open(turn.seats[A], 1)
    assert choices(turn, 2) == [A, B]


def seat(key: UUID, **fields: Any) -> Seat:
    """An account with room for a hundred."""
    return Seat(key, 0, 100, 100, **fields)


def test_weight_multiplies_the_limit() -> None:
    """An account of weight 3 takes three of four."""
    turn = Rotation([seat(A, weight=3.0), seat(B)])
    assert Counter(choices(turn, 40)) == {A: 30, B: 10}


def test_tags_are_a_condition() -> None:
    """One of them is enough; an account without any does not suit, however empty it is."""
    turn = Rotation([seat(A, tags=frozenset({"north", "old"})), seat(B, tags=frozenset({"south"})), seat(C)])
    found = [turn.choose(Wish(frozenset(tags))) for tags in ({"north", "new"}, {"south"}, {"west"})]
    assert [each and each.id for each in found] == [A, B, None]
    assert [turn.has_room(Wish(frozenset(tags))) for tags in ({"old"}, {"west"})] == [True, False]


def test_a_provider_is_preferred_and_starves_nobody() -> None:
    """Google's take Google's mail as long as they have room; then anybody does."""
    turn = Rotation([Seat(A, 0, 100, 2, provider="google"), seat(B, provider="microsoft"), seat(C)])
    found = [turn.choose(Wish(provider="google")) for _ in range(4)]
    assert [each and each.id for each in found] == [A, A, B, C]
    assert turn.has_room(Wish(provider="google"))


def test_a_provider_does_not_overrule_tags() -> None:
    """Of those with the tag one of that provider, else another with the tag."""
    north = frozenset({"north"})
    turn = Rotation([seat(A, provider="google"), Seat(B, 0, 9, 1, tags=north, provider="other")])
    found = [turn.choose(Wish(north, "google")) for _ in range(2)]
    assert [each and each.id for each in found] == [B, None]


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
    turn = Rotation([Seat(*sender) for sender in senders])
    used = {key: count for key, count, _, _ in senders}
    limit = {key: most for key, _, most, _ in senders}
    room = {key: left for key, _, _, left in senders}
    for wish in script:
        shares = {key: Fraction(used[key], limit[key]) for key in room if room[key]}
        if wish is None:
            seat = turn.choose()
            key = seat.id if seat else None
            assert (key is None) == (not shares)
            assert key is None or shares[key] == min(shares.values())
        else:
            key = senders[wish % len(senders)][0]
            if not turn.take(turn.seats[key]):
                assert not room[key]
                key = None
        if key is not None:
            used[key] += 1
            room[key] -= 1
        assert turn.open_seats == sum(left > 0 for left in room.values())


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(2, 6), st.integers(1, 30))
def test_equal_accounts_take_turns_across_rotations(accounts: int, count: int) -> None:
    """A rotation a choice, places handed on, no use in between: round and round."""
    keys = [UUID(int=number + 1) for number in range(accounts)]
    places: dict[UUID, int] = {}
    seen = []
    for _ in range(count):
        turn = rotation(*((key, 0, 100) for key in keys), places=places)
        seat = turn.choose()
        assert seat is not None
        places[seat.id] = seat.place
        seen.append(seat.id)
    assert seen == [keys[number % accounts] for number in range(count)]
    assert all(one != other for one, other in pairwise(seen))
