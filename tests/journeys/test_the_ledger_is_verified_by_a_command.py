"""`leadterra ledger`: what became of each unit, by account and by day, and whether the books are right."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from leadterra.store.database import Database
from leadterra.store.ids import decode, encode
from leadterra.transport.clock import set_offset
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool
from tests.support.processes import Program

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture(scope="module")
def urls(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> tuple[str, str]:
    """(admin URL, program URL) of a database for this module."""
    return make_database(f"leadterra_ledger_{worker_id}")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, urls: tuple[str, str]) -> Iterator[Program]:
    """Commands on that database."""
    folder = tmp_path_factory.mktemp("ledger")
    set_offset(folder / "clock", (TOMORROW - datetime.now(UTC)).total_seconds())
    settings = {"admin_database_url": urls[0], "database_url": urls[1], "data_dir": folder / "data"}
    with Program(folder, clock_file=folder / "clock", **settings) as commands:
        yield commands


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool(program: Program, urls: tuple[str, str]) -> AsyncIterator[TestPool]:
    """The workspace `acme`: yesterday an account of 50 sent three messages, and one is in flight."""
    made = program.run("workspaces", "create", "acme", "--mode", "test", "--json").json
    database = Database(urls[1])
    await database.open()
    pool = TestPool(database, decode("ws", made["id"]))
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 4)
    await pool.settle(await pool.must_claim(limit=3), TAKEN)
    await pool.must_claim()
    yield pool
    await database.close()


def test_a_past_day_is_shown(program: Program, pool: TestPool) -> None:
    """As the API shows it."""
    shown = program.run("ledger", "show", "--date", "2026-03-10", "--json").json
    units = {"limit": 50, "sent": 3, "uncertain": 0, "reserved": 1, "remaining": 46}

    assert (shown["date"], shown["total"]) == ("2026-03-10", units)
    assert [(each["email"], each["remaining"]) for each in shown["accounts"]] == [("ada@acme.test", 46)]


def test_the_last_days_are_shown(program: Program, pool: TestPool) -> None:
    """For people, a row a day."""
    shown = program.run("ledger", "history", "--days", "2")

    rows = [line.split("│")[1:-1] for line in shown.out.splitlines() if "2026-03-1" in line]
    assert [[cell.strip() for cell in row] for row in rows] == [
        ["2026-03-10", "50", "3", "0", "0"],
        ["2026-03-11", "50", "0", "0", "0"],
    ]


def test_right_books_are_said_to_be_right(program: Program, pool: TestPool) -> None:
    """In one line, and exit code 0."""
    said = program.run("ledger", "verify")

    assert (said.code, said.err) == (0, "")
    assert said.out == "The books of the workspace 'acme' of every day: no difference.\n"


@pytest.mark.asyncio(loop_scope="module")
async def test_wrong_books_are_told_line_by_line(program: Program, pool: TestPool) -> None:
    """Each difference, then the verdict, and exit code 1; a day on which all is right is right."""
    await pool.execute("update ledger set sent = 2 where workspace_id = :w")
    ended = program.run("ledger", "verify", "--all", "--json")
    another = program.run("ledger", "verify", "--date", "2026-03-11", "--json").json
    await pool.execute("update ledger set sent = 3 where workspace_id = :w")

    difference, verdict = (json.loads(line) for line in ended.out.splitlines())
    ((account,),) = await pool.ask("select id from sender_accounts where workspace_id = :w")
    assert (ended.code, ended.err) == (1, "")
    assert difference == {
        "event": "difference",
        "book": "ledger",
        "date": "2026-03-10",
        "senderAccountId": encode("sa", account),
        "kept": {"sent": 2},
        "counted": {"sent": 3},
    }
    assert verdict == {"event": "verified", "date": None, "differences": 1}
    assert another["differences"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "--date", "2026-03-12"], "2026-03-12 is still to come; today is 2026-03-11"),
        (["verify", "--date", "soon"], "'soon' is no day; write it as 2026-03-11"),
        (["verify", "--all", "--date", "2026-03-10"], "give either --date DAY or --all"),
    ],
)
def test_another_day_is_refused(program: Program, pool: TestPool, arguments: list[str], said: str) -> None:
    """In one line, and exit code 2."""
    ended = program.run("ledger", *arguments)

    assert (ended.code, ended.out, ended.err) == (2, "", f"leadterra: {said}\n")
