"""`/v1/campaigns`: a named sequence of e-mails with leads.

Leads of a campaign are in `api.campaign_leads`.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from leadterra.actions import campaigns as actions
from leadterra.actions.previewing import StepPreview, preview_for_lead, preview_for_person
from leadterra.actions.sequence_steps import replace_steps
from leadterra.actions.stats import read_stats
from leadterra.api.answers import Answer, Nothing, Page
from leadterra.api.fields import UNSET, Body, CampaignId, Instant, LeadId, Line, Name, StepId, Text, View
from leadterra.api.pagination import Cursor, PageQuery, cut_page
from leadterra.api.problems import InvalidRequest
from leadterra.api.routing import Call, Routes
from leadterra.domain.api_key import Scope
from leadterra.domain.campaign import Campaign, OnMissingVariable, ShownStatus
from leadterra.domain.errors import Fault
from leadterra.domain.sequence import MOST_STEPS, SequenceStep, StepDraft
from leadterra.mail.template_limits import LONGEST_SOURCE
from leadterra.store.campaigns import get_campaign, list_campaigns
from leadterra.store.ids import encode
from leadterra.store.sequence_steps import list_steps, list_steps_of_campaigns

routes = Routes("Campaigns", "A named sequence of e-mails and the leads that it goes to.")

_PATH = "/v1/campaigns"
OnMissing = Annotated[
    OnMissingVariable,
    Field(
        strict=False,
        description="What a field that a lead lacks does: it is empty, or it holds the lead back.",
    ),
]
DelayDays = Annotated[
    float,
    Field(ge=0, le=365, description="Days after the step before it was accepted; decimals are allowed."),
]
Source = Annotated[Text, Field(max_length=LONGEST_SOURCE)]


class NewStep(Body):
    """An e-mail of a campaign. subject may be left out where it answers in the thread of a step before it."""

    subject: Annotated[Line, Field(max_length=1000)] | None = None
    body_html: Annotated[Source, Field(min_length=1)]
    body_text: Source | None = Field(default=None, description="Made from the HTML if absent.")
    delay_days: DelayDays | None = Field(
        default=None, description="0 for the first step and 3 for the others if absent."
    )
    thread_reply: bool = Field(
        default=True, description="Answers in the thread of the steps before it, with `Re:`."
    )

    def draft(self) -> StepDraft:
        """As the domain knows it."""
        return StepDraft(self.subject, self.body_html, self.body_text, self.delay_days, self.thread_reply)


class ChangedStep(NewStep):
    """An e-mail of a campaign. id: of the present step that it replaces."""

    id: StepId | None = None

    def draft(self) -> StepDraft:
        """As the domain knows it."""
        return StepDraft(
            self.subject, self.body_html, self.body_text, self.delay_days, self.thread_reply, self.id
        )


class NewCampaign(Body):
    """A campaign to be."""

    name: Name
    sequence_steps: list[NewStep] = Field(default_factory=list, max_length=MOST_STEPS)
    on_missing_variable: OnMissing = OnMissingVariable.EMPTY


class CampaignPatch(Body):
    """What changes of a campaign."""

    name: Name = UNSET
    on_missing_variable: OnMissing = UNSET


class NewSequence(Body):
    """All the steps that a campaign is to have, in their order."""

    sequence_steps: list[ChangedStep] = Field(max_length=MOST_STEPS)


class PreviewRequest(Body):
    """For whom to render: a lead of the workspace, or anybody described as in an import."""

    lead_id: LeadId | None = None
    lead: Annotated[dict[str, Any], WithJsonSchema({"type": "object", "required": ["email"]})] | None = None


class CampaignQuery(PageQuery):
    """Which campaigns."""

    status: ShownStatus | None = None


class StepView(View):
    """An e-mail of a campaign. subject and bodyText are null where they were left out."""

    id: StepId
    position: int
    subject: str | None
    body_html: str
    body_text: str | None
    delay_days: float
    thread_reply: bool


class CampaignView(View):
    """A campaign. status is `completed` while it is running and everybody in it is through."""

    id: CampaignId
    name: str
    status: ShownStatus
    sequence_steps: list[StepView]
    on_missing_variable: OnMissingVariable
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


class CampaignStatsView(View):
    """What a campaign has done and has still to do.

    A message is in one of sent, queued, deferred, uncertain, failed.
    """

    campaign_id: CampaignId
    status: ShownStatus
    total_enrolled: int
    sent: int
    delivered: int
    bounced: int
    replied: int
    queued: int
    scheduled: int
    deferred: int
    uncertain: int
    failed: int
    unsubscribed: int
    open_rate: float
    reply_rate: float


class MailboxView(View):
    """A name and an address."""

    name: str
    email: str


class HeaderView(View):
    """A field of a letter's header, as it would go out."""

    name: str
    value: str


class StepPreviewView(View):
    """A step as its reader would see it. from is null, and headers are empty, without an active account.
    error: why it cannot be rendered for this lead.
    """

    step_id: StepId
    position: int
    from_: Annotated[MailboxView | None, Field(serialization_alias="from")]
    to: MailboxView
    subject: str
    html: str
    text: str
    headers: list[HeaderView]
    missing_variables: list[str]
    error: str | None


class PreviewView(View):
    """Every step of a campaign, rendered for one lead."""

    campaign_id: CampaignId
    steps: list[StepPreviewView]


@routes.post(_PATH, scope=Scope.WRITE, status=201)
async def create(call: Call, body: NewCampaign) -> Answer[CampaignView]:
    """Create a campaign. It is a draft until it is started; its templates are compiled at once."""
    drafts = [step.draft() for step in body.sequence_steps]
    _refuse_lacking_subjects(drafts)
    campaign = await actions.create_campaign(
        call.uow, body.name, drafts, on_missing_variable=body.on_missing_variable, now=call.now
    )
    view = _view(campaign, await list_steps(call.uow, campaign.id))
    return Answer(view, location=f"{_PATH}/{encode('camp', campaign.id)}")


