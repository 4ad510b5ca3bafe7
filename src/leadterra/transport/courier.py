"""Hands letters to mail servers over SMTP (RFC 5321, RFC 6409): the real `Courier`.

Every conversation ends in a value. Only three things are raised: what `clear` raises, what `compose` raises
(a programming error), and cancellation, and that only while DATA was not written. In each of these cases
nothing was sent, and a connection whose state is in doubt is gone.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from leadterra.actions.ports import Attempt, Clear, Clock, Submission
from leadterra.domain.outcomes import Ending, Reason, Unsendable, Withheld
from leadterra.mail.addresses import InvalidAddress, parse_domain
from leadterra.mail.composition import compose as compose_letter
from leadterra.mail.letter import Letter
from leadterra.transport.connections import Connections, Limits, Slot
from leadterra.transport.dialogue import Ended
from leadterra.transport.envelope import Envelope, Parcel, stuffed
from leadterra.transport.session import Session, open_session
from leadterra.transport.timeouts import Timeouts
from leadterra.transport.transaction import Follow, Stale, Transaction
from leadterra.transport.trust import Trust


class Composed(Protocol):
    """What composing gives: octets with CRLF lines, not dot-stuffed, and what the server must understand to
    take them.
    """

    @property
    def content(self) -> bytes:
        """Header and body."""
        ...

    @property
    def needs_smtputf8(self) -> bool:
        """An address in the header is not ASCII (RFC 6532)."""
        ...

    @property
    def is_eight_bit(self) -> bool:
        """There are octets above 127 (RFC 6152)."""
        ...


class Compose(Protocol):
    """Makes a letter into octets."""

    def __call__(self, letter: Letter, *, eight_bit: bool = False) -> Composed:
        """`eight_bit`: the server takes octets above 127."""
        ...


class SmtpCourier:
    """The one SMTP client of a process. Belongs to one event loop; any number of deliveries at once.

    helo_name: the full host name that EHLO says (InvalidAddress is raised if it is none), None for the
    address literal of the connection (RFC 5321 §4.1.3).
    """

    def __init__(
        self,
        clock: Clock,
        compose: Compose = compose_letter,
        *,
        timeouts: Timeouts | None = None,
        limits: Limits | None = None,
        trust: Trust | None = None,
        helo_name: str | None = None,
    ) -> None:
        self._clock = clock
        self._compose = compose
        self._timeouts = timeouts or Timeouts()
        self._trust = trust or Trust()
        self._name = parse_domain(helo_name).encode() if helo_name else None
        self._connections = Connections(self._open, limits or Limits())

    async def deliver(self, submission: Submission, letter: Letter, clear: Clear) -> Attempt:
        """One conversation about one letter, as soon as the account has a connection free."""
        try:
            envelope = Envelope.of(letter)
        except InvalidAddress as error:
            unsendable = Unsendable(Reason.UNADDRESSABLE, error.reason)
            return _Record(self._clock, submission).ended(unsendable)
        proposal = _Proposal(letter, envelope, self._compose)
        slot = await self._connections.slot(submission, proposal.draw_near)
        try:
            record = _Record(self._clock, submission)
            try:
                transaction = await proposal.agree(slot)
                ending = await record.transmit(transaction, clear, slot.follow)
            except Ended as ended:
                ending = ended.ending
            return record.ended(ending)
        finally:
            slot.leave()

    async def close(self) -> None:
        """Say QUIT on idle connections and drop them all. Deliveries under way end in their own time."""
        await self._connections.close(self._timeouts.farewell)

    async def _open(self, submission: Submission) -> Session:
        return await open_session(submission, self._timeouts, self._trust, self._name)


class _Proposal:
    """One letter on its way to a transaction: in its turn, or drawn near, behind the letter before."""

    __slots__ = ("_compose", "_drawn", "_envelope", "_letter")

    def __init__(self, letter: Letter, envelope: Envelope, compose: Compose) -> None:
        self._letter = letter
        self._envelope = envelope
        self._compose = compose
        self._drawn: Transaction | None = None

    def draw_near(self, session: Session) -> bytes:
        """MAIL and RCPT, to be written by the letter before; nothing where that is not possible."""
        if not session.offers("pipelining"):
            return b""
        try:
            self._drawn = Transaction(session, self._pack(session))
        except Exception:
            return b""  # The same happens in its turn, and is told then; the letter before goes on.
        return self._drawn.proposal()

    async def agree(self, slot: Slot) -> Transaction:
        """A transaction that the server has agreed to. Raises Ended, and what composing raises."""
        try:
            if self._drawn is not None and slot.is_prepared:
                return await _proposed(self._drawn)
            session = await slot.session()
            return await _proposed(Transaction(session, self._pack(session)))
        except Stale:
            session = await slot.fresh_session()
            return await _proposed(Transaction(session, self._pack(session)))

    def _pack(self, session: Session) -> Parcel:
        """The letter as this server will take it. Raises Ended if it cannot."""
        envelope = self._envelope
        composed = self._compose(self._letter, eight_bit=session.offers("8bitmime"))
        content, size = stuffed(composed.content)
        parcel = Parcel(
            envelope,
            content,
            size,
            smtputf8=envelope.needs_smtputf8 or composed.needs_smtputf8,
            eight_bit=composed.is_eight_bit and session.offers("8bitmime"),
        )
        if parcel.smtputf8 and not session.offers("smtputf8"):
            raise _unaddressable("An address is not ASCII, and the server does not offer SMTPUTF8.")
        if session.largest is not None and size > session.largest:
            raise _unaddressable(f"The letter has {size} octets; the server takes {session.largest}.")
        return parcel


class _Record:
    """The times of one attempt."""

    __slots__ = ("_data_at", "_now", "_server", "_started_at")

    def __init__(self, clock: Clock, submission: Submission) -> None:
        self._now: Callable[[], datetime] = clock.now
        host = f"[{submission.host}]" if ":" in submission.host.strip("[]") else submission.host
        self._server = f"{host}:{submission.port}"
        self._started_at = self._now()
        self._data_at: datetime | None = None

    async def transmit(self, transaction: Transaction, clear: Clear, follow: Follow) -> Ending:
        """Ask for clearance and hand over the content. Raises Ended, and what `clear` raises."""
        try:
            cleared = await clear()
        except asyncio.CancelledError:
            transaction.abandon()
            raise
        except BaseException:
            await transaction.withdraw()
            raise
        if not cleared:
            await transaction.withdraw()
            return Withheld(Reason.NOT_CLEARED, "The check right before DATA said no.")
        transaction.begin()
        self._data_at = self._now()
        return await transaction.complete(follow)

    def ended(self, ending: Ending) -> Attempt:
        return Attempt(ending, self._server, self._started_at, self._data_at, self._now())


async def _proposed(transaction: Transaction) -> Transaction:
    try:
        await transaction.propose()
    except Ended:
        await transaction.withdraw()
        raise
    except asyncio.CancelledError:
        transaction.abandon()
        raise
    return transaction


def _unaddressable(detail: str) -> Ended:
    return Ended(Unsendable(Reason.UNADDRESSABLE, detail))
