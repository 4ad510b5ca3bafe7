"""The report of an import is a file that goes on where it stopped, without a row twice and without a gap."""

from pathlib import Path

import pytest

from leadterra.actions.lead_imports import RowOutcome
from leadterra.cli.errors import CommandError
from leadterra.cli.row_report import open_report


def report(file: Path, *numbers: int, reason: str | None = None) -> list[str]:
    """One run that settles these rows; the file afterwards, without its header."""
    with open_report(file) as rows:
        for number in numbers:
            rows.add(RowOutcome(number, f"p{number}@x.example", "enrolled", reason))
        rows.flush()
    header, *lines = file.read_text().splitlines()
    assert header == "row,email,result,reason"
    return lines


def line(number: int) -> str:
    """As `report` writes it."""
    return f"{number},p{number}@x.example,enrolled,"


def test_a_run_that_goes_on_adds_its_rows(tmp_path: Path) -> None:
    """Behind those of the run before."""
    report(tmp_path / "report.csv", 1, 2)

    assert report(tmp_path / "report.csv", 3, 4) == [line(number) for number in (1, 2, 3, 4)]


def test_rows_that_nobody_wrote_down_are_settled(tmp_path: Path) -> None:
    """The run before was killed between its commit and its report."""
    report(tmp_path / "report.csv", 1)

    assert report(tmp_path / "report.csv", 4) == [
        line(1),
        "2,,settled,by an earlier run that was interrupted",
        "3,,settled,by an earlier run that was interrupted",
        line(4),
    ]


def test_a_torn_last_line_is_written_again(tmp_path: Path) -> None:
    """What does not end in a line break is no row."""
    report(tmp_path / "report.csv", 1, 2)
    with (tmp_path / "report.csv").open("a") as stream:
        stream.write("3,p3@x")

    assert report(tmp_path / "report.csv", 3) == [line(1), line(2), line(3)]


def test_a_run_from_the_first_row_begins_anew(tmp_path: Path) -> None:
    """It is another import, or the same file once more."""
    report(tmp_path / "report.csv", 1, 2, 3)

    assert report(tmp_path / "report.csv", 1) == [line(1)]


def test_a_reason_of_several_lines_stays_on_one(tmp_path: Path) -> None:
    """Each line of the file is a row."""
    assert report(tmp_path / "report.csv", 1, reason="one\ntwo") == [f"{line(1)}one two"]


def test_a_run_without_rows_leaves_it_alone(tmp_path: Path) -> None:
    """All had been settled by then."""
    report(tmp_path / "report.csv", 1, 2)

    assert report(tmp_path / "report.csv") == [line(1), line(2)]


def test_another_file_is_not_overwritten(tmp_path: Path) -> None:
    """The leads themselves, say."""
    (tmp_path / "leads.csv").write_text("email\nann@x.example\n")

    with pytest.raises(CommandError, match="is no report"):
        report(tmp_path / "leads.csv", 1)
    assert (tmp_path / "leads.csv").read_text() == "email\nann@x.example\n"
