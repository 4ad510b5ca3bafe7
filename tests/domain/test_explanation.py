"""The words and numbers of gates: in the engine's order, and as the engine's own functions say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.caps import Cap
from leadterra.domain.enrollment import State
from leadterra.domain.explanation import (
    OF_ACCOUNTS,
    SHOWN,
    Check,
    Standing,
    View,
    binding,
    check_account,
    check_lead,
    check_sender,
    find_sender,
    soonest,
)
from leadterra.domain.gate import Gate
from leadterra.domain.pool import Contender, Pool, Sender, Work, holds_of
from leadterra.domain.schedule import ALWAYS
from leadterra.domain.sender_loss import LossAction, SenderLossPolicy

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
CAMPAIGN, ENROLLMENT = UUID(int=2), UUID(int=64)
ADA = Sender(UUID(int=10), is_active=True, daily_limit=50, used=0)
BOB = replace(ADA, id=UUID(int=11))
WORK = Work(ENROLLMENT, False, NOW, None, CAMPAIGN)
FOLLOW_UP = replace(WORK, is_follow_up=True, sender_id=ADA.id)
FINE = Standing("running", State.WAITING, None, "", None, WORK)


def check(gate: Gate, hours: float | None, *, passes: bool = False) -> Check:
    """A gate that opens then."""
    return Check(gate, passes, "", clears_at=None if hours is None else NOW + timedelta(hours=hours))


def view(*senders: Sender, **fields: object) -> View:
    """A pool at noon."""
    return View(replace(Pool(senders), **fields), NOW)  # type: ignore[arg-type]


def checks_of(work: Work, contender: Contender, seen: View) -> dict[Gate, Check]:
    """All gates of a message of somebody who waits."""
    standing = replace(FINE, work=work)
    sender = find_sender(work, contender, None, seen)
    return {each.gate: each for each in check_lead(standing, contender, ALWAYS, sender, seen)}


def test_all_gates_are_shown_in_the_engines_order() -> None:
    """But those of a worker's hands."""
    found = check_lead(FINE, Contender(CAMPAIGN), ALWAYS, ADA, view(ADA))

    assert [each.gate for each in found] == list(SHOWN)
    assert set(Gate) - set(SHOWN) == {Gate.ACCOUNT_BUSY, Gate.BATCH_FULL}


@pytest.mark.parametrize(
    ("checks", "gate"),
    [
        ([check(Gate.NOT_DUE, 1, passes=True)], None),
        ([check(Gate.NOT_DUE, 1), check(Gate.ACCOUNT_QUOTA, 12)], Gate.ACCOUNT_QUOTA),
        ([check(Gate.NOT_DUE, 20), check(Gate.ACCOUNT_QUOTA, 12)], Gate.NOT_DUE),
        ([check(Gate.NOT_DUE, 20), check(Gate.SUPPRESSED, None)], Gate.SUPPRESSED),
        ([check(Gate.CAMPAIGN_NOT_RUNNING, None), check(Gate.SUPPRESSED, None)], Gate.CAMPAIGN_NOT_RUNNING),
        ([check(Gate.CAMPAIGN_QUOTA, 12), check(Gate.ACCOUNT_QUOTA, 12)], Gate.CAMPAIGN_QUOTA),
    ],
)
def test_the_gate_that_opens_last_binds(checks: list[Check], gate: Gate | None) -> None:
    """One that depends on somebody is the last of all; the engine's order among equals."""
    bound = binding(checks)

    assert (bound and bound.gate) == gate


def test_of_what_binds_several_the_soonest_is_first() -> None:
    """After it something can go."""
    found = soonest(
        [check(Gate.NOT_DUE, 5), check(Gate.LEAD_NOT_WAITING, None), check(Gate.ACCOUNT_QUOTA, 2)]
    )

    assert found.gate is Gate.ACCOUNT_QUOTA


