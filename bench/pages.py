"""What the API answers a second beside ten thousand and ten million messages: the pool and a campaign's
statistics, beside a route of the same server that answers a constant.

A server process as `leadterra api` starts it, one for each size, with a database behind it that holds as
many due leads as sent messages. A client of this process asks over kept connections, one question each at a
time, so its CPU is nobody's figure. `/healthz` is the constant: it knows no key and asks no database.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bench.measuring import Aim, Case, Contestant, Meter, Run, per_thousand
from bench.places import Place
from bench.populating import Stock, stock_of
from bench.programs import Failed, answers, environment, free_port, running
from leadterra.actions.api_keys import create_key
from leadterra.domain.api_key import Scope
from leadterra.store.database import Database
from leadterra.store.ids import encode
from leadterra.transport.clock import set_offset
from tests.support.clock import NOW

SIZES = {"10 thousand messages": 10_000, "10 million messages": 10_000_000}
_CONNECTIONS = 8
_SECONDS = 2.0
_CONSTANT = "a constant"


@contextmanager
def cases(place: Place) -> Iterator[list[Case]]:
    """Two questions, each as requests a second and as the slowest hundredth of its answers."""
    with ExitStack() as servers:
        open_servers = {
            name: servers.enter_context(_server(place, stock_of(place, place.size(size, least=10_000))))
            for name, size in SIZES.items()
        }
        yield [
            case
            for route in ("/v1/sender-pools", "/v1/campaigns/{id}/stats")
            for case in _cases_of(route, open_servers)
        ]


@dataclass(frozen=True, slots=True)
class Server:
    """An API process. key: that opens it. campaign: the id of one of its campaigns. store_pid: its
    PostgreSQL's.
    """

    port: int
    pid: int
    key: str
    campaign: str
    store_pid: int

    def request(self, route: str) -> bytes:
        """The octets that ask."""
        path = route.replace("{id}", self.campaign)
        return (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.key}\r\n"
            "Accept: application/json\r\n\r\n"
        ).encode()


@dataclass(slots=True)
class Load:
    """One contestant: a question to a server. slowest: milliseconds of the slowest hundredth, by run, not
    told yet.
    """

    server: Server
    route: str
    slowest: list[float] = field(default_factory=list)

    def rate(self) -> Run:
        """Requests a second."""
        with Meter([self.server.pid]) as own, Meter([self.server.store_pid]) as store:
            spent, taken = asyncio.run(_ask(self.server.port, self.server.request(self.route)))
        spent.sort()
        self.slowest.append(spent[len(spent) * 99 // 100] * 1000)
        return Run(
            len(spent) / taken,
            cpu=per_thousand(own.cpu + store.cpu, len(spent)),
            memory=own.peak,
            store_cpu=per_thousand(store.cpu, len(spent)),
            count=len(spent),
        )

    def tail(self) -> Run:
        """The slowest hundredth, of a run that was measured already if there is one left."""
        if not self.slowest:
            self.rate()
        return Run(self.slowest.pop(0))


def _cases_of(route: str, servers: dict[str, Server]) -> list[Case]:
    loads = {name: Load(server, route) for name, server in servers.items()}
    least, most = loads
    loads[_CONSTANT] = Load(servers[least], "/healthz")
    return [
        Case(
            name=f"GET {route}",
            unit="requests/s",
            contestants=[Contestant(name, load.rate) for name, load in loads.items()],
            aims=[Aim("as many beside ten million messages", least, most, at_most=1.2)],
            note=f"{_CONNECTIONS} connections, one server process",
        ),
        Case(
            name=f"GET {route}, p99",
            unit="ms",
            contestants=[Contestant(name, load.tail) for name, load in loads.items()],
            note="of the same runs",
        ),
    ]


@contextmanager
def _server(place: Place, stock: Stock) -> Iterator[Server]:
    folder, port = place.new_folder("api"), free_port()
    set_offset(folder / "clock", NOW.timestamp() - time.time())
    environ = environment(
        LEADTERRA_DATABASE_URL=stock.program_url,
        LEADTERRA_DATA_DIR=str(folder / "state"),
        LEADTERRA_CLOCK_FILE=str(folder / "clock"),
        LEADTERRA_RATE_LIMIT="10000000",
    )
    command = [sys.executable, "-P", "-m", "leadterra", "api", "--port", str(port)]
    key = asyncio.run(_make_key(stock))
    with running(command, answers(port), folder / "log", environ=environ) as process:
        yield Server(port, process.pid, key, encode("camp", stock.campaign_ids[0]), place.postgres_pid)


async def _make_key(stock: Stock) -> str:
    database = Database(stock.program_url)
    await database.open()
    async with database.unit_of_work(stock.workspace_id) as uow:
        key = await create_key(uow, "bench", [Scope.READ], now=NOW)
    await database.close()
    return key.text


async def _ask(port: int, request: bytes) -> tuple[list[float], float]:
    """Seconds of each answer, and of all together."""
    start = time.perf_counter()
    end = start + _SECONDS
    found = await asyncio.gather(*(_ask_on(port, request, end) for _ in range(_CONNECTIONS)))
    return [spent for each in found for spent in each], time.perf_counter() - start


async def _ask_on(port: int, request: bytes, end: float) -> list[float]:
    """One connection's answers until that instant."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    spent = []
    while (before := time.perf_counter()) < end:
        writer.write(request)
        await _read_answer(reader)
        spent.append(time.perf_counter() - before)
    writer.close()
    await writer.wait_closed()
    return spent


async def _read_answer(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    status, *lines = head.lower().split(b"\r\n")
    if b" 200 " not in status + b" ":
        raise Failed(f"the API answered {status.decode()}")
    [length] = [line.split(b":")[1] for line in lines if line.startswith(b"content-length:")]
    await reader.readexactly(int(length))
