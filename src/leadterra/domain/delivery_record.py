"""How much of an account's mail comes back, and what follows (R9): a warning, then a pause until a person has
looked.

    rate        of                                               warns at   pauses at
    bounces     the last 200 messages that ended, 20 at least    2 %        5 %
    complaints  a thousand: those of the last 1000 messages      0.1 %      0.3 %

A message has ended if a server took it, refused it for the recipient's sake, or sent it back later; the last
two are bounces. One complaint is more than 0.3 % of 200 messages, so no rate of such a window could warn
before it pauses; of the last thousand, about a month of one mailbox, one warns and three pause. An account
that has sent fewer is held to the same numbers.

A rate does not heal by rest: what was wrong are the addresses or the letters. So a person activates the
account again, and from then on only later messages are judged. There is no blind period: of an account that
was activated after such a pause two bounces are enough while fewer than 20 messages have ended, for whatever
becomes of the rest, of the first 20 they are 10 %.
"""

from dataclasses import dataclass
from enum import StrEnum

WINDOW = 200
"""Messages that bounces are counted among."""

LEAST = 20
"""Messages that must have ended before bounces are judged."""

COMPLAINT_WINDOW = 1000
"""Messages that complaints are counted among."""

BOUNCES_ON_PROBATION = 2
"""Bounces that pause an account that was paused for them before, while there is too little to judge."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates from which on there is a warning, and a pause."""

    warns: float
    pauses: float


BOUNCES = Limits(0.02, 0.05)
COMPLAINTS = Limits(0.001, 0.003)


class Fault(StrEnum):
    """What too much of an account's mail is; also the reason of its pause."""

    BOUNCES = "bounce_rate"
    COMPLAINTS = "complaint_rate"


@dataclass(frozen=True, slots=True)
class Record:
    """What is counted. endings, bounces: of the last `WINDOW` messages that ended. complaints: about the last
    `COMPLAINT_WINDOW`. is_on_probation: only what came after a pause for one of these is counted.
    """

    endings: int = 0
    bounces: int = 0
    complaints: int = 0
    is_on_probation: bool = False

    @property
    def is_measured(self) -> bool:
        """Whether enough has ended."""
        return self.endings >= LEAST

    @property
    def is_undecided(self) -> bool:
        """Whether the next ending may decide, though it is no bounce: something came back of too little."""
        return self.bounces > 0 and not self.is_measured

    @property
    def bounce_rate(self) -> float | None:
        """0–1; None if there is too little to judge."""
        return self.bounces / self.endings if self.is_measured else None

    @property
    def complaint_rate(self) -> float:
        """0–1, of a thousand."""
        return min(1.0, self.complaints / COMPLAINT_WINDOW)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What there is too much of."""
        rates = {
            Fault.BOUNCES: (self.bounce_rate or 0, BOUNCES),
            Fault.COMPLAINTS: (self.complaint_rate, COMPLAINTS),
        }
        return tuple(fault for fault, (rate, limits) in rates.items() if rate >= limits.warns)

    @property
    def pause_reason(self) -> Fault | None:
        """Why the account is to be paused; None if it is not."""
        if self.complaint_rate >= COMPLAINTS.pauses:
            return Fault.COMPLAINTS
        if self.is_measured:
            return Fault.BOUNCES if self.bounces / self.endings >= BOUNCES.pauses else None
        is_enough = self.is_on_probation and self.bounces >= BOUNCES_ON_PROBATION
        return Fault.BOUNCES if is_enough else None


def health_score(record: Record, failures: int, mailbox_failures: int) -> float | None:
    """An account's health, 0–1; None until `LEAST` messages have ended.

    A product: of bounces and complaints each 1 without any, 0.5 at the rate that pauses, 0 at twice that; and
    1 / (1 + consecutive failures of sending and of reading).
    """
    rate = record.bounce_rate
    if rate is None:
        return None
    score = (
        _part(rate, BOUNCES) * _part(record.complaint_rate, COMPLAINTS) / (1 + failures + mailbox_failures)
    )
    return round(score, 3)


def _part(rate: float, limits: Limits) -> float:
    return max(0.0, 1 - rate / (2 * limits.pauses))
