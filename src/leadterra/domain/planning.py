"""The one decision: which due message goes through which account now, and why the rest waits.

`plan` is pure: the same pool, work and instant give the same plan. Sending, explanations, forecasts and
simulations all ask it; there is no second scheduler. It cannot fail; work that it does not assign is in
`Plan.waiting` with the gate that holds it. `domain.planner` does it step by step.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from leadterra.domain.gate import Hold
from leadterra.domain.planner import Assignment, Planner, Waiting
from leadterra.domain.pool import Pool, Sender, Work, hold_of


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision. stopped: work whose enrollment ends, because its account is lost and its campaign wants
    it so. next_send_at: of accounts that were given something and space their messages. places: of accounts
    that the rotation chose. clock, finishes, turns: what the pool, and its campaigns, are to remember.
    holds: what keeps each active account from taking more, as the plan leaves it; None for what does not.
    """

    assignments: tuple[Assignment, ...]
    waiting: tuple[Waiting, ...]
    stopped: tuple[Work, ...]
    next_send_at: Mapping[UUID, datetime]
    places: Mapping[UUID, int]
    clock: float
    finishes: Mapping[UUID, float]
    turns: Mapping[UUID, int]
    holds: Mapping[UUID, Hold | None]


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
        holds=dict(_holds(planner, assignments)),
    )


def _holds(planner: Planner, assignments: Sequence[Assignment]) -> Iterator[tuple[UUID, Hold | None]]:
    """Of every active account, with what was assigned to it, which is not settled yet. Where there are caps
    what one took may hold others.
    """
    taken = Counter(item.sender_id for item in assignments)
    for key, seat in planner.rotation.seats.items():
        if key in taken or (taken and planner.pool.caps):
            sender = _after(planner.current(seat), taken[key])
            yield key, hold_of(sender, planner.now, caps=planner.caps, window=planner.window)
        else:
            yield key, planner.holds[key]


def _after(sender: Sender, taken: int) -> Sender:
    most = None if sender.most is None else sender.most - taken
    return replace(sender, in_flight=sender.in_flight + taken, most=most)
