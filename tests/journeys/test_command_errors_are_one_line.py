"""Whatever goes wrong with a command: one line on standard error that says what, exit code 2, or 75 where a
later try may do; nothing on standard output.
"""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Program, free_port, wait_for

AWAY = "postgresql://user:hush@127.0.0.1:1/leadterra"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Commands whose database is away."""
    folder = tmp_path_factory.mktemp("errors")
    (folder / "accounts.csv").write_text("mail,name\n")
    with Program(folder, database_url=AWAY) as commands:
        yield commands


@pytest.mark.parametrize(
    ("arguments", "environ", "said"),
    [
        (["pool"], {}, "the database does not answer"),
        (["up"], {"LEADTERRA_PORT": "eighty"}, "LEADTERRA_PORT: must be a valid integer"),
        (
            ["work"],
            {"LEADTERRA_PROCESES": "2"},
            "LEADTERRA_PROCESES: there is no such setting; did you mean LEADTERRA_PROCESSES?",
        ),
        (["work", "--processes", "0"], {}, "--processes: must be greater than or equal to 1"),
        (
            ["api", "--host", "no.such.host.invalid"],
            {},
            "--host: 'no.such.host.invalid' is no address of this machine",
        ),
        (
            ["migrate"],
            {"LEADTERRA_DATABASE_URL": "postgresql://u:hush@h/d?colour=red"},
            "LEADTERRA_DATABASE_URL: PostgreSQL cannot",
        ),
        (
            ["pool"],
            {"LEADTERRA_DATABASE_URL": "", "LEADTERRA_DATA_DIR": "/dev/null/data"},
            "the embedded PostgreSQL cannot be used",
        ),
        (["fly"], {}, "No such command 'fly'"),
        (["keys", "create", "--scope", "everything"], {}, "Invalid value for '--scope': 'everything' is not"),
        (["--workspace", "acme", "migrate"], {}, "--workspace: `migrate` takes no such option"),
        (["demo", "--data-dir", "here"], {}, "No such option: --data-dir"),
        (["leads", "import", "Spring"], {}, "Missing argument 'FILE.csv'"),
    ],
)
def test_an_error_is_one_line(
    program: Program, arguments: list[str], environ: dict[str, str], said: str
) -> None:
    """It names what is at fault, and shows no password."""
    ended = program.run(*arguments, **environ)

    assert (ended.code, ended.out) == (75 if "not answer" in said else 2, "")
    assert ended.err.startswith(f"leadterra: {said}")
    assert (ended.err.count("\n"), "hush" in ended.err) == (1, False)


def test_ctrl_c_is_130(tmp_path: Path) -> None:
    """Interrupted while it starts or works, it says nothing more and leaves no server running."""
    with Program(tmp_path) as program:
        command = program.start("up", "--data-dir", str(tmp_path / "data"), "--port", str(free_port()))
        wait_for((tmp_path / "data" / "postgres.start.lock").exists, "the command to begin")

        assert command.end(signal.SIGINT) in {0, 130}
        assert "Traceback" not in command.log()
        assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()
