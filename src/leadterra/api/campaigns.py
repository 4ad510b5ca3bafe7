"""`/v1/campaigns`: a named sequence of e-mails with leads.

Leads of a campaign are in `api.campaign_leads`, its steps in `api.campaign_steps`, its numbers in
`api.campaign_stats`.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, cast

from pydantic import Field

from leadterra.actions import campaigns as actions
from leadterra.actions.campaigns import CampaignSettings
from leadterra.api.answers import Answer, Nothing, Page
from leadterra.api.fields import UNSET, Body, CampaignId, Instant, Name, View
from leadterra.api.pagination import Cursor, PageQuery, cut_page
from leadterra.api.routing import Call, Routes
from leadterra.api.schedules import ScheduleBody, ScheduleView, schedule_view
from leadterra.api.sending_rules import Cap, Tags, Weight
from leadterra.api.sequence_steps import NewStep, StepView, refuse_lacking_subjects, step_view
from leadterra.domain.api_key import Scope
from leadterra.domain.campaign import Campaign, OnMissingVariable, ShownStatus
from leadterra.domain.sender_loss import MOST_WAIT_DAYS, LossAction
from leadterra.domain.sequence import MOST_STEPS, SequenceStep
from leadterra.domain.variant import VariantMode
from leadterra.store.campaigns import get_campaign, list_campaigns
from leadterra.store.ids import encode
from leadterra.store.sequence_steps import list_steps, list_steps_of_campaigns

routes = Routes("Campaigns", "A named sequence of e-mails and the leads that it goes to.")

_PATH = "/v1/campaigns"
_PLAIN = {
    "name",
    "on_missing_variable",
    "weight",
    "daily_limit",
    "new_leads_daily_limit",
    "sender_tags",
    "variant_choice",
}
_POLICY = {"action": "sender_loss", "wait_days": "sender_loss_wait_days"}
OnMissing = Annotated[
    OnMissingVariable,
    Field(
        strict=False,
        description="What a field that a lead lacks does: it is empty, or it holds the lead back.",
    ),
]


CampaignWeight = Annotated[
    Weight, Field(description="In its pool: with 2 it gets twice the turns of a campaign with 1.")
]
DailyLimit = Annotated[Cap, Field(description="Messages a UTC day; null for no such cap.")]
NewLeadsLimit = Annotated[
    Cap, Field(description="Leads a UTC day that get their first step; null for no such cap.")
]
WaitDays = Annotated[
    float, Field(ge=0, le=MOST_WAIT_DAYS, description="How long `wait` waits, then another account goes on.")
]
LossActionText = Annotated[LossAction, Field(strict=False)]
VariantChoice = Annotated[
    VariantMode, Field(strict=False, description="How the variants of a step are chosen.")
]


class SenderLossPatch(Body):
    """What becomes of leads whose account is paused or removed: another goes on in their thread (handover),
    they wait for it, another begins a new thread (newThread), or they end there (stop).
    """

    action: LossActionText = UNSET
    wait_days: WaitDays = UNSET


class NewCampaign(Body):
    """A campaign to be. schedule: null for always. senderTags: only accounts with one of them send for it;
    none for any.
    """

    name: Name
    sequence_steps: list[NewStep] = Field(default_factory=list, max_length=MOST_STEPS)
    on_missing_variable: OnMissing = OnMissingVariable.EMPTY
    schedule: ScheduleBody | None = None
    weight: CampaignWeight = 1
    daily_limit: DailyLimit | None = None
    new_leads_daily_limit: NewLeadsLimit | None = None
    sender_tags: Tags = Field(default_factory=list)
    sender_loss_policy: SenderLossPatch = Field(default_factory=SenderLossPatch)
    variant_choice: VariantChoice = VariantMode.WEIGHTED


class CampaignPatch(Body):
    """What changes of a campaign. schedule: as a whole, null for always."""

    name: Name = UNSET
    on_missing_variable: OnMissing = UNSET
    schedule: ScheduleBody | None = UNSET
    weight: CampaignWeight = UNSET
    daily_limit: DailyLimit | None = UNSET
    new_leads_daily_limit: NewLeadsLimit | None = UNSET
    sender_tags: Tags = UNSET
    sender_loss_policy: SenderLossPatch = UNSET
    variant_choice: VariantChoice = UNSET


class CampaignQuery(PageQuery):
    """Which campaigns."""

    status: ShownStatus | None = None


class SenderLossPolicyView(View):
    """What becomes of leads whose account is lost."""

    action: LossAction
    wait_days: float


class CampaignView(View):
    """A campaign. status is `completed` while it is running and everybody in it is through."""

    id: CampaignId
    name: str
    status: ShownStatus
    sequence_steps: list[StepView]
    on_missing_variable: OnMissingVariable
    schedule: ScheduleView | None
    weight: float
    daily_limit: int | None
    new_leads_daily_limit: int | None
    sender_tags: list[str]
    sender_loss_policy: SenderLossPolicyView
    variant_choice: VariantMode
    created_at: Instant
    updated_at: Instant
    started_at: Instant | None
    paused_at: Instant | None


class StartedView(View):
    """A campaign that is running."""

    id: CampaignId
    status: Literal["running"] = "running"
    started_at: Instant


class PausedView(View):
    """A campaign that is not running."""

    id: CampaignId
    status: Literal["draft", "paused"]
    paused_at: Instant | None


@routes.post(_PATH, scope=Scope.WRITE, status=201)
async def create(call: Call, body: NewCampaign) -> Answer[CampaignView]:
    """Create a campaign. It is a draft until it is started; its templates are compiled at once."""
    drafts = [step.draft() for step in body.sequence_steps]
    refuse_lacking_subjects(drafts)
    campaign = await actions.create_campaign(
        call.uow, body.name, drafts, settings=_settings(body), now=call.now
    )
    view = campaign_view(campaign, await list_steps(call.uow, campaign.id))
    return Answer(view, location=f"{_PATH}/{encode('camp', campaign.id)}")


@routes.get(_PATH)
async def list_all(call: Call, query: CampaignQuery) -> Page[CampaignView]:
    """List campaigns, newest first."""
    rows = await list_campaigns(call.uow, status=query.status, before=query.cursor, limit=query.limit + 1)
    shown, next_cursor = cut_page(rows, query.limit, lambda row: Cursor(row.created_at, row.id))
    steps = await list_steps_of_campaigns(call.uow, [campaign.id for campaign in shown])
    return Page([campaign_view(campaign, steps[campaign.id]) for campaign in shown], next_cursor)


@routes.get(_PATH + "/{camp}")
async def get(call: Call) -> Answer[CampaignView]:
    """Get a campaign."""
    campaign = await get_campaign(call.uow, call.id("camp"))
    return Answer(campaign_view(campaign, await list_steps(call.uow, campaign.id)))


@routes.patch(_PATH + "/{camp}", scope=Scope.WRITE)
async def change(call: Call, body: CampaignPatch) -> Answer[CampaignView]:
    """Change a campaign's name or settings, in any status. Its steps have a route of their own."""
    campaign = await actions.change_campaign(call.uow, call.id("camp"), _settings(body), now=call.now)
    return Answer(campaign_view(campaign, await list_steps(call.uow, campaign.id)))


