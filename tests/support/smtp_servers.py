"""A mail server that follows a script, for dialogues with the real courier over real sockets.

Without a script it behaves well. `answers` changes what it does at a point of the dialogue: a reply line, or
a `Move`; a list is used up one by one, its last entry staying. Everything that the client did is recorded.
"""

import asyncio
import ssl
from base64 import b64decode
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum


class Move(Enum):
    """What a server can do instead of answering."""

    CLOSE = "close the connection"
    RESET = "reset the connection"
    HANG = "say nothing, ever"
    DEAF = "read the first octets of what comes next, and stop reading"


@dataclass(frozen=True, slots=True)
class Raw:
    """Octets to be written as they are, then perhaps a move."""

    octets: bytes
    then: Move | None = None


Answer = str | Move | Raw
Script = Mapping[str, Answer | Sequence[Answer]]

EXTENSIONS = (
    "PIPELINING",
    "8BITMIME",
    "SMTPUTF8",
    "SIZE 10000000",
    "AUTH PLAIN LOGIN",
    "ENHANCEDSTATUSCODES",
)

_USUAL = {
    "GREETING": "220 scripted ESMTP",
    "STARTTLS": "220 2.0.0 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 sender fine",
    "RCPT": "250 2.1.5 recipient fine",
    "DATA": "354 end with a dot",
    "BODY": "250 2.0.0 taken as 4711",
    "RSET": "250 2.0.0 flushed",
    "NOOP": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}


@dataclass(slots=True)
class Received:
    """One letter that the server took. connection: the number of the connection it came on, from 1."""

    connection: int
    mail: bytes
    rcpt: bytes
    content: bytes
    user: str | None
    protected: bool


@dataclass(slots=True)
class Connection:
    """What was said on one connection. commands: lines without their end, in order."""

    number: int
    commands: list[bytes] = field(default_factory=list)
    mail: bytes = b""
    rcpt: bytes = b""
    user: str | None = None
    protected: bool = False


