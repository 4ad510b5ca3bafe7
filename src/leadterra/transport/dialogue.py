"""Question and answer with one mail server, in the terms of the domain.

A step either gets the reply it needs or raises `Ended` with the ending that the courier answers. After
anything that leaves the state of the dialogue in doubt (a broken line, a reply of the wrong kind, 421) the
wire is dropped, so that nothing can go that way again.
"""

from leadterra.domain.judgement import judge
from leadterra.domain.outcomes import Answer, Command, Ending
from leadterra.transport.reply import Reply
from leadterra.transport.timeouts import Timeouts
from leadterra.transport.transcript import Secrets, heard, unheard
from leadterra.transport.wire import Wire, WireError


class Ended(Exception):
    """The conversation is over before its last command; `ending` says how."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending = ending


class Dialogue:
    """A wire with the patience (`timeouts`) and the discretion (`secrets`) that belong to it."""

    __slots__ = ("_secrets", "timeouts", "wire")

    def __init__(self, wire: Wire, timeouts: Timeouts, secrets: Secrets) -> None:
        self.wire = wire
        self.timeouts = timeouts
        self._secrets = secrets

    def confide(self, secrets: Secrets) -> None:
        """From now on these must not be kept, in place of those before."""
        self._secrets = secrets

    async def ask(self, command: Command, line: bytes, seconds: float, wanted: int = 2) -> Reply:
        """Say one command and return its reply, whose code begins with `wanted`. Raises Ended."""
        try:
            reply = await self.wire.ask(line, seconds)
        except WireError as error:
            raise self.broken(command, error) from None
        return self.require(command, reply, wanted)

    async def hear(self, command: Command, seconds: float) -> Reply:
        """The next reply, whatever it says. Raises Ended."""
        try:
            return await self.wire.hear(seconds)
        except WireError as error:
            raise self.broken(command, error) from None

    def require(self, command: Command, reply: Reply, wanted: int = 2) -> Reply:
        """This reply, if its code begins with `wanted`. Raises Ended."""
        if reply.code // 100 == wanted:
            return reply
        raise self.unfit(command, reply)

    def unfit(self, command: Command, reply: Reply) -> Ended:
        """The ending of a conversation that needed another reply. A mere refusal leaves the wire as it is."""
        if reply.code // 100 not in (4, 5) or reply.code == 421:
            self.wire.abort()
        return Ended(judge(self.answer(command, reply)))

    def broken(self, command: Command, cause: str | BaseException) -> Ended:
        """The ending of a conversation that broke here. Drops the wire."""
        self.wire.abort()
        return Ended(judge(self.silence(command, cause)))

    def answer(self, command: Command, reply: Reply) -> Answer:
        """A reply as it is kept."""
        return heard(command, reply, self._secrets)

    def silence(self, command: Command, cause: str | BaseException) -> Answer:
        """A missing reply as it is kept."""
        return unheard(command, cause, self._secrets)
