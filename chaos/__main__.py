"""`make chaos`: a storm of failures around the real program, its report, and exit status 1 if it found
anything.

The same seed makes the same choices; what they meet is another every time, for processes run as they like.
"""

import argparse
import asyncio
import logging
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import uvloop

from chaos.parts import Plan
from chaos.report import Report
from chaos.storm import run_storm
from leadterra.config import Settings
from leadterra.observability import configure_logging


def main() -> int:
    """Run one storm and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of faults; the calm takes 2 more")
    parser.add_argument("--seed", type=int, default=1, help="of every choice")
    parser.add_argument("--workers", type=int, default=8, help="worker processes")
    parser.add_argument("--midnights", type=int, default=4, help="that are crossed meanwhile")
    parser.add_argument("--report", type=Path, help="write the report there as JSON")
    parser.add_argument("--keep", type=Path, help="keep database, logs and records of the mail servers there")
    options = parser.parse_args()
    folder = options.keep or Path(tempfile.mkdtemp(prefix="leadterra-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    plan = Plan(options.minutes, options.seed, options.workers, options.midnights)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    configure_logging(Settings(data_dir=folder, log_level="error"))
    try:
        report = uvloop.run(_storm(plan, folder))
    except asyncio.CancelledError:
        return 128 + signal.SIGTERM
    finally:
        if options.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(report.as_text())
    if options.report is not None:
        options.report.write_text(report.as_json())
    if not report.is_clean:
        again = f"--minutes {plan.minutes:g} --seed {plan.seed} --workers {plan.workers}"
        again += f" --midnights {plan.midnights}"
        print(f"\nThe storm found something. Again: python -m chaos {again}")
    return 0 if report.is_clean else 1


async def _storm(plan: Plan, folder: Path) -> Report:
    """SIGTERM cancels it, which ends all that it started; an exception out of a handler could end up in any
    task.
    """
    storm = asyncio.ensure_future(run_storm(plan, folder))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, storm.cancel)
    return await storm


if __name__ == "__main__":
    sys.exit(main())
