"""A workspace's pool as a plan sees it, and what keeps its accounts from taking a message now.

Values and questions about them; `domain.planning` decides. No rule here reads a clock (R12).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from leadterra.domain.caps import Cap, CapKey, Caps
from leadterra.domain.day import is_closing, next_reset
from leadterra.domain.gate import Gate, Hold, first_to_clear
from leadterra.domain.pacing import DEFAULT_JITTER, Window, first_slot, last_slot
from leadterra.domain.sender_loss import SenderLossPolicy

HANDOVER = SenderLossPolicy()

ANY_CAMPAIGN = UUID(int=0)
"""The campaign of work that names none."""


@dataclass(frozen=True, slots=True)
class Ramp:
    """How a limit goes on after a day of sending (R8). step: messages more. target: where it ends."""

    step: int
    target: int

    def limit_after(self, limit: int, sent: int) -> int:
        """The next day's limit, if nothing goes wrong."""
        return min(self.target, limit + self.step) if 2 * sent >= limit < self.target else limit


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender account as the plan sees it.

    is_active: status `active`. daily_limit: messages a UTC day. used: sent, uncertain and reserved today.
    in_flight: claimed and not settled, of today or the day before. failures: consecutive refusals that
    concern it; while there are any it is probed one message at a time. gap: at least so many seconds between
    two messages, 0 for none. spreads, jitter: see `domain.pacing`. most: how many the worker that asks can
    take on for it now, None for any number. next_send_at, rest_until: not before these instants. lost_at:
    since when it is not active. weight, tags, provider, place: see `domain.rotation`. domain: digest of its
    domain. rest_reason, pause_reason: as they are stored, for people. ramp: by which its limit rises on later
    days; only looks ahead ask.
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
    spreads: bool = False
    jitter: float = DEFAULT_JITTER
    lost_at: datetime | None = None
    weight: float = 1.0
    tags: frozenset[str] = frozenset()
    provider: str | None = None
    domain: UUID | None = None
    place: int = 0
    rest_reason: str | None = None
    pause_reason: str | None = None
    ramp: Ramp | None = None

    @property
    def keeps_distance(self) -> bool:
        """Whether there is time between two of its messages."""
        return self.spreads or self.gap > 0

    @property
    def is_spaced(self) -> bool:
        """Whether it takes one message at a time."""
        return self.spreads or self.gap > 0 or self.failures > 0


@dataclass(frozen=True, slots=True)
class Contender:
    """A running campaign as the plan sees it. weight, finish: see `domain.sharing`. turn: 0 to 99, where its
    mix stands. sender_tags: it goes only through accounts with one of them, through any if it names none.
    """

    id: UUID
    weight: float = 1.0
    finish: float = 0.0
    turn: int = 0
    sender_tags: frozenset[str] = frozenset()
    sender_loss: SenderLossPolicy = HANDOVER


@dataclass(frozen=True, slots=True)
class Pool:
    """A workspace's accounts and campaigns. caps: all that hold besides the accounts' days. clock: of the
    shares. first_step_share: of 100 turns, so many are first steps' while follow-ups wait too. window: when
    it may send today, None while that does not matter. matches_providers: whether a lead's provider is a wish
    for its sender's.
    """

    senders: Sequence[Sender]
    caps: Mapping[CapKey, Cap] = field(default_factory=dict)
    campaigns: Sequence[Contender] = ()
    clock: float = 0.0
    first_step_share: int = 30
    window: Window | None = None
    matches_providers: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A due message. sender_id: the account its enrollment is bound to, None before the first message.
    recipient_domain: digest of the lead's domain. provider: who runs its mail, None if that is not known.
    zone: whose clocks its campaign's window goes by. count: so many alike, of which none is bound; forecasts
    count, and claims name each.
    """

    enrollment_id: UUID
    is_follow_up: bool
    due_at: datetime
    sender_id: UUID | None = None
    campaign_id: UUID = ANY_CAMPAIGN
    recipient_domain: UUID | None = None
    provider: str | None = None
    zone: str = ""
    count: int = 1


_NO_CAPS = Caps({})


def ready_at(sender: Sender, window: Window | None) -> datetime | None:
    """Not before this instant does its spacing let an account send; None if it may at any time."""
    if not sender.spreads or window is None:
        return sender.next_send_at
    if sender.next_send_at is not None and sender.next_send_at >= last_slot(window, least=sender.gap):
        return sender.next_send_at
    slot = first_slot(window, sender.id, sender.daily_limit, least=sender.gap)
    return slot if sender.next_send_at is None else max(slot, sender.next_send_at)


def holds_of(sender: Sender, now: datetime, *, caps: Caps, window: Window | None = None) -> Iterator[Hold]:
    """All that keeps this account from taking a message now, in the engine's order."""
    if not sender.is_active:
        yield Hold(Gate.NO_ACTIVE_ACCOUNT, None)
        return
    if is_closing(now):
        yield Hold(Gate.DAY_CLOSING, next_reset(now))
    if caps and (hold := caps.hold(Gate.SENDING_DOMAIN_QUOTA, sender.domain)):
        yield hold
    if sender.used >= sender.daily_limit:
        yield Hold(Gate.ACCOUNT_QUOTA, next_reset(now))
    if caps and (hold := caps.hold(Gate.ACCOUNT_ROLLING_QUOTA, sender.id)):
        yield hold
    if sender.rest_until is not None and sender.rest_until > now:
        yield Hold(Gate.ACCOUNT_RESTING, sender.rest_until)
    spaced_until = ready_at(sender, window)
    if spaced_until is not None and spaced_until > now:
        yield Hold(Gate.ACCOUNT_SPACING, spaced_until)
    elif sender.in_flight and sender.is_spaced:
        yield Hold(Gate.ACCOUNT_SPACING, None)
    if sender.most is not None and sender.most <= 0:
        yield Hold(Gate.ACCOUNT_BUSY, now)


def hold_of(
    sender: Sender, now: datetime, *, caps: Caps | None = None, window: Window | None = None
) -> Hold | None:
    """The first that keeps this account from taking a message now; None if nothing does."""
    return next(holds_of(sender, now, caps=caps or _NO_CAPS, window=window), None)


def room_of(sender: Sender, now: datetime, *, caps: Caps | None = None, window: Window | None = None) -> int:
    """How many messages this account may take now."""
    known = caps or _NO_CAPS
    return 0 if hold_of(sender, now, caps=known, window=window) else free_room_of(sender, known)


def free_room_of(sender: Sender, caps: Caps) -> int:
    """How many messages an account may take that nothing holds."""
    if sender.is_spaced:
        return 1
    left = [sender.daily_limit - sender.used]
    left += [n for n in (sender.most, caps.left(Gate.ACCOUNT_ROLLING_QUOTA, sender.id)) if n is not None]
    return min(left)


def hold_of_pool(pool: Pool, now: datetime) -> Hold | None:
    """What keeps the pool from taking any new message now; of several accounts' reasons, the one that clears
    first.
    """
    active = [sender for sender in pool.senders if sender.is_active]
    if not active:
        return Hold(Gate.NO_ACTIVE_ACCOUNT, None)
    caps = Caps(pool.caps)
    workspace = caps.hold(Gate.WORKSPACE_QUOTA, None)
    if workspace is not None:
        return workspace
    holds = []
    for sender in active:
        hold = hold_of(sender, now, caps=caps, window=pool.window)
        if hold is None:
            return None
        holds.append(hold)
    return first_to_clear(holds)
