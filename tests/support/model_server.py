"""A server of chat completions on loopback, which says what the test wants, in whatever way.

async with model_server(said("interested")) as server:
    ...
(asked,) = server.asked
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

Answer = Callable[[asyncio.StreamWriter], Any]
"""Writes an answer; may be a coroutine function."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. headers: by lower-case name. body: its JSON."""

    line: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class ModelServer:
    """A running one. url: its base. asked: what was asked, in order."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)


def http(status: int, content: bytes, *headers: str) -> Answer:
    """A whole answer."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}", "Connection: close", *headers]
    octets = "\r\n".join([*lines, "", ""]).encode() + content
    return lambda writer: writer.write(octets)


def said(content: object) -> Answer:
    """What a model said, as chat completions wrap it."""
    message = {"role": "assistant", "content": content}
    return http(200, json.dumps({"choices": [{"index": 0, "message": message}]}).encode())


async def silence(writer: asyncio.StreamWriter) -> None:
    """Nothing, ever."""
    await asyncio.Event().wait()


async def endless(writer: asyncio.StreamWriter) -> None:
    """An answer that does not end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"[" * 4096 + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def model_server(answer: Answer) -> AsyncIterator[ModelServer]:
    """One that answers so."""
    server, visits = ModelServer(), set[asyncio.Task[None]]()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        visits.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            server.asked.append(await _read(reader))
            if asyncio.iscoroutine(waiting := answer(writer)):
                await waiting
            await writer.drain()
        writer.close()

    listener = await asyncio.start_server(visit, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listener.close()
        for each in visits:
            each.cancel()
        await asyncio.gather(*visits, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    pairs = (line.split(": ", 1) for line in head[1:] if line)
    headers = {name.lower(): value for name, value in pairs}
    body = await reader.readexactly(int(headers["content-length"]))
    return Asked(head[0], headers, json.loads(body))
