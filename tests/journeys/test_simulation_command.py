"""`leadterra simulate`: a table for people, JSON for programs, one picture, and nothing left behind."""

import json
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from leadterra.cli.simulation.picture import draw
from leadterra.cli.simulation.reading import read_plan
from leadterra.cli.simulation.report import make_report
from tests.support.processes import Program
from tests.support.simulating import Theatre, plan_of

PLAN = """
[simulation]
name = "Spring & <b>summer</b>"
start = 2026-03-02T00:00:00Z
days = 3
workerCrashes = 2
[workspace]
pacing = {mode = "asap"}
[[servers]]
name = "mail"
bounce = 0.1
defer = 0.1
[[accounts]]
count = 3
dailyLimit = 10
[[campaigns]]
name = "One"
leads = 60
replies = 0.1
"""
UNCLOSED = 'sequenceSteps = [{subject = "{{"}]'
_SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
async def theatre(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> AsyncIterator[Theatre]:
    """Databases of the test's own."""
    async with Theatre.opened(make_database, worker_id) as opened:
        yield opened


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """The command, with a folder for its temporary files."""
    (tmp_path / "plan.toml").write_text(PLAN)
    (tmp_path / "tmp").mkdir()
    with Program(tmp_path) as commands:
        yield commands


def leftovers(program: Program) -> list[str]:
    """What a command has not cleared away."""
    return [path.name for path in (program.folder / "tmp").iterdir()]


async def test_the_command_says_what_another_process_says(program: Program, theatre: Theatre) -> None:
    """The same plan and seed give the same JSON, octet by octet, in processes with other hash seeds and other
    servers; nothing stays.
    """
    done = program.run(
        "simulate", "plan.toml", "--json", "--report", "r.json", TMPDIR=str(program.folder / "tmp")
    )
    here = await theatre.report(read_plan(program.folder / "plan.toml"))
    assert done.json == json.loads(json.dumps(here.as_json()))
    assert (program.folder / "r.json").read_text() == json.dumps(
        here.as_json(), indent=2, ensure_ascii=False
    ) + "\n"
    assert leftovers(program) == []


def test_people_get_tables_and_a_picture(program: Program) -> None:
    """Of days, accounts and campaigns; and what was promised, and holds."""
    done = program.run(
        "simulate", "plan.toml", "--seed", "7", "--picture", "p.svg", TMPDIR=str(program.folder / "tmp")
    )
    assert done.code == 0, done.err
    assert "2026-03-02" in done.out
    assert "sender-3@senders.example" in done.out
    assert "✓ Nobody got a letter twice." in done.out
    assert ET.fromstring((program.folder / "p.svg").read_text()).tag == f"{_SVG}svg"
    assert (done.err, leftovers(program)) == ("", [])


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        (("count = 3", "count = 0"), (), "plan.toml: accounts #1, count: must be greater than"),
        (("leads = 60", UNCLOSED), (), "plan.toml: campaigns #1, sequenceSteps.0.subject: Step 1"),
        (("", ""), ("--report", "no/where.json"), "no/where.json: there is no such directory to write to"),
    ],
)
def test_a_wrong_plan_ends_with_one_line(
    program: Program, change: tuple[str, str], options: tuple[str, ...], said: str
) -> None:
    """Exit code 2, nothing on standard output, and nothing left behind."""
    (program.folder / "plan.toml").write_text(PLAN.replace(*change))
    done = program.run("simulate", "plan.toml", *options, TMPDIR=str(program.folder / "tmp"))
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"leadterra: {said}")
    assert (done.err.count("\n"), leftovers(program)) == (1, [])


async def test_the_picture_shows_every_letter_and_escapes_every_name(theatre: Theatre) -> None:
    """Bars by day and account, with hints; names cannot become markup, whatever is in them."""
    accounts = [{"prefix": f"s{number}", "dailyLimit": 2} for number in range(20)]
    plan = plan_of(simulation={"name": '</svg><script>"&'}, accounts=accounts)
    report = await make_report(await theatre.play(plan))
    drawn = ET.fromstring(draw(report))
    hints = [hint.text or "" for hint in drawn.iter(f"{_SVG}title")]
    assert hints[0] == '</svg><script>"&'
    assert sum(int(hint.rpartition(" ")[2]) for hint in hints[1:]) == report.letters.sent == 60
    assert any("7 other accounts" in hint for hint in hints)
    assert {element.tag.removeprefix(_SVG) for element in drawn.iter()} == {
        *("svg", "title", "rect", "text", "line", "polyline", "circle", "g"),
    }
