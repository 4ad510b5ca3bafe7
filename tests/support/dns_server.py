"""A name server on loopback that answers from a list, over UDP and TCP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
from dns.message import Message

Trouble = Literal["nxdomain", "servfail", "silence", "garbage"]
Zone = Mapping[str, Mapping[str, Sequence[str]] | Trouble]
"""What is known of a name, without its final dot: records by their type, or the trouble with it. A name that
is not in it does not exist.
"""
_LONGEST = 512
"""Octets of an answer over UDP (RFC 1035 §4.2.1)."""
_RCODES = {"nxdomain": dns.rcode.NXDOMAIN, "servfail": dns.rcode.SERVFAIL}


@dataclass
class NameServer:
    """One that runs. address: of both its sockets. zone: may be changed. asked: names and types, in order.

    gate: while it is cleared, questions wait. open, most_open: how many wait or are being answered, now and
    at the most.
    """

    address: tuple[str, int]
    zone: Zone
    asked: list[tuple[str, str]] = field(default_factory=list)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = 0
    most_open: int = 0

    async def answer(self, question: bytes) -> Message | bytes | None:
        """What it says; None for nothing."""
        query = dns.message.from_wire(question)
        name, kind = query.question[0].name.to_text(True).lower(), query.question[0].rdtype
        self.asked.append((name, dns.rdatatype.to_text(kind)))
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        await self.gate.wait()
        self.open -= 1
        known = self.zone.get(name, "nxdomain")
        if known == "silence":
            return None
        if known == "garbage":
            return b"\xff" * 40
        response = dns.message.make_response(query)
        if isinstance(known, str):
            response.set_rcode(_RCODES[known])
        elif records := known.get(dns.rdatatype.to_text(kind)):
            response.answer.append(
                dns.rrset.from_text_list(query.question[0].name, 300, "IN", kind, list(records))
            )
        return response


class _Datagrams:
    """The server's socket for datagrams, read by hand: uvloop can hang when a loop that had its own kind of
    them is closed.
    """

    def __init__(self, server: NameServer, door: socket.socket) -> None:
        self._server, self._door = server, door
        self._tasks: set[asyncio.Task[None]] = set()

    def read(self) -> None:
        """One question."""
        with suppress(BlockingIOError):
            data, address = self._door.recvfrom(65_535)
            task = asyncio.get_running_loop().create_task(self._answer(data, address))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _answer(self, data: bytes, address: tuple[str, int]) -> None:
        response = await self._server.answer(data)
        if isinstance(response, Message):
            wire = response.to_wire()
            if len(wire) > _LONGEST:
                response.answer.clear()
                response.flags |= dns.flags.TC
                wire = response.to_wire()
            response = wire
        if response is not None and self._door.fileno() >= 0:
            self._door.sendto(response, address)


def _open_doors() -> tuple[socket.socket, socket.socket]:
    """For datagrams and for streams, at one port that is free for both."""
    for _ in range(50):
        listening = socket.create_server(("127.0.0.1", 0))
        door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            door.bind(listening.getsockname())
        except OSError:
            listening.close()
            door.close()
            continue
        door.setblocking(False)
        return door, listening
    raise AssertionError("no port is free for datagrams and streams")


@asynccontextmanager
async def name_server(zone: Zone) -> AsyncIterator[NameServer]:
    """One that runs for as long as the block."""
    loop = asyncio.get_running_loop()
    door, listening = _open_doors()
    server = NameServer(door.getsockname(), zone)
    server.gate.set()
    loop.add_reader(door, _Datagrams(server, door).read)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One question a connection (RFC 1035 §4.2.2)."""
        length = int.from_bytes(await reader.readexactly(2))
        response = await server.answer(await reader.readexactly(length))
        if isinstance(response, Message):
            wire = response.to_wire(max_size=65_535)
            writer.write(len(wire).to_bytes(2) + wire)
        writer.close()
        await writer.wait_closed()

    streams = await asyncio.start_server(talk, sock=listening)
    try:
        yield server
    finally:
        streams.close()
        await streams.wait_closed()
        loop.remove_reader(door)
        door.close()
