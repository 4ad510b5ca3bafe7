"""The forecast of a campaign and the simulation of the same campaign without accidents agree on every day.

The forecast is made first, of the database as it then is; then the production engine plays the same plan in
virtual time, against servers that take everything.
"""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from leadterra.actions.forecasting import ask_about_campaign, look_ahead
from leadterra.cli.simulation.plan import Plan
from tests.support.simulating import Simulation, Theatre, arrivals, hours, plan_of

Sends = dict[str, dict[str, tuple[int, ...]]]
"""By campaign and day, a number a step; only days on which anything is sent."""

ASAP: dict[str, object] = {"pacing": {"mode": "asap"}}
SPREAD: dict[str, object] = {"pacing": {"mode": "spread"}}
STEPS = [{"subject": "Hi"}, {"delayDays": 1.5}, {"delayDays": 1}]
BUSINESS = [
    {"subject": "Hi"},
    {"delayDays": 1, "delayUnit": "business"},
    {"delayDays": 1.5, "delayUnit": "business"},
]
OFFICE = {
    "timeZone": "Europe/Berlin",
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "hours": {"from": "09:00", "to": "17:00"},
}
SUMMER_TIME = {"start": datetime(2026, 3, 27, tzinfo=UTC)}
"""A Friday; on the Sunday behind it Berlin's clocks are put forward."""

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo"]
THREE = [{"count": 3, "dailyLimit": 7}]
TWO_DOMAINS = [
    {"count": 2, "dailyLimit": 7},
    {"count": 2, "dailyLimit": 5, "prefix": "other", "domain": "other.example"},
]


def one(leads: int = 26, steps: object = STEPS, **fields: object) -> list[dict[str, object]]:
    """A campaign."""
    return [{"name": "One", "leads": leads, "sequenceSteps": steps, **fields}]


def two(first: dict[str, object], second: dict[str, object]) -> list[dict[str, object]]:
    """Two of them."""
    return [*one(18, STEPS[:2], **first), {**one(22, STEPS[:2], **second)[0], "name": "Two"}]


PLANS: dict[str, Plan] = {
    "as soon as possible": plan_of(days=8, workspace=ASAP, accounts=THREE, campaigns=one(50)),
    "spread": plan_of(days=6, workspace=SPREAD, accounts=THREE, campaigns=one()),
    "office hours over a change of clocks": plan_of(
        days=9, simulation=SUMMER_TIME, workspace=SPREAD, accounts=THREE, campaigns=one(schedule=OFFICE)
    ),
    "a window over midnight, and a gap": plan_of(
        days=7,
        workspace={"pacing": {"mode": "asap", "minGapSeconds": 900}},
        accounts=THREE,
        campaigns=one(40, schedule={**OFFICE, "hours": {"from": "22:00", "to": "02:00"}}),
    ),
    "business days with a holiday": plan_of(
        days=11,
        workspace=SPREAD,
        accounts=THREE,
        campaigns=one(steps=BUSINESS, schedule={**OFFICE, "holidays": ["2026-03-05"]}),
    ),
    "the zones of leads": plan_of(
        days=7,
        workspace=ASAP,
        accounts=THREE,
        campaigns=one(40, leadTimeZones=ZONES, schedule={**OFFICE, "useLeadTimeZone": True}),
    ),
    "two campaigns of weight 1 and 3": plan_of(
        days=6, workspace=SPREAD, accounts=THREE, campaigns=two({"weight": 1}, {"weight": 3})
    ),
    "limits of campaigns, and a quota": plan_of(
        days=8,
        workspace={**SPREAD, "dailyQuota": 16},
        accounts=THREE,
        campaigns=two({"dailyLimit": 5}, {"newLeadsDailyLimit": 6}),
    ),
    "all of these, as soon as possible": plan_of(
        days=10,
        workspace={**ASAP, "dailyQuota": 16, "sendingDomainDailyLimit": 10},
        accounts=TWO_DOMAINS,
        campaigns=[
            *one(40, dailyLimit=7),
            {**one(40)[0], "name": "Two", "newLeadsDailyLimit": 6, "weight": 2},
        ],
    ),
    "a limit of sending domains": plan_of(
        days=6, workspace={**SPREAD, "sendingDomainDailyLimit": 9}, accounts=TWO_DOMAINS, campaigns=one()
    ),
    "a rolling limit": plan_of(
        days=8,
        workspace=ASAP,
        accounts=[{"count": 2, "dailyLimit": 9, "rollingLimit": 6}],
        campaigns=one(30),
    ),
}


