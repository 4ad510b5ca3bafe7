"""Workers in two network namespaces, as on two machines, beside as many in one: they share nothing but a
PostgreSQL, which they reach over TCP as they do the mail server, both at the other end of a virtual cable.

Linux and root are needed, and iproute2; elsewhere each row says what is missing. Namespaces and cables are
removed in the end. The addresses are those that RFC 2544 sets aside for benchmarks.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.engine import POLL_INTERVAL_MS
from bench.measuring import Case, Contestant, Meter, Run, per_thousand
from bench.places import Place
from bench.populating import new_workspace
from bench.programs import Failed, Missing, environment, free_port, program, running
from leadterra.store.database import Database
from leadterra.store.embedded import ADMIN, DATABASE, PROGRAM, EmbeddedPostgres
from leadterra.store.migration import migrate
from leadterra.store.postgres_wheel import installation, system_user
from leadterra.transport.clock import set_offset
from tests.support.clock import NOW
from tests.support.pools import Mail, TestPool
from tests.support.waiting import eventually

_MESSAGES = 6_000
_ACCOUNTS = 20
_CROWDS = {"2 workers in one": (0, 0), "a worker in each of two": (0, 1)}
_NETWORK = "198.18.0.0/15"
_HOST = "198.18.0.1"
"""The host's end of the first cable. It is reached over the second one as well."""

_SERVER = {"max_connections": "200", "max_wal_size": "2GB", "jit": "off", "random_page_cost": "1.1"}


@contextmanager
def cases(place: Place) -> Iterator[list[Case]]:
    """The one case. What cannot be had here is every contestant's failure."""
    with ExitStack() as opened:
        try:
            site = opened.enter_context(_site(place))
        except Missing as missing:
            yield [_case({name: partial(_refuse, str(missing)) for name in _CROWDS})]
            return
        yield [_case({name: partial(_send, site, spots) for name, spots in _CROWDS.items()})]


def _case(contestants: dict[str, "partial[Run]"]) -> Case:
    return Case(
        name="network namespaces",
        unit="messages/s",
        contestants=[Contestant(name, run) for name, run in contestants.items()],
        note="two workers each; PostgreSQL and mail server over a virtual cable",
    )


def _refuse(reason: str) -> Run:
    raise Missing(reason)


@dataclass(frozen=True, slots=True)
class Site:
    """What the workers reach, and from where. namespaces: their names. mail_port: of the mail server. pid: of
    PostgreSQL. url: where it is, as the program's login.
    """

    place: Place
    namespaces: Sequence[str]
    mail_port: int
    pid: int
    url: str


@contextmanager
def _site(place: Place) -> Iterator[Site]:
    if os.name != "posix" or os.geteuid() != 0:
        raise Missing("only root may make network namespaces")
    if shutil.which("ip") is None:
        raise Missing("ip is not installed; it comes with iproute2")
    with (
        _namespace(0) as one,
        _namespace(1) as other,
        _sink(place) as mail_port,
        _postgres(place) as (pid, url),
    ):
        yield Site(place, (one, other), mail_port, pid, url)


@contextmanager
def _namespace(number: int) -> Iterator[str]:
    """One with a cable to this one. Raises `Missing` where that is not allowed."""
    name = f"lt{os.getpid()}n{number}"
    near, far = f"198.18.0.{4 * number + 1}", f"198.18.0.{4 * number + 2}"
    try:
        _ip("netns", "add", name)
        _ip("link", "add", f"{name}h", "type", "veth", "peer", "name", f"{name}w", "netns", name)
        _ip("address", "add", f"{near}/30", "dev", f"{name}h")
        _ip("link", "set", f"{name}h", "up")
        _ip("-n", name, "address", "add", f"{far}/30", "dev", f"{name}w")
        for device in ("lo", f"{name}w"):
            _ip("-n", name, "link", "set", device, "up")
        _ip("-n", name, "route", "add", "default", "via", near)
        yield name
    finally:
        subprocess.run(["ip", "netns", "delete", name], check=False, stderr=subprocess.DEVNULL)


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"no network namespaces here: {done.stderr.strip()}")


