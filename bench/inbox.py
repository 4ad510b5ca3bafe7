"""The program's own worker process as one of those who watch mailboxes: as it is delivered, over a database
in which every account has a mailbox and has sent one message.

A letter is known once its event is in the database for others to see, looked for fifty times a second: then
its transaction is over. What worker and database take without any mailbox is measured first, and is no
mailbox's. Raises `Failed` where worker or mailboxes do not come up in time.
"""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Self
from uuid import UUID

import psycopg

from bench.engine import SEAL_KEYS, settle_down
from bench.places import Place
from bench.populating import new_database, new_workspace
from bench.programs import wait_until
from bench.watchers import Watcher, Watching, cpu, memory
from bench.watching import Watch, address
from leadterra.mail.threads import message_id
from leadterra.store.database import Database
from leadterra.store.ids import encode
from leadterra.store.sealing import KeyRing, SealContext
from tests.support.fleet import Fleet
from tests.support.pools import Mail, TestPool

_DOMAIN = "acme.test"
_SETTLING_SECONDS = 5
_EMPTY_SECONDS = 10
_LOOK_SECONDS = 0.02
_AT_ONCE = 500
_PATIENCE = 600

_READ = """ update sender_accounts set imap_host = '127.0.0.1', imap_port = :port, imap_security = 'tls',
imap_username = email, imap_password = :password where workspace_id = :w and id = :id """
_SENT = b""" select a.email, l.email, m.workspace_id, m.enrollment_id, m.step_id from messages m
join sender_accounts a on a.workspace_id = m.workspace_id and a.id = m.sender_account_id
join enrollments e on e.workspace_id = m.workspace_id and e.id = m.enrollment_id
join leads l on l.workspace_id = e.workspace_id and l.id = e.lead_id where m.state = 'sent' """
_APPEAR = (
    b"insert into mailboxes (workspace_id, sender_account_id) select workspace_id, id from sender_accounts"
)
_NEW_EVENTS = b""" select e.workspace_id, e.number, e.type, e.payload ->> 'senderAccountId'
from unnest(%s::uuid[], %s::bigint[]) as k (workspace_id, number)
join events e on e.workspace_id = k.workspace_id and e.number > k.number
order by e.workspace_id, e.number """


def worker(place: Place, workspaces: int) -> Watching:
    """One worker process; the accounts are divided among so many workspaces."""

    @contextmanager
    def watching(watch: Watch, folder: Path) -> Iterator[Watcher]:
        admin_url, program_url = new_database(place, folder.name)
        asyncio.run(_fill(program_url, watch, min(workspaces, watch.count)))
        settle_down(place)
        settings = {"seal_keys": SEAL_KEYS, "smtp_ca_file": watch.certificates, "poll_interval_ms": 200}
        with (
            psycopg.connect(admin_url, autocommit=True) as admin,
            Fleet(folder, program_url, **settings) as fleet,
        ):
            pid = fleet.start_worker().pid
            resting = _rest(admin, pid, place.postgres_pid)
            empty, start = memory([pid]), time.monotonic()
            admin.execute(_APPEAR)
            wait_until(lambda: _are_read(admin, watch.count), seconds=_PATIENCE, what="all mailboxes")
            opened = time.monotonic() - start
            with Lookout(admin_url) as lookout:
                yield Watcher(
                    [pid],
                    empty,
                    lookout.known,
                    opened,
                    letter=partial(_answer, _sent(admin), lookout),
                    resting=resting[0],
                    store_pid=place.postgres_pid,
                    store_resting=resting[1],
                )

    return watching