@pytest.fixture
async def theatre(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> AsyncIterator[Theatre]:
    """Databases of the test's own."""
    async with Theatre.opened(make_database, worker_id) as opened:
        yield opened


async def forecast(simulation: Simulation) -> Sends:
    """What is forecast of every campaign, from now to the plan's end."""
    days = (simulation.plan.simulation.end.date() - simulation.now.date()).days
    found: Sends = {}
    for name, campaign_id in simulation.stage.campaigns.items():
        async with simulation.stage.reading() as uow:
            question = await ask_about_campaign(uow, campaign_id, days=days, now=simulation.now)
        told = look_ahead(question).forecast.days
        found[name] = {day.date.isoformat(): day.by_steps for day in told if day.sends}
    return found


async def play(theatre: Theatre, plan: Plan, at: datetime) -> tuple[Sends, Sends]:
    """What was forecast at an instant, and what then happened."""
    simulation = await theatre.stage(plan)
    forecasts: list[tuple[Sends, int]] = []

    async def look(simulation: Simulation) -> None:
        if not forecasts and simulation.now >= at:
            forecasts.append((await forecast(simulation), len(arrivals(simulation))))

    await simulation.run(look)
    [(told, before)] = forecasts
    return told, happened(simulation, before)


def happened(simulation: Simulation, before: int) -> Sends:
    """What arrived, but for so many letters at the beginning."""
    letters: Counter[str] = Counter()
    counts: Counter[tuple[str, str, int]] = Counter()
    for number, each in enumerate(arrivals(simulation)):
        step = letters[each.recipient]
        letters[each.recipient] += 1
        if number >= before:
            counts[simulation.stage.campaign_of(each.recipient), each.day.isoformat(), step] += 1
    found: Sends = {}
    for table in simulation.plan.campaigns:
        days = sorted({day for name, day, _ in counts if name == table.name})
        steps = range(len(table.sequence_steps))
        found[table.name] = {day: tuple(counts[table.name, day, step] for step in steps) for day in days}
    return found


@pytest.mark.parametrize("name", PLANS)
async def test_they_agree_on_every_day(theatre: Theatre, name: str) -> None:
    """And step, from the beginning to the end of the plan."""
    plan = PLANS[name]
    told, seen = await play(theatre, plan, plan.simulation.start)
    assert seen["One"]
    assert told == seen


async def test_they_agree_from_the_middle_on(theatre: Theatre) -> None:
    """When some leads have had one letter, some two, and some none."""
    told, seen = await play(theatre, PLANS["two campaigns of weight 1 and 3"], hours(27.3))
    assert sum(map(len, seen.values())) >= 4
    assert told == seen


@pytest.mark.parametrize("action", ["handover", "newThread", "wait", "stop"])
async def test_they_agree_after_an_account_was_lost(theatre: Theatre, action: str) -> None:
    """Whatever the campaign does about it."""
    plan = plan_of(
        days=8,
        accounts=THREE,
        workspace=ASAP,
        campaigns=one(40, senderLossPolicy={"action": action, "waitDays": 2}),
        events=[{"at": hours(41), "action": "removeAccount", "account": "sender-2@senders.example"}],
    )
    told, seen = await play(theatre, plan, hours(41))
    assert told == seen
