"""A mail server of bad character: a program of its own, so that it can be killed and stopped like any other.

`python -m chaos.mail_server RECORD --port P --clock FILE --calm FILE` takes letters, and at every point of
the dialogue may refuse, drop the connection, answer late or torn, or say nothing at all; once the file of
--calm exists it behaves. Each line of RECORD is a JSON object, and is with the system before anything is
answered: `letter`, one that was taken, or `fault`, what was done instead of the usual. It prints a line when
it listens.
"""

import argparse
import asyncio
import json
import random
import re
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TextIO

import uvloop

from leadterra.actions.ports import Clock
from leadterra.transport.clock import FileClock

_LARGEST = 2**20
_PATH = re.compile(rb"<([^>]*)>")
_MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
_IN_REPLY_TO = re.compile(rb"^in-reply-to:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
_STEP = re.compile(rb"step-(\d+)-of-([a-z0-9]+)")
_GREETING = b"250-chaos\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 50000000"
_USUAL = {b"EHLO": _GREETING, b"HELO": b"250 chaos", b"MAIL": b"250 2.1.0 ok", b"RCPT": b"250 2.1.5 ok"}


class Move(Enum):
    """What a server can do instead of answering as usual."""

    ANSWER = "answers something else"
    DROP = "drops the connection"
    TEAR = "drops the connection in the middle of its answer"
    HANG = "says nothing"
    LATE = "answers late"


@dataclass(frozen=True, slots=True)
class Mood:
    """name: by which it is counted. answer: for `ANSWER`. keeps: whether a letter is taken none the less."""

    name: str
    move: Move
    answer: bytes = b""
    keeps: bool = False


def _answers(point: str, *lines: str) -> tuple[Mood, ...]:
    return tuple(Mood(f"{line[:3]} at {point}", Move.ANSWER, line.encode()) for line in lines)


def _moves(point: str, *moves: Move) -> tuple[Mood, ...]:
    return tuple(Mood(f"{move.value} at {point}", move) for move in moves)


_AFTER_DOT = (
    Mood("drops the connection after the dot, letter not taken", Move.DROP),
    Mood("drops the connection after the dot, letter taken", Move.DROP, keeps=True),
    Mood("drops the connection in the middle of its 250", Move.TEAR, keeps=True),
    Mood("says nothing after the dot, letter not taken", Move.HANG),
    Mood("says nothing after the dot, letter taken", Move.HANG, keeps=True),
    Mood("answers late after the dot", Move.LATE, keeps=True),
)
MOODS: Mapping[str, tuple[float, tuple[Mood, ...]]] = {
    "greeting": (
        0.03,
        _answers("greeting", "421 4.3.2 too busy", "554 5.3.2 no service here")
        + _moves("greeting", Move.DROP, Move.HANG, Move.LATE),
    ),
    "EHLO": (0.01, _answers("EHLO", "421 4.3.2 closing") + _moves("EHLO", Move.DROP, Move.HANG, Move.LATE)),
    "MAIL": (
        0.012,
        _answers(
            "MAIL",
            "421 4.3.2 closing",
            "450 4.3.0 later",
            "451 4.3.0 local error",
            "452 4.3.1 storage",
            "550 5.7.0 no",
            "554 5.7.0 no",
        )
        + _moves("MAIL", Move.DROP, Move.TEAR, Move.HANG, Move.LATE),
    ),
    "RCPT": (
        0.03,
        _answers(
            "RCPT",
            "421 4.3.2 closing",
            "450 4.2.1 mailbox busy",
            "451 4.7.1 greylisted, come back",
            "452 4.2.2 mailbox full",
            "550 5.1.1 no such user",
            "554 5.7.1 not for this one",
        )
        + _moves("RCPT", Move.DROP, Move.HANG, Move.LATE),
    ),
    "DATA": (
        0.01,
        _answers("DATA", "421 4.3.2 closing", "451 4.3.0 local error", "452 4.3.1 storage", "554 5.5.1 no")
        + _moves("DATA", Move.DROP, Move.HANG, Move.LATE),
    ),
    "the dot": (
        0.03,
        _answers(
            "the dot",
            "421 4.3.2 closing",
            "450 4.2.0 not now",
            "451 4.3.0 local error",
            "452 4.3.1 storage",
            "550 5.7.1 this letter is not taken",
            "554 5.6.0 this letter is not taken",
        )
        + _AFTER_DOT,
    ),
}
"""At each point of the dialogue: how often something is done instead of the usual, and what."""


@dataclass
class Server:
    """What all connections share."""

    record: TextIO
    clock: Clock
    calm: Path
    rng: random.Random
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
            await Connection(self, reader, writer).run()
        writer.close()

    def mood(self, point: str) -> Mood | None:
        """What to do instead of the usual, if anything; it is written down."""
        rate, moods = MOODS[point]
        if self.rng.random() >= rate or self.calm.exists():
            return None
        mood = self.rng.choice(moods)
        self.write({"fault": mood.name, "real": time.time()})
        return mood

    def write(self, entry: Mapping[str, object]) -> None:
        """One line, handed to the system at once: being killed loses none."""
        self.record.write(json.dumps(entry) + "\n")


@dataclass
class Connection:
    """One client's dialogue."""

    server: Server
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sender: str | None = None
    recipient: str | None = None
    _is_agreed: bool = False
    """The last answer was the usual one."""
    _is_open: bool = True

    async def run(self) -> None:
        """Answer until QUIT or the end."""
        going = await self._say("greeting", b"220 chaos ESMTP")
        while going and (line := await self.reader.readline()):
            verb = line[:4].upper()
            if verb == b"DATA":
                going = await self._take_letter()
            elif verb in (b"EHLO", b"MAIL", b"RCPT"):
                going = await self._obey(verb, line)
            else:
                self.writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 2.0.0 ok\r\n")
                going = verb != b"QUIT"

    async def _obey(self, verb: bytes, line: bytes) -> bool:
        if verb == b"RCPT" and self.sender is None:
            self.writer.write(b"503 5.5.1 MAIL first\r\n")
            return True
        self.recipient = None
        if verb != b"RCPT":
            self.sender = None
        if not await self._say(verb.decode(), _USUAL[verb]):
            return False
        if verb == b"MAIL" and self._is_agreed:
            self.sender = _path_of(line)
        elif verb == b"RCPT" and self._is_agreed:
            self.recipient = _path_of(line)
        return True

    async def _take_letter(self) -> bool:
        at = self.server.clock.now().isoformat()
        if self.sender is None or self.recipient is None:
            self.writer.write(b"503 5.5.1 RCPT first\r\n")
            return True
        if not await self._say("DATA", b"354 go on") or not self._is_agreed:
            return self._is_open
        content = await self.reader.readuntil(b"\r\n.\r\n")
        mood = self.server.mood("the dot")
        if mood is None or mood.keeps:
            self._record(content, at, is_answered=mood is None or mood.move is Move.LATE)
        return await self._act(mood, b"250 2.0.0 taken")

    async def _say(self, point: str, usual: bytes) -> bool:
        """Answer at a point of the dialogue; whether it goes on."""
        return await self._act(self.server.mood(point), usual)

    async def _act(self, mood: Mood | None, usual: bytes) -> bool:
        self._is_agreed, self._is_open = mood is None or mood.move is Move.LATE, True
        if mood is None:
            self.writer.write(usual + b"\r\n")
        elif mood.move is Move.ANSWER:
            self.writer.write(mood.answer + b"\r\n")
            self._is_open = not mood.answer.startswith(b"421")
        elif mood.move is Move.LATE:
            await asyncio.sleep(self.server.rng.uniform(0.2, 2.5))
            self.writer.write(usual + b"\r\n")
        else:
            self._is_open = False
            await self._break(mood.move, usual)
        return self._is_open

    async def _break(self, move: Move, usual: bytes) -> None:
        if move is Move.HANG:
            while await self.reader.read(65536):
                pass
        elif move is Move.TEAR:
            self.writer.write(usual[:2])
            await self.writer.drain()
        else:
            self.writer.transport.abort()

    def _record(self, content: bytes, at: str, *, is_answered: bool) -> None:
        step, campaign = _step_of(content)
        entry = {
            "sender": self.sender,
            "recipient": self.recipient,
            "message_id": _first(_MESSAGE_ID, content),
            "in_reply_to": _first(_IN_REPLY_TO, content),
            "campaign": campaign,
            "step": step,
            "at": at,
            "is_answered": is_answered,
        }
        self.server.write({"letter": entry, "real": time.time()})


def _first(pattern: re.Pattern[bytes], content: bytes) -> str:
    found = pattern.search(content)
    return found[1].decode() if found else ""


def _step_of(content: bytes) -> tuple[int, str]:
    found = _STEP.search(content)
    return (int(found[1]), found[2].decode()) if found else (-1, "")


def _path_of(line: bytes) -> str:
    found = _PATH.search(line)
    return found[1].decode("utf-8", "replace") if found else ""


async def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("record", type=Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--clock", type=Path, required=True)
    parser.add_argument("--calm", type=Path, required=True)
    parser.add_argument("--seed", default="")
    options = parser.parse_args()
    with options.record.open("a", buffering=1) as record:
        server = Server(record, FileClock(options.clock), options.calm, random.Random(options.seed))
        listener = await asyncio.start_server(server.serve, "127.0.0.1", options.port, limit=_LARGEST)
        print(listener.sockets[0].getsockname()[1], flush=True)
        await listener.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
