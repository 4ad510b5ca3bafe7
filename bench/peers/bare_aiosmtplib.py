"""aiosmtplib alone: a new connection, STARTTLS and AUTH for every letter, and nothing else.

It knows no database, quota, template or unsubscribe link: it hands one finished letter on again and again.
Usage: python -m bench.peers.bare_aiosmtplib OPTIONS, where OPTIONS is JSON: port, messages, connections,
size, accounts, password, ca. Writes its seconds and cpu as JSON. Raises what aiosmtplib raises.
"""

import asyncio
import json
import resource
import ssl
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import aiosmtplib
import uvloop

from bench.peers.letter import compose, filling_of, recipient


@dataclass(frozen=True, slots=True)
class Options:
    """As given. connections: at a time. size: octets of a letter. ca: a PEM file."""

    port: int
    messages: int
    connections: int
    size: int
    accounts: int
    password: str
    ca: str


async def send_all(options: Options) -> None:
    """Send as many letters as wanted and say what it took."""
    letter = compose(0, filling_of(options.size)).as_bytes()
    context = ssl.create_default_context(cafile=options.ca)
    numbers = iter(range(options.messages))
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    await asyncio.gather(*(_lane(options, context, numbers, letter) for _ in range(options.connections)))
    taken, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(json.dumps({"seconds": taken, "cpu": cpu}))


async def _lane(options: Options, context: ssl.SSLContext, numbers: Iterator[int], letter: bytes) -> None:
    for number in numbers:
        sender = f"account{number % options.accounts:03}@acme.test"
        async with aiosmtplib.SMTP(
            hostname="127.0.0.1",
            port=options.port,
            username=sender,
            password=options.password,
            start_tls=True,
            tls_context=context,
        ) as client:
            await client.sendmail(sender, [recipient(number)], letter)


if __name__ == "__main__":
    uvloop.run(send_all(Options(**json.loads(sys.argv[1]))))
