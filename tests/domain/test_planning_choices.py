"""Whose message goes, and through whom: the mix of classes, tags, weights, providers, and what becomes of a
message whose account is lost.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from leadterra.domain.gate import Gate
from leadterra.domain.planning import Plan, plan
from leadterra.domain.pool import Contender, Pool, Sender, Work
from leadterra.domain.sender_loss import LossAction, SenderLossPolicy

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
A, B, C, ONE = (UUID(int=number) for number in range(1, 5))
NORTH = frozenset({"north"})


def sender(key: UUID = A, *, is_active: bool = True, **fields: Any) -> Sender:
    """An account with room for a thousand."""
    return Sender(key, is_active, 1000, 0, **fields)


def work(number: int, *, follow_up: bool = False, **fields: Any) -> Work:
    """A message that has been due for an hour."""
    return Work(
        UUID(int=1000 + number), follow_up, fields.pop("due_at", NOW - DAY / 24), campaign_id=ONE, **fields
    )


def through(decision: Plan) -> Counter[UUID]:
    """How many went through each account."""
    return Counter(item.sender_id for item in decision.assignments)


@pytest.mark.parametrize("share", [0, 1, 30, 50, 99, 100])
def test_first_steps_have_their_share_of_a_hundred_turns(share: int) -> None:
    """Exactly, while both wait; whatever plans the turns are in."""
    turn, firsts = 0, 0
    for number in range(100):
        items = [work(number, follow_up=True), work(1000 + number)]
        pool = Pool([sender()], campaigns=[Contender(ONE, turn=turn)], first_step_share=share)
        decision = plan(pool, items, limit=1, now=NOW)
        turn = decision.turns[ONE]
        firsts += not decision.assignments[0].work.is_follow_up
    assert firsts == share


@pytest.mark.parametrize("share", [0, 1, 50, 100])
@pytest.mark.parametrize("follow_up", [True, False])
def test_a_class_without_a_share_goes_when_it_is_alone(share: int, follow_up: bool) -> None:
    """A share is for when both wait: nothing is kept free."""
    pool = Pool([sender()], campaigns=[Contender(ONE)], first_step_share=share)
    decision = plan(pool, [work(number, follow_up=follow_up) for number in range(9)], limit=9, now=NOW)
    assert len(decision.assignments) == 9


@pytest.mark.parametrize(("share", "firsts"), [(0, 0), (1, 0), (50, 10), (100, 20)])
def test_one_plan_mixes_by_the_share(share: int, firsts: int) -> None:
    """Twenty turns of it from the beginning; a share of one in a hundred has its turn in the fiftieth."""
    items = [work(n, follow_up=n < 30) for n in range(60)]
    pool = Pool([sender()], campaigns=[Contender(ONE)], first_step_share=share)
    decision = plan(pool, items, limit=20, now=NOW)
    assert sum(not item.work.is_follow_up for item in decision.assignments) == firsts


def test_a_campaign_goes_through_accounts_with_one_of_its_tags() -> None:
    """And through no other, though those are empty."""
    pool = Pool(
        [sender(A, tags=frozenset({"north", "old"})), sender(B, tags=frozenset({"south"})), sender(C)],
        campaigns=[Contender(ONE, sender_tags=frozenset({"north", "west"}))],
    )
    assert through(plan(pool, [work(n) for n in range(6)], limit=9, now=NOW)) == {A: 6}


def test_without_an_account_that_has_its_tag_a_campaign_waits_for_one() -> None:
    """Until somebody gives it one: other accounts are none for it."""
    pool = Pool([sender(A)], campaigns=[Contender(ONE, sender_tags=NORTH)])
    [waiting] = plan(pool, [work(1)], limit=9, now=NOW).waiting
    assert (waiting.gate, waiting.clears_at) == (Gate.NO_ACTIVE_ACCOUNT, None)


def test_a_thread_stays_with_its_account_whatever_the_tags_are_now() -> None:
    """Tags choose accounts for first steps; nobody changes the sender in the middle of a thread (R4)."""
    pool = Pool([sender(A), sender(B, tags=NORTH)], campaigns=[Contender(ONE, sender_tags=NORTH)])
    assert through(plan(pool, [work(1, follow_up=True, sender_id=A)], limit=9, now=NOW)) == {A: 1}


@pytest.mark.parametrize(
    ("weights", "shares"), [((1, 1), (20, 20)), ((3, 1), (30, 10)), ((0.25, 1), (8, 32))]
)
def test_accounts_share_by_weight(weights: tuple[float, float], shares: tuple[int, int]) -> None:
    """Of equal limits."""
    pool = Pool([sender(A, weight=weights[0]), sender(B, weight=weights[1])], campaigns=[Contender(ONE)])
    assert through(plan(pool, [work(n) for n in range(40)], limit=40, now=NOW)) == dict(
        zip((A, B), shares, strict=True)
    )


@pytest.mark.parametrize("matches", [True, False])
def test_a_provider_is_preferred_where_the_workspace_wants_it(matches: bool) -> None:
    """Google's mail through Google's account; else by turns."""
    pool = Pool(
        [sender(A, provider="google"), sender(B, provider="microsoft")],
        campaigns=[Contender(ONE)],
        matches_providers=matches,
    )
    items = [work(n, provider="google" if n % 4 else "microsoft") for n in range(16)]
    expected = {A: 12, B: 4} if matches else {A: 8, B: 8}
    assert through(plan(pool, items, limit=16, now=NOW)) == expected


def test_a_provider_starves_nobody() -> None:
    """When its accounts are full, or there are none, the others take what is left."""
    full = sender(A, provider="google", most=2)
    pool = Pool([full, sender(B, provider="other")], campaigns=[Contender(ONE)], matches_providers=True)
    items = [work(n, provider="google") for n in range(6)] + [work(9, provider="microsoft"), work(10)]
    assert through(plan(pool, items, limit=99, now=NOW)) == {A: 2, B: 6}


def after_loss(
    action: LossAction, *, lost_days_ago: float = 1, due_days_ago: float = 1, follow_up: bool = True
) -> Plan:
    """One message of A, which is not active; the campaign waits two days where it waits."""
    pool = Pool(
        [sender(A, is_active=False, lost_at=NOW - lost_days_ago * DAY), sender(B)],
        campaigns=[Contender(ONE, sender_loss=SenderLossPolicy(action, 2))],
    )
    item = work(1, follow_up=follow_up, sender_id=A, due_at=NOW - due_days_ago * DAY)
    return plan(pool, [item], limit=9, now=NOW)


@pytest.mark.parametrize(
    ("action", "starts_thread"), [(LossAction.HANDOVER, False), (LossAction.NEW_THREAD, True)]
)
def test_another_account_goes_on(action: LossAction, starts_thread: bool) -> None:
    """In the thread, or with one of its own."""
    [item] = after_loss(action).assignments
    assert (item.sender_id, item.starts_thread) == (B, starts_thread)


@pytest.mark.parametrize(("lost", "due", "until"), [(1, 1, 1), (0.5, 9, 1.5), (9, 0.5, 1.5), (1.9, 1.9, 0.1)])
def test_a_message_waits_for_its_account(lost: float, due: float, until: float) -> None:
    """Two days from when it was due and the account lost; it is told until when."""
    decision = after_loss(LossAction.WAIT, lost_days_ago=lost, due_days_ago=due)
    [waiting] = decision.waiting
    assert (waiting.gate, decision.assignments) == (Gate.SENDER_LOST, ())
    assert waiting.clears_at is not None
    assert abs(waiting.clears_at - NOW - until * DAY) < timedelta(seconds=1)


@pytest.mark.parametrize(("lost", "due"), [(2, 2), (9, 2), (2, 9)])
def test_after_two_days_it_is_handed_over(lost: float, due: float) -> None:
    """In its thread."""
    [item] = after_loss(LossAction.WAIT, lost_days_ago=lost, due_days_ago=due).assignments
    assert (item.sender_id, item.starts_thread) == (B, False)


def test_a_campaign_that_stops_ends_its_leads() -> None:
    """They are named, and neither sent nor waiting."""
    decision = after_loss(LossAction.STOP)
    assert [item.enrollment_id for item in decision.stopped] == [UUID(int=1001)]
    assert (decision.assignments, decision.waiting) == ((), ())


@pytest.mark.parametrize("action", list(LossAction))
def test_a_first_step_has_lost_nothing(action: LossAction) -> None:
    """Whatever the campaign does about threads: another account sends it, and answers nothing with it."""
    [item] = after_loss(action, follow_up=False).assignments
    assert (item.sender_id, item.starts_thread) == (B, False)


@pytest.mark.parametrize("action", list(LossAction))
def test_an_account_that_is_active_again_goes_on_itself(action: LossAction) -> None:
    """Nothing is lost then, however long it was."""
    policy = SenderLossPolicy(action, 0)
    pool = Pool([sender(A), sender(B)], campaigns=[Contender(ONE, sender_loss=policy)])
    [item] = plan(pool, [work(1, follow_up=True, sender_id=A)], limit=9, now=NOW).assignments
    assert (item.sender_id, item.starts_thread) == (A, False)


def test_a_new_thread_goes_through_an_account_with_the_campaign_s_tags() -> None:
    """What is handed over goes as a first step would."""
    pool = Pool(
        [sender(A, is_active=False, lost_at=NOW - DAY), sender(B), sender(C, tags=NORTH)],
        campaigns=[Contender(ONE, sender_tags=NORTH, sender_loss=SenderLossPolicy(LossAction.NEW_THREAD))],
    )
    items = [work(n, follow_up=True, sender_id=A) for n in range(4)]
    assert through(plan(pool, items, limit=9, now=NOW)) == {C: 4}
