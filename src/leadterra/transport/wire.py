"""One SMTP connection as commands and replies, with every reply paired to the command that it answers.

An accepted message hangs on three things. A reply that nobody asked for breaks the connection instead of
waiting to be taken for the next answer; several commands may be under way (RFC 2920); and waiting for the
peer to *take* what we write has its own time limit. Everything that goes wrong is a `WireError`, whose text
is for people. A broken wire stays broken.
"""

import asyncio
import re
import ssl
from collections.abc import Callable
from typing import cast

from leadterra.transport.reply import Reader, Reply

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


class WireError(Exception):
    """The connection cannot be used any more: the peer, the network or the time limit broke it."""


class Disconnected(WireError):
    """The connection is closed, or the server began to speak out of turn."""


class Wire(asyncio.Protocol):
    """The asyncio protocol of one connection. One task at a time uses it.

    trouble: what broke the connection; None while it is good.
    """

    __slots__ = (
        *("_asked", "_complaint", "_deadline", "_loop", "_paused", "_reader", "_replies", "_ticks_at"),
        *("_ticker", "_transport", "_waiter", "trouble"),
    )

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._asked = 1  # The greeting comes without a command (RFC 5321 §3.1).
        self._reader = Reader()
        self._replies: list[Reply] = []
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._deadline, self._complaint = 0.0, ""
        self._ticker: asyncio.TimerHandle | None = None
        self._ticks_at = 0.0
        self.trouble: WireError | None = None

    # What asyncio tells us

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """There is a connection."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Pair what came with what was asked."""
        if self.trouble is None:
            for reply in self._reader.read(data):
                if self._asked == 0:
                    self._break(Disconnected(f"The server said, unasked: {reply}"))
                    return
                self._asked -= 1
                self._replies.append(reply)
            if self._reader.fault is not None:
                self._break(WireError(self._reader.fault))
        self._wake()

    def eof_received(self) -> bool:
        """The server will say no more; asyncio closes the transport."""
        self._break(Disconnected("The server closed the connection."))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone."""
        cause = f"The connection was lost: {exc}" if exc else "The connection was closed."
        self._break(Disconnected(cause))
        self._transport = None
        if self._ticker is not None:
            self._ticker.cancel()
            self._ticker = None

    def pause_writing(self) -> None:
        """Something that was written has not left yet."""
        self._paused = True

    def resume_writing(self) -> None:
        """All of it has been taken."""
        self._paused = False
        self._wake()

    # What the session uses

    @property
    def quiet(self) -> bool:
        """Whether the connection is good and nothing is under way in either direction."""
        if self.trouble is not None or self._asked or self._replies or not self._reader.is_between_replies:
            return False
        return self._transport is not None and not self._transport.is_closing()

    @property
    def answered(self) -> bool:
        """Whether a reply waits to be read."""
        return bool(self._replies)

    @property
    def own_address(self) -> str:
        """The IP address that we connect from."""
        name = self._transport.get_extra_info("sockname") if self._transport else None
        return str(name[0]) if name else "127.0.0.1"

    @property
    def unsent(self) -> int:
        """Octets written and certainly not yet handed to the peer's side. 0 also when that is not known."""
        return 0 if self._transport is None else self._transport.get_write_buffer_size()

    def hold_back(self) -> None:
        """Make `taken` wait until *all* that was written has left. For a new transport (STARTTLS) again."""
        if self._transport is not None:
            # Python's TLS transport pauses at the mark, the others above it: 0 would stop it when empty.
            high = 1 if self._transport.get_extra_info("sslcontext") else 0
            self._transport.set_write_buffer_limits(high=high, low=0)

    def say(self, octets: bytes, replies: int = 1) -> None:
        """Write commands, perhaps several at once (RFC 2920 §3.1), or content; so many replies will come.
        Raises WireError.
        """
        transport = self._transport
        if self.trouble is not None:
            raise self.trouble
        if transport is None or transport.is_closing():
            raise Disconnected("The connection was closed.")
        transport.write(octets)
        self._asked += replies

    async def hear(self, seconds: float) -> Reply:
        """The next reply. Replies that arrived before the connection broke are still given. Raises
        WireError.
        """
        if not self._replies:
            await self._until(self._is_answered, seconds, "No answer within the time limit.")
        return self._replies.pop(0)

    def heard(self) -> Reply:
        """The next reply, where one is waiting to be read."""
        return self._replies.pop(0)

    async def ask(self, command: bytes, seconds: float) -> Reply:
        """Say one command and wait for its reply. Raises WireError."""
        if _CONTROL.search(command):
            raise ValueError("An SMTP command has no control characters.")
        self.say(command + b"\r\n")
        return await self.hear(seconds)

    async def taken(self, seconds: float) -> None:
        """Wait until the transport has taken what was written, or a reply came first. Raises WireError."""
        if self._paused:
            await self._until(self._is_taken, seconds, "The server stopped reading.")

    async def protect(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        """Go on over TLS, after the 220 for STARTTLS. Raises WireError, and OSError (ssl.SSLError) if no
        trusted connection comes about.
        """
        if not self.quiet:
            # RFC 3207 §4.2, and CVE-2011-0411: words that came in the clear after the 220 are somebody
            # else's.
            raise self.trouble or WireError("The server went on in the clear after STARTTLS.")
        transport = cast(asyncio.Transport, self._transport)
        try:
            protected = await self._loop.start_tls(
                transport, self, context, server_hostname=host, ssl_handshake_timeout=seconds
            )
        except (TimeoutError, ConnectionAbortedError):
            # asyncio says ConnectionAbortedError when the time for the handshake is over.
            raise WireError("No TLS handshake within the time limit.") from None
        self._transport = cast(asyncio.Transport, protected)
        self.hold_back()
        if self.trouble is not None:
            raise self.trouble

    def abort(self) -> None:
        """Drop the connection. What the transport still held is thrown away, never flushed."""
        self._break(Disconnected("We dropped the connection."))
        if self._transport is not None:
            self._transport.abort()

    def leave(self) -> None:
        """Say QUIT without waiting for the answer, and close."""
        if self.quiet:
            self.say(b"QUIT\r\n")
        if self._transport is not None:
            self._transport.close()

    # Inside

    def _is_answered(self) -> bool:
        return bool(self._replies)

    def _is_taken(self) -> bool:
        return not self._paused or bool(self._replies)

    async def _until(self, ready: Callable[[], bool], seconds: float, complaint: str) -> None:
        self._deadline, self._complaint = self._loop.time() + seconds, complaint
        while not ready():
            if self.trouble is not None:
                raise self.trouble
            if self._ticker is None or self._ticks_at > self._deadline:
                self._tick_at(self._deadline)
            self._waiter = self._loop.create_future()
            await self._waiter

    def _tick_at(self, instant: float) -> None:
        if self._ticker is not None:
            self._ticker.cancel()
        self._ticks_at = instant
        self._ticker = self._loop.call_at(instant, self._tick)

    def _tick(self) -> None:
        """One timer serves all the waits of a connection: it is not moved for each, it looks again."""
        self._ticker = None
        if self._waiter is None or self._waiter.done():
            return
        if self._loop.time() < self._deadline:
            self._tick_at(self._deadline)
        else:
            self._break(WireError(self._complaint))

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(None)

    def _break(self, trouble: WireError) -> None:
        if self.trouble is None:
            self.trouble = trouble
        self._wake()
