"""A courier without a network, for the tests of whoever uses one. It passes the contract suite of the real
one.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from leadterra.actions.ports import Attempt, Clear, Clock, Submission
from leadterra.domain.judgement import judge
from leadterra.domain.outcomes import Answer, Command, Ending, Reason, Withheld
from leadterra.mail.letter import Letter

Script = Callable[[Submission, Letter], Answer]

_BEFORE_DATA = frozenset(Command) - {Command.DATA, Command.BODY}


def taken(submission: Submission, letter: Letter) -> Answer:
    """The script of a server that takes everything."""
    return Answer(Command.BODY, 250, "2.0.0", "2.0.0 taken")


class FakeCourier:
    """Ends each delivery as its script says, through the real judgement.

    script: gives the answer that the conversation ends in; its `command` says how far it comes. delivered:
    what was handed over completely, whatever the server then said. hold: while it is cleared, every
    conversation waits between DATA and the end of data.
    """

    def __init__(self, clock: Clock, script: Script = taken) -> None:
        self._clock = clock
        self._script = script
        self.delivered: list[tuple[Submission, Letter]] = []
        self.asked: list[Letter] = []
        self.transmitting = asyncio.Event()
        self.hold = asyncio.Event()
        self.hold.set()
        self.closed = False

    async def deliver(self, submission: Submission, letter: Letter, clear: Clear) -> Attempt:
        """See `ports.Courier`."""
        started_at = self._clock.now()
        answer = self._script(submission, letter)
        ending: Ending
        data_at = None
        if answer.command in _BEFORE_DATA:
            ending = judge(answer)
        elif not await self._cleared(letter, clear):
            ending = Withheld(Reason.NOT_CLEARED)
        else:
            data_at = self._clock.now()
            ending = await self._hand_over(submission, letter, answer)
        return self._attempt(ending, submission, started_at, data_at)

    async def close(self) -> None:
        """See `ports.Courier`."""
        self.closed = True

    async def _cleared(self, letter: Letter, clear: Clear) -> bool:
        self.asked.append(letter)
        return await clear()

    async def _hand_over(self, submission: Submission, letter: Letter, answer: Answer) -> Ending:
        if answer.command is Command.BODY:
            self.delivered.append((submission, letter))
        self.transmitting.set()
        try:
            await self.hold.wait()
        except asyncio.CancelledError:
            return judge(Answer(answer.command, None, None, "Cancelled."))
        return judge(answer)

    def _attempt(
        self, ending: Ending, submission: Submission, started_at: datetime, data_at: datetime | None
    ) -> Attempt:
        server = f"{submission.host}:{submission.port}"
        return Attempt(ending, server, started_at, data_at, self._clock.now())
