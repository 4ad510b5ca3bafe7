"""Warm-up: how a new account's limit rises, and when the account is warm (R8).

Everything is judged by whole UTC days that are over. A **clean** day moves the ramp on by a step and counts
towards graduation; any other day leaves both where they are, so a bad week freezes them. The limit never
rises by more than one step from a day of sending to the next, however long nobody looked. Pure: what was sent
and where it arrived comes in, and so does the date.

    reputation = placement × bounces × errors, over the last seven days, each 0 to 1
    placement  = inbox / (inbox + spam + missing) of the warm-up letters that were looked for
    bounces    = 1 − bounce rate / 5 %, at least 0
    errors     = 1 − error rate / 20 %, at least 0; refused logins, connections and provider quotas are errors

Rates are of at least a hundred attempts, so that the first bounce of a young account is a blemish and no
verdict.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

WINDOW = timedelta(days=7)
"""How far back reputation looks, the day that is judged included."""

SUFFICIENT = 0.8
"""Reputation with which an account graduates."""

FREEZES_BELOW = 0.7
"""A day on which reputation, or the placement of its own letters, is lower is not clean."""

MEASURED = 10
"""So many letters must have been looked for before their placement is evidence enough to graduate on."""

_BOUNCES_AT_WORST, _ERRORS_AT_WORST = 0.05, 0.20
_LEAST_ATTEMPTS = 100
_BOUNCE_IN, _ERROR_IN = 50, 20
"""One bounce in fifty attempts, one error in twenty: a clean day has no more."""
_TELLING = 5
"""So many measured letters say something about their day by themselves."""
_HORIZON = 366


@dataclass(frozen=True, slots=True)
class WarmupRule:
    """What may be set. start: messages of the first day. step: so many more after each clean day. days: clean
    days until it may graduate.
    """

    start: int = 5
    step: int = 2
    days: int = 14


class Fault(StrEnum):
    """Why a day is not clean."""

    COMPLAINTS = "complaints"
    """Somebody called a letter of it spam: any at all."""
    BOUNCES = "bounces"
    ERRORS = "errors"
    PLACEMENT = "placement"
    """Too few of the day's letters were found in the inbox."""
    REPUTATION = "reputation"
    CHECK_FAILED = "check_failed"
    IDLE = "idle"
    """Less than half of the day's limit was sent: nothing was tried out that the ramp could go on from."""


@dataclass(frozen=True, slots=True)
class SendingDay:
    """One UTC day of an account.

    limit: in force then. sent: all that was accepted, whichever kind. bounced: refused for the recipient's
    sake or returned. troubled: attempts that failed for the account's or its server's sake. complained:
    complaints that came. letters: warm-up letters among what was sent. inbox, spam, missing: where these were
    found. is_checked: whether login and DNS passed, of an account that has nobody to write to; None for any
    other.
    """

    day: date
    limit: int
    sent: int = 0
    bounced: int = 0
    troubled: int = 0
    letters: int = 0
    inbox: int = 0
    spam: int = 0
    missing: int = 0
    complained: int = 0
    is_checked: bool | None = None

    @property
    def attempts(self) -> int:
        """Conversations that said something about the account."""
        return self.sent + self.troubled


@dataclass(frozen=True, slots=True)
class Reputation:
    """See the formula above. placement: None while nothing was measured. measured: letters that were."""

    placement: float | None
    bounces: float
    errors: float
    measured: int = 0
    letters: int = 0

    @property
    def value(self) -> float | None:
        """The product; None while letters went and none of them was measured. Who wrote none has no
        placement to be judged by.
        """
        if self.placement is None:
            return None if self.letters else self.bounces * self.errors
        return self.placement * self.bounces * self.errors

    @property
    def is_sufficient(self) -> bool:
        """Whether it is good enough, and known well enough, to graduate."""
        is_known = not self.letters or self.measured >= MEASURED
        return is_known and self.value is not None and self.value >= SUFFICIENT


@dataclass(frozen=True, slots=True)
class Warmth:
    """Where an account stands on its ramp. limit: messages of today. clean_days: so far. looked_on: the UTC
    day that this was found for. frozen_by: what was wrong with the last day, None if nothing.
    """

    limit: int
    clean_days: int
    looked_on: date
    frozen_by: Fault | None = None


