"""Sessions kept and shared out: at most so many an account, so many in all, first come first served.

A `Slot` is the right to one connection; leaving it gives the right on. A session serves only submissions
equal to its own: accounts never share one, a changed password never meets an old login. Opening raises what
the opener raises. A kept session may have died meanwhile; the user of the slot finds out and asks for
another.

Who waits for a connection of an account can be drawn near: its proposal is written behind the content of the
letter before (RFC 2920 §3.1), and the slot comes with the session on which that was done. This never happens
while another account lacks a place in the process: that one came first.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from leadterra.actions.ports import Submission
from leadterra.transport.kept import KeptSessions
from leadterra.transport.session import Session

Open = Callable[[Submission], Awaitable[Session]]

Early = Callable[[Session], bytes]
"""What to write on this session so as to propose the letter that waits; nothing if it has to wait for its
turn. Must not raise.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """per_account: connections that one account may have at once. total: connections of this process, kept
    ones included. letters: letters that one connection carries before it is closed. idle: seconds that an
    unused connection is kept. patience: seconds that a letter which was drawn near waits for the end of the
    one before; then it looks for another connection.
    """

    per_account: int = 4
    total: int = 200
    letters: int = 100
    idle: float = 30.0
    patience: float = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    """Somebody who waits for a connection.

    ticket: who came first has the lower one. submission: as whom. early: its proposal. turn: done when the
    connection is there, with the session on which the proposal was written, if one was.
    """

    ticket: int
    submission: Submission
    early: Early
    turn: asyncio.Future[Session | None]


class _Account:
    """What one account has and wants.

    submission: the particulars asked for last. held: connections in use. waiting: who waits for a connection,
    in the order of tickets. is_listed: it stands in the list of accounts that only wait for a place.
    """

    __slots__ = ("held", "is_listed", "submission", "waiting")

    def __init__(self, submission: Submission) -> None:
        self.submission = submission
        self.held = 0
        self.waiting: deque[_Waiter] = deque()
        self.is_listed = False

    @property
    def ticket(self) -> int:
        """That of the first who waits, 0 if nobody does. Forgets those who gave up."""
        waiting = self.waiting
        while waiting and waiting[0].turn.done():
            waiting.popleft()
        return waiting[0].ticket if waiting else 0

    def submits_as(self, submission: Submission) -> bool:
        """Whether these are the particulars asked for last."""
        return self.submission is submission or self.submission == submission


