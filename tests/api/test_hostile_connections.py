"""Connections that mean harm, to a real server: what breaks the protocol is refused or closed.

Others go on being served, memory stays bounded, and the log knows of no error of ours.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import pytest_asyncio

from tests.support.hostile import Target, open_target
from tests.support.processes import Program, Running, free_port
from tests.support.waiting import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATIENCE_SECONDS = 10
MOST_OCTETS = 150 * 1024 * 1024
"""By how much the server may grow."""


@dataclass(frozen=True, slots=True)
class Served:
    """A server, and the workspace behind it."""

    target: Target
    running: Running
    port: int

    async def talk(self, sent: bytes, *, limit: float = 1) -> bytes:
        """Send octets and listen, until the server closes or says nothing more."""
        async with self.connection() as (reader, writer):
            with suppress(ConnectionError):
                writer.write(sent)
                await writer.drain()
            heard = b""
            with suppress(ConnectionError, TimeoutError):
                while part := await asyncio.wait_for(reader.read(65_536), limit if not heard else 0.05):
                    heard += part
            return heard

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """To the server; closed at the end, however it ended."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def head(self, line: str, *fields: str) -> bytes:
        """The beginning of a request, with the key."""
        lines = [
            line,
            f"Host: 127.0.0.1:{self.port}",
            f"Authorization: Bearer {self.target.tenant.key}",
            *fields,
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def client(self) -> httpx.AsyncClient:
        """Somebody who means no harm."""
        headers = {"Authorization": f"Bearer {self.target.tenant.key}"}
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=PATIENCE_SECONDS
        )

    def memory(self) -> int:
        """What the server holds now, in octets."""
        return int(psutil.Process(self.running.pid).memory_info().rss)

    async def check_well(self) -> None:
        """Raise AssertionError unless it serves, and has logged no error."""
        async with self.client() as client:
            answer = await client.get("/v1/workspace")
        assert answer.status_code == 200
        assert not re.search("Traceback|request.failed|panicked", self.running.log())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(
    database_urls: tuple[str, str], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Served]:
    """`leadterra api` on a free port."""
    folder: Path = tmp_path_factory.mktemp("api")
    port, (admin, program) = free_port(), database_urls
    settings = {
        "database_url": program,
        "admin_database_url": admin,
        "data_dir": folder,
        "log_format": "json",
    }
    async with open_target(database_urls) as target:
        with Program(folder, **settings) as leadterra:
            served = Served(target, leadterra.start("api", "--port", str(port)), port)
            async with served.client() as client:

                async def is_up() -> bool:
                    with suppress(httpx.TransportError):
                        return (await client.get("/healthz")).status_code == 200
                    return False

                await eventually(is_up, seconds=30, what=f"the API: {served.running.log()}")
            yield served


GET = "GET /v1/workspace HTTP/1.1"
PATCH = "PATCH /v1/workspace HTTP/1.1"
BODY = b'{"name": "changed"}'
JSON = "Content-Type: application/json"
TOO_LONG = f"Content-Length: {len(BODY) + 100}"

