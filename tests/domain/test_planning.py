"""The one decision, fact by fact: which gate holds what, and who goes first through whom."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from leadterra.domain.caps import Cap, CapKey
from leadterra.domain.gate import Gate
from leadterra.domain.planning import Plan, plan
from leadterra.domain.pool import ANY_CAMPAIGN, Contender, Pool, Sender, Work, hold_of, hold_of_pool, room_of

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
A, B, C = (UUID(int=number) for number in (1, 2, 3))


def sender(key: UUID = A, limit: int = 10, used: int = 0, is_active: bool = True, **fields: Any) -> Sender:
    """An account, active unless it is said otherwise."""
    return Sender(key, is_active, limit, used, **fields)


def work(number: int, *, follow_up: bool = False, bound: UUID | None = None, age: float = 0) -> Work:
    """A message due for so many seconds; the number is its enrollment."""
    return Work(UUID(int=1000 + number), follow_up, NOW - timedelta(seconds=age), bound)


def decide(
    senders: Sequence[Sender],
    items: Sequence[Work],
    *,
    limit: int = 1000,
    quota: int | None = None,
    now: datetime = NOW,
) -> Plan:
    """A plan of a pool that remembers nothing. quota: what is left of the workspace's."""
    caps: dict[CapKey, Cap] = {}
    if quota is not None:
        caps[Gate.WORKSPACE_QUOTA, None] = Cap(100, 100 - quota, MIDNIGHT)
    return plan(Pool(senders, caps), items, limit=limit, now=now)


def mixed(turn: int, *senders: Sender) -> Pool:
    """A pool whose only campaign's mix stands there."""
    return Pool(senders, campaigns=[Contender(ANY_CAMPAIGN, turn=turn)])


def numbers(decision: Plan) -> list[int]:
    """The enrollments assigned, in order."""
    return [item.work.enrollment_id.int - 1000 for item in decision.assignments]


def through(decision: Plan) -> Counter[UUID]:
    """How many went through each account."""
    return Counter(item.sender_id for item in decision.assignments)


def gates(decision: Plan) -> list[tuple[Gate, datetime | None]]:
    """Why each of the others waits, and until when."""
    return [(waiting.gate, waiting.clears_at) for waiting in decision.waiting]


GATES: list[tuple[Sender, datetime, Gate, datetime | None]] = [
    (sender(is_active=False), NOW, Gate.NO_ACTIVE_ACCOUNT, None),
    (sender(), MIDNIGHT - timedelta(milliseconds=500), Gate.DAY_CLOSING, MIDNIGHT),
    (sender(used=10), NOW, Gate.ACCOUNT_QUOTA, MIDNIGHT),
    (sender(limit=5, used=10), NOW, Gate.ACCOUNT_QUOTA, MIDNIGHT),
    (sender(rest_until=LATER), NOW, Gate.ACCOUNT_RESTING, LATER),
    (sender(next_send_at=LATER), NOW, Gate.ACCOUNT_SPACING, LATER),
    (sender(gap=60, in_flight=1), NOW, Gate.ACCOUNT_SPACING, None),
    (sender(failures=1, in_flight=1), NOW, Gate.ACCOUNT_SPACING, None),
    (sender(most=0), NOW, Gate.ACCOUNT_BUSY, NOW),
    (sender(most=-3), NOW, Gate.ACCOUNT_BUSY, NOW),
]


@pytest.mark.parametrize(("account", "now", "gate", "clears_at"), GATES)
def test_each_gate_has_a_name_and_an_end(
    account: Sender, now: datetime, gate: Gate, clears_at: datetime | None
) -> None:
    """The same for the account, for the pool whose only account it is, and for work that waits for it."""
    decision = decide([account], [work(1), work(2, bound=account.id)], now=now)
    assert gates(decision) == [(gate, clears_at)] * 2
    for hold in (hold_of(account, now), hold_of_pool(Pool([account]), now)):
        assert hold is not None
        assert (hold.gate, hold.clears_at) == (gate, clears_at)
    assert room_of(account, now) == 0


