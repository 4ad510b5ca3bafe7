"""What an ending means for its message, its unit of quota and its enrollment.

One table, `settle`, asked by whoever learns of an ending: the worker that made the attempt, the recovery of a
lost claim, and whoever resolves an uncertain message. It is pure and total: every ending of every
enrollment has an answer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from leadterra.domain.enrollment import ENDED, State
from leadterra.domain.outcomes import (
    Accepted,
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.domain.retry import detour_delay, message_delay


class MessageState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


class Unit(StrEnum):
    """What becomes of the reserved unit of quota (R2)."""

    SENT = "sent"
    UNCERTAIN = "uncertain"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Standing:
    """An enrollment whose message has just ended. attempt: how often this message had to wait so far.
    attempts: conversations about it before this one. deferrals: of these, deferred for the recipient's sake.
    next_due_at: of the step behind this one if this one is accepted now, None if there is none. is_bound: a
    message of it was accepted before. due_at: when this message became due.
    """

    state: State
    attempt: int
    attempts: int
    deferrals: int
    next_due_at: datetime | None
    is_bound: bool
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """message, unit, state: what they become. reason: for people. refusal_scope: whom a refusal concerned,
    "letter" if the letter. advances: the enrollment has this step behind it. attempt: how often its next
    message had to wait. deferrals: of this message. due_at: of the next message. keeps_account: whether it
    stays bound to the account that was tried.
    """

    message: MessageState
    unit: Unit
    state: State
    due_at: datetime
    reason: str | None = None
    refusal_scope: str | None = None
    advances: bool = False
    attempt: int = 0
    deferrals: int = 0
    keeps_account: bool = True


def settle(ending: Ending, standing: Standing, *, at: datetime) -> Verdict:
    """The meaning of an ending. at: when it was known; what waits, waits from then on."""
    match ending:
        case Accepted():
            return _accepted(standing, at)
        case Uncertain(answer):
            return _uncertain(standing, answer)
        case Refused(scope=Scope.RECIPIENT, answer=answer):
            return _given_up(standing, State.BOUNCED, Scope.RECIPIENT, line_of(answer))
        case Refused(scope=Scope.SERVER, answer=answer) if answer.command in (Command.DATA, Command.BODY):
            return _given_up(standing, State.FAILED, Scope.SERVER, line_of(answer))
        case Deferred(scope=Scope.RECIPIENT, answer=answer):
            return _deferred(standing, message_delay(standing.deferrals + 1), Scope.RECIPIENT, answer, at)
        case Deferred(answer=answer, scope=scope) | Refused(answer=answer, scope=scope):
            detours = standing.attempts - standing.deferrals + 1
            return _deferred(standing, detour_delay(detours), scope, answer, at)
        case Withheld(reason, detail):
            return _withheld(standing, reason, detail)
        case Unsendable(reason, detail):
            return _given_up(standing, State.FAILED, "letter", f"{reason}: {detail}")


def line_of(answer: Answer) -> str:
    """An answer as one line for people."""
    parts = (str(answer.code) if answer.code else "", answer.enhanced or "", answer.text)
    shown = " ".join(part for part in parts if part)
    return f"{answer.command}: {shown}"[:500]


def _accepted(standing: Standing, at: datetime) -> Verdict:
    if standing.state in ENDED:
        state = standing.state
    elif standing.next_due_at is None:
        state = State.FINISHED
    else:
        state = State.PAUSED if standing.state is State.PAUSED else State.WAITING
    return Verdict(MessageState.SENT, Unit.SENT, state, standing.next_due_at or at, advances=True)


def _uncertain(standing: Standing, answer: Answer) -> Verdict:
    """Nothing more goes to this lead until somebody knows. A lead that was paused stays so; who resumes it
    finds the message uncertain.
    """
    keeps = standing.state in ENDED or standing.state is State.PAUSED
    return Verdict(
        MessageState.UNCERTAIN,
        Unit.UNCERTAIN,
        standing.state if keeps else State.UNCERTAIN,
        standing.due_at,
        reason=line_of(answer),
        attempt=standing.attempt,
        deferrals=standing.deferrals,
    )


def _deferred(
    standing: Standing, delay: timedelta | None, scope: Scope, answer: Answer, at: datetime
) -> Verdict:
    if delay is None:
        ended = State.BOUNCED if scope is Scope.RECIPIENT else State.FAILED
        return _given_up(standing, ended, scope, line_of(answer))
    state, message = _back(
        standing, MessageState.DEFERRED if delay or standing.attempt else MessageState.QUEUED
    )
    return Verdict(
        message,
        Unit.RETURNED,
        state,
        at + delay if delay else standing.due_at,
        reason=line_of(answer),
        attempt=standing.attempt + bool(delay),
        deferrals=standing.deferrals + (scope is Scope.RECIPIENT),
        keeps_account=standing.is_bound or scope is Scope.RECIPIENT,
    )


def _withheld(standing: Standing, reason: Reason, detail: str) -> Verdict:
    state, message = _back(standing, MessageState.DEFERRED if standing.attempt else MessageState.QUEUED)
    if reason is Reason.MISSING_VARIABLE and state is State.WAITING:
        state = State.HELD
    shown = f"{reason}: {detail}" if detail else str(reason)
    return Verdict(
        message,
        Unit.RETURNED,
        state,
        standing.due_at,
        reason=shown,
        attempt=standing.attempt,
        deferrals=standing.deferrals,
        keeps_account=standing.is_bound,
    )


def _given_up(standing: Standing, ended: State, scope: Scope | str, reason: str) -> Verdict:
    state = standing.state if standing.state in ENDED else ended
    return Verdict(
        MessageState.REFUSED, Unit.RETURNED, state, standing.due_at, reason=reason, refusal_scope=str(scope)
    )


def _back(standing: Standing, message: MessageState) -> tuple[State, MessageState]:
    """Back to where it waits; cancelled if the enrollment has ended meanwhile."""
    if standing.state in ENDED:
        return standing.state, MessageState.CANCELLED
    return (standing.state if standing.state in (State.PAUSED, State.HELD) else State.WAITING), message
