"""Sessions that wait for their account's next letter, and are closed when none comes.

Nothing here fails. A session that waits may die meanwhile; it is found out when it is taken.
"""

import asyncio
from uuid import UUID

from leadterra.actions.ports import Submission
from leadterra.transport.session import Session


class KeptSessions:
    """All kept sessions of one courier. Belongs to one event loop. idle: seconds that each is kept unused."""

    __slots__ = ("_accounts", "_idle", "_sessions", "_sweep")

    def __init__(self, idle: float) -> None:
        self._idle = idle
        self._accounts: dict[int, list[Session]] = {}
        """By the number of the account's id, whose hash costs nothing; the one used last at the end."""
        self._sessions: dict[Session, None] = {}
        """The one that waits for longest first."""
        self._sweep: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._sessions)

    def keep(self, session: Session) -> None:
        """Keep a session."""
        session.kept = True
        session.idle_since = asyncio.get_running_loop().time()
        self._sessions[session] = None
        self._accounts.setdefault(session.submission.account_id.int, []).append(session)
        if self._sweep is None:
            self._sweep_later(self._idle)

    def take(self, submission: Submission) -> Session | None:
        """The account's session used last, if one still seems good. Those of other particulars are closed."""
        sessions = self._accounts.get(submission.account_id.int, [])
        while sessions:
            session = sessions[-1]
            self._remove(session)
            is_its_own = session.submission is submission or session.submission == submission
            if is_its_own and session.reusable:
                return session
            session.leave()
        return None

    def leave_account(self, account_id: UUID) -> None:
        """Close all sessions of one account."""
        for session in list(self._accounts.get(account_id.int, [])):
            self._remove(session)
            session.leave()

    def leave_oldest(self) -> None:
        """Close the session that waits for longest. There must be one."""
        session = next(iter(self._sessions))
        self._remove(session)
        session.leave()

    async def quit(self, seconds: float) -> None:
        """Say QUIT on every session and drop it."""
        if self._sweep is not None:
            self._sweep.cancel()
        sessions = list(self._sessions)
        self._sessions.clear()
        self._accounts.clear()
        await asyncio.gather(*(session.quit(seconds) for session in sessions))

    def _remove(self, session: Session) -> None:
        del self._sessions[session]
        account = session.submission.account_id.int
        sessions = self._accounts[account]
        sessions.remove(session)
        if not sessions:
            del self._accounts[account]

    def _sweep_later(self, seconds: float) -> None:
        self._sweep = asyncio.get_running_loop().call_later(seconds, self._sweep_now)

    def _sweep_now(self) -> None:
        self._sweep = None
        now = asyncio.get_running_loop().time()
        while self._sessions:
            due = next(iter(self._sessions)).idle_since + self._idle
            if due > now:
                self._sweep_later(due - now)
                return
            self.leave_oldest()
