"""What becomes of a message whose account is lost, policy by policy."""

from datetime import datetime, timedelta

import pytest

from leadterra.domain.sender_loss import (
    HandOver,
    Loss,
    LossAction,
    NewThread,
    SenderLossPolicy,
    Stop,
    Wait,
    after_loss,
)
from tests.support.clock import NOW

DAY = timedelta(days=1)
WAIT = SenderLossPolicy(LossAction.WAIT, 2)


@pytest.mark.parametrize(
    ("action", "loss"),
    [
        (LossAction.HANDOVER, HandOver()),
        (LossAction.NEW_THREAD, NewThread()),
        (LossAction.STOP, Stop()),
        (LossAction.WAIT, Wait(NOW + 7 * DAY)),
    ],
)
def test_every_action_has_its_end(action: LossAction, loss: Loss) -> None:
    """Of a message that is due at the instant of the loss."""
    assert after_loss(SenderLossPolicy(action), NOW, NOW, NOW) == loss


def test_without_a_choice_another_account_goes_on() -> None:
    """R4: without interrupting the campaign."""
    assert after_loss(SenderLossPolicy(), NOW, NOW, NOW) == HandOver()


@pytest.mark.parametrize(
    ("lost_at", "due_at", "until"),
    [
        (NOW, NOW - DAY, NOW + 2 * DAY),
        (NOW - DAY, NOW, NOW + 2 * DAY),
        (NOW - 30 * DAY, NOW, NOW + 2 * DAY),
        (None, NOW, NOW + 2 * DAY),
        (NOW, NOW + DAY, NOW + 3 * DAY),
    ],
    ids=["due before the loss", "lost before it is due", "lost long ago", "nobody knows", "due later"],
)
def test_the_wait_counts_from_the_later_of_loss_and_due(
    lost_at: datetime | None, due_at: datetime, until: datetime
) -> None:
    """So many days of this one message."""
    assert after_loss(WAIT, lost_at, due_at, NOW) == Wait(until)


def test_after_the_wait_another_account_goes_on() -> None:
    """At the instant at which it ends, and not a moment before."""
    end = NOW + 2 * DAY
    moment = timedelta(microseconds=1)
    assert after_loss(WAIT, NOW, NOW, end - moment) == Wait(end)
    assert after_loss(WAIT, NOW, NOW, end) == HandOver()


def test_no_days_are_no_wait() -> None:
    """Then it is as if the policy were to hand over."""
    assert after_loss(SenderLossPolicy(LossAction.WAIT, 0), NOW, NOW, NOW) == HandOver()


def test_parts_of_a_day_are_allowed() -> None:
    """Half a day is twelve hours."""
    half = SenderLossPolicy(LossAction.WAIT, 0.5)
    assert after_loss(half, NOW, NOW, NOW) == Wait(NOW + timedelta(hours=12))
