"""One command imports a hundred thousand leads, and needs no more memory for them than for ten thousand."""

from collections.abc import Callable
from pathlib import Path

import psutil

from tests.support.campaigns import add_campaign
from tests.support.processes import Program, Running, wait_for

MANY, FEW = 100_000, 10_000


def test_a_hundred_thousand_leads_are_imported_in_constant_memory(
    tmp_path: Path, make_database: Callable[[str], tuple[str, str]], worker_id: str
) -> None:
    """Ten times the rows, a third more memory at the most; every row is enrolled."""
    admin_url, program_url = make_database(f"leadterra_import_memory_{worker_id}")
    settings = {"admin_database_url": admin_url, "database_url": program_url, "data_dir": tmp_path / "data"}
    with Program(tmp_path, **settings) as program:
        program.run("workspaces", "create", "acme")
        add_campaign(program_url, "Spring")
        peaks, results = zip(*(_import(program, tmp_path, rows) for rows in (FEW, MANY)), strict=True)

    assert [result["enrolled"] + result["updated"] for result in results] == [FEW, MANY]
    assert peaks[1] < 1.34 * peaks[0]


def _import(program: Program, folder: Path, rows: int) -> tuple[int, dict[str, int]]:
    """The most memory that the command had (bytes), and what it says."""
    file = folder / f"{rows}.csv"
    with file.open("w") as stream:
        stream.write("email,firstName,company\n")
        stream.writelines(f"lead{row}@x.example,Ada,Engines Ltd\n" for row in range(rows))
    running = program.start("leads", "import", "Spring", str(file), "--json")
    peak = _watch(running)
    return peak, running.line()


def _watch(running: Running) -> int:
    """Its largest resident size until it ends."""
    process, peak = psutil.Process(running.pid), 0

    def has_ended() -> bool:
        nonlocal peak
        try:
            peak = max(peak, process.memory_info().rss)
        except psutil.NoSuchProcess:
            return True
        return running.process.poll() is not None

    wait_for(has_ended, "the import to end")
    return peak
