"""What becomes of a lead's next message when the account that the lead is bound to is lost: paused, warming
or removed.

A campaign chooses (R4):

    handover    another account goes on in the same thread, at once
    wait        the lead waits for its account, so many days at most; then as handover
    newThread   another account goes on with a thread of its own
    stop        the lead ends there

The wait is about one message. Its days count from the instant at which the message is due and the account is
lost, whichever comes later: nobody's patience ends before there is anything to send, and no message is held
back for longer than that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_WAIT_DAYS = 365


class LossAction(StrEnum):
    """What a campaign does."""

    HANDOVER = "handover"
    WAIT = "wait"
    NEW_THREAD = "newThread"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class SenderLossPolicy:
    """A campaign's choice. wait_days: how long `wait` waits at most, decimals allowed; kept, and without
    effect, for the other actions.
    """

    action: LossAction = LossAction.HANDOVER
    wait_days: float = 7.0


@dataclass(frozen=True, slots=True)
class HandOver:
    """Another account sends it, in the same thread."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Nobody sends it before `until`, unless the account comes back; then another one does."""

    until: datetime


@dataclass(frozen=True, slots=True)
class NewThread:
    """Another account sends it, as the first of a thread of its own."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Nobody sends it, and nothing follows."""


Loss = HandOver | Wait | NewThread | Stop


def after_loss(policy: SenderLossPolicy, lost_at: datetime | None, due_at: datetime, now: datetime) -> Loss:
    """What becomes of a message that is due at `due_at` and whose account is not active. lost_at: since when
    that is so; None if nobody knows.
    """
    match policy.action:
        case LossAction.NEW_THREAD:
            return NewThread()
        case LossAction.STOP:
            return Stop()
        case LossAction.HANDOVER:
            return HandOver()
        case LossAction.WAIT:
            until = max(lost_at or due_at, due_at) + timedelta(days=policy.wait_days)
            return HandOver() if until <= now else Wait(until)
