"""A courier to mail servers that exist only as a script: for simulations, whose time is not ours.

It differs from the real one in nothing that its callers see. The script says which answer a conversation ends
in, and the answer's command how far it comes; clearance is asked for right before DATA, and the answer is
judged by the one table (`domain.judgement`). No conversation takes any time. What the script raises passes
through.
"""

from typing import Protocol

from leadterra.actions.ports import Attempt, Clear, Clock, Submission
from leadterra.domain.judgement import judge
from leadterra.domain.outcomes import Answer, Command, Ending, Reason, Withheld
from leadterra.mail.letter import Letter

_AFTER_CLEARANCE = frozenset({Command.DATA, Command.BODY})


class Script(Protocol):
    """What the mail servers of a simulation do."""

    def answer(self, submission: Submission, letter: Letter) -> Answer:
        """The answer in which this conversation is going to end."""
        ...

    def ended(self, submission: Submission, letter: Letter, attempt: Attempt) -> None:
        """How it did end: as answered, or before DATA, because it was not cleared."""
        ...


class ScriptedCourier:
    """Hands letters to the servers of a script. See `actions.ports.Courier`."""

    def __init__(self, clock: Clock, script: Script) -> None:
        self._clock = clock
        self._script = script

    async def deliver(self, submission: Submission, letter: Letter, clear: Clear) -> Attempt:
        """One conversation about one letter."""
        started_at = self._clock.now()
        answer = self._script.answer(submission, letter)
        ending: Ending
        data_at = None
        if answer.command not in _AFTER_CLEARANCE:
            ending = judge(answer)
        elif not await clear():
            ending = Withheld(Reason.NOT_CLEARED, "The check right before DATA said no.")
        else:
            data_at = self._clock.now()
            ending = judge(answer)
        server = f"{submission.host}:{submission.port}"
        attempt = Attempt(ending, server, started_at, data_at, self._clock.now())
        self._script.ended(submission, letter, attempt)
        return attempt

    async def close(self) -> None:
        """There is nothing to close."""
