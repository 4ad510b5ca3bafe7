"""Messages a second of one, two and four worker processes on one workspace's pool: ours beside itself.

Two kilobytes a letter, to a local smtp-sink, over connections that are kept; everything durable. All
processes share one pool, whose row they lock in turn, one PostgreSQL and the machine's cores with it and
the sink.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from bench.engine import Crew, Work, send
from bench.measuring import Case, Contestant
from bench.peers.sink import smtp_sink
from bench.places import Place

_MESSAGES = 8_000
_ACCOUNTS = 20
_NAMES = {1: "1 process", 2: "2 processes", 4: "4 processes"}


@contextmanager
def cases(place: Place) -> Iterator[list[Case]]:
    """The one case, with its sink running."""
    with smtp_sink(place.new_folder("sink")) as sink:
        work = Work(sink.port, place.size(_MESSAGES, 400), _ACCOUNTS)
        contestants = [
            Contestant(name, partial(send, place, work, Crew(processes)))
            for processes, name in _NAMES.items()
        ]
        yield [Case("processes", "messages/s", contestants, note="workers of one pool, one mail server")]
