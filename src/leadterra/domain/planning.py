"""The one decision: which due message goes through which account now, and why the rest waits.

`plan` is pure: the same pool, work and instant give the same plan. Sending, explanations and forecasts all
ask it; there is no second scheduler. It cannot fail; work that it does not assign is in `Plan.waiting` with
the gate that holds it.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from leadterra.domain.day import is_closing, next_reset
from leadterra.domain.rotation import Rotation

FIRST_STEP_TURNS = frozenset({2, 5, 8})
"""Of ten turns, these are the first steps' while follow-ups wait too: 30 % (R5)."""

TURNS = 10


class Gate(StrEnum):
    """What may hold a message back, in the order in which it is asked."""

    NO_ACTIVE_ACCOUNT = "no_active_account"
    DAY_CLOSING = "day_closing"
    WORKSPACE_QUOTA = "workspace_quota"
    ACCOUNT_QUOTA = "account_quota"
    ACCOUNT_RESTING = "account_resting"
    ACCOUNT_SPACING = "account_spacing"
    ACCOUNT_BUSY = "account_busy"
    BATCH_FULL = "batch_full"


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender account as the plan sees it.

    is_active: status `active`. daily_limit: messages a UTC day. used: sent, uncertain and reserved today.
    in_flight: claimed and not settled, of today or the day before. failures: consecutive refusals that
    concern it; while there are any it is probed one message at a time. gap: seconds between two messages, 0
    for none. most: how many the worker that asks can take on for it now, None for any number. next_send_at,
    rest_until: not before these instants.
    """

    id: UUID
    is_active: bool
    daily_limit: int
    used: int
    in_flight: int = 0
    failures: int = 0
    gap: float = 0
    most: int | None = None
    next_send_at: datetime | None = None
    rest_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """A workspace's accounts. quota_left: of the workspace's own daily quota, None without one.
    rotation_after: the account chosen last. turn: 0–9, where the mix of follow-ups and first steps stands.
    """

    senders: Sequence[Sender]
    quota_left: int | None = None
    rotation_after: UUID | None = None
    turn: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """A due message. sender_id: the account its enrollment is bound to, None before the first message."""

    enrollment_id: UUID
    is_follow_up: bool
    due_at: datetime
    sender_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """This message goes through this account, now."""

    work: Work
    sender_id: UUID


@dataclass(frozen=True, slots=True)
class Waiting:
    """This message waits. clears_at: when its gate opens, None if that depends on somebody."""

    work: Work
    gate: Gate
    clears_at: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The decision. rotation_after, turn: what the pool is to remember."""

    assignments: tuple[Assignment, ...]
    waiting: tuple[Waiting, ...]
    rotation_after: UUID | None
    turn: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Why an account, or the pool, takes nothing now, and until when."""

    gate: Gate
    clears_at: datetime | None


def hold_of(sender: Sender, now: datetime) -> Hold | None:
    """What keeps this account from taking a message now; None if nothing does."""
    if not sender.is_active:
        return Hold(Gate.NO_ACTIVE_ACCOUNT, None)
    if is_closing(now):
        return Hold(Gate.DAY_CLOSING, next_reset(now))
    if sender.used >= sender.daily_limit:
        return Hold(Gate.ACCOUNT_QUOTA, next_reset(now))
    if sender.rest_until is not None and sender.rest_until > now:
        return Hold(Gate.ACCOUNT_RESTING, sender.rest_until)
    if sender.next_send_at is not None and sender.next_send_at > now:
        return Hold(Gate.ACCOUNT_SPACING, sender.next_send_at)
    if sender.in_flight and (sender.gap or sender.failures):
        return Hold(Gate.ACCOUNT_SPACING, None)
    if sender.most is not None and sender.most <= 0:
        return Hold(Gate.ACCOUNT_BUSY, now)
    return None


def room_of(sender: Sender, now: datetime) -> int:
    """How many messages this account may take now."""
    if hold_of(sender, now) is not None:
        return 0
    if sender.gap or sender.failures:
        return 1
    left = sender.daily_limit - sender.used
    return left if sender.most is None else min(left, sender.most)


def hold_of_pool(pool: Pool, now: datetime) -> Hold | None:
    """What keeps the pool from taking any new message now; of several accounts' reasons, the one that clears
    first.
    """
    active = [sender for sender in pool.senders if sender.is_active]
    if not active:
        return Hold(Gate.NO_ACTIVE_ACCOUNT, None)
    if pool.quota_left is not None and pool.quota_left <= 0:
        return Hold(Gate.WORKSPACE_QUOTA, next_reset(now))
    holds = [hold_of(sender, now) for sender in active]
    if None in holds:
        return None
    return min(
        (hold for hold in holds if hold), key=lambda hold: (hold.clears_at is None, hold.clears_at or now)
    )


def plan(pool: Pool, work: Iterable[Work], *, limit: int, now: datetime) -> Plan:
    """Assign at most `limit` messages: follow-ups first with a share kept for first steps, oldest first
    inside each (R5); follow-ups through their own account, or another where that one is not active; first
    steps by rotation (R4); never past a limit (R2).
    """
    return _Planner(pool, limit, now).decide(work)


class _Planner:
    """The state of one decision."""

    def __init__(self, pool: Pool, limit: int, now: datetime) -> None:
        self._pool, self._now, self._turn = pool, now, pool.turn
        self._capacity = limit if pool.quota_left is None else max(0, min(limit, pool.quota_left))
        self._is_limited_by_batch = pool.quota_left is None or limit <= pool.quota_left
        self._senders = {sender.id: sender for sender in pool.senders}
        self._rotation = Rotation(
            (
                (sender.id, sender.used, sender.daily_limit, room_of(sender, now))
                for sender in pool.senders
                if sender.is_active
            ),
            after=pool.rotation_after,
        )
        self._hold = hold_of_pool(pool, now)
        self._assignments: list[Assignment] = []
        self._waiting: list[Waiting] = []

    def decide(self, work: Iterable[Work]) -> Plan:
        """Go through the work turn by turn."""
        ordered = sorted(work, key=lambda item: (item.due_at, item.enrollment_id))
        follow_ups = deque(item for item in ordered if item.is_follow_up)
        first_steps = deque(item for item in ordered if not item.is_follow_up)
        while follow_ups and first_steps:
            favoured = first_steps if self._turn in FIRST_STEP_TURNS else follow_ups
            if self._place(favoured.popleft()):
                self._turn = (self._turn + 1) % TURNS
        for item in (*follow_ups, *first_steps):
            self._place(item)
        return Plan(
            tuple(self._assignments),
            tuple(self._waiting),
            self._rotation.last or self._pool.rotation_after,
            self._turn,
        )

    def _place(self, item: Work) -> bool:
        """Assign one message or say why not."""
        hold = self._batch_hold()
        sender_id = None if hold else self._sender_for(item)
        if sender_id is None:
            hold = hold or self._hold_for(item)
            self._waiting.append(Waiting(item, hold.gate, hold.clears_at))
            return False
        self._assignments.append(Assignment(item, sender_id))
        return True

    def _sender_for(self, item: Work) -> UUID | None:
        bound = self._bound(item)
        if bound is None:
            return self._rotation.choose()
        return bound.id if self._rotation.take(bound.id) else None

    def _bound(self, item: Work) -> Sender | None:
        """The account that must send it; None if any may, because it is bound to none or to one that is not
        active.
        """
        sender = self._senders.get(item.sender_id) if item.sender_id else None
        return sender if sender is not None and sender.is_active else None

    def _batch_hold(self) -> Hold | None:
        if len(self._assignments) < self._capacity:
            return None
        if self._is_limited_by_batch:
            return Hold(Gate.BATCH_FULL, self._now)
        return Hold(Gate.WORKSPACE_QUOTA, next_reset(self._now))

    def _hold_for(self, item: Work) -> Hold:
        """Why no account took it."""
        bound = self._bound(item)
        before = hold_of(bound, self._now) if bound else self._hold
        if before is not None:
            return before
        return self._taken_by_this_plan([bound] if bound else [s for s in self._pool.senders if s.is_active])

    def _taken_by_this_plan(self, senders: Sequence[Sender]) -> Hold:
        """Why accounts that had room have none left; of several reasons, what clears first."""
        if any(
            sender.most is not None and sender.daily_limit - sender.used > sender.most for sender in senders
        ):
            return Hold(Gate.ACCOUNT_BUSY, self._now)
        if any(sender.gap or sender.failures for sender in senders):
            return Hold(Gate.ACCOUNT_SPACING, None)
        return Hold(Gate.ACCOUNT_QUOTA, next_reset(self._now))
