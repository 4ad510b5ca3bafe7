"""An IMAP server that follows a script, line by line, for dialogues with the real client over real sockets.

A script is a list of steps. `"S: …"` is said, with a line end, `"C: …"` has to be heard, without the tag that
came before it; `$` in what is said is the tag heard last. Other steps are values: octets as they are, a
`Drip` of them, a `Move`. After the script, LOGOUT is answered and everything else only noted.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum


class Move(Enum):
    """What a server can do instead of talking."""

    CLOSE = "close the connection"
    RESET = "reset the connection"
    HANG = "say nothing, ever"
    STARTTLS = "go on over TLS"
    WAIT = "wait until the test lets it go on"


@dataclass(frozen=True, slots=True)
class Drip:
    """Octets written one by one."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Flood:
    """The same octets, until the client goes."""

    octets: bytes


Step = str | bytes | Move | Drip | Flood


def shown(step: object) -> str:
    """The step in the name of a test."""
    return f"{step}"[:40]


def greeted(*capabilities: str, folder: bool = True) -> list[Step]:
    """A login with a password, as kim, and usually a folder of three letters, opened for reading."""
    offered = " ".join(("IMAP4rev1", *capabilities))
    steps: list[Step] = [
        f"S: * OK [CAPABILITY {offered}] hello",
        'C: LOGIN "kim" "correct horse"',
        f"S: $ OK [CAPABILITY {offered}] welcome",
    ]
    return [*steps, *opened()] if folder else steps


def opened(exists: int = 3, uid_next: int = 10) -> list[Step]:
    """The inbox, opened for reading."""
    return [
        'C: EXAMINE "INBOX"',
        f"S: * {exists} EXISTS",
        "S: * OK [UIDVALIDITY 7] fine",
        f"S: * OK [UIDNEXT {uid_next}] fine",
        "S: $ OK [READ-ONLY] done",
    ]


@dataclass
class ImapServer:
    """See the module. host, port: where it listens. heard: lines of all connections. failures: where the
    client did not keep to the script. protected: whether the last connection is. go: lets it go on where it
    waits. ended: a connection is over.
    """

    scripts: list[Sequence[Step]]
    context: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    port: int = 0
    heard: list[bytes] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    protected: bool = False
    go: asyncio.Event = field(default_factory=asyncio.Event)
    waits: asyncio.Event = field(default_factory=asyncio.Event)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, start to end."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        try:
            await _Visit(self, reader, writer).run(script)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.tasks.discard(task)
            self.ended.set()


class _Visit:
    """One connection's dialogue."""

    def __init__(
        self, server: ImapServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._tag = b"*"

    async def run(self, script: Sequence[Step]) -> None:
        for step in script:
            if not await self._take(step):
                return
        while (line := await self._hear()) is not None:
            if line.endswith(b"LOGOUT"):
                self._writer.write(b"* BYE see you\r\n" + line.split()[0] + b" OK bye\r\n")
                await self._writer.drain()

    async def _take(self, step: Step) -> bool:
        match step:
            case str() if step.startswith("C: "):
                return await self._expect(step[3:].encode())
            case str():
                self._writer.write(step.removeprefix("S: ").encode().replace(b"$", self._tag) + b"\r\n")
            case bytes():
                self._writer.write(step.replace(b"$", self._tag))
            case Drip():
                for octet in step.octets.replace(b"$", self._tag):
                    self._writer.write(bytes([octet]))
                    await self._writer.drain()
                    await asyncio.sleep(0)
            case Flood():
                while True:
                    self._writer.write(step.octets)
                    await self._writer.drain()
                    await asyncio.sleep(0)
            case Move():
                return await self._move(step)
        await self._writer.drain()
        return True

    async def _move(self, move: Move) -> bool:
        if move is Move.STARTTLS:
            assert self._server.context is not None
            await self._writer.start_tls(self._server.context)
            self._server.protected = True
            return True
        if move is Move.WAIT:
            self._server.waits.set()
            await self._server.go.wait()
            return True
        if move is Move.RESET:
            self._writer.transport.abort()
        elif move is Move.HANG:
            while await self._reader.read(65536):
                pass
        return False

    async def _expect(self, wanted: bytes) -> bool:
        line = await self._hear()
        if line is None:
            self._server.failures.append(f"nothing was said instead of {wanted!r}")
            return False
        tag, _, command = line.partition(b" ")
        if tag[:1] == b"L" and tag[1:].isdigit():
            self._tag = tag
        else:
            command = line
        if command != wanted:
            self._server.failures.append(f"{command!r} was said instead of {wanted!r}")
            return False
        return True

    async def _hear(self) -> bytes | None:
        """A line without its end; None if there is no more."""
        line = await self._reader.readline()
        if not line:
            return None
        self._server.heard.append(line.rstrip(b"\r\n"))
        return self._server.heard[-1]


@asynccontextmanager
async def imap_server(
    *scripts: Sequence[Step],
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
) -> AsyncIterator[ImapServer]:
    """A running server: the first connection follows the first script, and so on; the last one stays. tls:
    from the first octet. starttls: at `Move.STARTTLS`.
    """
    server = ImapServer(list(scripts), starttls, protected=tls is not None)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls, limit=2**22)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in list(server.tasks):
            task.cancel()
        await asyncio.gather(*server.tasks, return_exceptions=True)
    assert not server.failures, server.failures
