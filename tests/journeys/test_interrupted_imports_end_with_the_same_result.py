"""`leadterra leads import`, killed or interrupted half-way and run again, goes on where it stopped and loses
nothing.
"""

import csv
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.campaigns import add_campaign
from tests.support.processes import Program, wait_for

ROWS = 60_000


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_an_import_goes_on(
    number: signal.Signals, tmp_path: Path, make_database: Callable[[str], tuple[str, str]], worker_id: str
) -> None:
    """Every row is enrolled once, and is once in the report."""
    admin_url, program_url = make_database(f"leadterra_import_{number.name.lower()}_{worker_id}")
    with (tmp_path / "leads.csv").open("w") as file:
        file.write("email\n")
        file.writelines(f"lead{row}@x.example\n" for row in range(ROWS))
    with Program(
        tmp_path, admin_database_url=admin_url, database_url=program_url, data_dir=tmp_path / "data"
    ) as program:
        program.run("workspaces", "create", "acme")
        add_campaign(program_url, "Spring")
        arguments = ("leads", "import", "Spring", "leads.csv", "--report", "report.csv", "--json")
        report = tmp_path / "report.csv"

        first = program.start(*arguments)
        wait_for(lambda: report.exists() and report.stat().st_size > 0, "the first rows to be in")
        code = first.end(number)
        assert code in {-signal.SIGKILL, 130}
        assert ("goes on from there" in first.log()) is (number == signal.SIGINT)

        done = program.run(*arguments).json
    assert 0 < done["resumedAtRow"] < ROWS
    assert (done["rows"], done["enrolled"], done["updated"], done["invalid"]) == (ROWS, ROWS, 0, 0)
    with report.open(newline="") as stream:
        assert [int(row["row"]) for row in csv.DictReader(stream)] == list(range(1, ROWS + 1))