class ScriptedServer:
    """See the module. host, port: where it listens. connections, letters: what happened. peak: most
    connections at once.
    """

    def __init__(
        self,
        answers: Script | None = None,
        *,
        extensions: Sequence[str] = EXTENSIONS,
        starttls: ssl.SSLContext | None = None,
    ) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.connections: list[Connection] = []
        self.letters: list[Received] = []
        self.ends = 0
        """Contents that came to their end, answered or not."""
        self.peak = 0
        self.failures: list[BaseException] = []
        self._answers: dict[str, list[Answer]] = {
            point: [script] if isinstance(script, str | Move | Raw) else list(script)
            for point, script in (answers or {}).items()
        }
        self._extensions = list(extensions)
        self._starttls = starttls
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._happened = asyncio.Condition()
        self._counts: Counter[str] = Counter()

    @property
    def commands(self) -> list[bytes]:
        """All commands of all connections."""
        return [command for connection in self.connections for command in connection.commands]

    @property
    def open(self) -> int:
        """Connections that are open now."""
        return len(self._open)

    async def reached(self, point: str, times: int = 1) -> None:
        """Wait until the dialogue was at this point (`MAIL`, `DATA`, …; `CLOSED`: a connection ended) so many
        times.
        """
        async with asyncio.timeout(5), self._happened:
            await self._happened.wait_for(lambda: self._counts[point] >= times)

    async def hang_up(self) -> None:
        """Close every open connection, as a server does with idle ones."""
        for writer in self._open.values():
            writer.close()
        await self.reached("CLOSED", len(self.connections))

    async def say(self, octets: bytes) -> None:
        """Write this on every open connection, unasked."""
        for writer in self._open.values():
            writer.write(octets)
            await writer.drain()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, start to end."""
        connection = Connection(len(self.connections) + 1)
        connection.protected = writer.get_extra_info("sslcontext") is not None
        self.connections.append(connection)
        task = asyncio.current_task()
        assert task is not None
        self._open[task] = writer
        self.peak = max(self.peak, self.open)
        try:
            await _Visit(self, connection, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            pass
        except Exception as error:
            self.failures.append(error)
        finally:
            writer.close()
            del self._open[task]
            await self.note("CLOSED")

    async def note(self, point: str) -> None:
        """Somebody may be waiting for this."""
        async with self._happened:
            self._counts[point] += 1
            self._happened.notify_all()

    def answer_at(self, point: str) -> Answer:
        """What the script says here."""
        script = self._answers.get(point)
        if script is None:
            return self._ehlo() if point == "EHLO" else _USUAL.get(point, "502 5.5.1 not implemented")
        return script.pop(0) if len(script) > 1 else script[0]

    def upgrade(self) -> ssl.SSLContext:
        """The context for STARTTLS."""
        assert self._starttls is not None
        return self._starttls

    async def stop(self) -> None:
        """End every conversation."""
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _ehlo(self) -> str:
        offered = ["scripted greets you", *self._extensions, *(["STARTTLS"] if self._starttls else [])]
        return "\r\n".join(f"250{'-' if line is not offered[-1] else ' '}{line}" for line in offered)


class _Visit:
    """One connection's dialogue."""

    def __init__(
        self,
        server: ScriptedServer,
        connection: Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._server = server
        self._connection = connection
        self._reader = reader
        self._writer = writer

    async def run(self) -> None:
        going = await self._act("GREETING") is not None
        while going and (line := await self._reader.readline()).endswith(b"\n"):
            self._connection.commands.append(line.rstrip(b"\r\n"))
            going = await self._obey(line.rstrip(b"\r\n"))

    async def _obey(self, line: bytes) -> bool:
        verb = line.split(b" ")[0].decode("ascii", "replace").upper()
        if verb == "AUTH":
            return await self._authenticate(line)
        said = await self._act(verb)
        if said is None or verb == "QUIT":
            return False
        if verb == "MAIL":
            self._connection.mail = line
        elif verb == "RCPT":
            self._connection.rcpt = line
        elif verb == "STARTTLS" and said.startswith("220"):
            await self._writer.start_tls(self._server.upgrade())
            self._connection.protected = True
        elif verb == "DATA" and said.startswith("354"):
            return await self._take_letter()
        return True

    async def _authenticate(self, line: bytes) -> bool:
        words = line.split(b" ")
        if words[1] == b"LOGIN":
            user = (await self._prompt(b"VXNlcm5hbWU6")).decode()
            await self._prompt(b"UGFzc3dvcmQ6")
        elif words[1] == b"XOAUTH2":
            return await self._take_token(words[2])
        else:
            user = b64decode(words[2]).split(b"\0")[1].decode()
        self._connection.user = user
        return await self._act("AUTH") is not None

    async def _take_token(self, said: bytes) -> bool:
        """The client answers a challenge with an empty line."""
        user, _, _ = b64decode(said).decode().removeprefix("user=").partition("\x01")
        self._connection.user = user
        reply = await self._act("AUTH")
        if reply is None or not reply.startswith("334"):
            return reply is not None
        self._connection.commands.append((await self._reader.readline()).rstrip(b"\r\n"))
        return await self._act("AUTH") is not None

    async def _prompt(self, question: bytes) -> bytes:
        self._writer.write(b"334 " + question + b"\r\n")
        line = (await self._reader.readline()).rstrip(b"\r\n")
        self._connection.commands.append(line)
        return b64decode(line)

    async def _take_letter(self) -> bool:
        content = await self._content()
        self._server.ends += 1
        said = await self._act("BODY")
        # A server that does not answer has the letter none the less: that is what makes it uncertain.
        if said is None or said.startswith("2"):
            at = self._connection
            received = Received(at.number, at.mail, at.rcpt, content, at.user, at.protected)
            self._server.letters.append(received)
        return said is not None

    async def _content(self) -> bytes:
        lines = []
        while (line := await self._reader.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                raise ConnectionError
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    async def _act(self, point: str) -> str | None:
        """Do what the script says; the reply if the dialogue goes on."""
        answer = self._server.answer_at(point)
        await self._server.note(point)
        if isinstance(answer, str):
            answer = Raw(answer.encode() + b"\r\n")
        if isinstance(answer, Raw):
            self._writer.write(answer.octets)
            await self._writer.drain()
            if answer.then is None:
                return answer.octets.decode("utf-8", "replace")
            answer = answer.then
        await self._move(answer)
        return None

    async def _move(self, move: Move) -> None:
        if move is Move.RESET:
            self._writer.transport.abort()
        elif move is Move.HANG:
            while await self._reader.read(65536):
                pass
        elif move is Move.DEAF:
            await self._reader.read(1)
            self._writer.transport.pause_reading()  # type: ignore[attr-defined]
            await self._server.note("DEAF")
            await asyncio.Event().wait()


@asynccontextmanager
async def scripted(
    answers: Script | None = None,
    *,
    extensions: Sequence[str] = EXTENSIONS,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[ScriptedServer]:
    """A running ScriptedServer. starttls: offer it, with this context. tls: TLS from the first octet."""
    server = ScriptedServer(answers, extensions=extensions, starttls=starttls)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls, limit=2**20)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await server.stop()
        assert not server.failures, server.failures
