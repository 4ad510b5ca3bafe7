"""The decision, step by step: what waits, what accounts have left, and whose turn it is.

Campaigns have turns by their weight (`domain.sharing`). Inside a campaign follow-ups go first, with a share
of the turns kept for first steps while both wait, and the oldest first inside each class (R5). A follow-up
goes through its own account, or, where that one is lost, as the campaign's policy says; a first step through
the account that the rotation gives (R4). No cap is passed on any level (R2).
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.caps import CapKey, Caps
from leadterra.domain.day import day_of, next_reset
from leadterra.domain.gate import Gate, Hold, first_to_clear
from leadterra.domain.pacing import draw_next, gap_after, stir
from leadterra.domain.pool import Contender, Pool, Sender, Work, free_room_of, hold_of, hold_of_pool
from leadterra.domain.queues import Lane, Queue, Run, Stand
from leadterra.domain.rotation import Rotation, Seat, Wish
from leadterra.domain.sender_loss import NewThread, Stop, Wait, after_loss
from leadterra.domain.sharing import Shares

TURNS = 100
"""After so many turns the mix of follow-ups and first steps repeats."""


class Assignment(NamedTuple):
    """This message goes through this account, now. starts_thread: it does not answer what was sent before,
    for that was another account's and the campaign wants it so.
    """

    work: Work
    sender_id: UUID
    starts_thread: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """This message waits. clears_at: when its gate opens, None if that depends on somebody."""

    work: Work
    gate: Gate
    clears_at: datetime | None


def is_first_steps_turn(turn: int, share: int) -> bool:
    """Whether a turn is the first steps' while follow-ups wait too. share: of a hundred turns, as evenly as
    integers allow.
    """
    offset = (TURNS - share) // 2
    return ((turn + 1) * share + offset) // TURNS > (turn * share + offset) // TURNS


_Head = tuple[datetime, int, Queue, Seat | None]
"""The next message of a class, by its age. With its own account, or one of the rotation."""


class Planner:
    """The state of a decision. `planning.plan` makes one, and throws it away; a projection keeps one, and
    goes on with it from instant to instant.
    """

    def __init__(self, pool: Pool, now: datetime) -> None:
        self.pool, self.now, self.window = pool, now, pool.window
        self.seconds_left: float | None = None
        """What is left of the window, for one who knows it better than the window itself."""
        self.caps = Caps(pool.caps)
        self.senders = {sender.id: sender for sender in pool.senders}
        self.holds: dict[UUID, Hold | None] = {}
        """What keeps each active account from taking a message at this instant, before any was assigned."""
        self.rotation = Rotation(self._seat(sender) for sender in pool.senders if sender.is_active)
        self.stands = {campaign.id: Stand(campaign) for campaign in pool.campaigns}
        self.shares = Shares(pool.clock)
        self.stopped: list[Work] = []
        self.kept: list[Waiting] = []
        """What was set aside until some instant."""
        self._sender_of = {seat: self.senders[seat.id] for seat in self.rotation.seats.values()}
        self._seats = {seat.id.int: seat for seat in self.rotation.seats.values()}
        self._lanes: dict[tuple[int, str], Lane] = {}
        self._stirred: dict[Seat, tuple[datetime, int]] = {}
        """By account: the end of a day, and the state that its draws of that day begin with."""
        self._has_caps = bool(pool.caps)

    def add(self, work: Work) -> None:
        """A due message. What comes later is due later or has a higher id, unless it was set aside."""
        # By numbers: a UUID is slow to look up by.
        lane = self._lanes.get((work.campaign_id.int, work.zone))
        if lane is None:
            lane = self._stand(work.campaign_id).lane(work.zone)
            self._lanes[work.campaign_id.int, work.zone] = lane
        queue = lane.follow_ups if work.is_follow_up else lane.first_steps
        if work.sender_id is None:
            queue.add_free(Run(work))
            return
        seat = self._seats.get(work.sender_id.int)
        if seat is None:
            self._add_lost(queue, work)
        else:
            queue.add_bound(work, seat)

    def open(self, seat: Seat, room: int) -> None:
        """This account may take so many now; 0 for none."""
        self.rotation.open(seat, room)
        if room > 0:
            for stand in self.stands.values():
                for lane in stand.lanes.values():
                    lane.push_heads(seat)

    def open_lane(self, campaign_id: UUID, zone: str) -> None:
        """Its window opens: what waits in it contends."""
        lane = self._stand(campaign_id).lane(zone)
        lane.is_open = True
        for seat in self.rotation.seats.values():
            if seat.room > 0:
                lane.push_heads(seat)

    def close_lane(self, campaign_id: UUID, zone: str) -> None:
        """Its window closes: what waits in it goes on waiting."""
        self._stand(campaign_id).lane(zone).is_open = False

    def run(self, limit: int, cut: Collection[UUID] = ()) -> list[Assignment]:
        """Assign what can go at this instant, at most `limit`. cut: campaigns of which not everything was
        added. When all that was of one of them is gone, so is the turn of the others: its share would be
        theirs.
        """
        found: list[Assignment] = []
        stands = list(self.stands.values())
        while self.rotation.open_seats and len(found) < limit and not self._is_used_up():
            heads = [head for stand in stands if (head := self._head(stand))]
            if not heads or (found and cut and self._is_short(cut)):
                break
            stand, follow_up, first_step = heads[0]
            contending = [stand]
            if len(heads) > 1:
                contending = [head[0] for head in heads]
                chosen = self.shares.choose(contending)
                stand, follow_up, first_step = heads[contending.index(chosen)]
            self.shares.charge(stand, contending)
            found.append(self._assign(stand, self._take_turn(stand, follow_up, first_step)))
        return found

    def _is_short(self, cut: Collection[UUID]) -> bool:
        return any(stand.key in cut and not any(stand) for stand in self.stands.values())

    @property
    def can_take(self) -> bool:
        """Whether any account may take any message now."""
        return self.rotation.open_seats > 0 and not self._is_used_up()

    def take_kept(self) -> list[Waiting]:
        """What was set aside until some instant, to be added again then."""
        kept, self.kept = self.kept, []
        return kept

    def list_waiting(self, *, is_full: bool) -> Iterator[Waiting]:
        """Why everything that is left waits. is_full: no more was asked for."""
        yield from self.kept
        before = hold_of_pool(self.pool, self.now)
        for stand in self.stands.values():
            for queue in stand:
                for work in queue:
                    hold = self._hold_for(work, before, is_full=is_full)
                    yield Waiting(work, hold.gate, hold.clears_at)

    def list_oldest(self) -> Iterator[Waiting]:
        """Why the oldest of every account, and the oldest that is free, waits, by campaign and class."""
        for stand in self.stands.values():
            for queue in stand:
                for work in queue.list_oldest():
                    hold = self._hold_for(work, None, is_full=False)
                    yield Waiting(work, hold.gate, hold.clears_at)

    def current(self, seat: Seat) -> Sender:
        """An account with what this planner gave it."""
        return replace(self.senders[seat.id], used=seat.used, next_send_at=seat.next_send_at)

    def _seat(self, sender: Sender) -> Seat:
        hold = hold_of(sender, self.now, caps=self.caps, window=self.window)
        self.holds[sender.id] = hold
        room = free_room_of(sender, self.caps) if hold is None else 0
        return Seat(
            id=sender.id,
            used=sender.used,
            limit=sender.daily_limit,
            room=room,
            weight=sender.weight,
            tags=sender.tags,
            provider=sender.provider,
            place=sender.place,
            next_send_at=sender.next_send_at,
        )

    def _stand(self, campaign_id: UUID) -> Stand:
        stand = self.stands.get(campaign_id)
        if stand is None:
            stand = self.stands[campaign_id] = Stand(Contender(campaign_id))
        return stand

    def _add_lost(self, queue: Queue, work: Work) -> None:
        """Its account is not active: as the campaign's policy says. Before the first message there is no
        thread that anything could be lost of.
        """
        sender = self.senders.get(work.sender_id) if work.sender_id else None
        policy = self.stands[work.campaign_id].contender.sender_loss
        match after_loss(policy, sender.lost_at if sender else None, work.due_at, self.now):
            case Wait(until) if work.is_follow_up:
                self.kept.append(Waiting(work, Gate.SENDER_LOST, until))
            case Stop() if work.is_follow_up:
                self.stopped.append(work)
            case loss:
                queue.add_free(Run(work, starts_thread=isinstance(loss, NewThread) and work.is_follow_up))

    def _is_used_up(self) -> bool:
        return self._has_caps and self.caps.left(Gate.WORKSPACE_QUOTA, None) == 0

    def _head(self, stand: Stand) -> tuple[Stand, _Head | None, _Head | None] | None:
        """The campaign's next follow-up and its next first step, of those that can go now; None if none."""
        takes_new = True
        if self._has_caps:
            if self.caps.left(Gate.CAMPAIGN_QUOTA, stand.key) == 0:
                return None
            takes_new = self.caps.left(Gate.NEW_LEADS_QUOTA, stand.key) != 0
        follow_up = first_step = None
        for lane in stand.lanes.values():
            if lane.is_open:
                if lane.follow_ups:
                    follow_up = self._older(lane.follow_ups, stand, follow_up)
                if takes_new and lane.first_steps:
                    first_step = self._older(lane.first_steps, stand, first_step)
        return (stand, follow_up, first_step) if follow_up or first_step else None

    def _older(self, queue: Queue, stand: Stand, other: _Head | None) -> _Head | None:
        """The oldest of a class that can go now, and of another."""
        if queue.heads and (head := self._bound_head(queue)) and (other is None or head[:2] < other[:2]):
            other = head
        if queue.free and (head := self._free_head(queue, stand)) and (other is None or head[:2] < other[:2]):
            other = head
        return other

    def _bound_head(self, queue: Queue) -> _Head | None:
        while found := queue.find_head():
            work, seat = found
            if not self._has_caps or not self._sets_aside(work):
                return work.due_at, work.enrollment_id.int, queue, seat
            queue.pop_head(seat)
        return None

    def _free_head(self, queue: Queue, stand: Stand) -> _Head | None:
        while queue.free:
            run = queue.free[0]
            work = run.work
            if self._has_caps and self._sets_aside(work, run.left):
                queue.free.popleft()
            elif self.rotation.has_room(self._wish(stand, work)):
                return work.due_at, work.enrollment_id.int, queue, None
            else:
                break
        return None

    def _sets_aside(self, work: Work, left: int = 1) -> bool:
        """Whether its recipient's domain has had enough: others of the campaign go on. left: how many of it
        there are.
        """
        hold = self._recipient_hold(work)
        if hold is None:
            return False
        kept = work if work.count == left else replace(work, count=left)
        self.kept.append(Waiting(kept, hold.gate, hold.clears_at))
        return True

    def _recipient_hold(self, work: Work) -> Hold | None:
        if work.recipient_domain is None:
            return None
        return self.caps.hold(Gate.RECIPIENT_DOMAIN_QUOTA, work.recipient_domain) or self.caps.hold(
            Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, work.recipient_domain
        )

    def _wish(self, stand: Stand, work: Work) -> Wish:
        provider = work.provider if self.pool.matches_providers else None
        return stand.wish if provider is None else replace(stand.wish, provider=provider)

    def _take_turn(self, stand: Stand, follow_up: _Head | None, first_step: _Head | None) -> _Head:
        """Which class has the campaign's turn; its mix goes on only while both wait."""
        if follow_up is not None and first_step is not None:
            is_first = is_first_steps_turn(stand.turn, self.pool.first_step_share)
            stand.turn = (stand.turn + 1) % TURNS
            return first_step if is_first else follow_up
        head = follow_up or first_step
        assert head is not None
        return head

    def _assign(self, stand: Stand, head: _Head) -> Assignment:
        """Take it off its queue, and its units off every cap."""
        _, _, queue, seat = head
        starts_thread = False
        if seat is None:
            starts_thread = queue.free[0].starts_thread
            work = queue.pop_free()
            seat = self.rotation.choose(self._wish(stand, work))
            assert seat is not None
        else:
            self.rotation.take(seat)
            work = queue.pop_head(seat)
        sender = self._sender_of[seat]
        if self._has_caps:
            self._take_caps(work, sender)
        if sender.keeps_distance:
            seat.next_send_at = self.now + timedelta(seconds=self._gap(sender, seat))
        return Assignment(work, seat.id, starts_thread)

    def _take_caps(self, work: Work, sender: Sender) -> None:
        for gate, key in cap_keys(work, sender):
            self.caps.take(gate, key)
        if self.caps.left(Gate.SENDING_DOMAIN_QUOTA, sender.domain) == 0:
            for seat in self.rotation.seats.values():
                if self.senders[seat.id].domain == sender.domain:
                    self.rotation.open(seat, 0)

    def set_limit(self, seat: Seat, limit: int) -> Sender:
        """Its account has another daily limit from now on; the account."""
        seat.limit = limit
        sender = self.senders[seat.id] = self._sender_of[seat] = replace(
            self.senders[seat.id], daily_limit=limit
        )
        return sender

    def _gap(self, sender: Sender, seat: Seat) -> float:
        """Seconds until its next message."""
        if not sender.spreads:
            return sender.gap
        remaining = sender.daily_limit - seat.used
        if self._has_caps and (rolling := self.caps.left(Gate.ACCOUNT_ROLLING_QUOTA, sender.id)) is not None:
            remaining = min(remaining, rolling)
        left = self.seconds_left
        if left is None:
            left = self.window.left if self.window else (next_reset(self.now) - self.now).total_seconds()
        chance = draw_next(self._stir(sender, seat), seat.used)
        return gap_after(left, remaining, least=sender.gap, jitter=sender.jitter, chance=chance)

    def _stir(self, sender: Sender, seat: Seat) -> int:
        stirred = self._stirred.get(seat)
        if stirred is None or stirred[0] <= self.now:
            state = stir(0, sender.id.int, sender.id.int >> 64, day_of(self.now).toordinal())
            stirred = self._stirred[seat] = next_reset(self.now), state
        return stirred[1]

    def _hold_for(self, work: Work, before: Hold | None, *, is_full: bool) -> Hold:
        """Why nothing took it. before: what held the whole pool before anything was assigned."""
        hold = self.caps.hold(Gate.CAMPAIGN_QUOTA, work.campaign_id)
        if hold is None and not work.is_follow_up:
            hold = self.caps.hold(Gate.NEW_LEADS_QUOTA, work.campaign_id)
        hold = hold or self._recipient_hold(work)
        if hold is not None:
            return hold
        if before is not None and before.gate is Gate.NO_ACTIVE_ACCOUNT:
            return before
        if (hold := self.caps.hold(Gate.WORKSPACE_QUOTA, None)) is not None:
            return hold
        return Hold(Gate.BATCH_FULL, self.now) if is_full else self._hold_of_senders(work)

    def _hold_of_senders(self, work: Work) -> Hold:
        """Why none of the accounts that come into question took it; of several reasons, what clears first."""
        seats = self._candidates(work)
        if not seats:
            return Hold(Gate.NO_ACTIVE_ACCOUNT, None)
        senders = [self.current(seat) for seat in seats]
        holds = [hold_of(sender, self.now, caps=self.caps, window=self.window) for sender in senders]
        return first_to_clear(
            [hold or _hold_of_taken(sender, self.now) for hold, sender in zip(holds, senders, strict=True)]
        )

    def _candidates(self, work: Work) -> list[Seat]:
        seat = self.rotation.seats.get(work.sender_id) if work.sender_id else None
        if seat is not None:
            return [seat]
        wish = self.stands[work.campaign_id].wish
        return [seat for seat in self.rotation.seats.values() if seat.suits(wish)]


def _hold_of_taken(sender: Sender, now: datetime) -> Hold:
    """Why an account that had room has none left."""
    return Hold(Gate.ACCOUNT_SPACING, None) if sender.is_spaced else Hold(Gate.ACCOUNT_BUSY, now)


def cap_keys(work: Work, sender: Sender) -> tuple[CapKey, ...]:
    """Against which caps a message counts besides its account's day."""
    found: tuple[CapKey, ...] = (
        (Gate.WORKSPACE_QUOTA, None),
        (Gate.CAMPAIGN_QUOTA, work.campaign_id),
        (Gate.RECIPIENT_DOMAIN_QUOTA, work.recipient_domain),
        (Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, work.recipient_domain),
        (Gate.SENDING_DOMAIN_QUOTA, sender.domain),
        (Gate.ACCOUNT_ROLLING_QUOTA, sender.id),
    )
    return found if work.is_follow_up else (*found, (Gate.NEW_LEADS_QUOTA, work.campaign_id))