@contextmanager
def _sink(place: Place) -> Iterator[int]:
    """A mail server at the near end of the cable; its port."""
    port = free_port()
    command = [program("smtp-sink"), "-u", "nobody", f"inet:{_HOST}:{port}", "1000"]
    with running(command, partial(_listens, port), place.new_folder("sink") / "log"):
        yield port


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((_HOST, port), 1):
        return True
    return False


@contextmanager
def _postgres(place: Place) -> Iterator[tuple[int, str]]:
    """The program's PostgreSQL, listening on the cable: (its process, its URL)."""
    folder, port = place.new_folder("tcp"), free_port()
    with EmbeddedPostgres(folder) as made:
        migrate(made.admin_url(), made.program_url())
    files = folder / "postgres"
    with (files / "pg_hba.conf").open("a") as rules:
        rules.write(f"host {DATABASE} {ADMIN},{PROGRAM} {_NETWORK} trust\n")
    settings = {**_SERVER, "listen_addresses": _HOST, "port": str(port), "unix_socket_directories": ""}
    user = system_user()
    command = [
        *("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"),
        *(str(installation() / "bin" / "postgres"), "-D", str(files)),
        *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
    ]
    with running(command, partial(_is_open, files / "postmaster.pid"), folder / "log") as process:
        yield process.pid, f"postgresql://{PROGRAM}@{_HOST}:{port}/{DATABASE}"


def _is_open(record: Path) -> bool:
    return record.exists() and record.read_text().rstrip().endswith("ready")


def _send(site: Site, spots: Sequence[int]) -> Run:
    return asyncio.run(_measure(site, spots, site.place.size(_MESSAGES, 400)))


async def _measure(site: Site, spots: Sequence[int], messages: int) -> Run:
    database = Database(site.url)
    await database.open()
    try:
        pool = await _prepare(database, site, messages)
        with ExitStack() as started:
            processes = [started.enter_context(_worker(site, site.namespaces[spot])) for spot in spots]
            await eventually(lambda: _are_at_work(pool, len(spots)), seconds=60, what="the workers to start")
            with Meter(process.pid for process in processes) as own, Meter([site.pid]) as store:
                start = time.perf_counter()
                await pool.execute("update campaigns set status = 'running' where workspace_id = :w")
                await pool.wake(NOW)
                await eventually(lambda: _are_sent(pool, messages), seconds=300, what="the letters")
                taken = time.perf_counter() - start
    finally:
        await database.close()
    return Run(
        messages / taken,
        cpu=per_thousand(own.cpu + store.cpu, messages),
        memory=own.peak,
        store_cpu=per_thousand(store.cpu, messages),
        count=messages,
    )


async def _prepare(database: Database, site: Site, messages: int) -> TestPool:
    pool = await new_workspace(database, Mail(_HOST, site.mail_port))
    for number in range(_ACCOUNTS):
        await pool.account(f"account{number:02}", messages)
    await pool.leads(await pool.campaign(status="paused"), messages)
    return pool


@contextmanager
def _worker(site: Site, namespace: str) -> Iterator["subprocess.Popen[bytes]"]:
    folder = site.place.new_folder("worker")
    set_offset(folder / "clock", NOW.timestamp() - time.time())
    environ = environment(
        LEADTERRA_DATABASE_URL=site.url,
        LEADTERRA_DATA_DIR=str(folder / "state"),
        LEADTERRA_CLOCK_FILE=str(folder / "clock"),
        LEADTERRA_POLL_INTERVAL_MS=str(POLL_INTERVAL_MS),
    )
    command = ["ip", "netns", "exec", namespace, sys.executable, "-P", "-m", "leadterra", "work"]
    log = folder / "log"
    with running(command, partial(_has_started, log), log, environ=environ) as process:
        yield process


def _has_started(log: Path) -> bool:
    return "worker.started" in log.read_text()


async def _are_at_work(pool: TestPool, processes: int) -> bool:
    rows = await pool.ask("select count(*) from workers")
    return bool(rows[0][0] >= processes)


async def _are_sent(pool: TestPool, messages: int) -> bool:
    [(sent, lost)] = await pool.ask(
        "select sum(sent), sum(failed + uncertain) from campaign_totals where workspace_id = :w"
    )
    if lost:
        raise Failed(f"{lost} letters did not arrive")
    return bool(sent >= messages)
