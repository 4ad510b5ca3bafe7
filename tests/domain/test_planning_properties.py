"""What holds for every plan, whatever the pool and the work."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.caps import Cap, CapKey
from leadterra.domain.gate import Gate
from leadterra.domain.planning import Plan, plan
from leadterra.domain.pool import ANY_CAMPAIGN, Contender, Pool, Sender, Work, hold_of, room_of

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
FACTS = settings(max_examples=80, deadline=None, derandomize=True)

KEYS = [UUID(int=number) for number in range(1, 7)]
NEAR = st.none() | st.integers(-600, 600).map(lambda seconds: NOW + timedelta(seconds=seconds))


@st.composite
def senders(draw: st.DrawFn) -> list[Sender]:
    """Accounts in any condition."""
    return [
        Sender(
            id=key,
            is_active=draw(st.sampled_from([True, True, True, False])),
            daily_limit=draw(st.integers(1, 12)),
            used=draw(st.integers(0, 14)),
            in_flight=draw(st.integers(0, 2)),
            failures=draw(st.sampled_from([0, 0, 0, 1, 4])),
            gap=draw(st.sampled_from([0, 0, 0, 60])),
            most=draw(st.none() | st.integers(-1, 6)),
            next_send_at=draw(NEAR),
            rest_until=draw(NEAR),
            place=draw(st.integers(0, 9)),
        )
        for key in draw(st.lists(st.sampled_from(KEYS), unique=True))
    ]


WORK = st.lists(
    st.tuples(st.booleans(), st.integers(0, 5), st.none() | st.sampled_from(KEYS)), max_size=40
).map(
    lambda rows: [
        Work(UUID(int=1000 + number), follow_up, NOW - timedelta(seconds=age), bound)
        for number, (follow_up, age, bound) in enumerate(rows)
    ]
)


def workspace_cap(left: int | None) -> dict[CapKey, Cap]:
    """A quota of which so much is left; none for None."""
    return {} if left is None else {(Gate.WORKSPACE_QUOTA, None): Cap(100, 100 - left, MIDNIGHT)}


def quota_left(pool: Pool) -> int | None:
    """The other way round; never negative."""
    cap = pool.caps.get((Gate.WORKSPACE_QUOTA, None))
    return None if cap is None else cap.left


POOLS = st.builds(
    Pool,
    senders(),
    caps=(st.none() | st.integers(-3, 30)).map(workspace_cap),
    campaigns=st.integers(0, 99).map(lambda turn: [Contender(ANY_CAMPAIGN, turn=turn)]),
)
LIMITS = st.integers(1, 40)
HEALTHY = st.lists(st.integers(1, 40), min_size=1, max_size=5).map(
    lambda limits: [Sender(UUID(int=number + 1), True, limit, 0) for number, limit in enumerate(limits)]
)


def taken_from(decision: Plan) -> Counter[UUID]:
    """Units by account."""
    return Counter(item.sender_id for item in decision.assignments)


@FACTS
@given(POOLS, WORK, LIMITS)
def test_every_message_is_assigned_or_waits(pool: Pool, items: list[Work], limit: int) -> None:
    """Exactly one of the two, once: nothing is lost and nothing is sent twice."""
    decision = plan(pool, items, limit=limit, now=NOW)
    seen = [item.work for item in decision.assignments] + [waiting.work for waiting in decision.waiting]
    assert sorted(seen, key=lambda item: item.enrollment_id) == items


@FACTS
@given(POOLS, WORK, LIMITS)
def test_no_limit_is_passed(pool: Pool, items: list[Work], limit: int) -> None:
    """Not an account's, not the workspace's, not the batch's; spaced and probed accounts take one at most
    (R2).
    """
    decision = plan(pool, items, limit=limit, now=NOW)
    room = {sender.id: room_of(sender, NOW) for sender in pool.senders}
    assert all(count <= room.get(key, 0) for key, count in taken_from(decision).items())
    assert all(room[s.id] <= max(0, s.daily_limit - s.used) for s in pool.senders)
    assert all(room[s.id] <= 1 for s in pool.senders if s.gap or s.failures)
    assert all(room[s.id] <= max(0, s.most) for s in pool.senders if s.most is not None)
    assert len(decision.assignments) <= limit
    quota = quota_left(pool)
    assert quota is None or len(decision.assignments) <= quota


@FACTS
@given(POOLS, WORK, LIMITS)
def test_nothing_waits_beside_free_room(pool: Pool, items: list[Work], limit: int) -> None:
    """While batch and quota last, no account with room may send what waits (work conserving)."""
    decision = plan(pool, items, limit=limit, now=NOW)
    if len(decision.assignments) == limit or len(decision.assignments) == quota_left(pool):
        return
    taken = taken_from(decision)
    left = {s.id: room_of(s, NOW) - taken[s.id] for s in pool.senders if s.is_active}
    if quota_left(pool) == 0:
        return
    for waiting in decision.waiting:
        bound = waiting.work.sender_id
        assert not (left[bound] if bound in left else any(left.values()))


@FACTS
@given(POOLS, WORK, LIMITS)
def test_bound_work_never_changes_from_an_active_account(pool: Pool, items: list[Work], limit: int) -> None:
    """It is sent by its own, or waits; and nobody but active accounts sends anything (R4)."""
    active = {sender.id for sender in pool.senders if sender.is_active}
    for item in plan(pool, items, limit=limit, now=NOW).assignments:
        assert item.sender_id in active
        assert item.work.sender_id not in active or item.work.sender_id == item.sender_id


@FACTS
@given(POOLS, WORK, LIMITS)
def test_the_oldest_goes_first_among_its_like(pool: Pool, items: list[Work], limit: int) -> None:
    """Of two with the same class and binding, the one that waits is never the older."""
    decision = plan(pool, items, limit=limit, now=NOW)
    for item in decision.assignments:
        for waiting in decision.waiting:
            if (item.work.is_follow_up, item.work.sender_id) == (
                waiting.work.is_follow_up,
                waiting.work.sender_id,
            ):
                assert (item.work.due_at, item.work.enrollment_id) < (
                    waiting.work.due_at,
                    waiting.work.enrollment_id,
                )


@FACTS
@given(POOLS, WORK, LIMITS, st.randoms(use_true_random=False))
def test_a_plan_depends_on_nothing_but_what_it_is_given(
    pool: Pool, items: list[Work], limit: int, rng: Random
) -> None:
    """The same pool, work and instant, in whatever order: the same plan (R12)."""
    other_items, other_senders = list(items), list(pool.senders)
    rng.shuffle(other_items)
    rng.shuffle(other_senders)
    again = plan(replace(pool, senders=other_senders), other_items, limit=limit, now=NOW)
    assert again == plan(pool, items, limit=limit, now=NOW)


@FACTS
@given(POOLS, WORK, LIMITS)
def test_a_gate_says_the_truth(pool: Pool, items: list[Work], limit: int) -> None:
    """Whoever waits, waits for something that is so; an instant that is given lies ahead, or is now for a
    full batch.
    """
    for waiting in plan(pool, items, limit=limit, now=NOW).waiting:
        if waiting.gate in (Gate.BATCH_FULL, Gate.ACCOUNT_BUSY):
            assert waiting.clears_at == NOW
        elif waiting.gate in (Gate.ACCOUNT_QUOTA, Gate.WORKSPACE_QUOTA, Gate.DAY_CLOSING):
            assert waiting.clears_at == MIDNIGHT
        elif waiting.gate is Gate.NO_ACTIVE_ACCOUNT:
            assert not any(sender.is_active for sender in pool.senders)
            assert waiting.clears_at is None
        else:
            assert waiting.clears_at is None or waiting.clears_at > NOW


@FACTS
@given(HEALTHY, st.integers(0, 120))
def test_shares_follow_the_limits_within_one_message(pool: list[Sender], count: int) -> None:
    """From a fresh day: without its last message, no account would be ahead of any other."""
    items = [Work(UUID(int=1000 + number), False, NOW, None) for number in range(count)]
    taken = taken_from(plan(Pool(pool), items, limit=1000, now=NOW))
    for sender in pool:
        others = [
            taken[s.id] / s.daily_limit for s in pool if s.id != sender.id and taken[s.id] < s.daily_limit
        ]
        assert all((taken[sender.id] - 1) / sender.daily_limit <= share for share in others)


@FACTS
@given(HEALTHY, st.lists(st.integers(1, 12), min_size=1, max_size=30))
def test_many_small_plans_share_as_one_large_one_does(pool: list[Sender], batches: list[int]) -> None:
    """Claims of any sizes, each given what the last one used and remembered."""
    now_used = {sender.id: 0 for sender in pool}
    places, number = {sender.id: 0 for sender in pool}, 0
    for batch in batches:
        current = [replace(each, used=now_used[each.id], place=places[each.id]) for each in pool]
        items = [Work(UUID(int=1000 + number + n), False, NOW, None) for n in range(batch)]
        decision = plan(Pool(current), items, limit=batch, now=NOW)
        places |= decision.places
        number += batch
        for key, count in taken_from(decision).items():
            now_used[key] += count
    shares = [(now_used[s.id], s.daily_limit) for s in pool]
    assert all(used <= limit for used, limit in shares)
    assert all(
        (used - 1) / limit <= other / most for used, limit in shares for other, most in shares if other < most
    )


@FACTS
@given(senders(), st.integers(0, 86399))
def test_a_hold_ends_when_it_says(accounts: list[Sender], second: int) -> None:
    """At the instant that it names, that gate is open, or the account is still held for another reason."""
    now = MIDNIGHT - timedelta(seconds=second, milliseconds=1)
    for sender in accounts:
        hold = hold_of(sender, now)
        if hold is not None and hold.clears_at is not None:
            fresh = replace(sender, most=None, used=0 if hold.clears_at >= MIDNIGHT else sender.used)
            after = hold_of(fresh, hold.clears_at)
            assert hold.clears_at > now or hold.gate is Gate.ACCOUNT_BUSY
            assert after is None or after.clears_at is None or after.clears_at > hold.clears_at