@pytest.mark.parametrize(
    ("account", "room"),
    [
        (sender(), 10),
        (sender(used=9), 1),
        (sender(in_flight=4, used=4), 6),
        (sender(gap=60), 1),
        (sender(failures=3), 1),
        (sender(most=4), 4),
        (sender(most=40), 10),
        (sender(most=4, gap=60), 1),
        (sender(rest_until=NOW), 10),
        (sender(next_send_at=NOW), 10),
        (sender(rest_until=NOW - timedelta(days=1), next_send_at=NOW - timedelta(days=1)), 10),
    ],
)
def test_an_open_account_has_room(account: Sender, room: int) -> None:
    """What is left of its limit; one message where it is spaced or probed; gates open at the very instant."""
    assert hold_of(account, NOW) is None
    assert room_of(account, NOW) == room


def test_without_any_account_nothing_goes() -> None:
    """And nobody knows until when."""
    assert gates(decide([], [work(1)])) == [(Gate.NO_ACTIVE_ACCOUNT, None)]


@pytest.mark.parametrize("quota", [0, -5])
def test_the_workspace_s_quota_holds_everything(quota: int) -> None:
    """Until midnight, whatever the accounts have left; a quota lowered below what was used is one used up."""
    assert gates(decide([sender()], [work(1)], quota=quota)) == [(Gate.WORKSPACE_QUOTA, MIDNIGHT)]


def test_the_workspace_s_quota_is_not_passed() -> None:
    """Three of five go; the youngest wait for midnight."""
    decision = decide([sender()], [work(n, age=-n) for n in range(5)], quota=3)
    assert numbers(decision) == [0, 1, 2]
    assert gates(decision) == [(Gate.WORKSPACE_QUOTA, MIDNIGHT)] * 2


def test_a_full_batch_holds_only_until_the_next_claim() -> None:
    """Which may come at once."""
    assert gates(decide([sender()], [work(1), work(2)], limit=1)) == [(Gate.BATCH_FULL, NOW)]


def test_what_exceeds_the_day_waits_for_midnight() -> None:
    """An account filled by this very plan holds the rest as one that was full before (R5)."""
    assert (
        gates(decide([sender(limit=1)], [work(1), work(2), work(3, bound=A)]))
        == [(Gate.ACCOUNT_QUOTA, MIDNIGHT)] * 2
    )


@pytest.mark.parametrize(
    ("fields", "clears_at"), [({"gap": 60.0}, NOW + timedelta(seconds=60)), ({"failures": 1}, None)]
)
def test_a_spaced_or_probed_account_takes_one(fields: dict[str, Any], clears_at: datetime | None) -> None:
    """Bound or not; the next one waits for the gap, or for what becomes of this one."""
    decision = decide([sender(**fields)], [work(1, bound=A, follow_up=True), work(2), work(3, bound=A)])
    assert numbers(decision) == [1]
    assert gates(decision) == [(Gate.ACCOUNT_SPACING, clears_at)] * 2


def test_of_several_holds_the_pool_tells_the_one_that_clears_first() -> None:
    """Resting for five minutes, full until midnight: five minutes."""
    hold = hold_of_pool(
        Pool([sender(A, used=10), sender(B, rest_until=LATER), sender(C, is_active=False)]), NOW
    )
    assert hold is not None
    assert (hold.gate, hold.clears_at) == (Gate.ACCOUNT_RESTING, LATER)


def test_one_open_account_opens_the_pool() -> None:
    """Whatever holds the others."""
    assert hold_of_pool(Pool([sender(A, used=10), sender(B)]), NOW) is None


def test_bound_work_goes_through_its_account_only() -> None:
    """B is emptier, but the thread is A's; when A is full it waits for A (R4)."""
    decision = decide(
        [sender(A, limit=3, used=2), sender(B)], [work(n, bound=A, follow_up=True, age=-n) for n in range(2)]
    )
    assert through(decision) == {A: 1}
    assert gates(decision) == [(Gate.ACCOUNT_QUOTA, MIDNIGHT)]


@pytest.mark.parametrize("others", [[sender(A, is_active=False)], []])
def test_work_of_a_lost_account_is_handed_over(others: list[Sender]) -> None:
    """Paused, warming, removed or unknown: by rotation, as a first step would be (R4)."""
    assert through(
        decide([*others, sender(B), sender(C)], [work(n, bound=A, follow_up=True) for n in range(4)])
    ) == {B: 2, C: 2}


def test_a_rested_account_is_not_a_lost_one() -> None:
    """Its follow-ups wait for it; a sender does not change for a pause of seconds."""
    assert gates(decide([sender(A, rest_until=LATER), sender(B)], [work(1, bound=A)])) == [
        (Gate.ACCOUNT_RESTING, LATER)
    ]


