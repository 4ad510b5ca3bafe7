"""A mail server as far away as it is told: every answer comes so many milliseconds after what it answers.

Takes every letter and keeps none. Commands that arrive together are answered together, as over a long line.
Usage: python -m bench.peers.slow_server PORT MILLISECONDS RECORD; the file RECORD then holds how many letters
came and the octets of the last one.
"""

import asyncio
import os
import socket
import sys
from collections import deque
from pathlib import Path
from typing import cast

import uvloop

_HELLO = b"250-slow\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SMTPUTF8\r\n"
_END = b"\r\n.\r\n"


class Tally:
    """Letters of all connections."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self._count = 0
        self._changed: asyncio.TimerHandle | None = None
        self._octets = 0

    def add(self, octets: int) -> None:
        """One more letter; written soon, not at once."""
        self._count, self._octets = self._count + 1, octets
        if self._changed is None:
            self._changed = asyncio.get_running_loop().call_later(0.01, self._write)

    def _write(self) -> None:
        self._changed = None
        beside = self._record.with_suffix(".new")
        beside.write_text(f"{self._count} {self._octets}")
        os.replace(beside, self._record)


class Conversation(asyncio.Protocol):
    """One connection."""

    def __init__(self, delay: float, tally: Tally) -> None:
        self._delay, self._tally = delay, tally
        self._heard = bytearray()
        self._answers: deque[bytes] = deque()
        self._in_letter = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self._transport = cast(asyncio.Transport, transport)
        opened = cast(socket.socket, transport.get_extra_info("socket"))
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answer(b"220 slow ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer everything that is complete, in one piece."""
        self._heard += data
        answers = []
        while answer := self._next():
            answers.append(answer)
        if answers:
            self._answer(b"".join(answers))

    def _next(self) -> bytes:
        """The answer to the next complete command or letter; nothing if there is none."""
        end = self._heard.find(_END if self._in_letter else b"\r\n")
        if end < 0:
            return b""
        piece = bytes(self._heard[:end])
        del self._heard[: end + (len(_END) if self._in_letter else 2)]
        if self._in_letter:
            self._in_letter = False
            self._tally.add(len(piece) + 2 - piece.count(b"\r\n.."))
            return b"250 2.0.0 taken\r\n"
        return self._reply(piece[:4].upper())

    def _reply(self, verb: bytes) -> bytes:
        if verb == b"EHLO":
            return _HELLO
        if verb == b"DATA":
            self._in_letter = True
            return b"354 go ahead\r\n"
        return b"221 2.0.0 bye\r\n" if verb == b"QUIT" else b"250 2.0.0 ok\r\n"

    def _answer(self, answer: bytes) -> None:
        if not self._delay:
            self._say(answer)
            return
        self._answers.append(answer)
        asyncio.get_running_loop().call_later(self._delay, self._say_next)

    def _say_next(self) -> None:
        self._say(self._answers.popleft())

    def _say(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)
            if answer.endswith(b"bye\r\n"):
                self._transport.close()


async def serve(port: int, delay: float, record: Path) -> None:
    """Until it is killed."""
    tally = Tally(record)
    server = await asyncio.get_running_loop().create_server(
        lambda: Conversation(delay, tally), "127.0.0.1", port, backlog=1000
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), int(sys.argv[2]) / 1000, Path(sys.argv[3])))
