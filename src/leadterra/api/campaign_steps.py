"""`/v1/campaigns/{camp}/sequence-steps` and `/preview`: the steps of a campaign, and what they say to a
lead.
"""

from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from leadterra.actions.previewing import StepPreview, WordsPreview, preview_for_lead, preview_for_person
from leadterra.actions.sequence_steps import replace_steps
from leadterra.api.answers import Answer
from leadterra.api.campaigns import CampaignView, campaign_view
from leadterra.api.fields import Body, CampaignId, LeadId, StepId, View
from leadterra.api.problems import InvalidRequest
from leadterra.api.routing import Call, Routes
from leadterra.api.sequence_steps import ChangedStep, VariantId, refuse_lacking_subjects
from leadterra.domain.api_key import Scope
from leadterra.domain.errors import Fault
from leadterra.domain.sequence import MOST_STEPS
from leadterra.store.campaigns import get_campaign

routes = Routes("Campaign steps", "The e-mails of a campaign in their order, and what they say to a lead.")

_PATH = "/v1/campaigns/{camp}"


class NewSequence(Body):
    """All the steps that a campaign is to have, in their order."""

    sequence_steps: list[ChangedStep] = Field(max_length=MOST_STEPS)


class PreviewRequest(Body):
    """For whom to render: a lead of the workspace, or anybody described as in an import."""

    lead_id: LeadId | None = None
    lead: Annotated[dict[str, Any], WithJsonSchema({"type": "object", "required": ["email"]})] | None = None


class MailboxView(View):
    """A name and an address."""

    name: str
    email: str


class HeaderView(View):
    """A field of a letter's header, as it would go out."""

    name: str
    value: str


class VariantPreviewView(View):
    """What a step says in the words of a variant; variantId is null for its own. headers are empty without an
    active account. error: why it cannot be rendered for this lead.
    """

    variant_id: VariantId | None
    subject: str
    html: str
    text: str
    headers: list[HeaderView]
    missing_variables: list[str]
    error: str | None


class StepPreviewView(VariantPreviewView):
    """A step as its reader would see it, in its own words, and variants: the same in others. from is null
    without an active account.
    """

    step_id: StepId
    position: int
    from_: Annotated[MailboxView | None, Field(serialization_alias="from")]
    to: MailboxView
    variants: list[VariantPreviewView]


class PreviewView(View):
    """Every step of a campaign, rendered for one lead."""

    campaign_id: CampaignId
    steps: list[StepPreviewView]


@routes.put(_PATH + "/sequence-steps", scope=Scope.WRITE)
async def put_steps(call: Call, body: NewSequence) -> Answer[CampaignView]:
    """Set all steps of a campaign, in any status. A step with the `id` of a present one replaces it, a
    present one that is not named is removed unless it was sent; variants of a step likewise. Leads go on
    behind the last step that they were sent. A message that is being sent has its words already; all others
    are made of the new ones.
    """
    drafts = [step.draft() for step in body.sequence_steps]
    refuse_lacking_subjects(drafts)
    steps = await replace_steps(call.uow, call.id("camp"), drafts, now=call.now)
    return Answer(campaign_view(await get_campaign(call.uow, call.id("camp")), steps))


@routes.post(_PATH + "/preview", scope=Scope.READ)
async def preview(call: Call, body: PreviewRequest) -> Answer[PreviewView]:
    """Render every step for one lead, given by `leadId` or described in `lead`, in its own words and in those
    of its variants. Nothing is sent.
    """
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
    return Answer(PreviewView(campaign_id=campaign_id, steps=[_step_preview_view(step) for step in steps]))


def _step_preview_view(step: StepPreview) -> StepPreviewView:
    return StepPreviewView(
        step_id=step.step_id,
        position=step.position,
        from_=MailboxView(name=step.sender.name, email=step.sender.address) if step.sender else None,
        to=MailboxView(name=step.recipient.name, email=step.recipient.address),
        variants=[VariantPreviewView(**_words_fields(words)) for words in step.variants],
        **_words_fields(step.own),
    )


def _words_fields(words: WordsPreview) -> dict[str, Any]:
    """What previews of steps and of variants have in common."""
    return {
        "variant_id": words.variant_id,
        "subject": words.subject,
        "html": words.html,
        "text": words.text,
        "headers": [HeaderView(name=name, value=value) for name, value in words.headers],
        "missing_variables": list(words.missing),
        "error": words.error,
    }