@pytest.mark.parametrize(
    ("limits", "count", "shares"),
    [
        ((10, 10), 10, (5, 5)),
        ((50, 30), 80, (50, 30)),
        ((50, 30), 40, (25, 15)),
        ((100, 1), 50, (49, 1)),
        ((9, 3), 4, (3, 1)),
    ],
)
def test_unbound_work_is_shared_in_proportion_to_the_limits(
    limits: tuple[int, int], count: int, shares: tuple[int, int]
) -> None:
    """Within one message."""
    decision = decide([sender(A, limits[0]), sender(B, limits[1])], [work(n) for n in range(count)])
    taken = through(decision)
    assert all(abs(taken[key] - share) <= 1 for key, share in zip((A, B), shares, strict=True))


def test_the_account_that_is_behind_catches_up() -> None:
    """B has used nothing yet: it takes all until the shares are equal."""
    assert through(decide([sender(A, used=4), sender(B)], [work(n) for n in range(4)])) == {B: 4}


def test_equal_accounts_take_turns_from_plan_to_plan() -> None:
    """When what one plan says to remember is given to the next."""
    seen, places = [], dict.fromkeys((A, B, C), 0)
    for number in range(6):
        pool = Pool([sender(key, place=place) for key, place in places.items()])
        decision = plan(pool, [work(number)], limit=1, now=NOW)
        places |= decision.places
        seen.append(decision.assignments[0].sender_id)
    assert seen == [A, B, C, A, B, C]


def test_a_plan_that_chooses_nobody_forgets_nothing() -> None:
    """The memory of the pool comes back as it was."""
    pool = Pool(
        [sender(used=10, place=8)], campaigns=[Contender(ANY_CAMPAIGN, finish=3.0, turn=7)], clock=2.5
    )
    decision = plan(pool, [work(1)], limit=1, now=NOW)
    assert (decision.places, decision.clock) == ({}, 2.5)
    assert (decision.turns, decision.finishes) == ({ANY_CAMPAIGN: 7}, {ANY_CAMPAIGN: 3.0})


@pytest.mark.parametrize("follow_up", [True, False])
def test_the_oldest_goes_first(follow_up: bool) -> None:
    """However the work is ordered when it is given; those due at one instant by their ids."""
    items = [work(n, follow_up=follow_up, age=age) for n, age in enumerate((5, 9, 1, 9))]
    assert numbers(decide([sender()], items)) == [1, 3, 0, 2]


def test_seven_of_ten_are_follow_ups_while_both_wait() -> None:
    """First steps have the third, sixth and ninth turn (R5)."""
    items = [work(n, follow_up=True) for n in range(50)] + [work(100 + n, age=999) for n in range(50)]
    decision = decide([sender(limit=100)], items, limit=20)
    firsts = [item.work.enrollment_id.int >= 1100 for item in decision.assignments]
    assert firsts == [False, False, True, False, False, True, False, False, True, False] * 2


def test_the_mix_goes_on_from_plan_to_plan() -> None:
    """Claims of one message each still give first steps 30 in a hundred."""
    turn, firsts = 0, 0
    for number in range(100):
        items = [work(number, follow_up=True), work(1000 + number)]
        decision = plan(mixed(turn, sender()), items, limit=1, now=NOW)
        turn = decision.turns[ANY_CAMPAIGN]
        firsts += not decision.assignments[0].work.is_follow_up
    assert firsts == 30


@pytest.mark.parametrize("follow_up", [True, False])
def test_a_class_that_is_alone_takes_all_turns(follow_up: bool) -> None:
    """The share is for when both wait; the turn stands still meanwhile."""
    items = [work(n, follow_up=follow_up) for n in range(9)]
    decision = plan(mixed(4, sender()), items, limit=9, now=NOW)
    assert (len(decision.assignments), decision.turns) == (9, {ANY_CAMPAIGN: 4})


def test_follow_ups_that_cannot_go_cost_no_turn() -> None:
    """A's are held; first steps go through B as if they were alone."""
    items = [work(n, follow_up=True, bound=A) for n in range(5)] + [work(100 + n) for n in range(5)]
    decision = decide([sender(A, used=10), sender(B)], items)
    assert through(decision) == {B: 5}


def test_a_limit_lowered_below_what_was_used_takes_no_more() -> None:
    """Never a negative room that others would have to pay for."""
    decision = decide([sender(A, limit=5, used=40), sender(B, limit=2)], [work(n) for n in range(5)])
    assert through(decision) == {B: 2}
