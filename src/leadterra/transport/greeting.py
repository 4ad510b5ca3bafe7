"""Knocks at mail servers: greeted, protected, logged in, and QUIT. No letter is proposed. The real `Greeter`.

Every visit takes a bounded time and ends in a value; only what the database raises when it is away passes
through, where an access token is asked for.
"""

from leadterra.actions.ports import Submission
from leadterra.domain.outcomes import Command, Deferred, Refused, Scope
from leadterra.transport.dialogue import Ended
from leadterra.transport.session import open_session
from leadterra.transport.timeouts import Timeouts
from leadterra.transport.transcript import unheard
from leadterra.transport.trust import Trust

_IMPATIENT = Timeouts(connect=8.0, greeting=10.0, command=10.0)
"""Somebody waits for the answer."""
_FAREWELL = 1.0


class SmtpGreeter:
    """See the module."""

    def __init__(self, *, timeouts: Timeouts = _IMPATIENT, trust: Trust | None = None) -> None:
        self._timeouts, self._trust = timeouts, trust or Trust()

    async def log_in(self, submission: Submission) -> Deferred | Refused | None:
        """See `ports.Greeter`."""
        try:
            session = await open_session(submission, self._timeouts, self._trust, None)
        except Ended as ended:
            ending = ended.ending
            if isinstance(ending, Deferred | Refused):
                return ending
            # A server that says yes to half a question.
            silence = unheard(Command.CONNECT, "The server's answers make no sense.")
            return Deferred(Scope.SERVER, silence)
        await session.quit(_FAREWELL)
        return None
