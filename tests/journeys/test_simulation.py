"""A plan is played by the real engine in virtual time: the same letters for the same seed, and everything
accounted for, whatever happens.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from leadterra.cli.simulation.report import Report, make_report
from tests.support.simulating import START, Simulation, Theatre, arrivals, hours, plan_of

TROUBLED: dict[str, Any] = {
    "servers": [
        {"name": "good", "bounce": 0.05, "defer": 0.1, "greylist": 0.2, "uncertain": 0.02},
        {"name": "bad", "outages": [{"from": hours(20), "to": hours(30)}]},
    ],
    "accounts": [
        {"prefix": "a", "count": 3, "dailyLimit": 20, "server": "good"},
        {"prefix": "b", "count": 2, "dailyLimit": 15, "server": "bad"},
    ],
    "campaigns": [
        {
            "name": "One",
            "leads": 120,
            "replies": 0.2,
            "sequenceSteps": [{"subject": "Hi"}, {"delayDays": 1}],
        },
        {"name": "Two", "leads": 80, "startAt": hours(30)},
    ],
    "events": [{"at": hours(50), "action": "addLeads", "campaign": "Two", "leads": 40}],
}
CRASHES: dict[str, object] = {"workerCrashes": 6, "outages": [{"from": hours(48), "to": hours(49)}]}


@pytest.fixture
async def theatre(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> AsyncIterator[Theatre]:
    """Databases of the test's own."""
    async with Theatre.opened(make_database, worker_id) as opened:
        yield opened


def counted(report: Report) -> dict[str, int]:
    """Leads by their state, over all campaigns."""
    total: Counter[str] = Counter()
    for campaign in report.campaigns:
        total.update(campaign.leads)
    return dict(total)


# The same again.


async def test_the_same_seed_gives_the_same_letters_and_the_same_report(theatre: Theatre) -> None:
    """With bounces, deferrals, replies, outages and crashes: who wrote to whom, when, under which Message-ID,
    how it ended, and every number that comes of it.
    """
    plan = plan_of(days=4, simulation=CRASHES, **TROUBLED)
    first, second = await theatre.play(plan), await theatre.play(plan)
    assert first.servers.conversations == second.servers.conversations
    assert (await make_report(first)).as_json() == (await make_report(second)).as_json()


async def test_another_seed_gives_another_report(theatre: Theatre) -> None:
    """The command's own seed goes before the plan's."""
    plan = plan_of(**TROUBLED)
    first, second = await theatre.report(plan, seed=1), await theatre.report(plan, seed=2)
    assert first.days != second.days


# What goes wrong.


async def test_after_crashes_and_outages_everything_is_accounted_for(theatre: Theatre) -> None:
    """No difference in the books, no letter twice, no limit passed; every lead is somewhere."""
    report = await theatre.report(plan_of(days=6, simulation=CRASHES, **TROUBLED))
    assert report.checks.are_good
    assert len(report.crashes) >= 3
    assert sum(counted(report).values()) == 240
    assert counted(report)["uncertain"] > report.letters.uncertain
    assert {"finished", "replied", "bounced", "uncertain"} >= set(counted(report))


async def test_what_a_dead_worker_had_sent_is_uncertain_and_the_rest_goes_out(theatre: Theatre) -> None:
    """Each lead has its letter once; the engine does not know it of those that the dead one held."""
    simulation = await theatre.play(
        plan_of(simulation={"workerCrashes": 3}, campaigns=[{"name": "One", "leads": 80}])
    )
    report = await make_report(simulation)
    assert Counter(each.recipient for each in arrivals(simulation)).most_common(1)[0][1] == 1
    assert len(arrivals(simulation)) == 80
    assert report.messages["uncertain"] == counted(report)["uncertain"] > 0
    assert counted(report)["uncertain"] + counted(report)["finished"] == 80


async def test_nothing_arrives_through_a_server_that_is_out(theatre: Theatre) -> None:
    """And its letters go out through the others meanwhile."""
    simulation = await theatre.play(
        plan_of(
            days=2,
            servers=[{"name": "good"}, {"name": "bad", "outages": [{"from": START, "to": hours(22)}]}],
            accounts=[{"prefix": "a"}, {"prefix": "b", "server": "bad"}],
            campaigns=[{"name": "One", "leads": 90}],
        )
    )
    by_sender = Counter((each.at >= hours(22), each.sender[0]) for each in arrivals(simulation))
    assert by_sender == {(False, "a"): 50, (True, "b"): 40}


