"""One letter over one session, from MAIL to the answer after the lone dot.

`propose` raises `Ended`, or `Stale` if the kept session turned out to be closed. `complete` always answers an
ending, even when it is cancelled. It says `Uncertain` from the moment when the last octet of the content may
have left this process until the final answer, and never otherwise: before that moment nothing was taken, and
after the answer there is no doubt.
"""

import asyncio

from aiosmtplib import SMTPException, SMTPResponse, SMTPServerDisconnected

from leadterra.domain.judgement import judge
from leadterra.domain.outcomes import Command, Outcome
from leadterra.transport.dialogue import Ended
from leadterra.transport.envelope import Parcel
from leadterra.transport.session import Session


class Stale(Exception):
    """A kept session turned out to be closed, before anything was agreed about this letter."""


class Transaction:
    """Made for one letter, used once: `propose`, then `withdraw` or `abandon`, or `begin` and `complete`."""

    __slots__ = ("_dotted", "_parcel", "_session", "_talk")

    def __init__(self, session: Session, parcel: Parcel) -> None:
        self._session = session
        self._talk = session.dialogue
        self._parcel = parcel
        self._dotted = False

    async def propose(self) -> None:
        """MAIL and RCPT, in one write where the server allows it (RFC 2920)."""
        self._session.letters += 1
        talk, pipelined = self._talk, self._session.offers("pipelining")
        mail, rcpt = self._parcel.mail(announce_size=self._session.offers("size")), self._parcel.rcpt()
        first = await self._first_reply([mail, rcpt] if pipelined else [mail])
        if pipelined:
            await self._judge_both(first)
        else:
            talk.require(Command.MAIL, first)
            await talk.ask(Command.RCPT, rcpt, talk.timeouts.rcpt)

    async def withdraw(self) -> None:
        """Take the proposal back (RSET). Never fails, not even by cancellation: then the line is dropped."""
        wire, timeouts = self._talk.wire, self._talk.timeouts
        try:
            followed = wire.quiet and (await wire.ask(b"RSET", timeouts.reset)).code // 100 == 2
        except (SMTPException, asyncio.CancelledError):
            # The ending is known already; losing it would help nobody. `Task.cancelling` still tells.
            followed = False
        if not followed:
            wire.abort()

    def abandon(self) -> None:
        """Drop the connection, and the proposal with it."""
        self._session.abort()

    def begin(self) -> None:
        """Say DATA. Raises Ended if the line is gone by now; then it was not said."""
        try:
            self._talk.wire.say([b"DATA"])
        except SMTPException as error:
            raise self._talk.broken(Command.DATA, error) from None

    async def complete(self) -> Outcome:
        """Hand over the content. Cancelled, it drops the connection and answers what is known."""
        try:
            return await self._hand_over()
        except SMTPException as error:
            return self._lost(error)
        except asyncio.CancelledError:
            if self._dotted and self._talk.wire.answered:
                return await self._last_words()
            return self._lost("Cancelled.")

    async def _first_reply(self, lines: list[bytes]) -> SMTPResponse:
        talk, kept = self._talk, self._session.kept
        try:
            talk.wire.say(lines)
            reply = await talk.wire.read_response(talk.timeouts.mail)
        except SMTPException as error:
            if kept and isinstance(error, SMTPServerDisconnected):
                raise self._stale() from None
            raise talk.broken(Command.MAIL, error) from None
        if kept and reply.code == 421:
            raise self._stale()
        return reply

    def _stale(self) -> Stale:
        self._session.abort()
        return Stale()

    async def _judge_both(self, first: SMTPResponse) -> None:
        talk = self._talk
        try:
            second = await talk.hear(Command.RCPT, talk.timeouts.rcpt)
        except Ended:
            talk.require(Command.MAIL, first)
            raise
        talk.require(Command.MAIL, first)
        talk.require(Command.RCPT, second)

    async def _hand_over(self) -> Outcome:
        wire, timeouts = self._talk.wire, self._talk.timeouts
        go_ahead = await wire.read_response(timeouts.data)
        if go_ahead.code // 100 != 3:
            return await self._not_now(go_ahead)
        wire.expect()
        blocks = self._parcel.blocks()
        for number, block in enumerate(blocks, 1):
            self._write(block, last=number == len(blocks))
            await wire.taken(timeouts.block)
            if wire.answered and (wire.unsent or not self._dotted):
                return await self._interrupted()
        return await self._last_words()

    async def _last_words(self) -> Outcome:
        """The answer after the lone dot; without waiting, if it has come already."""
        if not self._dotted or self._talk.wire.unsent:
            return await self._interrupted()
        reply = await self._talk.wire.read_response(self._talk.timeouts.body)
        if reply.code // 100 not in (2, 4, 5) or reply.code == 421:
            self._talk.wire.abort()
        return judge(self._talk.answer(Command.BODY, reply))

    async def _not_now(self, reply: SMTPResponse) -> Outcome:
        outcome = judge(self._talk.answer(Command.DATA, reply))
        if reply.code == 421 or reply.code // 100 not in (4, 5):
            self._talk.wire.abort()
        await self.withdraw()
        return outcome

    async def _interrupted(self) -> Outcome:
        """The server answered before it had everything. A refusal is one; anything else makes no sense."""
        reply = await self._talk.wire.read_response(0)
        self._talk.wire.abort()
        if reply.code // 100 in (4, 5):
            return judge(self._talk.answer(Command.BODY, reply))
        return judge(self._talk.silence(Command.DATA, f"Answered before the end of the content: {reply}"))

    def _write(self, block: bytes, *, last: bool) -> None:
        if self._talk.wire.trouble is not None:
            raise self._talk.wire.trouble
        self._talk.wire.write(block)
        self._dotted = last

    def _lost(self, cause: str | BaseException) -> Outcome:
        """No final answer. The lone dot is the last thing written: while anything is unsent, it is."""
        wire = self._talk.wire
        command = Command.BODY if self._dotted and not wire.unsent else Command.DATA
        wire.abort()  # Not close(): that would flush what we are about to call not sent.
        return judge(self._talk.silence(command, cause))
