"""Fair shares: while campaigns contend, each has had its weight's share of the messages within one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.planning import plan
from leadterra.domain.pool import Contender, Pool, Sender, Work
from leadterra.domain.sharing import Share, Shares

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
FACTS = settings(max_examples=80, deadline=None, derandomize=True)
KEYS = [UUID(int=number + 1) for number in range(6)]
ACCOUNT = UUID(int=99)
WEIGHTS = st.lists(st.integers(1, 20).map(float) | st.floats(0.01, 1000), min_size=2, max_size=len(KEYS)).map(
    lambda weights: dict(zip(KEYS, weights, strict=False))
)
MESSAGE = 1 + 1e-6
"""One, and what sums of fractions may add to it."""


def serve(shares: Shares, campaigns: Sequence[Share]) -> UUID:
    """One message; whose it was."""
    chosen = shares.choose(campaigns)
    shares.charge(chosen, campaigns)
    return chosen.key


def is_fair(taken: Mapping[UUID, int], weights: Mapping[UUID, float]) -> bool:
    """Whether each has had its share of all within one message."""
    whole, count = sum(weights.values()), sum(taken.values())
    return all(abs(taken.get(key, 0) - count * weight / whole) <= MESSAGE for key, weight in weights.items())


@FACTS
@given(WEIGHTS, st.integers(1, 150))
def test_at_every_message_each_has_had_its_share_within_one(weights: dict[UUID, float], count: int) -> None:
    """Not only in the end."""
    campaigns = [Share(key, weight) for key, weight in weights.items()]
    shares, taken = Shares(0.0), Counter[UUID]()
    for _ in range(count):
        taken[serve(shares, campaigns)] += 1
        assert is_fair(taken, weights)


@FACTS
@given(WEIGHTS, st.lists(st.integers(1, 12), min_size=1, max_size=20))
def test_plans_that_remember_share_as_one(weights: dict[UUID, float], batches: list[int]) -> None:
    """Claims of any sizes, each given the clock and the finishes of the last: after every message of every
    plan, each campaign has had its share within one.
    """
    clock, finishes = 0.0, dict.fromkeys(weights, 0.0)
    left = {key: iter(range(1000)) for key in weights}
    taken = Counter[UUID]()
    for batch in batches:
        pool = Pool(
            [Sender(ACCOUNT, True, 100_000, sum(taken.values()))],
            campaigns=[Contender(key, weight, finishes[key]) for key, weight in weights.items()],
            clock=clock,
        )
        items = [
            Work(UUID(int=key.int * 10_000 + next(left[key])), False, NOW, campaign_id=key)
            for key in weights
            for _ in range(batch)
        ]
        decision = plan(pool, items, limit=batch, now=NOW)
        clock, finishes = decision.clock, dict(decision.finishes)
        for item in decision.assignments:
            taken[item.work.campaign_id] += 1
            assert is_fair(taken, weights)
    assert sum(taken.values()) == sum(batches)


@FACTS
@given(WEIGHTS, st.integers(1, 60), st.integers(20, 60))
def test_who_was_away_saves_nothing_up(weights: dict[UUID, float], alone: int, together: int) -> None:
    """One campaign has no work for a while: then it has its share of what follows within two messages, and
    no burst for what it missed.
    """
    late, *others = [Share(key, weight) for key, weight in weights.items()]
    shares, taken = Shares(0.0), Counter[UUID]()
    for _ in range(alone):
        serve(shares, others)
    for _ in range(together):
        taken[serve(shares, [late, *others])] += 1
    share = together * weights[late.key] / sum(weights.values())
    assert taken[late.key] <= share + 2


def test_a_campaign_that_is_alone_takes_all() -> None:
    """And owes nothing for it afterwards but one message."""
    heavy, light = Share(KEYS[0], 1.0), Share(KEYS[1], 1.0)
    shares = Shares(0.0)
    assert [serve(shares, [heavy]) for _ in range(50)] == [heavy.key] * 50
    after = Counter(serve(shares, [heavy, light]) for _ in range(20))
    assert abs(after[heavy.key] - after[light.key]) <= 1


def test_equal_campaigns_take_turns() -> None:
    """In the order of their ids."""
    campaigns = [Share(key) for key in KEYS[:3]]
    shares = Shares(0.0)
    assert [serve(shares, campaigns) for _ in range(6)] == KEYS[:3] * 2


def test_a_campaign_of_weight_three_goes_in_between() -> None:
    """Its messages are spread, not sent in a row and then nothing."""
    campaigns = [Share(KEYS[0], 3.0), Share(KEYS[1], 1.0)]
    shares = Shares(0.0)
    served = [serve(shares, campaigns) == KEYS[0] for _ in range(8)]
    assert served.count(True) == 6
    assert "".join("x" if heavy else "." for heavy in served).count("..") == 0


def test_a_campaign_whose_work_cannot_go_takes_nobody_s_turn() -> None:
    """The largest is bound to an account that rests; the others share as if it were not there."""
    large, *small = KEYS[:3]
    resting = UUID(int=98)
    pool = Pool(
        [
            Sender(ACCOUNT, True, 1000, 0),
            Sender(resting, True, 1000, 0, rest_until=NOW + timedelta(minutes=5)),
        ],
        campaigns=[Contender(large, 100.0), Contender(small[0], 2.0), Contender(small[1], 1.0)],
    )
    items = [
        Work(UUID(int=key.int * 1000 + number), False, NOW, resting if key == large else None, key)
        for key in (large, *small)
        for number in range(40)
    ]
    taken = Counter(item.work.campaign_id for item in plan(pool, items, limit=30, now=NOW).assignments)
    assert taken == {small[0]: 20, small[1]: 10}