class Lookout:
    """Looks for events of replies, from `begin` until the block ends."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url
        self._begun, self._stopping = Event(), Event()
        self._thread = Thread(target=self._look)
        self._known: dict[str, float] = {}

    def begin(self) -> None:
        """Those that are there so far are none of ours. Until then it costs the database nothing."""
        self._begun.set()

    def known(self) -> Mapping[str, float]:
        """By address of the account that was answered, when the event was there."""
        return dict(self._known)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._begun.set()
        self._thread.join()

    def _look(self) -> None:
        with psycopg.connect(self._admin_url, autocommit=True) as admin:
            names = {
                encode("sa", row[0]): row[1] for row in admin.execute("select id, email from sender_accounts")
            }
            last: dict[UUID, int] = dict(
                admin.execute("select workspace_id, event_number from sender_pools").fetchall()
            )
            self._begun.wait()
            while not self._stopping.wait(_LOOK_SECONDS):
                found = admin.execute(_NEW_EVENTS, [list(last), list(last.values())]).fetchall()
                at = time.time()
                for workspace_id, number, kind, account_id in found:
                    last[workspace_id] = number
                    if kind == "reply.received":
                        self._known.setdefault(names[account_id], at)


@dataclass(frozen=True, slots=True)
class _Message:
    """lead: who got it. identifier: its Message-ID."""

    lead: str
    identifier: str


def _answer(sent: Mapping[str, _Message], lookout: Lookout, box: str) -> bytes:
    """What the lead of that account answers. With the first answer the looking begins."""
    lookout.begin()
    message = sent[box]
    return (
        f"From: Kim <{message.lead}>\r\nTo: {box}\r\nSubject: Re: Hello\r\n"
        f"In-Reply-To: {message.identifier}\r\nMessage-ID: <answer.{message.lead}>\r\n"
        "\r\nSounds good, tell me more.\r\n"
    ).encode()


def _sent(admin: psycopg.Connection[tuple[object, ...]]) -> dict[str, _Message]:
    """By account."""
    return {
        str(row[0]): _Message(str(row[1]), message_id(*_uuids(row[2:]), _DOMAIN))
        for row in admin.execute(_SENT)
    }


def _uuids(values: tuple[object, ...]) -> tuple[UUID, UUID, UUID]:
    first, second, third = (UUID(str(value)) for value in values)
    return first, second, third


def _rest(admin: psycopg.Connection[tuple[object, ...]], pid: int, store_pid: int) -> tuple[float, float]:
    """CPU seconds a second of a worker that has nothing to do, and of its database."""
    wait_until(lambda: _count(admin, b"select count(*) from workers") > 0, what="the worker to start")
    time.sleep(_SETTLING_SECONDS)
    spent = cpu([pid]), cpu([store_pid])
    time.sleep(_EMPTY_SECONDS)
    return (cpu([pid]) - spent[0]) / _EMPTY_SECONDS, (cpu([store_pid]) - spent[1]) / _EMPTY_SECONDS


def _are_read(admin: psycopg.Connection[tuple[object, ...]], count: int) -> bool:
    time.sleep(0.1)
    return _count(admin, b"select count(*) from mailboxes where read_at is not null") >= count


def _count(admin: psycopg.Connection[tuple[object, ...]], question: bytes) -> int:
    row = admin.execute(question).fetchone()
    return int(str(row[0])) if row else 0


async def _fill(program_url: str, watch: Watch, workspaces: int) -> None:
    database = Database(program_url)
    await database.open()
    now, ring = datetime.now(UTC), KeyRing.from_text(SEAL_KEYS)
    for first in range(workspaces):
        pool = await new_workspace(database, Mail())
        numbers = range(first, watch.count, workspaces)
        for number in numbers:
            account_id = await pool.account(address(number).split("@")[0], 1, now=now)
            context = SealContext(pool.workspace_id, account_id, "imap")
            await pool.execute(
                _READ, id=account_id, port=watch.port, password=ring.seal(watch.password, context)
            )
        await _send(pool, len(numbers), now)
    await database.close()


async def _send(pool: TestPool, count: int, now: datetime) -> None:
    """Every account the first of two letters, to a lead of its own."""
    await pool.execute(
        "update sender_pools set message_domain = :domain where workspace_id = :w", domain=_DOMAIN
    )
    campaign = await pool.campaign(steps=2, now=now)
    await pool.leads(campaign, count, now=now)
    while claim := await pool.claim(now, limit=_AT_ONCE):
        await pool.clear(claim, now)
        await pool.settle(claim, now=now, data_at=now)
