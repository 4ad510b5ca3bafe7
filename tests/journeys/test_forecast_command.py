"""`leadterra forecast` says what the API says: as a table with what binds and what helps, and as JSON."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.campaigns import add_campaign
from tests.support.processes import Program


@pytest.fixture(scope="module")
def urls(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> tuple[str, str]:
    """(admin URL, program URL) of a database for this module."""
    return make_database(f"leadterra_forecasts_{worker_id}")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, urls: tuple[str, str]) -> Iterator[Program]:
    """Commands on that database, with a workspace that has one account, of two letters a day."""
    folder = tmp_path_factory.mktemp("forecasts")
    settings = {"admin_database_url": urls[0], "database_url": urls[1], "data_dir": folder / "data"}
    (folder / "accounts.csv").write_text(
        "email,name,daily_limit,status,smtp_host,smtp_security\nada@acme.test,Ada,2,active,127.0.0.1,none\n"
    )
    with Program(folder, **settings) as commands:
        assert commands.run("workspaces", "create", "acme", "--mode", "test").code == 0
        assert commands.run("accounts", "import", "accounts.csv").code == 0
        yield commands


def test_new_leads_are_shown_as_a_table_with_the_remedy_in_a_line(program: Program) -> None:
    """A row a day."""
    shown = program.run("forecast", "pool", "--leads", "5")

    assert shown.code == 0
    assert "Overflow" in shown.out
    assert "account_quota: On 2 of 3 days" in shown.out
    assert "Remedy: one more account of 2 a day ends it on" in shown.out


def test_the_same_is_told_as_json(program: Program) -> None:
    """With the names of the API."""
    told = program.run("forecast", "pool", "--leads", "5", "--days", "2", "--json").json

    assert [day["bySteps"] for day in told["days"]] == [[2], [2]]
    assert (told["completesAt"], told["leadsLeft"]) == (None, 1)
    assert told["remedy"]["change"]["fields"] == {"newSenderAccounts": 1, "dailyLimit": 2}


def test_a_campaign_is_found_by_its_name(program: Program, urls: tuple[str, str]) -> None:
    """And told by its id; a draft without leads has nothing to send."""
    campaign_id = add_campaign(urls[1], "Spring")
    told = program.run("forecast", "campaign", "Spring", "--json").json

    assert (told["campaignId"], told["bySender"]) == (campaign_id, [])
    assert "Nothing is to be sent." in program.run("forecast", "campaign", campaign_id).out


def test_a_campaign_that_is_not_there_is_said_in_one_line(program: Program) -> None:
    """As by all commands."""
    said = program.run("forecast", "campaign", "Autumn")

    assert said.code != 0
    assert "Autumn" in said.err