Make = Callable[[Served], bytes]
RAW: dict[str, Make] = {
    "octets": lambda _: bytes(range(256)) * 10,
    "TLS": lambda _: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "HTTP/0.9": lambda _: b"GET /v1/workspace\r\n\r\n",
    "another version": lambda s: s.head("GET /v1/workspace HTTP/9.9"),
    "HTTP/2 preface": lambda _: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "no address": lambda s: s.head("GET HTTP/1.1"),
    "blank in the address": lambda s: s.head("GET /v1/work space HTTP/1.1"),
    "address of everything": lambda s: s.head("OPTIONS * HTTP/1.1"),
    "absolute address": lambda s: s.head("GET http://elsewhere.test/v1/nothing HTTP/1.1"),
    "tunnel": lambda s: s.head("CONNECT elsewhere.test:25 HTTP/1.1"),
    "address of a megabyte": lambda s: s.head(f"GET /{'a' * 1_000_000} HTTP/1.1"),
    "address with NUL": lambda s: s.head("GET /v1/\x00 HTTP/1.1"),
    "address with octets": lambda s: s.head("GET /v1/leads/\xff\xfe HTTP/1.1"),
    "address with a surrogate": lambda s: s.head("GET /v1/leads/%ed%a0%80 HTTP/1.1"),
    "mutation with a surrogate": lambda s: s.head(
        "DELETE /v1/leads/%ed%a0%80 HTTP/1.1", "Idempotency-Key: a"
    ),
    "parameters with octets": lambda s: s.head("GET /v1/leads?email=\xff HTTP/1.1"),
    "field without a colon": lambda s: s.head(GET, "Nonsense"),
    "blank before the colon": lambda s: s.head(PATCH, "Content-Length : 5"),
    "folded field": lambda s: s.head(GET, "X-Long: a\r\n b"),
    "field with NUL": lambda s: s.head(GET, "X-Bad: a\x00b"),
    "bare carriage return": lambda s: s.head(GET, "X-Bad: a\rb"),
    "field of a megabyte": lambda s: s.head(GET, "X-Long: " + "a" * 1_000_000),
    "ten thousand fields": lambda s: s.head(GET, *[f"X-{number}: 1" for number in range(10_000)]),
    "idempotency key of octets": lambda s: s.head(PATCH, "Idempotency-Key: \xff\xfe", TOO_LONG),
    "negative length": lambda s: s.head(PATCH, JSON, "Content-Length: -5") + BODY,
    "length that is none": lambda s: s.head(PATCH, JSON, "Content-Length: five") + BODY,
    "length beyond 64 bits": lambda s: s.head(PATCH, JSON, "Content-Length: " + "9" * 30) + BODY,
    "two lengths": lambda s: s.head(PATCH, JSON, "Content-Length: 5", "Content-Length: 19") + BODY,
    "length and chunks": lambda s: (
        s.head(PATCH, JSON, "Content-Length: 19", "Transfer-Encoding: chunked") + b"0\r\n\r\n"
    ),
    "chunks of no size": lambda s: s.head(PATCH, JSON, "Transfer-Encoding: chunked") + b"x\r\nabc\r\n",
    "chunk beyond 64 bits": lambda s: s.head(PATCH, JSON, "Transfer-Encoding: chunked") + b"f" * 20 + b"\r\n",
    "chunk cut short": lambda s: s.head(PATCH, JSON, "Transfer-Encoding: chunked") + b"5\r\nab",
    "unknown transfer": lambda s: s.head(PATCH, JSON, "Transfer-Encoding: xchunked") + BODY,
    "body cut short": lambda s: s.head(PATCH, JSON, TOO_LONG) + BODY,
    "upgrade": lambda s: s.head(GET, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: eA=="),
    "expectation of a large body": lambda s: s.head(
        PATCH, JSON, "Expect: 100-continue", "Content-Length: 50000000"
    ),
}


@pytest.mark.parametrize("name", RAW)
async def test_a_broken_request_is_refused_or_closed(served: Served, name: str) -> None:
    """No 5xx, no change, no error of ours, and the next caller is served."""
    rows = served.target.rows()

    heard = await served.talk(RAW[name](served), limit=0.3)

    statuses = [int(status) for status in re.findall(rb"(?m)^HTTP/1\.[01] (\d{3})", heard)]
    assert all(status < 500 for status in statuses), heard[:500]
    assert not any(status in (101, 201, 204) for status in statuses), heard[:500]
    assert served.target.changed_since(rows, "idempotency_keys") == []
    await served.check_well()


@pytest.mark.parametrize("method", ["PATCH", "GET"])
async def test_50_mb_leave_the_server_small(served: Served, method: str) -> None:
    """413 while they come where a body is read, and none is kept where none is."""
    before, rows = served.memory(), served.target.rows()

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" " * 1_000_000

    async with served.client() as client, asyncio.timeout(PATIENCE_SECONDS):
        with suppress(httpx.WriteError, httpx.ReadError):
            answer = await client.request(
                method, "/v1/workspace", content=pieces(), headers={"Content-Type": "application/json"}
            )
            assert answer.status_code == (413 if method == "PATCH" else 200)

    assert served.memory() - before < MOST_OCTETS
    assert served.target.changed_since(rows) == []
    await served.check_well()


async def test_slow_bodies_do_not_keep_others_from_being_served(served: Served) -> None:
    """Forty callers send half a body and wait: others are answered. Nothing comes of it when they hang up."""
    rows = served.target.rows()
    bulk = f"POST /v1/campaigns/{served.target.tenant.ids['camp']}/leads/bulk HTTP/1.1"
    halves = [
        served.head(PATCH, JSON, TOO_LONG) + BODY,
        served.head(bulk, "Content-Type: text/csv", "Content-Length: 1000") + b"email\na@leads.test\n",
    ]
    writers = []
    for number in range(40):
        _, writer = await asyncio.open_connection("127.0.0.1", served.port)
        writer.write(halves[number % 2])
        await writer.drain()
        writers.append(writer)

    async with served.client() as client, asyncio.timeout(PATIENCE_SECONDS):
        answers = [await client.get("/v1/workspace") for _ in range(20)]
    for writer in writers:
        writer.close()
        await writer.wait_closed()

    assert {answer.status_code for answer in answers} == {200}
    await served.check_well()
    assert served.target.changed_since(rows) == []


async def test_callers_who_hang_up_leave_nothing_behind(served: Served) -> None:
    """A hundred requests whose answer nobody waits for: no error in the log, and all is as it was."""
    rows = served.target.rows()
    for _ in range(100):
        async with served.connection() as (_, writer):
            writer.write(served.head("GET /v1/leads HTTP/1.1"))
            await writer.drain()

    await served.check_well()
    assert served.target.changed_since(rows) == []
