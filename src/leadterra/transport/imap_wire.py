"""One IMAP connection: commands go out, each is answered by exactly one response with its tag.

Thousands of these stand idle in one process, so each keeps next to nothing: no stream, no queue. A response
without a tag is told to `notice` when it comes, and kept only where the command under way asked for its kind.
An answer to no command, a "go on" that nobody waits for, more octets than a command may cost, and BYE break
the connection. Everything that goes wrong is an `ImapWireError`, whose text is for people. A broken wire
stays broken.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from leadterra.transport.imap_responses import PROMPT, UNTAGGED, USUAL_ALLOWANCE, Reader, Response

USUAL_BUDGET = 4 * 1024 * 1024
MOST_FOUND = 20_000
_KEEPALIVE = (("TCP_KEEPIDLE", 120), ("TCP_KEEPINTVL", 30), ("TCP_KEEPCNT", 4))


class ImapWireError(Exception):
    """The connection cannot be used any more: the server, the network or the time limit broke it."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a command may cost us.

    seconds: until it has been answered. wanted: names of the untagged responses that its answer consists of.
    allowance: octets of literals in one response. budget: octets of all that comes until it is answered.
    """

    seconds: float
    wanted: frozenset[str] = frozenset()
    allowance: int = USUAL_ALLOWANCE
    budget: int = USUAL_BUDGET


class ImapWire(asyncio.Protocol):
    """The asyncio protocol of one connection. One task at a time uses it.

    notice: told of every untagged response. alert: what the server last wanted a person to read. found: the
    untagged responses that the command under way wants. trouble: what broke the connection; None while it is
    good.
    """

    __slots__ = (
        *("_awaits_prompt", "_ending", "_left", "_leaving", "_loop", "_prompt", "_reader", "_serial", "_tag"),
        *("_transport", "_waiter", "_wanted", "alert", "found", "notice", "trouble"),
    )

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader = Reader()
        self._serial = 0
        self._tag: str | None = UNTAGGED  # The greeting comes without a command (RFC 9051 §7.1.5).
        self._ending: Response | None = None
        self._awaits_prompt = False
        self._prompt: Response | None = None
        self._wanted: frozenset[str] = frozenset()
        self._left = USUAL_BUDGET
        self._leaving = False
        self._waiter: asyncio.Future[None] | None = None
        self.found: list[Response] = []
        self.notice: Callable[[Response], None] | None = None
        self.alert = ""
        self.trouble: ImapWireError | None = None

    # What asyncio tells us

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a connection."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Give every response to whom it concerns."""
        if self.is_broken:
            return
        self._left -= len(data)
        responses = self._reader.read(data)
        for response in responses:
            if not self.is_broken:
                self._take(response)
        if self._reader.fault is not None:
            self._break(self._reader.fault)
        elif self._left < 0:
            self._break("The server sends more than it was asked for.")
        elif responses:
            self._wake()

    def eof_received(self) -> bool:
        """The server will say no more; asyncio closes the transport."""
        self._break("The server closed the connection.")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone."""
        self._transport = None
        self._break(f"The connection was lost: {exc}" if exc else "The connection was closed.")

    # What the session uses

    @property
    def is_idle(self) -> bool:
        """Whether the connection is good and no command is under way."""
        return self.trouble is None and self._transport is not None and self._tag is None

    @property
    def has_ended(self) -> bool:
        """Whether the command under way was answered, and nobody has read the answer yet."""
        return self._ending is not None

    @property
    def is_broken(self) -> bool:
        """Whether it cannot be used any more."""
        return self.trouble is not None

    def stay_awake(self) -> None:
        """Let the system find out by itself when the other side is gone (RFC 9293 §3.8.4)."""
        opened = self._transport.get_extra_info("socket") if self._transport else None
        if opened is not None:
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for name, value in _KEEPALIVE:
                if hasattr(socket, name):
                    opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    async def greeting(self, seconds: float) -> Response:
        """The status with which the server opens. Raises ImapWireError."""
        return await self._answer(self._loop.time() + seconds)

    async def ask(self, pieces: Sequence[bytes], price: Price) -> Response:
        """Say one command, and wait for its end. `found` holds what it wanted. Raises ImapWireError."""
        deadline = self._loop.time() + price.seconds
        self.begin(pieces[0], price, prompts=len(pieces) > 1)
        for index, piece in enumerate(pieces[1:], 2):
            answer = await self._answer(deadline)
            if answer.tag != PROMPT:
                return answer
            self.go_on(piece, prompts=index < len(pieces))
        return await self._answer(deadline)

    def begin(self, line: bytes, price: Price, *, prompts: bool) -> None:
        """Say the first line of a command. prompts: whether the server may ask for more."""
        if self._tag is not None:
            raise ImapWireError("Another command is under way.")
        self._serial += 1
        tag = f"L{self._serial}"
        self._tag, self._wanted, self.found = tag, price.wanted, []
        self._reader.allowance, self._left = price.allowance, price.budget
        self._write(b"%b %b\r\n" % (tag.encode(), line), prompts)

    def go_on(self, line: bytes, *, prompts: bool = False) -> None:
        """Say what the server asked for."""
        self._prompt = None
        self._write(line + b"\r\n", prompts)

    async def answer(self, seconds: float) -> Response:
        """The end of the command, or the server's wish for more. Raises ImapWireError."""
        return await self._answer(self._loop.time() + seconds)

    async def until(self, ready: Callable[[], bool], deadline: float) -> bool:
        """Wait for that; False if it is not so at that time of the loop. Raises ImapWireError."""
        while not ready():
            if self.trouble is not None:
                raise self.trouble
            if self._loop.time() >= deadline:
                return False
            timer = self._loop.call_at(deadline, self._wake)
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                timer.cancel()
        return True

    async def protect(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        """Go on over TLS, after the OK for STARTTLS. Raises ImapWireError, and OSError (ssl.SSLError) if no
        trusted connection comes about.
        """
        transport = self._transport
        if not self.is_idle or transport is None or not self._reader.is_between_responses:
            # RFC 9051 §11.1, and CVE-2011-0411: words that came in the clear after the OK are somebody
            # else's.
            raise self.trouble or ImapWireError("The server went on in the clear after STARTTLS.")
        try:
            protected = await self._loop.start_tls(
                transport, self, context, server_hostname=host, ssl_handshake_timeout=seconds
            )
        except (TimeoutError, ConnectionAbortedError):
            # asyncio says ConnectionAbortedError when the time for the handshake is over.
            raise ImapWireError("No TLS handshake within the time limit.") from None
        self._transport = cast(asyncio.Transport, protected)
        if self.trouble is not None:
            raise self.trouble

    async def leave(self, seconds: float) -> None:
        """Say LOGOUT, wait no longer than this for the answer, and drop the connection. Never raises."""
        try:
            if self.is_idle:
                self._leaving = True
                await self.ask([b"LOGOUT"], Price(seconds))
        except ImapWireError:
            pass  # Nobody is left to be told.
        finally:
            self.abort()

    def abort(self) -> None:
        """Drop the connection."""
        self._break("We dropped the connection.")
        if self._transport is not None:
            self._transport.abort()

    # Inside

    def _write(self, octets: bytes, prompts: bool) -> None:
        if self.trouble is not None:
            raise self.trouble
        if self._transport is None or self._transport.is_closing():
            raise ImapWireError("The connection was closed.")
        self._awaits_prompt = prompts
        self._transport.write(octets)

    async def _answer(self, deadline: float) -> Response:
        if not await self.until(self._is_answered, deadline):
            self._break("No answer within the time limit.")
            raise self.trouble or ImapWireError("No answer within the time limit.")
        answer = self._ending or self._prompt
        assert answer is not None
        if answer is self._ending:
            self._ending = None
        return answer

    def _is_answered(self) -> bool:
        return self._ending is not None or self._prompt is not None

    def _take(self, response: Response) -> None:
        if response.tag == PROMPT:
            if not self._awaits_prompt:
                self._break("The server asked for more than the command had.")
            self._awaits_prompt, self._prompt = False, response
        elif response.tag == self._tag:
            self._tag, self._ending, self._prompt, self._awaits_prompt = None, response, None, False
            self._reader.allowance, self._left = USUAL_ALLOWANCE, USUAL_BUDGET
        elif response.tag == UNTAGGED:
            self._take_untagged(response)
        else:
            self._break(f"The server answered a command that was not given: {response.tag}")

    def _take_untagged(self, response: Response) -> None:
        if response.code == "ALERT":
            self.alert = response.text
        if response.name == "BYE" and not self._leaving:
            self._break(f"The server said goodbye: {response.text}")
            return
        if response.name in self._wanted:
            self.found.append(response)
            if len(self.found) > MOST_FOUND:
                self._break("The server sends more than it was asked for.")
        if self.notice is not None:
            self.notice(response)

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def _break(self, trouble: str) -> None:
        if self.trouble is None:
            self.trouble = ImapWireError(trouble)
            self.notice = None
        self._wake()
