"""`make bench`: first figures, as ratios to a bare loop in the same run. Writes bench/results.json and prints
a table.

Medians of interleaved runs; machines are shared and noisy, so only the ratios mean something, and nothing
here is a test.
"""

import argparse
import asyncio
import json
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.forecasts import forecast_rate, heap_rate
from bench.imports import copy_rate, import_rate
from bench.relay import bare_loop, engine, smtp_sink
from leadterra.store.embedded import EmbeddedPostgres
from leadterra.store.migration import migrate


def main() -> None:
    """Run every case."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=20_000)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="leadterra-bench-") as folder,
        EmbeddedPostgres(Path(folder) / "pg") as postgres,
    ):
        migrate(postgres.admin_url(), postgres.program_url())
        results = [
            _relay(options.messages, options.runs, postgres, Path(folder)),
            _imports(options.leads, options.runs, postgres),
            _forecasts(options.leads, options.runs),
        ]
    _show(results)
    Path("bench/results.json").write_text(json.dumps(results, indent=2) + "\n")


def _relay(messages: int, runs: int, postgres: EmbeddedPostgres, folder: Path) -> dict[str, object]:
    with smtp_sink() as port:

        def ours(run: int) -> float:
            place = folder / f"run{run}"
            place.mkdir()
            return asyncio.run(engine(port, messages, postgres.program_url(), place))

        return _compare(
            f"{messages} messages to smtp-sink",
            "messages/s",
            runs,
            ours,
            lambda _: asyncio.run(bare_loop(port, messages)),
        )


def _imports(leads: int, runs: int, postgres: EmbeddedPostgres) -> dict[str, object]:
    return _compare(
        f"import of {leads} leads from CSV",
        "leads/s",
        runs,
        lambda _: asyncio.run(import_rate(postgres.program_url(), leads)),
        lambda _: asyncio.run(copy_rate(postgres.admin_url(), leads)),
    )


def _forecasts(leads: int, runs: int) -> dict[str, object]:
    return _compare(
        f"forecast of {leads} leads over 60 days",
        "messages/s",
        runs,
        lambda _: forecast_rate(leads),
        lambda _: heap_rate(leads),
    )


def _compare(
    case: str, unit: str, runs: int, ours: Callable[[int], float], bare: Callable[[int], float]
) -> dict[str, object]:
    """Interleaved runs of both; medians and their ratio."""
    pairs = [(ours(run), bare(run)) for run in range(runs)]
    mine, beside = (statistics.median(column) for column in zip(*pairs, strict=True))
    return {
        "case": case,
        "unit": unit,
        "engine": round(mine),
        "bare": round(beside),
        "ratio": round(mine / beside, 3),
        "runs": runs,
    }


def _show(results: list[dict[str, object]]) -> None:
    print(f"{'case':44} {'engine':>10} {'bare':>10} {'ratio':>7}")
    for row in results:
        print(f"{row['case']:44} {row['engine']:>10} {row['bare']:>10} {row['ratio']:>7}  {row['unit']}")


if __name__ == "__main__":
    main()
