"""Messages a second through the whole engine to a local smtp-sink, beside a bare loop that sends as many over
as many connections.

The bare loop knows no database, quota, template or unsubscribe link: it hands one finished letter to
aiosmtplib again and again. The engine claims, reserves, renders, composes, checks right before DATA, records
every attempt and settles.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW
from tests.support.fleet import Fleet
from tests.support.pools import Mail, TestPool
from tests.support.waiting import eventually

ACCOUNTS = 20
PER_ACCOUNT = 2


@contextmanager
def smtp_sink() -> Iterator[int]:
    """Postfix's test server, answering at once; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = ["-u", "postfix"] if os.getuid() == 0 else []
    process = subprocess.Popen(["/usr/sbin/smtp-sink", *user, f"127.0.0.1:{port}", "1000"])
    try:
        _wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait()


async def bare_loop(port: int, messages: int) -> float:
    """Messages a second of a client that does nothing else."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Ada <ada@acme.test>", "lead@leads.test", "Hello Ada"
    letter.set_content("Hello Ada,\n" + "a line of text, as letters have them\n" * 25)
    letter.add_alternative(
        "<p>Hello Ada,</p>" + "<p>a line of text, as letters have them</p>\n" * 25, subtype="html"
    )
    content = letter.as_bytes()
    connections = ACCOUNTS * PER_ACCOUNT

    async def send(count: int) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as client:
            for _ in range(count):
                await client.sendmail("ada@acme.test", ["lead@leads.test"], content)

    start = time.perf_counter()
    await asyncio.gather(*(send(messages // connections) for _ in range(connections)))
    return messages / (time.perf_counter() - start)


async def engine(port: int, messages: int, program_url: str, folder: Path, *, processes: int = 1) -> float:
    """Messages a second of worker processes on a fresh workspace, from the first claim to the last
    settlement.
    """
    database = Database(program_url)
    await database.open()
    pool = await _prepare(database, port, messages)
    with Fleet(
        folder, program_url, connections_per_account=PER_ACCOUNT, clock_file=folder / "clock"
    ) as fleet:
        fleet.set_now(NOW)
        for _ in range(processes):
            fleet.start_worker()
        await eventually(lambda: _are_at_work(pool, processes), seconds=60, what="the workers to start")
        await pool.execute("update campaigns set status = 'running' where workspace_id = :w")
        start = time.perf_counter()
        await pool.wake(NOW)
        await eventually(lambda: _are_sent(pool, messages), seconds=600, what=f"{messages} messages")
        rate = messages / (time.perf_counter() - start)
        fleet.drain()
    await database.close()
    return rate


async def _are_at_work(pool: TestPool, processes: int) -> bool:
    """Each says so once a start; those of earlier runs have taken their leave."""
    rows = await pool.ask("select count(*) from workers")
    return bool(rows[0][0] >= processes)


async def _are_sent(pool: TestPool, messages: int) -> bool:
    rows = await pool.ask("select sum(sent) from campaign_totals where workspace_id = :w")
    return bool(rows[0][0] >= messages)


async def _prepare(database: Database, port: int, messages: int) -> TestPool:
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "bench", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    pool = TestPool(database, workspace_id, Mail(port=port))
    for number in range(ACCOUNTS):
        await pool.account(f"account{number:02}", messages)
    campaign = await pool.campaign(status="paused")
    html = "<p>Hello {{ firstName }},</p>" + "<p>a line of text, as letters have them</p>\n" * 25
    await pool.execute("update sequence_steps set body_html = :html where workspace_id = :w", html=html)
    await pool.leads(campaign, messages)
    return pool


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    sys.exit("smtp-sink did not start: is postfix installed?")