async def test_an_outage_of_all_servers_only_delays(theatre: Theatre) -> None:
    """A day is lost; the next ones make up for it as far as their quota goes."""
    report = await theatre.report(
        plan_of(
            simulation={"outages": [{"from": START, "to": hours(24)}]},
            campaigns=[{"name": "One", "leads": 60}],
        )
    )
    assert [day.letters.sent for day in report.days] == [0, 30, 30]
    assert [day.queue for day in report.days] == [60, 30, 0]


# Rates.

MANY = [{"name": "One", "leads": 400}]
WIDE = [{"count": 4, "dailyLimit": 100}]
SMALL = [{"count": 22, "dailyLimit": 19}]
"""Accounts that send too little to be judged by what comes back."""


@pytest.mark.parametrize(
    ("server", "outcome"),
    [
        ({"bounce": 0.2}, "bounced"),
        ({"defer": 0.2}, "deferred"),
        ({"greylist": 0.2}, "deferred"),
        ({"uncertain": 0.2}, "uncertain"),
    ],
)
async def test_a_rate_shows_in_the_numbers(theatre: Theatre, server: dict[str, object], outcome: str) -> None:
    """A fifth of four hundred, give or take the dice; nothing else goes wrong."""
    report = await theatre.report(
        plan_of(days=2, servers=[{"name": "mail", **server}], accounts=SMALL, campaigns=MANY)
    )
    wrong = {name: getattr(report.letters, name) for name in ("bounced", "deferred", "uncertain", "refused")}
    assert 55 <= wrong.pop(outcome) <= 115
    assert set(wrong.values()) == {0}
    assert report.letters.sent + report.letters.bounced == 400
    assert report.checks.are_good


async def test_accounts_of_which_too_much_comes_back_are_paused(theatre: Theatre) -> None:
    """With a fifth of the leads dead all four stop on the first day, and most of the leads are spared."""
    report = await theatre.report(
        plan_of(days=3, servers=[{"name": "mail", "bounce": 0.2}], accounts=WIDE, campaigns=MANY)
    )
    assert report.letters.bounced <= 60
    assert [day.letters.sent for day in report.days[1:]] == [0, 0]
    assert report.days[-1].queue >= 200
    assert report.checks.are_good


async def test_who_was_greylisted_has_the_letter_five_minutes_later(theatre: Theatre) -> None:
    """By the same sender."""
    simulation = await theatre.play(
        plan_of(servers=[{"name": "mail", "greylist": 1}], accounts=WIDE, campaigns=MANY)
    )
    first = {each.recipient: each for each in simulation.servers.conversations if each.outcome == "deferred"}
    waits = {
        (each.at - first[each.recipient].at, each.sender == first[each.recipient].sender)
        for each in arrivals(simulation)
    }
    assert len(first) == 400
    assert min(waits) == (timedelta(minutes=5), True)
    assert {is_same for _, is_same in waits} == {True}


async def test_replies_end_the_sequence_and_are_counted(theatre: Theatre) -> None:
    """A quarter answers before its follow-up is due, and gets none."""
    steps = [{"subject": "Hi"}, {"delayDays": 1}]
    campaign = {"name": "One", "leads": 200, "replies": 0.25, "replyAfterHours": 5, "sequenceSteps": steps}
    report = await theatre.report(plan_of(days=3, accounts=WIDE, campaigns=[campaign]))
    assert 30 <= report.replied <= 70
    assert counted(report) == {"finished": 200 - report.replied, "replied": report.replied}
    assert report.letters.follow_ups == 200 - report.replied
    assert sum(day.replied for day in report.days) == report.replied == report.campaigns[0].replied


# Limits and time.


async def test_every_day_every_account_keeps_its_limit(theatre: Theatre) -> None:
    """And uses it up while there is work, also after it was changed."""
    report = await theatre.report(
        plan_of(
            days=4,
            accounts=[{"prefix": "a", "dailyLimit": 7}, {"prefix": "b", "dailyLimit": 13}],
            campaigns=[{"name": "One", "leads": 100}],
            events=[{"at": hours(48), "action": "setLimit", "account": "b", "dailyLimit": 5}],
        )
    )
    sent = [tuple(day.by_account.values()) for day in report.days]
    assert sent == [(7, 13), (7, 13), (7, 5), (7, 5)]
    assert [(day.capacity, day.used) for day in report.days] == [(20, 1.0), (20, 1.0), (12, 1.0), (12, 1.0)]


