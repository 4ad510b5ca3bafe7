"""What an attempt says about the account that made it: refusals act on the account, never on the lead (R9).

Every account has a circuit breaker. It follows from two fields, so there is no state that could disagree with
them: closed without failures; open while a rest after failures runs; half open once that is over.

    circuit    works      trouble                     nothing
    closed     closed     open, rests 30 s            closed
    open       closed     open, the same rest         open
    half open  closed     open, a longer rest         half open

`works` is any answer about the recipient, `trouble` a failure of account or server. An open account sends
nothing, a half-open one a single letter, the probe: `domain.pool` gives it no second before the first has
ended, and claims are made under the pool's lock. Several failures of one outage, settled while the account
already rests, count once. An answer from before the failure says nothing about what came after it. A server
that takes letters and closes without an answer has failed too: it would turn the day's leads into uncertain
ones at full speed.

Two signs are apart. The third refused login in a row pauses the account: a person must act. A provider's
quota for the day is no failure, but rests the account until midnight UTC, whatever its circuit is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from leadterra.domain.day import next_reset
from leadterra.domain.outcomes import Accepted, Answer, Deferred, Ending, Refused, Scope, Uncertain
from leadterra.domain.retry import AUTHENTICATION_FAILURES, account_rest

AUTHENTICATION_REASON = "auth_failed"
DAILY_REASON = "provider_quota"


class Circuit(StrEnum):
    """Whether an account may send."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Sign(StrEnum):
    """What an ending says about the account."""

    WORKS = "works"
    TROUBLE = "trouble"
    LOGIN = "login"
    """Trouble: the server refused the login."""
    QUOTA = "quota"
    """The provider's quota for the day is used up."""
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Health:
    """An account's condition. failures: consecutive. rest_until, rest_reason: not before, and why.
    pause_reason: set if it must be paused until a person acts.
    """

    failures: int = 0
    rest_until: datetime | None = None
    rest_reason: str | None = None
    pause_reason: str | None = None

    def rests(self, at: datetime) -> bool:
        """Whether it sends nothing at that instant."""
        return self.rest_until is not None and self.rest_until > at

    def circuit(self, at: datetime) -> Circuit:
        """Where its breaker stands at that instant."""
        if not self.failures:
            return Circuit.CLOSED
        return Circuit.OPEN if self.rests(at) else Circuit.HALF_OPEN

    @property
    def failed_at(self) -> datetime | None:
        """When its present rest began, None if it has none or that does not follow from the failures."""
        if not self.failures or self.rest_until is None or self.rest_reason == DAILY_REASON:
            return None
        return self.rest_until - account_rest(self.failures)


def health_after(health: Health, endings: Iterable[tuple[Ending, datetime]]) -> Health:
    """The account's condition after a batch of endings of its messages, in any order, each with the instant
    at which it was known.
    """
    for ending, at in sorted(endings, key=lambda each: each[1]):
        health = _after_one(health, ending, at)
    return health


def sign_of(ending: Ending) -> Sign:
    """What an ending says about the account that made the attempt."""
    match ending:
        case Accepted() | Deferred(scope=Scope.RECIPIENT) | Refused(scope=Scope.RECIPIENT):
            return Sign.WORKS
        case Deferred(daily=True):
            return Sign.QUOTA
        case Refused(authentication=True):
            return Sign.LOGIN
        case Deferred() | Refused() | Uncertain(answer=Answer(code=None)):
            return Sign.TROUBLE
        case _:
            return Sign.NOTHING


def is_trouble(ending: Ending) -> bool:
    """Whether an ending says that the account or its server, and not the recipient or the letter, is in
    trouble.
    """
    return sign_of(ending) in (Sign.TROUBLE, Sign.LOGIN, Sign.QUOTA)


def _after_one(health: Health, ending: Ending, at: datetime) -> Health:
    sign = sign_of(ending)
    if sign is Sign.WORKS:
        if health.failed_at is not None and at < health.failed_at:
            return health
        keeps_rest = health.rests(at) and health.rest_reason == DAILY_REASON
        return replace(health, failures=0) if keeps_rest else Health()
    if sign is Sign.QUOTA:
        until = max(next_reset(at), health.rest_until or at)
        return replace(health, rest_until=until, rest_reason=DAILY_REASON)
    if sign is Sign.NOTHING or health.rests(at):
        return health
    return _failed(health, ending, at, is_login=sign is Sign.LOGIN)


def _failed(health: Health, ending: Ending, at: datetime, *, is_login: bool) -> Health:
    """Refused logins are counted by themselves: those before a failure of another kind are not in a row."""
    assert isinstance(ending, Deferred | Refused | Uncertain)
    is_other_trouble = is_login and health.rest_reason != AUTHENTICATION_REASON
    failures = 1 if is_other_trouble else health.failures + 1
    answer = ending.answer
    reason = f"{answer.command}: {answer.code or ''} {answer.text}".strip()[:300]
    return Health(
        failures=failures,
        rest_until=at + account_rest(failures),
        rest_reason=AUTHENTICATION_REASON if is_login else reason,
        pause_reason=AUTHENTICATION_REASON if is_login and failures >= AUTHENTICATION_FAILURES else None,
    )
