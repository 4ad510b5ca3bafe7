"""A server far away: every answer takes 50 or 200 ms; letters a second over so many connections.

What counts is how often a letter waits for an answer. Nodemailer's pool has as many connections, and as many
letters: so many for each connection that the first and the last ones matter little.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from bench.engine import Crew, Work, letter_size, send, slow_server
from bench.measuring import Case, Contestant, Run, per_thousand
from bench.places import Place
from bench.programs import answers, free_port, node_environment, program, report, running, script

LATENCIES = (50, 200)
CONNECTIONS = (10, 50, 200)

_ACCOUNTS = 10
_SECONDS = 120.0
_RUN_SECONDS = 6.0
_WAITS = 2  # of a letter: for what precedes its content, and for the answer to it
_LEAST_EACH = 4  # letters of a connection


@dataclass(frozen=True, slots=True)
class Line:
    """Where to, and how. latency: of every answer, in milliseconds. size: octets of a letter."""

    place: Place
    port: int
    latency: int
    connections: int
    size: int

    @property
    def letters(self) -> int:
        """As many as take some seconds one after the other on each connection."""
        seconds = _RUN_SECONDS * (0.25 if self.place.is_quick else 1.0)
        return self.connections * max(_LEAST_EACH, round(seconds * 1000 / (_WAITS * self.latency)))


def cases(place: Place) -> Iterator[Case]:
    """One for each latency and number of connections."""
    size = letter_size(place)
    for latency in LATENCIES:
        folder, port = place.new_folder("slow"), free_port()
        with running(slow_server(port, latency, folder / "record"), answers(port), folder / "log"):
            for connections in CONNECTIONS:
                yield _case(Line(place, port, latency, connections, size))


def _case(line: Line) -> Case:
    return Case(
        f"latency {line.latency} ms, {line.connections} connections",
        "messages/s",
        [
            Contestant("ours", partial(_ours, line)),
            Contestant("nodemailer pool", partial(_nodemailer, line)),
        ],
    )


def _ours(line: Line) -> Run:
    """One process; it claims ahead, so that no connection waits for a claim."""
    settings = {
        "connections_per_account": line.connections // _ACCOUNTS,
        "connections_per_process": line.connections,
        "max_in_flight": max(500, 4 * line.connections),
    }
    work = Work(line.port, line.letters, _ACCOUNTS, seconds=_SECONDS)
    return send(line.place, work, Crew(1, settings))


def _nodemailer(line: Line) -> Run:
    options = {"port": line.port, "messages": line.letters, "size": line.size}
    options |= {"connections": line.connections, "pool": True}
    command = [program("node"), script("nodemailer.js"), json.dumps(options)]
    log = line.place.new_folder("nodemailer") / "log"
    told = report(command, log, seconds=_SECONDS, environ=node_environment())
    count = line.letters
    return Run(count / told.seconds, cpu=per_thousand(told.cpu, count), memory=told.memory, count=count)
