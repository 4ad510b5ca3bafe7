"""The way to PostgreSQL, with a hand on it: a TCP proxy whose connections can be dropped, slowed, silenced,
and robbed of the answer to a COMMIT.

Nothing that it does can fail but for the socket that it listens on. A server that is away is a connection
that is closed at once.
"""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 65536
_BROKEN = (OSError, RuntimeError)
"""RuntimeError is what uvloop raises for a transport that was aborted meanwhile."""


@dataclass(eq=False)
class Link:
    """One connection: the client's end and the server's. on_robbed: the next answer does not arrive, and this
    is told if it was that of a COMMIT. mourned_for: seconds that the server is not told of the client's end.
    """

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    on_robbed: Callable[[], None] | None = None
    mourned_for: float = 0.0

    @property
    def port(self) -> int:
        """The client's own."""
        name = self.client.get_extra_info("peername")
        return int(name[1]) if name else 0

    def cut(self) -> None:
        """Drop both ends without a word."""
        for end in (self.client, self.server):
            end.transport.abort()


class DatabaseProxy:
    """delay: seconds that each piece of what is said takes."""

    def __init__(self, socket: Path) -> None:
        """socket: of the server."""
        self._socket = socket
        self._links: set[Link] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._server: asyncio.Server | None = None
        self.delay = 0.0
        self._robbers: list[Callable[[], None]] = []

    async def open(self) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Listen no more, and drop every connection."""
        self.speak()
        self.drop()
        if self._server is not None:
            self._server.close()

    def drop(self, share: float = 1.0) -> bool:
        """Drop that share of the connections; whether there was one."""
        links = list(self._links)
        for link in links[: max(1, round(len(links) * share))]:
            link.cut()
        return bool(links)

    def rob(self, on_robbed: Callable[[], None]) -> None:
        """Have the next COMMIT carried out and not answered. on_robbed: called when that has happened."""
        self._robbers.append(on_robbed)

    def rob_no_more(self) -> None:
        """Leave the COMMITs alone that were still to come."""
        self._robbers.clear()

    def orphan(self, ports: Collection[int], seconds: float) -> bool:
        """Of the clients with these ports the server hears nothing any more, not even that they have ended,
        as when their machine loses its power. Whether there was one.
        """
        orphans = [link for link in self._links if link.port in ports]
        for link in orphans:
            link.mourned_for = seconds
        return bool(orphans)

    def hush(self) -> None:
        """Pass nothing on, and keep every connection open, as a network does that is gone."""
        self._flowing.clear()

    def speak(self) -> None:
        """Pass on again, what was held back first."""
        self._flowing.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, server = await asyncio.open_unix_connection(str(self._socket))
        except OSError:
            writer.transport.abort()
            return
        link = Link(writer, server)
        self._links.add(link)
        try:
            await asyncio.gather(self._ask(reader, link), self._answer(answers, link))
        finally:
            self._links.discard(link)
            link.cut()

    async def _ask(self, reader: asyncio.StreamReader, link: Link) -> None:
        with suppress(*_BROKEN):
            while chunk := await self._next(reader):
                if self._robbers and b"COMMIT" in chunk.upper():
                    link.on_robbed = self._robbers.pop()
                link.server.write(chunk)
                await link.server.drain()
        await asyncio.sleep(link.mourned_for)
        link.cut()

    async def _answer(self, reader: asyncio.StreamReader, link: Link) -> None:
        with suppress(*_BROKEN):
            while (chunk := await self._next(reader)) and link.on_robbed is None:
                link.client.write(chunk)
                await link.client.drain()
            if link.on_robbed is not None and b"COMMIT\0" in chunk:
                link.on_robbed()
        await asyncio.sleep(link.mourned_for)
        link.cut()

    async def _next(self, reader: asyncio.StreamReader) -> bytes:
        chunk = await reader.read(_CHUNK)
        if self.delay:
            await asyncio.sleep(self.delay)
        await self._flowing.wait()
        return chunk
