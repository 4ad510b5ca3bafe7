"""What an attempt says about the account that made it: refusals act on the account, never on the lead (R9).

An account rests after a failure, longer each time, and is then probed with a single message; a success clears
it. Several failures of one outage, settled while it already rests, count once. A server that takes letters
and closes without an answer has failed too: it would turn the day's leads into uncertain ones at full speed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from leadterra.domain.day import next_reset
from leadterra.domain.outcomes import Accepted, Answer, Deferred, Ending, Refused, Scope, Uncertain
from leadterra.domain.retry import AUTHENTICATION_FAILURES, account_rest

AUTHENTICATION_REASON = "auth_failed"
DAILY_REASON = "provider_quota"


@dataclass(frozen=True, slots=True)
class Health:
    """An account's condition. failures: consecutive. rest_until, rest_reason: not before, and why.
    pause_reason: set if it must be paused until a person acts.
    """

    failures: int = 0
    rest_until: datetime | None = None
    rest_reason: str | None = None
    pause_reason: str | None = None


def health_after(health: Health, endings: Iterable[tuple[Ending, datetime]]) -> Health:
    """The account's condition after a batch of endings of its messages, each with the instant at which it was
    known.
    """
    for ending, at in endings:
        health = _after_one(health, ending, at)
    return health


def is_trouble(ending: Ending) -> bool:
    """Whether an ending says that the account or its server, and not the recipient or the letter, is in
    trouble.
    """
    match ending:
        case Deferred(scope=scope) | Refused(scope=scope):
            return scope is not Scope.RECIPIENT
        case Uncertain(answer=Answer(code=None)):
            return True
        case _:
            return False


def _after_one(health: Health, ending: Ending, now: datetime) -> Health:
    rests = health.rest_until is not None and health.rest_until > now
    match ending:
        case Accepted() | Deferred(scope=Scope.RECIPIENT) | Refused(scope=Scope.RECIPIENT):
            return replace(health, failures=0) if rests and health.rest_reason == DAILY_REASON else Health()
        case Deferred(daily=True):
            return replace(health, rest_until=next_reset(now), rest_reason=DAILY_REASON)
        case Deferred() | Refused() | Uncertain() if is_trouble(ending) and not rests:
            return _failed(health, ending, now)
        case _:
            return health


def _failed(health: Health, ending: Deferred | Refused | Uncertain, now: datetime) -> Health:
    wrong_login = isinstance(ending, Refused) and ending.authentication
    is_other_trouble = wrong_login and health.rest_reason != AUTHENTICATION_REASON
    failures = 1 if is_other_trouble else health.failures + 1
    answer = ending.answer
    reason = (
        AUTHENTICATION_REASON
        if wrong_login
        else f"{answer.command}: {answer.code or ''} {answer.text}".strip()[:300]
    )
    return Health(
        failures=failures,
        rest_until=now + account_rest(failures),
        rest_reason=reason,
        pause_reason=AUTHENTICATION_REASON if wrong_login and failures >= AUTHENTICATION_FAILURES else None,
    )
