"""A mail server that takes letters as fast as they come and writes down each one before it says 250.

A program of its own, so that workers can be killed around it: `python -m tests.support.sink RECORD [options]`
prints its port. Each line of RECORD is a JSON object: `sender`, `recipient`, `message_id`, `at` (by the
shared clock, when DATA was asked for). It speaks ESMTP with PIPELINING, 8BITMIME and SMTPUTF8.

--silent-every N: the N-th letter is taken and written down, and the connection closed without an answer.
--defer-every N: the N-th letter is answered 451. --refuse-every N: the N-th recipient is answered 550.
--hold FILE: no recipient is answered while that file exists.
"""

import argparse
import asyncio
import json
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

from leadterra.transport.clock import FileClock, SystemClock
from tests.support.waiting import eventually

_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
_PATH = re.compile(rb"<([^>]*)>")
_GREETING = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 50000000\r\n"


@dataclass
class Server:
    """What all connections share."""

    record: TextIO
    now: Callable[[], datetime]
    options: argparse.Namespace
    letters: int = 0
    recipients: int = 0
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await Connection(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()


@dataclass
class Connection:
    """One client's dialogue."""

    server: Server
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sender: str = ""
    recipient: str = ""

    async def run(self) -> None:
        """Answer until QUIT or the end."""
        self.writer.write(b"220 sink ESMTP\r\n")
        while line := await self.reader.readline():
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.writer.write(b"221 bye\r\n")
                return
            if verb == b"DATA":
                if not await self._data():
                    return
            else:
                if verb == b"RCPT":
                    await self._while_held()
                self.writer.write(self._answer(verb, line))

    async def _while_held(self) -> None:
        hold = self.server.options.hold
        if hold:
            await eventually(lambda: not hold.exists(), seconds=60, what="the hold to be lifted")

    def _answer(self, verb: bytes, line: bytes) -> bytes:
        if verb in (b"EHLO", b"HELO"):
            return _GREETING
        if verb == b"MAIL":
            self.sender = _path_of(line)
        if verb == b"RCPT":
            self.server.recipients += 1
            if _is_turn(self.server.recipients, self.server.options.refuse_every):
                return b"550 5.1.1 no such user\r\n"
            self.recipient = _path_of(line)
        return b"250 2.0.0 ok\r\n"

    async def _data(self) -> bool:
        """Take one letter; False to close without a word."""
        at = self.server.now()
        self.writer.write(b"354 go on\r\n")
        content = await self.reader.readuntil(b"\r\n.\r\n")
        self.server.letters += 1
        options = self.server.options
        if _is_turn(self.server.letters, options.defer_every):
            self.writer.write(b"451 4.3.0 not now\r\n")
            return True
        self._record(content, at)
        if _is_turn(self.server.letters, options.silent_every):
            return False
        self.writer.write(b"250 2.0.0 taken\r\n")
        return True

    def _record(self, content: bytes, at: datetime) -> None:
        found = _MESSAGE_ID.search(content)
        entry = {
            "sender": self.sender,
            "recipient": self.recipient,
            "message_id": found[1].decode() if found else "",
            "at": at.isoformat(),
        }
        self.server.record.write(json.dumps(entry) + "\n")


def _path_of(line: bytes) -> str:
    found = _PATH.search(line)
    return found[1].decode("utf-8", "replace") if found else ""


def _is_turn(count: int, every: int) -> bool:
    return bool(every) and count % every == 0


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("record", type=Path)
    parser.add_argument("--clock", type=Path)
    for name in ("silent", "defer", "refuse"):
        parser.add_argument(f"--{name}-every", type=int, default=0)
    parser.add_argument("--hold", type=Path)
    options = parser.parse_args()
    clock = FileClock(options.clock) if options.clock else SystemClock()
    with options.record.open("a", buffering=1) as record:
        server = Server(record, clock.now, options)
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, limit=2**22, backlog=1024)
        print(listening.sockets[0].getsockname()[1], flush=True)
        await listening.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
