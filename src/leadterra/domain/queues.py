"""What waits of a pool's work: by campaign, zone and class, the oldest first.

A class of a lane knows which of its messages are bound to which account. Heads are the oldest of accounts
that had room when they were put there; one that is outdated is passed over when it comes to it.
"""

from bisect import insort
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush

from leadterra.domain.pool import Contender, Work
from leadterra.domain.rotation import Seat, Wish
from leadterra.domain.sharing import Share


class Run:
    """Free work, as often as it is left. starts_thread: see `planning.Assignment`."""

    __slots__ = ("left", "starts_thread", "work")

    def __init__(self, work: Work, *, starts_thread: bool = False) -> None:
        self.work, self.left, self.starts_thread = work, work.count, starts_thread


class Queue:
    """One class of one lane: bound work by account, and free work."""

    __slots__ = ("bound", "free", "heads")

    def __init__(self) -> None:
        self.bound: dict[Seat, deque[Work]] = {}
        self.free: deque[Run] = deque()
        self.heads: list[tuple[datetime, int, int, Seat]] = []

    def __bool__(self) -> bool:
        """Whether there may be anything that an account with room can send."""
        return bool(self.heads or self.free)

    def add_bound(self, work: Work, seat: Seat) -> None:
        """Work of an account, in its place by age."""
        waiting = self.bound.get(seat)
        if waiting is None:
            waiting = self.bound[seat] = deque()
        if not waiting or _age(waiting[-1]) <= _age(work):
            waiting.append(work)
        else:
            insort(waiting, work, key=_age)
        if waiting[0] is work and seat.room > 0:
            self.push_head(seat)

    def add_free(self, run: Run) -> None:
        """Free work, in its place by age: what was set aside may be older than what is there."""
        if not self.free or _age(self.free[-1].work) <= _age(run.work):
            self.free.append(run)
        else:
            insort(self.free, run, key=lambda each: _age(each.work))

    def push_head(self, seat: Seat) -> None:
        """The oldest of that account is to be considered."""
        waiting = self.bound.get(seat)
        if waiting:
            oldest = waiting[0]
            heappush(self.heads, (oldest.due_at, oldest.enrollment_id.int, seat.id.int, seat))

    def find_head(self) -> tuple[Work, Seat] | None:
        """The oldest that an account with room may send."""
        while self.heads:
            due_at, enrollment_id, _, seat = self.heads[0]
            waiting = self.bound[seat]
            if seat.room > 0 and waiting:
                oldest = waiting[0]
                if oldest.enrollment_id.int == enrollment_id and oldest.due_at == due_at:
                    return oldest, seat
            heappop(self.heads)
        return None

    def pop_head(self, seat: Seat) -> Work:
        """Take what `find_head` gave."""
        heappop(self.heads)
        work = self.bound[seat].popleft()
        if seat.room > 0:
            self.push_head(seat)
        return work

    def pop_free(self) -> Work:
        """Take one of the oldest free work."""
        run = self.free[0]
        run.left -= 1
        if not run.left:
            self.free.popleft()
        return run.work

    def list_oldest(self) -> Iterator[Work]:
        """The oldest of each account, and the oldest that is free."""
        if self.free:
            yield self.free[0].work
        for waiting in self.bound.values():
            if waiting:
                yield waiting[0]

    def __iter__(self) -> Iterator[Work]:
        yield from (run.work for run in self.free)
        for waiting in self.bound.values():
            yield from waiting


def _age(work: Work) -> tuple[datetime, int]:
    return work.due_at, work.enrollment_id.int


class Lane:
    """The work of one campaign and zone. is_open: its window is open."""

    __slots__ = ("first_steps", "follow_ups", "is_open")

    def __init__(self) -> None:
        self.follow_ups, self.first_steps, self.is_open = Queue(), Queue(), True

    def push_heads(self, seat: Seat) -> None:
        """The oldest of an account are to be considered."""
        if self.follow_ups.bound:
            self.follow_ups.push_head(seat)
        if self.first_steps.bound:
            self.first_steps.push_head(seat)


class Stand(Share):
    """A campaign in a plan: its share, its mix, its lanes by zone, and which accounts it wants."""

    __slots__ = ("contender", "lanes", "turn", "wish")

    def __init__(self, contender: Contender) -> None:
        super().__init__(contender.id, contender.weight, contender.finish)
        self.contender, self.turn = contender, contender.turn
        self.lanes: dict[str, Lane] = {}
        self.wish = Wish(contender.sender_tags)

    def lane(self, zone: str) -> Lane:
        """That of a zone, made when it is first asked for."""
        lane = self.lanes.get(zone)
        if lane is None:
            lane = self.lanes[zone] = Lane()
        return lane

    def __iter__(self) -> Iterator[Queue]:
        for lane in self.lanes.values():
            yield lane.follow_ups
            yield lane.first_steps