@given(
    used=st.integers(0, 3),
    in_flight=st.integers(0, 1),
    instants=st.tuples(*[st.sampled_from([None, NOW + timedelta(minutes=5)])] * 2),
    spreads=st.booleans(),
    left=st.integers(0, 1),
)
def test_an_accounts_gates_are_open_as_the_engine_says(
    used: int, in_flight: int, instants: tuple[datetime | None, ...], spreads: bool, left: int
) -> None:
    """Closed exactly where `domain.pool` has a hold, and until the same instant."""
    sender = replace(
        ADA,
        daily_limit=2,
        used=used,
        in_flight=in_flight,
        spreads=spreads,
        rest_until=instants[0],
        next_send_at=instants[1],
    )
    seen = view(sender, caps={(Gate.ACCOUNT_ROLLING_QUOTA, sender.id): Cap(1, 1 - left, MIDNIGHT)})
    said = {each.gate: each.clears_at for each in check_sender(sender, seen) if not each.passes}

    assert said == {hold.gate: hold.clears_at for hold in holds_of(sender, NOW, caps=seen.caps)}


def test_without_an_account_its_gates_are_open() -> None:
    """There is nothing that could be closed; what holds is `no_active_account`."""
    found = checks_of(WORK, Contender(CAMPAIGN), view(replace(ADA, is_active=False)))

    assert [each.gate for each in found.values() if not each.passes] == [Gate.NO_ACTIVE_ACCOUNT]
    assert all(found[gate].passes for gate in OF_ACCOUNTS)


def test_numbers_of_a_cap_are_in_the_sentence() -> None:
    """What is used, of how much, and when there is more."""
    found = checks_of(WORK, Contender(CAMPAIGN), view(replace(ADA, used=50)))[Gate.ACCOUNT_QUOTA]

    assert (found.value, found.limit, found.clears_at) == (50, 50, MIDNIGHT)
    assert found.detail == "50 of 50 messages of today are used; the next are available at midnight UTC."


def test_new_leads_quota_does_not_hold_follow_ups() -> None:
    """It counts first steps."""
    caps = {(Gate.NEW_LEADS_QUOTA, CAMPAIGN): Cap(1, 1, MIDNIGHT)}

    assert not checks_of(WORK, Contender(CAMPAIGN), view(ADA, caps=caps))[Gate.NEW_LEADS_QUOTA].passes
    assert checks_of(FOLLOW_UP, Contender(CAMPAIGN), view(ADA, caps=caps))[Gate.NEW_LEADS_QUOTA].passes


@pytest.mark.parametrize(
    ("action", "passes", "clears_at"),
    [
        (LossAction.HANDOVER, True, None),
        (LossAction.NEW_THREAD, True, None),
        (LossAction.STOP, False, None),
        (LossAction.WAIT, False, NOW + timedelta(days=2)),
    ],
)
def test_a_lost_sender(action: LossAction, passes: bool, clears_at: datetime | None) -> None:
    """As the campaign's policy says."""
    contender = Contender(CAMPAIGN, sender_loss=SenderLossPolicy(action, 2))
    found = checks_of(FOLLOW_UP, contender, view(replace(ADA, is_active=False, lost_at=NOW), BOB))

    assert (found[Gate.SENDER_LOST].passes, found[Gate.SENDER_LOST].clears_at) == (passes, clears_at)


def test_the_account_that_is_asked() -> None:
    """The one that a lead is bound to; else the predicted one; else the one that can send first."""
    late = replace(ADA, next_send_at=NOW + timedelta(hours=1))
    contender, seen = Contender(CAMPAIGN), view(late, BOB)

    assert find_sender(FOLLOW_UP, contender, BOB.id, seen) == late
    assert find_sender(WORK, contender, late.id, seen) == late
    assert find_sender(WORK, contender, None, seen) == BOB
    assert find_sender(WORK, replace(contender, sender_tags=frozenset({"x"})), None, seen) is None


def test_an_account_that_is_not_active_says_only_that() -> None:
    """Its other gates cannot be asked."""
    found = check_account(replace(ADA, is_active=False, used=50), view(ADA))

    assert [each.gate for each in found if not each.passes] == [Gate.NO_ACTIVE_ACCOUNT]
