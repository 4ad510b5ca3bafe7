"""One SMTP connection as lines and replies, with every reply paired to the command that it answers.

aiosmtplib's protocol gives us the command guard, STARTTLS and flow control. Three things are stricter here,
because an accepted message hangs on them: a reply that nobody asked for breaks the connection instead of
waiting to be taken for the next answer; several commands may be under way (RFC 2920); and waiting for the
peer to *take* what we write has its own time limit. Everything that goes wrong is an SMTPException of
aiosmtplib, whose text is for people. A broken wire stays broken.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable
from typing import cast

from aiosmtplib import SMTPException, SMTPReadTimeoutError, SMTPResponse, SMTPServerDisconnected
from aiosmtplib.protocol import SMTPProtocol

# RFC 5321 §4.5.3.1.5 allows 512 octets a reply line; real EHLO answers take a few thousand in all.
LONGEST_REPLY = 32 * 1024
_REPLY_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?")


class Wire(SMTPProtocol):
    """The asyncio protocol of one connection. One task at a time uses it."""

    def __init__(self) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._asked = 1  # The greeting comes without a command (RFC 5321 §3.1).
        self._replies: deque[SMTPResponse] = deque()
        self._lines: list[tuple[int, bytes]] = []
        self._size = 0
        self._change: asyncio.Future[None] | None = None
        self.trouble: SMTPException | None = None
        """What broke the connection; None while it is good."""

    # What asyncio tells us

    def data_received(self, data: bytes) -> None:
        """Cut what came into replies."""
        if self.trouble is None:
            self._buffer.extend(data)
            self._cut()
        self._wake()

    def eof_received(self) -> bool:
        """The server will say no more; asyncio closes the transport."""
        self._break(SMTPServerDisconnected("The server closed the connection."))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone."""
        cause = f"The connection was lost: {exc}" if exc else "The connection was closed."
        self._break(SMTPServerDisconnected(cause))
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        """All of it has been taken."""
        super().resume_writing()
        self._wake()

    # What the session uses

    @property
    def quiet(self) -> bool:
        """Whether the connection is good and nothing is under way in either direction."""
        under_way = self._asked or self._replies or self._lines or self._buffer
        return self.trouble is None and self.is_connected and not under_way

    @property
    def answered(self) -> bool:
        """Whether a reply waits to be read."""
        return bool(self._replies)

    @property
    def own_address(self) -> str:
        """The IP address that we connect from."""
        name = self.transport.get_extra_info("sockname") if self.transport else None
        return str(name[0]) if name else "127.0.0.1"

    @property
    def unsent(self) -> int:
        """Octets written and certainly not yet handed to the peer's side. 0 also when that is not known."""
        if self.transport is None:
            return 0
        return cast(asyncio.WriteTransport, self.transport).get_write_buffer_size()

    def hold_back(self) -> None:
        """Make `taken` wait until *all* that was written has left. For a new transport (STARTTLS) again."""
        transport = cast(asyncio.WriteTransport, self.transport)
        # Python's TLS transport pauses at the mark, the others above it: 0 would stop it when empty.
        high = 1 if transport.get_extra_info("sslcontext") else 0
        transport.set_write_buffer_limits(high=high, low=0)

    def expect(self, replies: int = 1) -> None:
        """Announce replies that the next octets written will call for."""
        self._asked += replies

    async def ask(self, command: bytes, seconds: float) -> SMTPResponse:
        """Say one command and wait for its reply."""
        if self.trouble is not None:
            raise self.trouble
        self.expect()
        return await self.execute_command(command, timeout=seconds)

    def say(self, commands: list[bytes]) -> None:
        """Write several commands at once (RFC 2920 §3.1); read their replies in order."""
        if self.trouble is not None:
            raise self.trouble
        self.write(b"".join(command + b"\r\n" for command in commands))
        self.expect(len(commands))

    async def read_response(self, timeout: float | None = None) -> SMTPResponse:  # noqa: ASYNC109
        """The next reply. Replies that arrived before the connection broke are still given."""
        await self._until(lambda: bool(self._replies), timeout, "No answer within the time limit.")
        return self._replies.popleft()

    async def taken(self, seconds: float) -> None:
        """Wait until the transport has taken what was written, or a reply came first."""
        await self._until(lambda: not self._paused or self.answered, seconds, "The server stopped reading.")

    def abort(self) -> None:
        """Drop the connection. What the transport still held is thrown away, never flushed."""
        if self.trouble is None:
            self.trouble = SMTPServerDisconnected("We dropped the connection.")
        if self.transport is not None:
            cast(asyncio.WriteTransport, self.transport).abort()

    def leave(self) -> None:
        """Say QUIT without waiting for the answer, and close."""
        if self.quiet:
            self.expect()
            self.write(b"QUIT\r\n")
        if self.transport is not None:
            self.transport.close()

    # Inside

    async def _until(self, ready: Callable[[], bool], seconds: float | None, complaint: str) -> None:
        try:
            async with asyncio.timeout(seconds):
                while not ready():
                    if self.trouble is not None:
                        raise self.trouble
                    self._change = self._loop.create_future()
                    await self._change
        except TimeoutError as error:
            if ready():
                return  # It came in the same instant.
            self._break(SMTPReadTimeoutError(complaint))
            raise SMTPReadTimeoutError(complaint) from error

    def _wake(self) -> None:
        if self._change is not None and not self._change.done():
            self._change.set_result(None)

    def _break(self, trouble: SMTPException) -> None:
        if self.trouble is None:
            self.trouble = trouble
        self._wake()

    def _cut(self) -> None:
        start = 0
        while self.trouble is None and (end := self._buffer.find(b"\n", start)) != -1:
            self._take_line(bytes(self._buffer[start:end]).rstrip(b"\r"))
            start = end + 1
        del self._buffer[:start]
        if self._size + len(self._buffer) > LONGEST_REPLY:
            self._break(SMTPException("The server's reply has no end."))

    def _take_line(self, line: bytes) -> None:
        parts = _REPLY_LINE.fullmatch(line)
        if parts is None:
            shown = line.decode("utf-8", "surrogateescape")
            self._break(SMTPException(f"The server said something that is no SMTP reply: {shown}"))
            return
        self._lines.append((int(parts[1]), parts[3] or b""))
        self._size += len(line)
        if self._size > LONGEST_REPLY:
            self._break(SMTPException("The server's reply has no end."))
        elif parts[2] != b"-":
            self._take_reply()

    def _take_reply(self) -> None:
        lines, self._lines, self._size = self._lines, [], 0
        reply = SMTPResponse(
            lines[-1][0], b"\n".join(text for _, text in lines).decode("utf-8", "surrogateescape")
        )
        if len({code for code, _ in lines}) > 1:
            # RFC 5321 §4.2.1: the code is the same on every line. Which of two would we believe?
            self._break(
                SMTPException(f"The lines of one reply disagree, ending in: {reply.code} {reply.message}")
            )
            return
        if self._asked == 0:
            self._break(SMTPServerDisconnected(f"The server said, unasked: {reply.code} {reply.message}"))
            return
        self._asked -= 1
        self._replies.append(reply)
