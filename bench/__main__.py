"""`make bench`: every case beside its peers, as one table and as bench/results.json.

Machines are shared and noisy: medians of interleaved runs, and only ratios within one run of the bench mean
something. Ends with 1 if a contestant has no figure; an aim that is missed is a finding, not a failure.
Nothing here is a test.
"""

import argparse
import json
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from importlib import import_module
from itertools import groupby
from pathlib import Path

from bench.measuring import RUNS, Case, Figure, Result, measure, told
from bench.places import Place, open_place
from bench.surroundings import surroundings
from bench.table import show

CASES = (
    "relay",
    "mailbox",
    "latency",
    "pages",
    "backlog",
    "accounts",
    "imports",
    "processes",
    "network_namespaces",
    "forecasts",
    "mailboxes",
    "scores",
)
"""Modules of this package, each with its `cases(place)`, in the order of the table."""

_ON_STOCK = ("pages", "backlog")
"""These share a place where they follow each other, and with it ten million rows."""

_RESULTS = Path("bench/results.json")


def main() -> int:
    """Run the cases that were named, or all."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # what was started is ended
    start = time.monotonic()
    results: list[Result] = []
    for _, names in groupby(options.cases or CASES, lambda name: _ON_STOCK if name in _ON_STOCK else name):
        for result in _results_of(list(names), options.runs, is_quick=options.quick):
            results.append(result)
            _write(options, results)
    print(show(results, seconds=time.monotonic() - start))
    return int(any(figure.failure for result in results for figure in result.figures))


def _write(options: argparse.Namespace, results: list[Result]) -> None:
    found = {
        "on": surroundings(),
        "runs": options.runs,
        "quick": options.quick,
        "results": [asdict(result) for result in results],
    }
    options.output.write_text(json.dumps(found, indent=2) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure it, beside what others do.")
    parser.add_argument("cases", nargs="*", metavar="case", help=f"of {', '.join(CASES)}; none: all")
    parser.add_argument("--runs", type=int, default=RUNS, help="interleaved runs of each contestant")
    parser.add_argument("--quick", action="store_true", help="small sizes: to see that it works")
    parser.add_argument("--output", type=Path, default=_RESULTS, help="the file for the results")
    options = parser.parse_args()
    if unknown := set(options.cases) - set(CASES):
        parser.error(f"there is no case {', '.join(sorted(unknown))}; there are {', '.join(CASES)}")
    return options


def _results_of(names: Sequence[str], runs: int, *, is_quick: bool) -> Iterator[Result]:
    """Those of modules that share a place of their own."""
    with open_place(is_quick=is_quick) as place:
        for name in names:
            yield from _measure(name, place, runs)


def _measure(name: str, place: Place, runs: int) -> Iterator[Result]:
    """One module's, as far as they come about; the others are measured whatever happens to it."""
    print(f"{name}: getting ready", file=sys.stderr, flush=True)
    try:
        with _opened(import_module(f"bench.{name}").cases(place)) as cases:
            for case in cases:
                yield measure(case, runs)
    except Exception as error:
        traceback.print_exc()
        yield Result(name, "", [Figure(name, 0, failure=told(error))], [])


@contextmanager
def _opened(cases: AbstractContextManager[Sequence[Case]] | Iterable[Case]) -> Iterator[Iterable[Case]]:
    """Both kinds of cases: all prepared at once, or each when its turn comes."""
    if isinstance(cases, AbstractContextManager):
        with cases as prepared:
            yield prepared
        return
    try:
        yield cases
    finally:
        close = getattr(cases, "close", None)
        if close is not None:
            close()


if __name__ == "__main__":
    sys.exit(main())