class Slot:
    """The right to one connection for one submission, until `leave`."""

    __slots__ = ("_account", "_connections", "_next", "_session", "_submission", "drawn_at")

    def __init__(
        self, connections: "Connections", account: _Account, submission: Submission, session: Session | None
    ) -> None:
        self._connections = connections
        self._account = account
        self._submission = submission
        self._session = session
        self._next: _Waiter | None = None
        self.drawn_at = 0.0
        """Loop time at which somebody was drawn near."""

    @property
    def is_prepared(self) -> bool:
        """Whether the proposal has been written already, on the session that came with the slot."""
        return self._session is not None

    async def session(self) -> Session:
        """A kept session, or a new one."""
        self._session = self._connections.take_kept(self._submission)
        return self._session or await self.fresh_session()

    async def fresh_session(self) -> Session:
        """A new session, in the place of the one had so far, if any."""
        self._give_back()
        self._session = await self._connections.open(self._submission)
        return self._session

    def leave(self) -> None:
        """Give the session back, which is kept if it is good for more, and the right on."""
        following, session = self.let_go(), self._session
        if following is None or session is None or following.turn.done():
            self._give_back()
            self._connections.give_on(self._account, self._submission)
        else:
            session.kept = True
            following.turn.set_result(session)

    def let_go(self) -> _Waiter | None:
        """Who was drawn near, and is so no more."""
        following, self._next = self._next, None
        if following is not None:
            self._connections.drawn.pop(self, None)
        return following

    def follow(self) -> bytes:
        """What to write right behind the content: the proposal of whoever comes next, who will get this
        session when the slot is left. Empty if nobody can.
        """
        if self._session is None:
            return b""
        self._next, proposal = self._connections.draw_near(self._account, self._session)
        if self._next is not None:
            self._connections.watch(self)
        return proposal

    def resign(self) -> None:
        """Let who was drawn near be the first of those who wait. Its proposal is lost with this session."""
        following = self.let_go()
        if following is not None:
            self._connections.return_first(self._account, following)

    def _give_back(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            self._connections.keep(self._account, session)


class Connections:
    """All sessions of one courier. Belongs to one event loop."""

    def __init__(self, open_: Open, limits: Limits) -> None:
        self._open = open_
        self._limits = limits
        self._accounts: dict[int, _Account] = {}
        self._in_use = 0
        self._kept = KeptSessions(limits.idle)
        self._listed: list[tuple[int, _Account]] = []
        """A heap of the accounts for which a connection lacks nothing but a place in this process."""
        self._tickets = 0
        self._watch: asyncio.TimerHandle | None = None
        self._closed = False
        self.drawn: dict[Slot, None] = {}
        """The slots to which somebody was drawn near, the one of longest ago first."""

    async def slot(self, submission: Submission, early: Early) -> Slot:
        """Wait for the right to a connection."""
        account = self._account(submission)
        is_next = not account.waiting and account.held < self._limits.per_account
        if is_next and self._in_use < self._limits.total:
            account.held += 1
            self._in_use += 1
            return Slot(self, account, submission, None)
        return Slot(self, account, submission, await self._queue(account, submission, early))

    async def open(self, submission: Submission) -> Session:
        """A new session, in place of the one idle for longest if the total is reached."""
        while self._kept and self._in_use + len(self._kept) > self._limits.total:
            self._kept.leave_oldest()
        return await self._open(submission)

    def take_kept(self, submission: Submission) -> Session | None:
        """The session used last that still seems good."""
        return self._kept.take(submission)

    def keep(self, account: _Account, session: Session) -> None:
        """Keep a session for the next letter, or close it."""
        is_spent = self._closed or session.letters >= self._limits.letters
        if is_spent or not session.reusable or not account.submits_as(session.submission):
            session.leave()
        else:
            self._kept.keep(session)

    def draw_near(self, account: _Account, session: Session) -> tuple[_Waiter | None, bytes]:
        """Who comes next on this session, and its proposal; nobody if it is not to be written yet."""
        is_spent = self._closed or session.letters >= self._limits.letters
        if self._listed or is_spent or not account.ticket or not account.submits_as(session.submission):
            return None, b""
        waiter = account.waiting[0]
        proposal = waiter.early(session) if account.submits_as(waiter.submission) else b""
        if not proposal:
            return None, b""
        account.waiting.popleft()
        return waiter, proposal

    def return_first(self, account: _Account, waiter: _Waiter) -> None:
        """Somebody waits again, before all others of the account."""
        account.waiting.appendleft(waiter)
        self._list(account)
        self._admit()

    def watch(self, slot: Slot) -> None:
        """See to it that who was drawn near to this slot does not wait for a server that says no more."""
        slot.drawn_at = asyncio.get_running_loop().time()
        self.drawn[slot] = None
        if self._watch is None:
            self._watch_later(self._limits.patience)

    def give_on(self, account: _Account, submission: Submission) -> None:
        """Somebody does not need the right to a connection any more."""
        self._in_use -= 1
        account.held -= 1
        if account.waiting or self._listed:
            self._list(account)
            self._admit()
        self._forget(account, submission)

    async def close(self, seconds: float) -> None:
        """Say QUIT on every kept session and drop it. Those in use are closed when they are given back."""
        self._closed = True
        await self._kept.quit(seconds)

    # Who may have a connection

    def _account(self, submission: Submission) -> _Account:
        # A UUID's hash is written in Python; that of its number costs nothing.
        account = self._accounts.get(submission.account_id.int)
        if account is None:
            account = self._accounts[submission.account_id.int] = _Account(submission)
        elif not account.submits_as(submission):
            account.submission = submission
            self._kept.leave_account(submission.account_id)
        return account

    def _forget(self, account: _Account, submission: Submission) -> None:
        """An account that has nothing and wants nothing costs no memory."""
        if not account.held and not account.waiting and not account.is_listed:
            self._accounts.pop(submission.account_id.int, None)

    async def _queue(self, account: _Account, submission: Submission, early: Early) -> Session | None:
        turn: asyncio.Future[Session | None] = asyncio.get_running_loop().create_future()
        self._tickets += 1
        account.waiting.append(_Waiter(self._tickets, submission, early, turn))
        self._list(account)
        self._admit()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                if (session := turn.result()) is not None:
                    session.abort()
                self.give_on(account, submission)
            raise

    def _list(self, account: _Account) -> None:
        """Note that the account's first waiter may go when there is a place, unless it is noted already."""
        if account.waiting and not account.is_listed and account.held < self._limits.per_account:
            ticket = account.ticket
            if ticket:
                account.is_listed = True
                heappush(self._listed, (ticket, account))

    def _admit(self) -> None:
        """Fill the free places, whoever came first before all others."""
        while self._listed and self._in_use < self._limits.total:
            ticket, account = heappop(self._listed)
            account.is_listed = False
            if account.ticket == ticket and account.held < self._limits.per_account:
                account.held += 1
                self._in_use += 1
                account.waiting.popleft().turn.set_result(None)
            self._list(account)

    def _watch_later(self, seconds: float) -> None:
        self._watch = asyncio.get_running_loop().call_later(seconds, self._watch_now)

    def _watch_now(self) -> None:
        self._watch = None
        now = asyncio.get_running_loop().time()
        while self.drawn:
            slot = next(iter(self.drawn))
            due = slot.drawn_at + self._limits.patience
            if due > now:
                self._watch_later(due - now)
                return
            slot.resign()
