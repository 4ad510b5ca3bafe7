"""Which words a message is given: the rotation is exact, the bandit learns and keeps looking."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.variant import EXPLORATION, TRIALS, Option, VariantMode, choose_variant

WEIGHTS = st.floats(0.001, 1000) | st.sampled_from([0.1, 0.2, 0.3, 1.0, 3.0]) | st.integers(1, 1000)


def option(number: int, weight: float, **counts: int) -> Option:
    """An option with an id that is easy to read."""
    return Option(UUID(int=number), weight, **counts)


def options(*weights: float) -> list[Option]:
    """Options numbered from 0."""
    return [option(number, weight) for number, weight in enumerate(weights)]


def rotate(among: Sequence[Option], count: int) -> list[int]:
    """The numbers of the options that so many messages are given by the rotation, in order."""
    known = {each.id: each for each in among}
    taken = []
    for _ in range(count):
        choice = choose_variant(list(known.values()), mode=VariantMode.WEIGHTED, draw=Random(0))
        assert choice.is_rotated
        known[choice.id] = replace(known[choice.id], rotated=known[choice.id].rotated + 1)
        taken.append(choice.id.int)
    return taken


def bet(among: Sequence[Option], count: int) -> Counter[int]:
    """How often the bandit takes each option for messages with these records before them."""
    choices = [choose_variant(among, mode=VariantMode.BANDIT, draw=Random(seed)) for seed in range(count)]
    return Counter(choice.id.int for choice in choices)


@settings(max_examples=60, deadline=None)
@given(st.lists(WEIGHTS, min_size=1, max_size=11), st.integers(1, 600))
def test_every_share_is_within_one_message_of_its_weight(weights: list[float], count: int) -> None:
    """After any number of messages, not only after the last."""
    exact = [Fraction(weight) for weight in weights]
    had = [0] * len(weights)

    for turn, taken in enumerate(rotate(options(*weights), count), start=1):
        had[taken] += 1
        assert all(
            abs(each - turn * weight / sum(exact)) < 1 for each, weight in zip(had, exact, strict=True)
        )


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ((1, 1), [0, 1, 0, 1, 0, 1]),
        ((2, 1), [0, 0, 1, 0, 0, 1]),
        ((1, 0, 1), [0, 2, 0, 2, 0, 2]),
        ((0, 5), [1, 1, 1, 1, 1, 1]),
        ((0.25, 0.5, 0.25), [1, 0, 1, 2, 1, 0]),
    ],
)
def test_the_rotation_is_spread_and_starts_with_what_is_due_first(
    weights: tuple[float, ...], expected: list[int]
) -> None:
    """What has no weight has no turn."""
    assert rotate(options(*weights), 6) == expected


def test_thousands_of_turns_do_not_drift() -> None:
    """Tenths, of which no number in the machine is exact."""
    assert Counter(rotate(options(0.1, 0.2, 0.7), 4000)) == {0: 400, 1: 800, 2: 2800}


def test_the_rotation_goes_by_its_own_count() -> None:
    """Not by what the bandit gave, nor by what went out under other weights."""
    among = [option(0, 1, rotated=1, assigned=900), option(1, 1, rotated=0, assigned=3)]

    assert rotate(among, 2) == [1, 0]


def test_the_bandit_begins_by_weight() -> None:
    """As long as one that has a weight was not tried often enough."""
    among = [option(0, 1, rotated=40, assigned=40, delivered=40, replied=20)]
    among += [option(1, 1, rotated=TRIALS - 1, assigned=TRIALS - 1), option(2, 0)]

    choice = choose_variant(among, mode=VariantMode.BANDIT, draw=Random(1))

    assert (choice.id.int, choice.is_rotated) == (1, True)


def test_after_the_trial_the_bandit_prefers_what_is_replied_to() -> None:
    """Its choices do not count in the rotation, and what has no weight is not among them."""
    among = [option(0, 1, assigned=100, delivered=100, replied=2)]
    among += [option(1, 1, assigned=100, delivered=100, replied=20), option(2, 0, assigned=100)]

    assert not choose_variant(among, mode=VariantMode.BANDIT, draw=Random(1)).is_rotated
    taken = bet(among, 1000)
    assert taken[1] > 900
    assert taken[2] == 0


def test_the_bandit_keeps_exploring_by_weight() -> None:
    """One in twenty, even of what looks hopeless."""
    hopeless = option(0, 3, assigned=5000, delivered=5000)
    best = option(1, 1, assigned=5000, delivered=5000, replied=1000)

    taken = bet([hopeless, best], 4000)

    expected = 4000 * EXPLORATION * 3 / 4
    assert 0.7 * expected < taken[0] < 1.3 * expected


def test_the_bandit_does_not_decide_on_little() -> None:
    """One reply more of thirty leaves the other a good part."""
    among = [option(0, 1, assigned=30, delivered=30, replied=1)]
    among += [option(1, 1, assigned=30, delivered=30, replied=2)]

    assert 200 < bet(among, 1000)[0] < 500


def test_replies_to_what_bounced_afterwards_do_no_harm() -> None:
    """More replies than deliveries is a record like any other."""
    among = [option(0, 1, assigned=30, delivered=0, replied=2), option(1, 1, assigned=30, delivered=30)]

    assert bet(among, 100)[0] > 80


def test_the_same_dice_give_the_same_choice() -> None:
    """So a claim that is tried again gives each message what it gave it before."""
    among = [option(number, 1, assigned=50, delivered=50, replied=5) for number in range(4)]

    first, again = (
        [choose_variant(among, mode=VariantMode.BANDIT, draw=Random(seed)) for seed in range(50)]
        for _ in range(2)
    )

    assert first == again