@routes.delete(_PATH + "/{camp}", scope=Scope.WRITE)
async def remove(call: Call) -> Nothing:
    """Delete a campaign. It stops before the next SMTP command; what was sent stays in the books."""
    await actions.remove_campaign(call.uow, call.id("camp"), now=call.now)
    return Nothing()


@routes.post(_PATH + "/{camp}/start", scope=Scope.SEND)
async def start(call: Call) -> Answer[StartedView]:
    """Start a draft or go on with a paused campaign. From a draft every lead's first step is due at once;
    from a pause everybody goes on from where they were, without a burst. No change if it is running.
    """
    return Answer(
        StartedView.model_validate(await actions.start_campaign(call.uow, call.id("camp"), now=call.now))
    )


@routes.post(_PATH + "/{camp}/pause", scope=Scope.WRITE)
async def pause(call: Call) -> Answer[PausedView]:
    """Pause a campaign before the next SMTP command. No change if it is paused or a draft."""
    return Answer(
        PausedView.model_validate(await actions.pause_campaign(call.uow, call.id("camp"), now=call.now))
    )


def _settings(body: NewCampaign | CampaignPatch) -> CampaignSettings:
    settings = {name: getattr(body, name) for name in _PLAIN & body.model_fields_set}
    if body.given("schedule"):
        settings["schedule"] = body.schedule and body.schedule.as_json()
    if body.given("sender_loss_policy"):
        policy = body.sender_loss_policy.model_dump(exclude_unset=True)
        settings |= {_POLICY[part]: value for part, value in policy.items()}
    return cast("CampaignSettings", settings)


def campaign_view(campaign: Campaign, steps: Sequence[SequenceStep]) -> CampaignView:
    """A campaign with its steps, as the API shows it."""
    return CampaignView(
        id=campaign.id,
        name=campaign.name,
        status=campaign.shown_status,
        sequence_steps=[step_view(step) for step in steps],
        on_missing_variable=OnMissingVariable(campaign.on_missing_variable),
        schedule=schedule_view(campaign.schedule),
        weight=campaign.weight,
        daily_limit=campaign.daily_limit,
        new_leads_daily_limit=campaign.new_leads_daily_limit,
        sender_tags=campaign.sender_tags,
        sender_loss_policy=SenderLossPolicyView.model_validate(campaign.sender_loss_policy),
        variant_choice=VariantMode(campaign.variant_choice),
        created_at=campaign.created_at,
        updated_at=campaign.updated_at,
        started_at=campaign.started_at,
        paused_at=campaign.paused_at,
    )
