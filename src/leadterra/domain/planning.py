"""The one decision: which due message goes through which account now, and why the rest waits.

`plan` is pure: the same pool, work and instant give the same plan. Sending, explanations, forecasts and
simulations all ask it; there is no second scheduler. It cannot fail; work that it does not assign is in
`Plan.waiting` with the gate that holds it. `domain.planner` does it step by step.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.planner import Assignment, Planner, Waiting
from leadterra.domain.pool import Pool, Work


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision. stopped: work whose enrollment ends, because its account is lost and its campaign wants
    it so. next_send_at: of accounts that were given something and space their messages. places: of accounts
    that the rotation chose. clock, finishes, turns: what the pool, and its campaigns, are to remember.
    """

    assignments: tuple[Assignment, ...]
    waiting: tuple[Waiting, ...]
    stopped: tuple[Work, ...]
    next_send_at: Mapping[UUID, datetime]
    places: Mapping[UUID, int]
    clock: float
    finishes: Mapping[UUID, float]
    turns: Mapping[UUID, int]


def plan(pool: Pool, work: Iterable[Work], *, limit: int, now: datetime, cut: Collection[UUID] = ()) -> Plan:
    """Assign at most `limit` messages, and say of all others why they wait. cut: see `Planner.run`."""
    planner = Planner(pool, now)
    for item in sorted(work, key=lambda item: (item.due_at, item.enrollment_id)):
        planner.add(item)
    assignments = planner.run(limit, cut)
    spaced = {item.sender_id for item in assignments if planner.senders[item.sender_id].keeps_distance}
    seats = planner.rotation.seats
    return Plan(
        assignments=tuple(assignments),
        waiting=tuple(planner.list_waiting(is_full=len(assignments) >= limit)),
        stopped=tuple(planner.stopped),
        next_send_at={key: at for key in spaced if (at := seats[key].next_send_at)},
        places={seat.id: seat.place for seat in planner.rotation.chosen},
        clock=planner.shares.clock,
        finishes={stand.key: stand.finish for stand in planner.stands.values()},
        turns={stand.key: stand.turn for stand in planner.stands.values()},
    )
