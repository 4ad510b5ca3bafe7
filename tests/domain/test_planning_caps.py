"""Every cap in a plan: what it lets through, the name of its gate, and when that opens."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.caps import EVERYBODY, Cap, CapKey
from leadterra.domain.gate import Gate
from leadterra.domain.planner import Assignment
from leadterra.domain.planning import Plan, plan
from leadterra.domain.pool import Contender, Pool, Sender, Work

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
HOUR = NOW + timedelta(hours=1)
A, B, ONE, TWO, HOME, AWAY, OWN, ACME = (UUID(int=number) for number in range(1, 9))


def sender(key: UUID = A, limit: int = 100, **fields: Any) -> Sender:
    """An active account of the domain ACME."""
    return Sender(key, True, limit, 0, **{"domain": ACME, **fields})


def work(number: int, **fields: Any) -> Work:
    """A due first step of campaign ONE, for a recipient at HOME; the higher its number, the younger."""
    usual: dict[str, Any] = {"is_follow_up": False, "campaign_id": ONE, "recipient_domain": HOME}
    return Work(UUID(int=1000 + number), due_at=NOW - timedelta(seconds=100 - number), **{**usual, **fields})


def decide(caps: dict[CapKey, Cap], items: Sequence[Work], *senders: Sender, limit: int = 100) -> Plan:
    """A plan with these caps."""
    pool = Pool(senders or [sender()], caps, [Contender(ONE), Contender(TWO)])
    return plan(pool, items, limit=limit, now=NOW)


def numbers(decision: Plan) -> list[int]:
    """What goes, in order."""
    return [item.work.enrollment_id.int - 1000 for item in decision.assignments]


def gates(decision: Plan) -> set[tuple[Gate, datetime | None]]:
    """Why the rest waits, and until when."""
    return {(waiting.gate, waiting.clears_at) for waiting in decision.waiting}


SCOPES: list[tuple[CapKey, datetime]] = [
    ((Gate.WORKSPACE_QUOTA, None), MIDNIGHT),
    ((Gate.CAMPAIGN_QUOTA, ONE), MIDNIGHT),
    ((Gate.NEW_LEADS_QUOTA, ONE), MIDNIGHT),
    ((Gate.RECIPIENT_DOMAIN_QUOTA, HOME), MIDNIGHT),
    ((Gate.RECIPIENT_DOMAIN_QUOTA, EVERYBODY), MIDNIGHT),
    ((Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, HOME), HOUR),
    ((Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, EVERYBODY), HOUR),
    ((Gate.SENDING_DOMAIN_QUOTA, ACME), MIDNIGHT),
    ((Gate.ACCOUNT_ROLLING_QUOTA, A), NOW + timedelta(hours=5)),
]


@pytest.mark.parametrize(("key", "clears_at"), SCOPES)
@pytest.mark.parametrize("left", [0, 3])
def test_a_cap_lets_through_what_is_left_of_it(key: CapKey, clears_at: datetime, left: int) -> None:
    """The oldest; the rest waits for it by its name, until it opens."""
    decision = decide({key: Cap(10, 10 - left, clears_at)}, [work(number) for number in range(5)])
    assert numbers(decision) == list(range(left))
    assert gates(decision) == {(key[0], clears_at)}


@pytest.mark.parametrize(("key", "clears_at"), SCOPES)
def test_a_cap_lowered_below_what_was_taken_is_used_up(key: CapKey, clears_at: datetime) -> None:
    """And no more than that."""
    decision = decide({key: Cap(3, 8, clears_at)}, [work(1)])
    assert gates(decision) == {(key[0], clears_at)}


ELSEWHERE: list[tuple[CapKey, dict[str, Any]]] = [
    ((Gate.CAMPAIGN_QUOTA, ONE), {"campaign_id": TWO}),
    ((Gate.NEW_LEADS_QUOTA, ONE), {"campaign_id": TWO}),
    ((Gate.NEW_LEADS_QUOTA, ONE), {"is_follow_up": True}),
    ((Gate.RECIPIENT_DOMAIN_QUOTA, HOME), {"recipient_domain": AWAY}),
    ((Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, HOME), {"recipient_domain": AWAY}),
    ((Gate.SENDING_DOMAIN_QUOTA, ACME), {"sender_id": B}),
    ((Gate.ACCOUNT_ROLLING_QUOTA, A), {"sender_id": B}),
]


@pytest.mark.parametrize(("key", "fields"), ELSEWHERE)
def test_a_cap_holds_nobody_else(key: CapKey, fields: dict[str, Any]) -> None:
    """What does not count against it goes, though it is younger than all that waits for it."""
    held = [work(number, sender_id=A) for number in range(5)]
    others = [work(number, **{"sender_id": A, **fields}) for number in range(50, 53)]
    caps = {key: Cap(9, 9, MIDNIGHT)}
    decision = decide(caps, held + others, sender(A), sender(B, domain=OWN))
    assert numbers(decision) == [50, 51, 52]


@pytest.mark.parametrize(("key", "clears_at"), SCOPES)
def test_free_work_goes_where_a_sender_s_cap_is_open(key: CapKey, clears_at: datetime) -> None:
    """A used-up account or sending domain costs nothing while others are open."""
    decision = decide({key: Cap(9, 9, clears_at)}, [work(1)], sender(A), sender(B, domain=OWN))
    is_senders = key[0] in (Gate.SENDING_DOMAIN_QUOTA, Gate.ACCOUNT_ROLLING_QUOTA)
    assert [item.sender_id for item in decision.assignments] == ([B] if is_senders else [])


def test_accounts_of_one_domain_share_its_cap() -> None:
    """Two accounts with room for a hundred each, and three of their domain."""
    caps: dict[CapKey, Cap] = {(Gate.SENDING_DOMAIN_QUOTA, ACME): Cap(3, 0, MIDNIGHT)}
    decision = decide(caps, [work(number) for number in range(9)], sender(A), sender(B))
    assert Counter(item.sender_id for item in decision.assignments) == {A: 2, B: 1}
    assert gates(decision) == {(Gate.SENDING_DOMAIN_QUOTA, MIDNIGHT)}


def test_the_most_restrictive_cap_wins() -> None:
    """Of three that count the same messages the smallest is the one that holds."""
    caps = {
        (Gate.WORKSPACE_QUOTA, None): Cap(9, 2, MIDNIGHT),
        (Gate.CAMPAIGN_QUOTA, ONE): Cap(5, 0, MIDNIGHT),
        (Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, EVERYBODY): Cap(2, 0, HOUR),
    }
    decision = decide(caps, [work(number) for number in range(9)])
    assert (numbers(decision), gates(decision)) == ([0, 1], {(Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, HOUR)})


def test_recipients_of_a_full_domain_hold_up_nobody_behind_them() -> None:
    """A domain that fills up in the middle of a plan, too."""
    caps: dict[CapKey, Cap] = {(Gate.RECIPIENT_DOMAIN_QUOTA, EVERYBODY): Cap(2, 0, MIDNIGHT)}
    items = [work(number) for number in range(6)]
    items += [work(number, recipient_domain=AWAY) for number in range(50, 53)]
    assert numbers(decide(caps, items)) == [0, 1, 50, 51]


def test_an_account_takes_what_its_last_24_hours_leave() -> None:
    """Less than its day has left: the other account takes the rest."""
    caps: dict[CapKey, Cap] = {(Gate.ACCOUNT_ROLLING_QUOTA, A): Cap(50, 48, HOUR)}
    decision = decide(caps, [work(number) for number in range(9)], sender(A), sender(B))
    assert Counter(item.sender_id for item in decision.assignments) == {A: 2, B: 7}


CAPS = st.fixed_dictionaries(
    {},
    optional={key: st.tuples(st.integers(1, 9), st.integers(0, 9)) for key, _ in SCOPES},
).map(lambda found: {key: Cap(limit, used, HOUR) for key, (limit, used) in found.items()})
ITEMS = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from([ONE, TWO]),
        st.sampled_from([HOME, AWAY]),
        st.sampled_from([None, None, A, B]),
    ),
    max_size=30,
).map(
    lambda rows: [
        work(number, is_follow_up=late, campaign_id=campaign, recipient_domain=domain, sender_id=own)
        for number, (late, campaign, domain, own) in enumerate(rows)
    ]
)


def counting(key: CapKey, decision: Plan) -> int:
    """How many of a plan count against a cap, said once more."""
    gate, whose = key
    tests: dict[Gate, Callable[[Assignment], bool]] = {
        Gate.WORKSPACE_QUOTA: lambda item: True,
        Gate.CAMPAIGN_QUOTA: lambda item: item.work.campaign_id == whose,
        Gate.NEW_LEADS_QUOTA: lambda item: item.work.campaign_id == whose and not item.work.is_follow_up,
        Gate.SENDING_DOMAIN_QUOTA: lambda item: (ACME if item.sender_id == A else OWN) == whose,
        Gate.ACCOUNT_ROLLING_QUOTA: lambda item: item.sender_id == whose,
    }
    counts = tests.get(gate, lambda item: item.work.recipient_domain == whose)
    return sum(map(counts, decision.assignments))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(CAPS, ITEMS, st.integers(1, 30))
def test_no_cap_is_passed_and_each_gate_says_the_truth(
    caps: dict[CapKey, Cap], items: list[Work], limit: int
) -> None:
    """Whatever is capped; and whoever waits for a cap, waits for one of which nothing is left."""
    decision = decide(caps, items, sender(A), sender(B, domain=OWN), limit=limit)
    left = {}
    for key, cap in caps.items():
        gate, whose = key
        for each in (HOME, AWAY) if whose == EVERYBODY else (whose,):
            if whose != EVERYBODY or (gate, each) not in caps:
                left[gate, each] = cap.left - counting((gate, each), decision)
                assert left[gate, each] >= 0
    for waiting in decision.waiting:
        concerned = {
            Gate.WORKSPACE_QUOTA: None,
            Gate.CAMPAIGN_QUOTA: waiting.work.campaign_id,
            Gate.NEW_LEADS_QUOTA: waiting.work.campaign_id,
            Gate.RECIPIENT_DOMAIN_QUOTA: waiting.work.recipient_domain,
            Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA: waiting.work.recipient_domain,
        }
        if waiting.gate in concerned:
            assert left[waiting.gate, concerned[waiting.gate]] == 0
            assert waiting.clears_at == HOUR
