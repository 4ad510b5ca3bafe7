"""`leadterra accounts warmup` says of accounts that warm up what the API says."""

import pytest

from tests.support.processes import Program

ROWS = """email,name,daily_limit,status,smtp_host,smtp_security
new@acme.test,New,40,warming,127.0.0.1,none
old@acme.test,Old,30,active,127.0.0.1,none
"""


@pytest.fixture
def program(tmp_path_factory: pytest.TempPathFactory, own_urls: tuple[str, str]) -> Program:
    """Commands on a database with one workspace."""
    folder = tmp_path_factory.mktemp("warmups")
    settings = {
        "admin_database_url": own_urls[0],
        "database_url": own_urls[1],
        "data_dir": folder / "data",
    }
    return Program(folder, **settings)


def test_warmups_are_shown_by_a_command(program: Program) -> None:
    """The one that warms up, and not the other; for people and for programs."""
    with program as commands:
        commands.run("workspaces", "create", "acme")
        (commands.folder / "accounts.csv").write_text(ROWS)
        commands.run("accounts", "import", "accounts.csv")
        [said] = commands.run("accounts", "warmup", "--json").json["warmups"]
        shown = commands.run("accounts", "warmup").out
    assert (said["email"], said["state"], said["limit"], said["target"]) == (
        "new@acme.test",
        "warming",
        5,
        40,
    )
    assert ("new@acme.test" in shown, "old@acme.test" in shown, "0 of 14" in shown) == (True, False, True)
