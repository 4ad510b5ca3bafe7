"""One letter over one session, from MAIL to the answer after the lone dot.

`propose` raises `Ended`, or `Stale` if the kept session turned out to be closed. `complete` always answers an
ending, even when it is cancelled. It says `Uncertain` from the moment when the last octet of the content may
have left this process until the final answer, and never otherwise: before that moment nothing was taken, and
after the answer there is no doubt.
"""

import asyncio
from collections.abc import Callable

from leadterra.domain.judgement import judge
from leadterra.domain.outcomes import Command, Outcome
from leadterra.transport.dialogue import Ended
from leadterra.transport.envelope import Parcel
from leadterra.transport.reply import Reply
from leadterra.transport.session import Session
from leadterra.transport.wire import Disconnected, WireError

Follow = Callable[[], bytes]
"""Asked once the server waits for the content: what else to write behind it (two commands), or nothing."""

_PROPOSAL_REPLIES = 2
# TLS counts what is unsent with the framing of its records, a few dozen octets each. What stands behind the
# dot is a record or two.
_RECORD = 1024


def _nothing() -> bytes:
    return b""


class Stale(Exception):
    """A kept session turned out to be closed, before anything was agreed about this letter."""


class Transaction:
    """Made for one letter, used once: `propose`, then `withdraw` or `abandon`, or `begin` and `complete`."""

    __slots__ = ("_behind", "_dotted", "_is_proposed", "_parcel", "_session", "_talk")

    def __init__(self, session: Session, parcel: Parcel) -> None:
        self._session = session
        self._talk = session.dialogue
        self._parcel = parcel
        self._is_proposed = False
        self._dotted = False
        self._behind = 0
        """How much at the end of what is unsent may come after the lone dot."""

    def proposal(self) -> bytes:
        """MAIL and RCPT in one (RFC 2920). Who asks for it writes it; `propose` then hears the answers."""
        self._is_proposed = True
        self._session.letters += 1
        return b"%b\r\n%b\r\n" % (self._mail(), self._parcel.rcpt())

    async def propose(self) -> None:
        """MAIL and RCPT, in one write where the server allows it."""
        talk = self._talk
        if self._session.offers("pipelining"):
            await self._judge_both(await self._first_reply())
        else:
            self._session.letters += 1
            talk.require(Command.MAIL, await self._first_reply())
            await talk.ask(Command.RCPT, self._parcel.rcpt(), talk.timeouts.rcpt)

    async def withdraw(self) -> None:
        """Take the proposal back (RSET). Never fails, not even by cancellation: then the line is dropped."""
        wire, timeouts = self._talk.wire, self._talk.timeouts
        try:
            followed = wire.quiet and (await wire.ask(b"RSET", timeouts.reset)).code // 100 == 2
        except (WireError, asyncio.CancelledError):
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
            self._talk.wire.say(b"DATA\r\n")
        except WireError as error:
            raise self._talk.broken(Command.DATA, error) from None

    async def complete(self, follow: Follow = _nothing) -> Outcome:
        """Hand over the content, with the next letter's proposal behind it. Cancelled, it drops the
        connection and answers what is known.
        """
        try:
            return await self._hand_over(follow)
        except WireError as error:
            return self._lost(error)
        except asyncio.CancelledError:
            if self._dotted and self._talk.wire.answered:
                return await self._last_words()
            return self._lost("Cancelled.")

    def _mail(self) -> bytes:
        return self._parcel.mail(announce_size=self._session.offers("size"))

    async def _first_reply(self) -> Reply:
        talk, kept = self._talk, self._session.kept
        if self._is_proposed and talk.wire.trouble is not None:
            raise self._stale()  # That was about the letter before.
        try:
            if not self._is_proposed:
                self._say_proposal()
            reply = await talk.wire.hear(talk.timeouts.mail)
        except WireError as error:
            if kept and isinstance(error, Disconnected):
                raise self._stale() from None
            raise talk.broken(Command.MAIL, error) from None
        if kept and reply.code == 421:
            raise self._stale()
        return reply

    def _say_proposal(self) -> None:
        if self._session.offers("pipelining"):
            self._talk.wire.say(self.proposal(), _PROPOSAL_REPLIES)
        else:
            self._talk.wire.say(self._mail() + b"\r\n")

    def _stale(self) -> Stale:
        self._session.abort()
        return Stale()

    async def _judge_both(self, first: Reply) -> None:
        talk = self._talk
        try:
            second = await talk.hear(Command.RCPT, talk.timeouts.rcpt)
        except Ended:
            talk.require(Command.MAIL, first)
            raise
        talk.require(Command.MAIL, first)
        talk.require(Command.RCPT, second)

    async def _hand_over(self, follow: Follow) -> Outcome:
        wire, timeouts = self._talk.wire, self._talk.timeouts
        go_ahead = await wire.hear(timeouts.data)
        if go_ahead.code // 100 != 3:
            return await self._not_now(go_ahead)
        *blocks, last = self._parcel.blocks()
        for number, block in enumerate(blocks):
            # Its answer may come at any time: too early, that is a refusal at best.
            wire.say(block, 0 if number else 1)
            await wire.taken(timeouts.block)
            if wire.answered:
                return self._interrupted()
        behind = b"" if blocks else follow()
        self._behind = len(behind) + _RECORD if behind else 0
        wire.say(last + behind, (not blocks) + (_PROPOSAL_REPLIES if behind else 0))
        self._dotted = True
        await wire.taken(timeouts.block)
        return await self._last_words()

    @property
    def _may_have_ended(self) -> bool:
        """Whether the lone dot may have left this process."""
        return self._dotted and self._talk.wire.unsent <= self._behind

    async def _last_words(self) -> Outcome:
        """The answer after the lone dot; without waiting, if it has come already."""
        wire = self._talk.wire
        if wire.answered and not self._may_have_ended:
            return self._interrupted()
        reply = await wire.hear(self._talk.timeouts.body)
        if reply.code // 100 not in (2, 4, 5) or reply.code == 421:
            wire.abort()
        return judge(self._talk.answer(Command.BODY, reply))

    async def _not_now(self, reply: Reply) -> Outcome:
        outcome = judge(self._talk.answer(Command.DATA, reply))
        if reply.code == 421 or reply.code // 100 not in (4, 5):
            self._talk.wire.abort()
        await self.withdraw()
        return outcome

    def _interrupted(self) -> Outcome:
        """The server answered before it had everything. A refusal is one; anything else makes no sense."""
        reply = self._talk.wire.heard()
        self._talk.wire.abort()
        if reply.code // 100 in (4, 5):
            return judge(self._talk.answer(Command.BODY, reply))
        return judge(self._talk.silence(Command.DATA, f"Answered before the end of the content: {reply}"))

    def _lost(self, cause: str | BaseException) -> Outcome:
        """No final answer. The lone dot ends the content: while any of that is unsent, it is."""
        command = Command.BODY if self._may_have_ended else Command.DATA
        self._talk.wire.abort()  # Not close(): that would flush what we are about to call not sent.
        return judge(self._talk.silence(command, cause))
