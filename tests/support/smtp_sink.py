"""Postfix's smtp-sink, a mail server for tests. Raises FileNotFoundError where Postfix is not installed."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from leadterra.actions.ports import Security, Submission
from tests.support.smtp_letters import ACCOUNT

SMTP_SINK = "/usr/sbin/smtp-sink"


@asynccontextmanager
async def smtp_sink(*options: str) -> AsyncIterator[Submission]:
    """A running smtp-sink with these options, and how to submit to it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # smtp-sink gives up root's rights only if it is told to whom.
    rights = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = await asyncio.create_subprocess_exec(
        SMTP_SINK, *rights, *options, f"inet:127.0.0.1:{port}", "100", stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _listening(port)
        yield Submission(ACCOUNT, "127.0.0.1", port, Security.NONE)
    finally:
        sink.terminate()
        await sink.wait()


async def _listening(port: int) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return
