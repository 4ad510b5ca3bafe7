"""A plan that cannot be played is refused before anything begins, in one line that names table and field."""

import json
import tomllib
from pathlib import Path

import pytest

from leadterra.cli.simulation.reading import PlanError, parse_plan, read_plan

ROOT = Path(__file__).parents[2]
SMALL = """
[simulation]
start = 2026-03-02T00:00:00Z
days = 2
[[servers]]
name = "mail"
[[accounts]]
prefix = "a"
count = 2
[[campaigns]]
name = "One"
leads = 5
"""


def refused(text: str) -> str:
    """What is said of a plan that is not played."""
    with pytest.raises(PlanError) as caught:
        parse_plan(tomllib.loads(text))
    return str(caught.value)


def test_the_plans_of_the_documents_can_be_read() -> None:
    """Every example, and the small one of these tests."""
    assert parse_plan(tomllib.loads(SMALL)).simulation.days == 2
    examples = sorted((ROOT / "docs" / "examples").glob("*.toml"))
    assert [read_plan(example).simulation.days > 0 for example in examples] == [True] * len(examples)
    assert examples


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("days = 2", "", "simulation, days: is required"),
        ("days = 2", "days = 0", "simulation, days: must be greater than or equal to 1"),
        ("days = 2", 'days = "2"', "simulation, days: must be a valid integer"),
        ("00Z", "00", "simulation, start: must have an offset, such as 2026-01-05T09:00:00Z"),
        ("days = 2", "days = 2\nspeed = 3", "simulation, speed: there is no such field here"),
        ('name = "mail"', 'name = "Mail"', "servers #1, name: must match pattern"),
        (
            'name = "mail"',
            'name = "mail"\nbounce = 1.5',
            "servers #1, bounce: must be less than or equal to 1",
        ),
        ("count = 2", "dailyLimit = 0", "accounts #1, dailyLimit: must be greater than or equal to 1"),
        ("count = 2", "daily_limit = 5", "accounts #1, daily_limit: there is no such field here"),
        ("count = 2", 'server = "post"', "accounts #1, server: there is no server 'post'; there is mail"),
        ("count = 2", 'status = "gone"', "accounts #1, status: must be 'active', 'warming' or 'paused'"),
        (
            "count = 2",
            'count = 2\nemail = "a@b.example"',
            "accounts #1, email: several accounts need a prefix",
        ),
        ("count = 2", 'pacing = {mode = "fast"}', "accounts #1, pacing.mode: must be 'spread' or 'asap'"),
        ("count = 2", 'domain = "a b"', "accounts #1, domain: "),
        ("count = 2", 'email = "nobody"', "accounts #1, email: must be an e-mail address"),
        ("leads = 5", 'schedule = {days = ["noday"]}', "campaigns #1, schedule.days.0: Must be one of mon"),
        (
            "leads = 5",
            'schedule = {hours = {from = "9"}}',
            "campaigns #1, schedule.hours.from: Must be",
        ),
        ("leads = 5", "leads = -5", "campaigns #1, leads: must be greater than or equal to 0"),
        (
            "leads = 5",
            'leadTimeZones = ["Mars"]',
            "campaigns #1, leadTimeZones.0: must be the name of a time zone",
        ),
        (
            "leads = 5",
            'senderLossPolicy = {action = "cry"}',
            "campaigns #1, senderLossPolicy.action: must be",
        ),
        (
            "[[campaigns]]",
            '[[campaigns]]\nname = "One"\n[[campaigns]]',
            "campaigns #2, name: 'One' is there already",
        ),
        (
            "[[accounts]]",
            '[[accounts]]\nprefix = "a"\ncount = 2\n[[accounts]]',
            "accounts #2, prefix: another",
        ),
    ],
)
def test_a_fault_is_named(before: str, after: str, said: str) -> None:
    """By table, number and field, in the words of the API where it has some."""
    assert said in refused(SMALL.replace(before, after))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"action": "dance"}, "action: must be 'pauseAccount'"),
        ({"action": "pauseCampaign", "campaign": "One", "at": "2026-03-04T00:00:00Z"}, "at: must be within"),
        ({"action": "setLimit", "account": "a"}, "dailyLimit: setLimit needs it"),
        ({"action": "pauseAccount", "account": "z"}, "account: there is no account 'z'"),
        ({"action": "addLeads", "campaign": "Two", "leads": 3}, "campaign: there is no campaign 'Two'"),
        ({"action": "pauseCampaign", "campaign": "One", "leads": 3}, "leads: pauseCampaign takes no such"),
    ],
)
def test_an_event_that_cannot_be_is_named(fields: dict[str, object], said: str) -> None:
    """What it lacks, what it has too much, and what it means that is not there."""
    at = fields.pop("at", "2026-03-02T10:00:00Z")
    lines = [f"at = {at}", *(f"{name} = {json.dumps(value)}" for name, value in fields.items())]
    assert f"events #1, {said}" in refused("\n".join([SMALL, "[[events]]", *lines]))


def test_all_faults_are_told_at_once() -> None:
    """In one line."""
    said = refused(SMALL.replace("days = 2", "days = 0").replace("leads = 5", "leads = -1"))
    assert said.count("; ") == 1


def test_what_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    """And with its name."""
    file = tmp_path / "plan.toml"
    file.write_text("[simulation\n")
    with pytest.raises(PlanError, match=r"plan\.toml: this is not TOML: .*line 1"):
        read_plan(file)