@routes.get(_PATH)
async def list_all(call: Call, query: CampaignQuery) -> Page[CampaignView]:
    """List campaigns, newest first."""
    rows = await list_campaigns(call.uow, status=query.status, before=query.cursor, limit=query.limit + 1)
    shown, next_cursor = cut_page(rows, query.limit, lambda row: Cursor(row.created_at, row.id))
    steps = await list_steps_of_campaigns(call.uow, [campaign.id for campaign in shown])
    return Page([_view(campaign, steps[campaign.id]) for campaign in shown], next_cursor)


@routes.get(_PATH + "/{camp}")
async def get(call: Call) -> Answer[CampaignView]:
    """Get a campaign."""
    campaign = await get_campaign(call.uow, call.id("camp"))
    return Answer(_view(campaign, await list_steps(call.uow, campaign.id)))


@routes.patch(_PATH + "/{camp}", scope=Scope.WRITE)
async def change(call: Call, body: CampaignPatch) -> Answer[CampaignView]:
    """Change a campaign's name or settings, in any status. Its steps have a route of their own."""
    campaign = await actions.change_campaign(
        call.uow,
        call.id("camp"),
        name=body.name if body.given("name") else None,
        on_missing_variable=body.on_missing_variable if body.given("on_missing_variable") else None,
        now=call.now,
    )
    return Answer(_view(campaign, await list_steps(call.uow, campaign.id)))


@routes.delete(_PATH + "/{camp}", scope=Scope.WRITE)
async def remove(call: Call) -> Nothing:
    """Delete a campaign. It stops before the next SMTP command; what was sent stays in the books."""
    await actions.remove_campaign(call.uow, call.id("camp"), now=call.now)
    return Nothing()


@routes.put(_PATH + "/{camp}/sequence-steps", scope=Scope.WRITE)
async def put_steps(call: Call, body: NewSequence) -> Answer[CampaignView]:
    """Set all steps of a draft or a paused campaign. A step with the `id` of a present one replaces it, a
    present one that is not named is removed unless it was sent. Leads go on behind the last step that
    they were sent.
    """
    drafts = [step.draft() for step in body.sequence_steps]
    _refuse_lacking_subjects(drafts)
    steps = await replace_steps(call.uow, call.id("camp"), drafts, now=call.now)
    return Answer(_view(await get_campaign(call.uow, call.id("camp")), steps))


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


@routes.get(_PATH + "/{camp}/stats")
async def stats(call: Call) -> Answer[CampaignStatsView]:
    """Get a campaign's numbers.

    `queued` messages are due and not yet sent; `scheduled` are follow-ups whose delay still runs.
    """
    return Answer(CampaignStatsView.model_validate(await read_stats(call.uow, call.id("camp"), now=call.now)))


@routes.post(_PATH + "/{camp}/preview", scope=Scope.READ)
async def preview(call: Call, body: PreviewRequest) -> Answer[PreviewView]:
    """Render every step for one lead, given by `leadId` or described in `lead`. Nothing is sent."""
    if (body.lead_id is None) == (body.lead is None):
        raise InvalidRequest([Fault("/leadId", "required", "Give either leadId or lead.")])
    campaign_id, public_url = call.id("camp"), call.equipment.settings.public_url
    if body.lead_id is not None:
        steps = await preview_for_lead(
            call.uow, campaign_id, body.lead_id, public_url=public_url, now=call.now
        )
    else:
        steps = await preview_for_person(
            call.uow, campaign_id, body.lead or {}, public_url=public_url, now=call.now
        )
    return Answer(PreviewView(campaign_id=campaign_id, steps=[_preview_view(step) for step in steps]))


def _refuse_lacking_subjects(drafts: Sequence[StepDraft]) -> None:
    """A missing field is a 400 like any other; which steps need it only their order can tell."""
    faults = [
        Fault(
            f"/sequenceSteps/{place}/subject",
            "required",
            "Only a follow-up in the thread may leave its subject out.",
        )
        for place, draft in enumerate(drafts)
        if draft.needs_subject(place)
    ]
    if faults:
        raise InvalidRequest(faults)


def _view(campaign: Campaign, steps: Sequence[SequenceStep]) -> CampaignView:
    return CampaignView(
        id=campaign.id,
        name=campaign.name,
        status=campaign.shown_status,
        sequence_steps=[_step_view(step) for step in steps],
        on_missing_variable=OnMissingVariable(campaign.on_missing_variable),
        created_at=campaign.created_at,
        updated_at=campaign.updated_at,
        started_at=campaign.started_at,
        paused_at=campaign.paused_at,
    )


def _step_view(step: SequenceStep) -> StepView:
    return StepView(
        id=step.id,
        position=step.position,
        subject=step.subject or None,
        body_html=step.body_html,
        body_text=step.body_text,
        delay_days=step.delay_days,
        thread_reply=step.thread_reply,
    )


def _preview_view(step: StepPreview) -> StepPreviewView:
    return StepPreviewView(
        step_id=step.step_id,
        position=step.position,
        from_=MailboxView(name=step.sender.name, email=step.sender.address) if step.sender else None,
        to=MailboxView(name=step.recipient.name, email=step.recipient.address),
        subject=step.subject,
        html=step.html,
        text=step.text,
        headers=[HeaderView(name=name, value=value) for name, value in step.headers],
        missing_variables=list(step.missing),
        error=step.error,
    )