def reputation_of(days: Iterable[SendingDay]) -> Reputation:
    """Of these days together."""
    known = list(days)
    inbox = sum(day.inbox for day in known)
    measured = inbox + sum(day.spam + day.missing for day in known)
    attempts = max(sum(day.attempts for day in known), _LEAST_ATTEMPTS)
    bounced, troubled = sum(day.bounced for day in known), sum(day.troubled for day in known)
    return Reputation(
        placement=inbox / measured if measured else None,
        bounces=max(0.0, 1 - bounced / attempts / _BOUNCES_AT_WORST),
        errors=max(0.0, 1 - troubled / attempts / _ERRORS_AT_WORST),
        measured=measured,
        letters=sum(day.letters for day in known),
    )


def window_of(days: Iterable[SendingDay], last: date) -> list[SendingDay]:
    """Those that reputation is made of on that day."""
    return [day for day in days if last - WINDOW < day.day <= last]


def fault_of(day: SendingDay, reputation: Reputation) -> Fault | None:
    """What keeps a day that is over from being clean; reputation: as it was when it ended."""
    if day.is_checked is not None and not day.attempts:
        return None if day.is_checked else Fault.CHECK_FAILED
    if day.complained:
        return Fault.COMPLAINTS
    if day.bounced * _BOUNCE_IN > max(day.attempts, day.bounced):
        return Fault.BOUNCES
    if day.troubled * _ERROR_IN > day.attempts:
        return Fault.ERRORS
    measured = day.inbox + day.spam + day.missing
    if measured >= _TELLING and day.inbox < FREEZES_BELOW * measured:
        return Fault.PLACEMENT
    if reputation.value is not None and reputation.value < FREEZES_BELOW:
        return Fault.REPUTATION
    return Fault.IDLE if 2 * day.sent < day.limit else None


def warm_on(
    warmth: Warmth, rule: WarmupRule, days: Sequence[SendingDay], *, target: int, today: date
) -> Warmth:
    """Where the account stands today. days: all of the last week and since it was last looked at, in order,
    today's left out or ignored; a day on which nothing was tried may be missing. target: the limit that the
    ramp ends at. Asked again on the same day it changes nothing.
    """
    if today <= warmth.looked_on:
        return warmth
    faults = [
        fault_of(day, reputation_of(window_of(days, day.day)))
        for day in days
        if warmth.looked_on <= day.day < today
    ]
    last = faults[-1] if faults else Fault.IDLE
    limit = min(warmth.limit, target)
    return Warmth(
        limit=min(limit + rule.step, target) if last is None else limit,
        clean_days=warmth.clean_days + sum(fault is None for fault in faults),
        looked_on=today,
        frozen_by=last,
    )


def is_warm(warmth: Warmth, rule: WarmupRule, days: Iterable[SendingDay]) -> bool:
    """Whether it graduates on the day that `warmth` was found for."""
    last = warmth.looked_on - timedelta(days=1)
    return warmth.clean_days >= rule.days and reputation_of(window_of(days, last)).is_sufficient


def graduates_on(
    warmth: Warmth, rule: WarmupRule, days: Sequence[SendingDay], *, target: int, today: date
) -> date | None:
    """The day of graduation to expect if all goes well from now on; None if that is more than a year away.
    What is known of today already counts against it.
    """
    known = [day for day in days if day.day <= today]
    warmth = warm_on(warmth, rule, known, target=target, today=today)
    if is_warm(warmth, rule, known):
        return today
    is_alone = bool(known) and all(day.is_checked is not None for day in known)
    so_far = next((day for day in known if day.day == today), SendingDay(today, warmth.limit))
    known = [day for day in known if day.day < today]
    for _ in range(_HORIZON):
        known.append(_at_best(so_far, warmth.limit, is_alone=is_alone))
        today += timedelta(days=1)
        warmth = warm_on(warmth, rule, known, target=target, today=today)
        if is_warm(warmth, rule, known):
            return today
        so_far = SendingDay(today, warmth.limit)
        known = window_of(known, today)
    return None


def _at_best(day: SendingDay, limit: int, *, is_alone: bool) -> SendingDay:
    """A day that has begun, as it is when the rest of it goes well."""
    if is_alone and not day.attempts:
        return replace(day, is_checked=True)
    more = max(0, limit - day.sent)
    found = day.letters - day.inbox - day.spam - day.missing + more
    return replace(day, sent=day.sent + more, letters=day.letters + more, inbox=day.inbox + found)
