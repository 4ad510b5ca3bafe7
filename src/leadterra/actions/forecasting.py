"""Forecasts: how a campaign goes on, or how new leads would, by the rules that do the sending (R10).

What is asked is read first, in one snapshot; `look_ahead` then needs no database. It computes for a second or
more, and belongs into a thread.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from leadterra.actions.projecting import Outlook, read_outlook
from leadterra.domain.day import day_of, next_reset
from leadterra.domain.delay import Delay
from leadterra.domain.errors import NotFound
from leadterra.domain.forecast import FIRST_NEW, Aim, Forecast, forecast_of
from leadterra.domain.pool import Contender
from leadterra.domain.projection import Course, Due
from leadterra.domain.remedy import Change, Situation, changes_for
from leadterra.store.database import UnitOfWork
from leadterra.store.projections import count_set_aside

USUAL_DAYS = 60
MOST_DAYS = 180
MOST_LEADS = 10_000_000
MOST_SENDS = 500_000
"""Messages of the whole pool after which no further day is looked at."""

_SINGLE = UUID(int=(1 << 128) - 2)
"""The campaign of new leads that are in none: one step, at any time."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and all that the answer follows from. excluded: leads that wait for a person, and are
    not forecast. days: how far to look, today included.
    """

    outlook: Outlook
    aim: Aim
    excluded: int
    days: int


@dataclass(frozen=True, slots=True)
class Remedy:
    """The cheapest change that makes an earlier end. completes_at: the end with it, None if that is not
    within the horizon either.
    """

    detail: str
    change: Change
    completes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer. campaign_id: None for leads in none. remedy: None if nothing waits, or nothing helps."""

    campaign_id: UUID | None
    forecast: Forecast
    remedy: Remedy | None
    excluded: int


async def ask_about_campaign(uow: UnitOfWork, campaign_id: UUID, *, days: int, now: datetime) -> Question:
    """How a campaign goes on; one that does not run, as if it were started now. Raises `NotFound`."""
    outlook = await _read(uow, campaign_id, now)
    first_steps = sum(
        item.count for item in outlook.work if item.campaign_id == campaign_id and item.position == 0
    )
    aim = Aim(campaign_id, len(outlook.courses[campaign_id].delays), first_steps)
    return Question(outlook, aim, await count_set_aside(uow, campaign_id), days)


async def ask_about_leads(
    uow: UnitOfWork, leads: int, campaign_id: UUID | None = None, *, days: int, now: datetime
) -> Question:
    """When so many leads that are enrolled now would be through with the steps of a campaign, or with a
    single one if none is named. Raises `NotFound`.
    """
    outlook = await _read(uow, campaign_id, now)
    if campaign_id is None:
        outlook = _with_single_step(outlook)
    chosen = campaign_id or _SINGLE
    steps = len(outlook.courses[chosen].delays)
    if steps:
        fresh = Due(FIRST_NEW, False, now, campaign_id=chosen, count=leads)
        outlook = replace(outlook, work=[*outlook.work, fresh])
    return Question(outlook, Aim(chosen, steps, leads if steps else 0, leads if steps else 0), 0, days)


def look_ahead(question: Question) -> Outcome:
    """The answer, and what would make it a better one."""
    outlook, aim = question.outlook, question.aim
    today = day_of(outlook.now)
    until = next_reset(outlook.now) + timedelta(days=question.days - 1)
    forecast = _forecast(outlook, aim, until, MOST_SENDS)
    return Outcome(
        campaign_id=None if aim.campaign_id == _SINGLE else aim.campaign_id,
        forecast=replace(forecast, horizon=_horizon(forecast, today, until)),
        remedy=_find_remedy(outlook, aim, forecast, until),
        excluded=question.excluded,
    )


async def _read(uow: UnitOfWork, campaign_id: UUID | None, now: datetime) -> Outlook:
    outlook = await read_outlook(uow, campaign_id=campaign_id, now=now)
    if campaign_id is not None and campaign_id not in outlook.courses:
        raise NotFound("campaign")
    return outlook


def _with_single_step(outlook: Outlook) -> Outlook:
    course = Course(outlook.now, (Delay(0),))
    pool = replace(outlook.pool, campaigns=[*outlook.pool.campaigns, Contender(_SINGLE)])
    return replace(outlook, pool=pool, courses={**outlook.courses, _SINGLE: course})


def _forecast(outlook: Outlook, aim: Aim, until: datetime, most_sends: int) -> Forecast:
    events = outlook.project().run(until)
    return forecast_of(events, aim, outlook.pool, today=day_of(outlook.now), most_sends=most_sends)


def _horizon(forecast: Forecast, today: date, until: datetime) -> date:
    """The last day of which the forecast tells something: all that was asked for, unless too much is sent."""
    last = day_of(until) - timedelta(days=1)
    return max(today, forecast.horizon) if forecast.is_cut else last


def _find_remedy(outlook: Outlook, aim: Aim, before: Forecast, until: datetime) -> Remedy | None:
    """Ask again with each change that may help, only up to the day on which it would end without it."""
    if before.constraint is None:
        return None
    if before.completes_at is not None:
        until = next_reset(before.completes_at) - timedelta(days=1)
    elif before.is_cut:
        until = next_reset(datetime.combine(before.horizon, outlook.now.timetz()))
    if until <= outlook.now:
        return None
    for change in changes_for(
        before.constraint.gate, Situation(outlook.pool, outlook.courses, aim.campaign_id)
    ):
        changed = replace(outlook, pool=change.pool, courses=change.courses)
        remedy = _judge(change, before, _forecast(changed, aim, until, 2 * MOST_SENDS), until)
        if remedy is not None:
            return remedy
    return None


def _judge(change: Change, before: Forecast, after: Forecast, until: datetime) -> Remedy | None:
    """Whether it helps: it ends on an earlier day, or more has gone by the end."""
    last = day_of(until) - timedelta(days=1)
    if after.completes_at is None:
        more = after.sends - before.sends
        if before.completes_at is not None or more <= 0:
            return None
        return Remedy(f"{change.words} sends {more} more by {last.isoformat()}", change, None)
    if before.completes_at is None:
        than = f"after {last.isoformat()}"
    else:
        than = f"on {day_of(before.completes_at).isoformat()}"
    ends = f"ends it on {day_of(after.completes_at).isoformat()} instead of {than}"
    return Remedy(f"{change.words} {ends}", change, after.completes_at)
