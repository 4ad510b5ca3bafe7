"""A minute of the storm that `make chaos` raises for ten: workers, database, its connections and the mail
servers fail at random while people change their minds and midnights pass.
"""

from pathlib import Path

from chaos.parts import Plan
from chaos.storm import run_storm

PLAN = Plan(minutes=1.0, seed=20260310, workers=4, midnights=2, scale=0.6, calm_seconds=15)


async def test_a_storm_breaks_nothing(tmp_path: Path) -> None:
    """Nothing twice, nothing past a limit, nothing unaccounted or stuck, and the books are right."""
    report = await run_storm(PLAN, tmp_path)
    raged = {kind.split()[0] for kind, count in report.faults.items() if count}
    assert report.is_clean, report.as_text()
    assert raged >= {"worker", "PostgreSQL", "database", "mail"}, "a storm without faults proves nothing"
    assert report.faults["midnight crossed"] >= PLAN.midnights
    assert report.letters > 500
    assert all(verdict.seen for verdict in report.verdicts)
