"""Sessions kept and shared out: at most so many an account, so many in all, first come first served.

A `Slot` is the right to one connection; leaving it gives the right on. A session
serves only submissions equal to its own: accounts never share one, a changed password never meets an old
login. Opening raises what the opener raises. A kept session may have died meanwhile; the user of the slot
finds out and asks for another.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from leadterra.actions.ports import Submission
from leadterra.transport.session import Session

Open = Callable[[Submission], Awaitable[Session]]


@dataclass(frozen=True, slots=True)
class Limits:
    """per_account: connections that one account may have at once. total: connections of this process, kept
    ones included. letters: letters that one connection carries before it is closed. idle: seconds that an
    unused connection is kept.
    """

    per_account: int = 4
    total: int = 200
    letters: int = 100
    idle: float = 30.0


class Slot:
    """The right to one connection for one submission, while inside `Connections.slot`."""

    __slots__ = ("_connections", "_session", "_submission")

    def __init__(self, connections: "Connections", submission: Submission) -> None:
        self._connections = connections
        self._submission = submission
        self._session: Session | None = None

    async def session(self) -> Session:
        """A kept session, or a new one."""
        self._session = self._connections.take_kept(self._submission)
        return self._session or await self.fresh_session()

    async def fresh_session(self) -> Session:
        """A new session, in the place of the one had so far, if any."""
        self.leave()
        self._session = await self._connections.open(self._submission)
        return self._session

    def leave(self) -> None:
        """Give the session back; it is kept if it is good for more."""
        session, self._session = self._session, None
        if session is not None:
            self._connections.keep(session)


class Connections:
    """All sessions of one courier. Belongs to one event loop."""

    def __init__(self, open_: Open, limits: Limits) -> None:
        self._open = open_
        self._limits = limits
        self._held: Counter[UUID] = Counter()
        self._in_use = 0
        self._kept: dict[UUID, list[Session]] = {}
        self._waiting: dict[UUID, deque[tuple[int, asyncio.Future[None]]]] = {}
        self._tickets = 0
        self._sweep: asyncio.TimerHandle | None = None
        self._closed = False

    @asynccontextmanager
    async def slot(self, submission: Submission) -> AsyncIterator[Slot]:
        """Wait for the right to a connection."""
        await self._queue(submission.account_id)
        slot = Slot(self, submission)
        try:
            yield slot
        finally:
            slot.leave()
            self._give_on(submission.account_id)

    async def open(self, submission: Submission) -> Session:
        """A new session, in place of the one idle for longest if the total is reached."""
        while self._kept and self._in_use + sum(map(len, self._kept.values())) > self._limits.total:
            self._oldest().leave()
        return await self._open(submission)

    def take_kept(self, submission: Submission) -> Session | None:
        """The session used last, if one still seems good. Those of other particulars are closed."""
        found = None
        remaining = []
        for session in reversed(self._kept.pop(submission.account_id, [])):
            if session.submission != submission or not session.reusable:
                session.leave()
            elif found is None:
                found = session
            else:
                remaining.append(session)
        if remaining:
            self._kept[submission.account_id] = remaining[::-1]
        return found

    def keep(self, session: Session) -> None:
        """Keep a session for the next letter, or close it."""
        if self._closed or not session.reusable or session.letters >= self._limits.letters:
            session.leave()
            return
        session.kept = True
        session.idle_since = asyncio.get_running_loop().time()
        self._kept.setdefault(session.submission.account_id, []).append(session)
        self._sweep_later(self._limits.idle)

    async def close(self, seconds: float) -> None:
        """Say QUIT on every kept session and drop it. Those in use are closed when they are given back."""
        self._closed = True
        if self._sweep is not None:
            self._sweep.cancel()
        sessions = [session for kept in self._kept.values() for session in kept]
        self._kept.clear()
        await asyncio.gather(*(session.quit(seconds) for session in sessions))

    # Who may have a connection

    async def _queue(self, account: UUID) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._tickets += 1
        self._waiting.setdefault(account, deque()).append((self._tickets, turn))
        self._admit((account,))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_on(account)
            raise

    def _give_on(self, account: UUID) -> None:
        was_full = self._in_use >= self._limits.total
        self._in_use -= 1
        self._held[account] -= 1
        if not self._held[account]:
            del self._held[account]
        # Unless all places were taken, the others wait for their own account: nothing changes for them.
        self._admit(list(self._waiting) if was_full else (account,))

    def _admit(self, accounts: Iterable[UUID]) -> None:
        while self._in_use < self._limits.total:
            heads = [
                (self._head(account), account)
                for account in accounts
                if self._held[account] < self._limits.per_account
            ]
            waiting = [(ticket, account) for ticket, account in heads if ticket]
            if not waiting:
                return
            account = min(waiting)[1]
            turn = self._waiting[account].popleft()[1]
            self._held[account] += 1
            self._in_use += 1
            turn.set_result(None)

    def _head(self, account: UUID) -> int:
        """The ticket of the account's first waiter, 0 if there is none. Forgets waiters who gave up."""
        queue = self._waiting.get(account, deque())
        while queue and queue[0][1].done():
            queue.popleft()
        if not queue:
            self._waiting.pop(account, None)
            return 0
        return queue[0][0]

    # Sessions that nobody uses

    def _oldest(self) -> Session:
        account = min(self._kept, key=lambda kept: self._kept[kept][0].idle_since)
        session = self._kept[account].pop(0)
        if not self._kept[account]:
            del self._kept[account]
        return session

    def _sweep_later(self, seconds: float) -> None:
        if self._sweep is None:
            self._sweep = asyncio.get_running_loop().call_later(seconds, self._sweep_now)

    def _sweep_now(self) -> None:
        self._sweep = None
        now = asyncio.get_running_loop().time()
        while self._kept and (due := self._next_due()) <= now:
            self._oldest().leave()
        if self._kept:
            self._sweep_later(due - now)

    def _next_due(self) -> float:
        return min(sessions[0].idle_since for sessions in self._kept.values()) + self._limits.idle
