"""`leadterra explain`: leads, campaigns and accounts, as tables and as JSON."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.campaigns import add_campaign
from tests.support.processes import Program


@pytest.fixture(scope="module")
def program(
    tmp_path_factory: pytest.TempPathFactory,
    make_database: Callable[[str], tuple[str, str]],
    worker_id: str,
) -> Iterator[Program]:
    """Commands on a database with a draft, its lead, and an account."""
    urls = make_database(f"leadterra_explain_{worker_id}")
    folder = tmp_path_factory.mktemp("explain")
    settings = {"admin_database_url": urls[0], "database_url": urls[1], "data_dir": folder / "data"}
    with Program(folder, **settings) as commands:
        assert commands.run("workspaces", "create", "acme").code == 0
        add_campaign(urls[1], "Spring")
        (folder / "leads.csv").write_text("email\neve@leads.example\n", encoding="utf-8")
        account = "email,name,smtp_host,smtp_security\nada@acme.example,Ada,127.0.0.1,none\n"
        (folder / "accounts.csv").write_text(account, encoding="utf-8")
        assert commands.run("leads", "import", "Spring", "leads.csv").code == 0
        assert commands.run("accounts", "import", "accounts.csv").code == 0
        yield commands


def test_a_lead_by_its_address(program: Program) -> None:
    """What holds it, and every gate with its sentence."""
    found = program.run("explain", "lead", "Spring", "eve@leads.example", "--json").json
    assert (found["state"], found["blockedBy"]) == ("waiting", "campaign_not_running")
    assert (
        program.run("explain", "lead", "Spring", found["leadId"], "--json").json["leadId"] == found["leadId"]
    )

    shown = program.run("explain", "lead", "Spring", "eve@leads.example").out
    assert "What holds it most: campaign_not_running." in shown
    assert "nothing goes out before it is started" in shown


def test_a_campaign_by_its_name(program: Program) -> None:
    """How many leads each gate holds."""
    found = program.run("explain", "campaign", "Spring", "--json").json
    assert found["byGate"] == [{"gate": "campaign_not_running", "leads": 1, "clearsAt": None}]

    assert "The campaign is draft: 1 waiting." in program.run("explain", "campaign", "Spring").out


def test_an_account_by_its_address(program: Program) -> None:
    """Its units of today and its gates."""
    found = program.run("explain", "account", "ada@acme.example", "--json").json
    assert found["today"] == {"limit": 50, "sent": 0, "uncertain": 0, "reserved": 0, "remaining": 50}

    shown = program.run("explain", "account", "ADA@acme.example").out
    assert "ada@acme.example is active; 0 of 50 messages of today are used." in shown


def test_what_is_not_there_is_said(program: Program) -> None:
    """One line, and no trace."""
    nobody = program.run("explain", "account", "nobody@acme.example")
    nonsense = program.run("explain", "lead", "Spring", "nonsense")

    assert (nobody.code, nonsense.code) == (2, 2)
    assert "there is no sender account 'nobody@acme.example'" in nobody.err
    assert "'nonsense' is neither the id nor the address of a lead" in nonsense.err
