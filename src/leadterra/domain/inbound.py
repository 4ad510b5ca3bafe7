"""What a letter that came means for the lead who wrote it, or whom it is about: one table, and an order among
endings.

Letters may be read twice, and in any order: the end is the same. An enrollment that has ended may come to a
graver end, never to a milder one, and never opens again.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from leadterra.domain.delay import Delay, due_after
from leadterra.domain.enrollment import OPEN, State
from leadterra.domain.schedule import zone_named

AWAY_DAYS = 7
"""How long an out-of-office holds that gives no date."""

SOFT_BOUNCE_DAYS = 3
"""A mailbox that sent letters back on so many days counts as dead."""

_LONGEST_AWAY = timedelta(days=365)


class Inbound(StrEnum):
    """What came."""

    REPLY = "reply"
    UNSUBSCRIBE = "unsubscribe"
    OUT_OF_OFFICE = "out_of_office"
    AUTO_REPLY = "auto_reply"
    GONE = "gone"
    """An automatic answer: whoever was written to is no longer there."""
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCE = "soft_bounce"
    COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Consequence:
    """ends: what the enrollment that it is about comes to. ends_others: what every other open enrollment of
    the lead comes to. suppresses: why the address is never written to again. waits: what is due for the lead
    is put off. pauses: until a person says more. bounce_type: of the message that it is about, which was not
    delivered.
    """

    ends: State | None = None
    ends_others: State | None = None
    suppresses: str | None = None
    waits: bool = False
    pauses: bool = False
    bounce_type: str | None = None


CONSEQUENCES: Mapping[Inbound, Consequence] = {
    Inbound.REPLY: Consequence(ends=State.REPLIED),
    Inbound.UNSUBSCRIBE: Consequence(State.UNSUBSCRIBED, State.UNSUBSCRIBED, "unsubscribed"),
    Inbound.OUT_OF_OFFICE: Consequence(waits=True),
    Inbound.AUTO_REPLY: Consequence(),
    Inbound.GONE: Consequence(pauses=True),
    Inbound.HARD_BOUNCE: Consequence(State.BOUNCED, State.SUPPRESSED, "bounced", bounce_type="hard"),
    Inbound.SOFT_BOUNCE: Consequence(bounce_type="soft"),
    Inbound.COMPLAINT: Consequence(State.SUPPRESSED, State.SUPPRESSED, "complaint"),
}

_GRAVITY = (State.FINISHED, State.FAILED, State.REPLIED, State.BOUNCED, State.UNSUBSCRIBED, State.SUPPRESSED)


def state_after(state: State, ends: State) -> State:
    """What an enrollment comes to by an ending: an open one to that ending, one that has ended to the graver
    of the two. Who was taken out of a campaign stays out.
    """
    if state in OPEN:
        return ends
    if state is State.REMOVED:
        return state
    return max(state, ends, key=_GRAVITY.index)


def away_until(
    received_at: datetime, return_on: date | None, zone: str, holidays: AbstractSet[date]
) -> datetime:
    """Until when an out-of-office puts off what is due: the first working day after the day of return, at its
    beginning in that zone; 7 days where no date is given. At most a year.
    """
    if return_on is None:
        return received_at + timedelta(days=AWAY_DAYS)
    longest = received_at + _LONGEST_AWAY
    back = datetime.combine(min(return_on, longest.date()), time.min, zone_named(zone))
    until = due_after(Delay(1, is_business=True), max(back, received_at), zone, holidays)
    return min(until, longest)
