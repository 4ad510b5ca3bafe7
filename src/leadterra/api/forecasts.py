"""`/v1/campaigns/{camp}/forecast` and `/v1/sender-pools/forecast`: what will go out on which day, what binds,
and what would end it earlier.

The computing is done in a thread of its own, after the database has been read: nobody waits for it but who
asked.
"""

import asyncio
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from leadterra.actions.forecasting import (
    MOST_DAYS,
    MOST_LEADS,
    USUAL_DAYS,
    Outcome,
    Remedy,
    ask_about_campaign,
    ask_about_leads,
    look_ahead,
)
from leadterra.api.answers import Answer
from leadterra.api.fields import CampaignId, Day, Instant, Query, SenderAccountId, View
from leadterra.api.pagination import read_integer
from leadterra.api.routing import Errand, Routes
from leadterra.domain.forecast import Constraint
from leadterra.domain.gate import Gate

routes = Routes("Forecasts", "What will go out on which day, made by the rules that do the sending.")

Horizon = Annotated[int, Field(ge=1, le=MOST_DAYS), BeforeValidator(read_integer)]
_HORIZON = Field(default=USUAL_DAYS, description="How many days to look ahead, today included.")


class ForecastQuery(Query):
    """How far to look."""

    days: Horizon = _HORIZON


class PoolForecastQuery(ForecastQuery):
    """For whom."""

    leads: Annotated[int, Field(ge=1, le=MOST_LEADS), BeforeValidator(read_integer)] = Field(
        description="How many new leads."
    )
    campaign_id: CampaignId | None = Field(
        default=None,
        description="Whose steps they get, in its windows; without it a single step, at any time.",
    )


class ForecastDayView(View):
    """One UTC day. capacity: what the whole pool may send in it; of today, what is left. sends: of this
    campaign, or of these leads; bySteps has one number a step. overflow: messages of theirs that are due and
    wait at the reset.
    """

    date: Day
    capacity: int
    sends: int
    overflow: int
    by_steps: list[int]


class BindingConstraintView(View):
    """The gate that holds the oldest due message back at most of the resets at which any waits; days says
    at how many.
    """

    gate: Gate
    days: int
    detail: str


class ForecastChangeView(View):
    """What to change: these fields of the campaign or the workspace, or so many new accounts for the pool."""

    target: Literal["senderPool", "workspace", "campaign"]
    fields: dict[str, object]


class RemedyView(View):
    """The cheapest change that makes an earlier end, found by asking again with it. completesAt is null if
    that is after the horizon too.
    """

    detail: str
    change: ForecastChangeView
    completes_at: Instant | None


class ForecastSenderView(View):
    """How many of the messages an account sends."""

    sender_account_id: SenderAccountId
    sends: int


class ForecastView(View):
    """From today, UTC, to the last day on which anything goes or waits.

    firstStepCompletesAt, completesAt: when the last of it goes; null if nothing is to go, or not up to the
    horizon: then leadsLeft says how many leads are not through by then. bindingConstraint: null if nothing
    waits at any reset, so that only delays and windows take their time. excluded: leads that are held, paused
    or uncertain, of which nothing is forecast.
    """

    campaign_id: CampaignId | None
    days: list[ForecastDayView]
    first_step_completes_at: Instant | None
    completes_at: Instant | None
    leads_left: int
    horizon: Day
    binding_constraint: BindingConstraintView | None
    remedy: RemedyView | None
    by_sender: list[ForecastSenderView]
    excluded: int


@routes.get("/v1/campaigns/{camp}/forecast")
async def forecast_campaign(errand: Errand, query: ForecastQuery) -> Answer[ForecastView]:
    """Forecast a campaign, day by day and step by step, beside all others of its pool.

    It takes every message to be accepted at once, and nobody to answer. A draft or a paused campaign is
    forecast as if it were started now.
    """
    async with errand.equipment.database.snapshot(errand.caller.workspace_id) as uow:
        question = await ask_about_campaign(uow, errand.id("camp"), days=query.days, now=errand.now)
    return Answer(_view(await asyncio.to_thread(look_ahead, question)))


@routes.get("/v1/sender-pools/forecast")
async def forecast_pool(errand: Errand, query: PoolForecastQuery) -> Answer[ForecastView]:
    """Forecast when so many new leads would be through, if they were enrolled now.

    Whatever waits in the pool already goes on beside them. Nothing is enrolled.
    """
    async with errand.equipment.database.snapshot(errand.caller.workspace_id) as uow:
        question = await ask_about_leads(uow, query.leads, query.campaign_id, days=query.days, now=errand.now)
    return Answer(_view(await asyncio.to_thread(look_ahead, question)))


def _view(outcome: Outcome) -> ForecastView:
    forecast = outcome.forecast
    return ForecastView(
        campaign_id=outcome.campaign_id,
        days=[ForecastDayView.model_validate(day) for day in forecast.days],
        first_step_completes_at=forecast.first_step_completes_at,
        completes_at=forecast.completes_at,
        leads_left=forecast.leads_left,
        horizon=forecast.horizon,
        binding_constraint=_constraint_view(forecast.constraint),
        remedy=_remedy_view(outcome.remedy),
        by_sender=[
            ForecastSenderView(sender_account_id=account_id, sends=sends)
            for account_id, sends in forecast.by_sender
        ],
        excluded=outcome.excluded,
    )


def _constraint_view(constraint: Constraint | None) -> BindingConstraintView | None:
    return None if constraint is None else BindingConstraintView.model_validate(constraint)


def _remedy_view(remedy: Remedy | None) -> RemedyView | None:
    if remedy is None:
        return None
    return RemedyView(
        detail=remedy.detail,
        change=ForecastChangeView.model_validate(remedy.change),
        completes_at=remedy.completes_at,
    )