async def test_the_workspace_s_pacing_is_the_production_s(theatre: Theatre) -> None:
    """A live workspace spreads: nobody's letters are closer than the usual gap, nor all at once."""
    simulation = await theatre.play(
        plan_of(
            days=1, workspace={}, accounts=[{"count": 2, "dailyLimit": 12}], simulation={"resolution": 60}
        )
    )
    for sender in simulation.stage.accounts:
        times = [each.at for each in arrivals(simulation) if each.sender == sender]
        gaps = [after - before for before, after in pairwise(times)]
        assert len(times) == 12
        assert min(gaps) >= timedelta(minutes=5)


async def test_wake_ups_are_rounded_up_to_the_resolution(theatre: Theatre) -> None:
    """So that large plans run in batches; what is arranged keeps its instant."""
    simulation = await theatre.play(
        plan_of(
            days=1, workspace={}, simulation={"resolution": 900}, accounts=[{"count": 5, "dailyLimit": 9}]
        )
    )
    assert {each.at.timestamp() % 900 for each in arrivals(simulation)} == {0}
    assert len(arrivals(simulation)) == 45


async def test_a_paused_account_and_a_paused_campaign_send_nothing(theatre: Theatre) -> None:
    """From their event on, until they go on."""
    simulation = await theatre.play(
        plan_of(
            days=5,
            accounts=[{"prefix": "a", "dailyLimit": 10}, {"prefix": "b", "dailyLimit": 10}],
            campaigns=[{"name": "One", "leads": 90}],
            events=[
                {"at": hours(24), "action": "pauseAccount", "account": "a-1@senders.example"},
                {"at": hours(48), "action": "activateAccount", "account": "a"},
                {"at": hours(48), "action": "pauseCampaign", "campaign": "One"},
                {"at": hours(72), "action": "startCampaign", "campaign": "One"},
                {"at": hours(96), "action": "removeAccount", "account": "b"},
            ],
        )
    )
    sent = Counter((each.day.day, each.sender[0]) for each in arrivals(simulation))
    assert sent == {
        **{(2, "a"): 10, (2, "b"): 10},
        (3, "b"): 10,
        **{(5, "a"): 10, (5, "b"): 10},
        (6, "a"): 10,
    }


async def test_a_campaign_begins_when_the_plan_says(theatre: Theatre) -> None:
    """Its schedule holds, in its own zone."""
    simulation = await theatre.play(
        plan_of(
            days=3,
            campaigns=[
                {
                    "name": "One",
                    "leads": 20,
                    "startAt": hours(30),
                    "schedule": {"timeZone": "Europe/Berlin", "hours": {"from": "09:00", "to": "10:00"}},
                }
            ],
        )
    )
    assert {each.at for each in arrivals(simulation)} == {datetime(2026, 3, 3, 8, tzinfo=UTC)}


# Stepping.


async def test_each_instant_is_shown_before_the_engine_acts_in_it(theatre: Theatre) -> None:
    """Instants only rise, and whatever is sent is sent at one that was shown."""
    shown: list[tuple[datetime, int]] = []

    async def look(simulation: Simulation) -> None:
        shown.append((simulation.now, len(simulation.servers.conversations)))

    simulation = await theatre.play(plan_of(), before=look)
    instants = [at for at, _ in shown]
    assert instants == sorted(set(instants))
    assert {each.at for each in simulation.servers.conversations} <= set(instants)
    assert all(sum(each.at < at for each in simulation.servers.conversations) == count for at, count in shown)


async def test_a_month_of_ten_accounts_is_played_in_seconds(theatre: Theatre) -> None:
    """Thirty a day each, two steps: every day full while there is work, and then done."""
    steps = [{"subject": "Hi"}, {"delayDays": 3}]
    report = await theatre.report(
        plan_of(
            days=30,
            accounts=[{"count": 10, "dailyLimit": 30}],
            campaigns=[{"name": "One", "leads": 4000, "sequenceSteps": steps}],
        )
    )
    assert report.letters.sent == 8000
    assert [day.letters.sent for day in report.days[:25]] == [300] * 25
    assert report.campaigns[0].status == "completed"
    assert report.checks.are_good
