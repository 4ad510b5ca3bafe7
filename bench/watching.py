"""A process that watches mailboxes over IMAP: `python -m bench.watching KIND SETTINGS`, SETTINGS as JSON.

Kinds: `bare`, sockets that say IDLE and nothing more; `client`, our own IMAP client, which fetches what is
new. Prints `ready` and the bytes of memory it had before, once all mailboxes are watched; then the address of
a mailbox and the time, once a letter in it is known. Ends with the last words of whatever goes wrong; any
trouble with one mailbox is the end.
"""

import asyncio
import json
import ssl
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil
import uvloop

from leadterra.actions.ports import MailAccess, Security
from leadterra.transport.clock import SystemClock
from leadterra.transport.imap import ImapMailroom
from leadterra.transport.trust import Trust

_LOGINS_AT_ONCE = 20
_RENEWAL_SECONDS = 25 * 60
_MOST_OCTETS = 65_536


@dataclass(frozen=True, slots=True)
class Watch:
    """What to watch. port: of IMAP under TLS on loopback. count: mailboxes. certificates: whom to believe."""

    port: int
    count: int
    password: str
    certificates: str


def address(number: int) -> str:
    """The mailbox of this number."""
    return f"box{number}@acme.test"


async def watch_barely(watch: Watch) -> None:
    """As little as RFC 2177 allows."""
    empty = own_memory()
    context = ssl.create_default_context(cafile=watch.certificates)
    gate = asyncio.Semaphore(_LOGINS_AT_ONCE)

    async def begin(number: int) -> asyncio.StreamReader:
        async with gate:
            reader, writer = await asyncio.open_connection("127.0.0.1", watch.port, ssl=context, limit=1024)
            await reader.readline()
            for command in (f"LOGIN {address(number)} {watch.password}", "EXAMINE INBOX"):
                writer.write(f"a {command}\r\n".encode())
                while not (line := await reader.readline()).startswith(b"a "):
                    pass
                assert line.startswith(b"a OK"), line
            writer.write(b"a IDLE\r\n")
            await reader.readline()
            kept.append(writer)
            return reader

    async def go_on(number: int, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            if line.endswith(b" EXISTS\r\n"):
                known(number)

    kept: list[asyncio.StreamWriter] = []
    readers = await asyncio.gather(*map(begin, range(watch.count)))
    print("ready", empty, flush=True)
    await asyncio.gather(*(go_on(number, reader) for number, reader in enumerate(readers)))


async def watch_by_client(watch: Watch) -> None:
    """Our client: the letter is here when it was fetched."""
    mailroom = ImapMailroom(SystemClock(), trust=Trust(Path(watch.certificates)))
    empty = own_memory()
    gate, left = asyncio.Semaphore(_LOGINS_AT_ONCE), asyncio.Barrier(watch.count + 1)

    async def go_on(number: int) -> None:
        access = MailAccess(uuid4(), "127.0.0.1", watch.port, Security.TLS, address(number), watch.password)
        async with gate:
            session = await mailroom.open(access)
            uid = (await session.select("INBOX")).uid_next
        await left.wait()
        while True:
            if await session.wait(_RENEWAL_SECONDS):
                for letter in await session.fetch(uid, limit=100, max_octets=_MOST_OCTETS):
                    uid = letter.uid + 1
                    known(number)

    async with asyncio.TaskGroup() as group:
        for number in range(watch.count):
            group.create_task(go_on(number))
        await left.wait()
        print("ready", empty, flush=True)


def own_memory() -> int:
    """Bytes that nobody else has."""
    return int(psutil.Process().memory_full_info().uss)


def known(number: int) -> None:
    """Tell that the letter is."""
    print(address(number), time.time(), flush=True)


if __name__ == "__main__":
    uvloop.run(
        {"bare": watch_barely, "client": watch_by_client}[sys.argv[1]](Watch(**json.loads(sys.argv[2])))
    )
