"""Commands on one database: workspaces, keys, accounts, pool, campaigns, messages, each with its JSON."""

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.support.campaigns import add_campaign
from tests.support.processes import Program

HEADER = "email,name,daily_limit,status,smtp_host,smtp_security\n"


@pytest.fixture(scope="module")
def urls(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> tuple[str, str]:
    """(admin URL, program URL) of a database for this module."""
    return make_database(f"leadterra_commands_{worker_id}")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, urls: tuple[str, str]) -> Iterator[Program]:
    """Commands on that database, with one workspace in it, `acme`."""
    folder = tmp_path_factory.mktemp("commands")
    settings = {"admin_database_url": urls[0], "database_url": urls[1], "data_dir": folder / "data"}
    with Program(folder, **settings) as commands:
        assert commands.run("workspaces", "create", "acme").code == 0
        yield commands


def write(program: Program, text: str) -> str:
    """A file of accounts."""
    (program.folder / "accounts.csv").write_text(text, encoding="utf-8-sig")
    return "accounts.csv"


def outcomes(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    """What became of each row."""
    return [(row["email"], row["result"]) for row in rows]


def test_a_key_is_made_with_the_scopes_that_are_asked_for(program: Program) -> None:
    """And it is a key of the workspace."""
    said = program.run("keys", "create", "--scope", "read", "--scope", "send", "--label", "ci", "--json").json

    assert (said["workspace"], said["label"], said["scopes"]) == ("acme", "ci", ["read", "send"])
    assert said["key"].startswith("sk_live_")


def test_help_shows_a_flag_as_a_flag(program: Program) -> None:
    """Without the kind of a value, which it does not take."""
    shown = program.run("campaigns", "watch", "--help").out

    assert "--once" in shown
    assert "<bool>" not in shown


def test_a_row_that_is_no_account_says_why(program: Program) -> None:
    """Every fault by its column, and the address where it is the only one."""
    rows = "nobody,,many,active,127.0.0.1,none\nnobody,Nobody,40,active,127.0.0.1,none\n"
    ended = program.run("accounts", "import", write(program, HEADER + rows), "--json")

    assert [each["reason"] for each in json.loads(ended.out)["rows"]] == [
        "name: missing; daily_limit: must be a whole number from 1 to 100000",
        "email: The e-mail address has no @-sign.",
    ]


def test_accounts_come_in_row_by_row(program: Program) -> None:
    """Good rows are created, bad ones reported with their columns, known ones left alone, or updated if that
    is asked for.
    """
    good = "ada@acme.example,Ada,40,active,127.0.0.1,none\n"
    bad = "eve@acme.example,Eve,many,asleep,127.0.0.1,none\n"
    first = program.run("accounts", "import", write(program, HEADER + good + bad), "--json").json
    assert outcomes(first["rows"]) == [("ada@acme.example", "created"), ("eve@acme.example", "invalid")]
    assert first["rows"][1]["reason"] == (
        "daily_limit: must be a whole number from 1 to 100000; status: must be active or warming or paused"
    )

    again = program.run("accounts", "import", write(program, HEADER + good), "--json").json
    assert outcomes(again["rows"]) == [("ada@acme.example", "existing")]

    more = "email,Daily Limit\nADA@acme.example,70\n"
    updated = program.run("accounts", "import", write(program, more), "--update", "--json").json
    assert outcomes(updated["rows"]) == [("ADA@acme.example", "updated")]

    pool = program.run("pool", "--json").json
    assert (pool["dailyCapacity"], pool["remainingVolume"], pool["senderAccountCount"]) == (70, 70, 1)
    assert [(each["name"], each["dailyLimit"]) for each in pool["accounts"]] == [("Ada", 70)]


def test_accounts_come_in_with_their_rules(program: Program) -> None:
    """And are listed with them; every wrong one is named."""
    rules = "Pacing Mode,min_gap_seconds,jitter,rolling_limit,weight,tags,provider"
    header = f"email,name,smtp_host,smtp_security,{rules}\n"
    good = "ben@acme.example,Ben,127.0.0.1,none,Spread,1.5,0,30,2.5, VIP ; east;vip,google\n"
    bad = "eve@acme.example,Eve,127.0.0.1,none,burst,-1,1.1,0,0,a\u200bb,gmail\n"
    ended = program.run("accounts", "import", write(program, header + good + bad), "--json").json
    listed = program.run("accounts", "list", "--json").json["accounts"][-1]

    assert outcomes(ended["rows"]) == [("ben@acme.example", "created"), ("eve@acme.example", "invalid")]
    assert ended["rows"][1]["reason"] == (
        "pacing_mode: must be spread or asap; min_gap_seconds: must be a number from 0 to 86400; "
        "jitter: must be a number from 0 to 1; rolling_limit: must be a whole number from 1 to 100000; "
        "weight: must be a number from 0.001 to 1000; provider: must be google or microsoft or other; "
        "tags: must consist of printable characters, without semicolons"
    )
    assert {
        "email": "ben@acme.example",
        "dailyLimit": 50,
        "rollingLimit": 30,
        "pacing": {"mode": "spread", "minGapSeconds": 1.5, "jitter": 0},
        "weight": 2.5,
        "tags": ["vip", "east"],
        "provider": "google",
    }.items() <= listed.items()

    more = "email,weight,tags\nben@acme.example,3,\n"
    program.run("accounts", "import", write(program, more), "--update", "--json")
    changed = program.run("accounts", "list", "--json").json["accounts"][-1]
    assert changed == {**listed, "weight": 3}


def test_a_campaign_is_filled_started_watched_and_paused(program: Program, urls: tuple[str, str]) -> None:
    """By its name. Rows that cannot be taken are counted, and told in the report."""
    campaign_id = add_campaign(urls[1], "Spring")
    (program.folder / "leads.csv").write_text(
        "email,firstName\nann@x.example,Ann\nnobody,Bob\nben@x.example,Ben\n"
    )

    done = program.run("leads", "import", "Spring", "leads.csv", "--report", "report.csv", "--json").json
    assert (done["campaignId"], done["rows"], done["enrolled"], done["invalid"]) == (campaign_id, 3, 2, 1)
    assert (program.folder / "report.csv").read_text().splitlines() == [
        "row,email,result,reason",
        "1,ann@x.example,enrolled,",
        "2,nobody,invalid,The e-mail address has no @-sign.",
        "3,ben@x.example,enrolled,",
    ]

    assert program.run("campaigns", "start", "Spring", "--json").json["status"] == "running"
    watched = program.run("campaigns", "watch", campaign_id, "--once", "--json").json
    assert (watched["status"], watched["totalEnrolled"], watched["queued"]) == ("running", 2, 2)
    assert program.run("campaigns", "pause", "Spring", "--json").json["status"] == "paused"
    listed = program.run("campaigns", "list", "--json").json
    assert [(each["id"], each["status"]) for each in listed["campaigns"]] == [(campaign_id, "paused")]
    assert {
        "schedule": None,
        "weight": 1,
        "dailyLimit": None,
        "newLeadsDailyLimit": None,
        "senderTags": [],
        "senderLossPolicy": {"action": "handover", "waitDays": 7},
        "variantChoice": "weighted",
    }.items() <= listed["campaigns"][0].items()
    assert "always" in program.run("campaigns", "list").out
    schedule = {
        "timeZone": "Zulu",
        "useLeadTimeZone": False,
        "days": ["mon"],
        "hours": {"from": "09:00", "to": "17:00"},
    }
    with psycopg.connect(urls[0]) as admin:
        admin.execute("update campaigns set schedule = %s", [json.dumps(schedule)])
    assert "Zulu" in program.run("campaigns", "list").out


def test_messages_that_wait_are_listed(program: Program) -> None:
    """None is uncertain here, and one that is not there cannot be resolved."""
    assert program.run("messages", "list", "--state", "uncertain", "--json").json == {"messages": []}
    refused = program.run("messages", "resolve", "msg_01hx3kqp7mbn2vd9czf6yw4e8r", "sent")

    assert (refused.code, refused.err.count("\n")) == (2, 1)


def test_people_get_tables(program: Program) -> None:
    """Without --json, on standard output."""
    shown = program.run("pool")

    assert (shown.code, shown.err) == (0, "")
    assert "accounts active" in shown.out


def test_the_database_may_be_migrated_again(program: Program) -> None:
    """There is nothing to do then."""
    assert program.run("migrate", "--json").json == {"applied": []}


def test_accounts_without_passwords_come_in(program: Program) -> None:
    """With what they log in by; what is missing of it is named."""
    header = "email,name,smtp_host,oauth_provider,oauth_client_id,oauth_client_secret,oauth_refresh_token\n"
    good = "gil@acme.example,Gil,smtp.gmail.com,Google,our.apps,secret,refresh\n"
    bad = "hal@acme.example,Hal,smtp.acme.example,custom,our.apps,secret,\n"
    ended = program.run("accounts", "import", write(program, header + good + bad), "--json").json

    assert outcomes(ended["rows"]) == [("gil@acme.example", "created"), ("hal@acme.example", "invalid")]
    assert ended["rows"][1]["reason"] == (
        "auth_tokenUrl: A custom provider needs the address of its tokens.; "
        "auth_refreshToken: This field is required."
    )
