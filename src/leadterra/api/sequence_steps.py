"""A step of a sequence and its variants, as the API takes and shows them. Their routes are in
`api.campaign_steps`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated
from uuid import UUID

from pydantic import Field

from leadterra.api.fields import Body, Line, StepId, Text, TypeId, View
from leadterra.api.problems import InvalidRequest
from leadterra.domain.errors import Fault
from leadterra.domain.sequence import DelayUnit, SequenceStep, StepDraft
from leadterra.domain.variant import MOST_VARIANTS, Variant, VariantDraft
from leadterra.mail.template_limits import LONGEST_SOURCE

DelayDays = Annotated[
    float,
    Field(ge=0, le=365, description="Days after the step before it was accepted; decimals are allowed."),
]
Source = Annotated[Text, Field(max_length=LONGEST_SOURCE)]
Subject = Annotated[Line, Field(max_length=1000)]
Weight = Annotated[float, Field(ge=0, le=1000)]
VariantId = Annotated[UUID, TypeId("var")]

_WEIGHT = "Its share among the step's own words and the variants; 0 gives it no message."


class NewVariant(Body):
    """Other words for a step, which some of its messages are made of. subject: the step's if absent."""

    subject: Subject | None = None
    body_html: Annotated[Source, Field(min_length=1)]
    body_text: Source | None = Field(default=None, description="Made from the HTML if absent.")
    weight: Weight = Field(default=1.0, description=_WEIGHT)

    def draft(self) -> VariantDraft:
        """As the domain knows it."""
        return VariantDraft(self.body_html, self.subject, self.body_text, self.weight)


class ChangedVariant(NewVariant):
    """Other words for a step. id: of the present variant that they replace."""

    id: VariantId | None = None

    def draft(self) -> VariantDraft:
        """As the domain knows it."""
        return replace(NewVariant.draft(self), id=self.id)


class NewStep(Body):
    """An e-mail of a campaign. subject may be left out where it answers in the thread of a step before it."""

    subject: Subject | None = None
    body_html: Annotated[Source, Field(min_length=1)]
    body_text: Source | None = Field(default=None, description="Made from the HTML if absent.")
    delay_days: DelayDays | None = Field(
        default=None, description="0 for the first step and 3 for the others if absent."
    )
    delay_unit: DelayUnit = Field(
        default="calendar",
        description="Business days are Monday to Friday without the holidays of the campaign's schedule.",
    )
    thread_reply: bool = Field(
        default=True, description="Answers in the thread of the steps before it, with `Re:`."
    )
    weight: Weight = Field(default=1.0, description=_WEIGHT)
    variants: Sequence[NewVariant] = Field(default_factory=list, max_length=MOST_VARIANTS)

    def draft(self) -> StepDraft:
        """As the domain knows it."""
        return StepDraft(
            subject=self.subject,
            body_html=self.body_html,
            body_text=self.body_text,
            delay_days=self.delay_days,
            delay_unit=self.delay_unit,
            thread_reply=self.thread_reply,
            weight=self.weight,
            variants=tuple(variant.draft() for variant in self.variants),
        )


class ChangedStep(NewStep):
    """An e-mail of a campaign. id: of the present step that it replaces."""

    id: StepId | None = None
    variants: Sequence[ChangedVariant] = Field(default_factory=list, max_length=MOST_VARIANTS)

    def draft(self) -> StepDraft:
        """As the domain knows it."""
        return replace(NewStep.draft(self), id=self.id)


class VariantView(View):
    """Other words for a step. subject is null where it takes the step's."""

    id: VariantId
    subject: str | None
    body_html: str
    body_text: str | None
    weight: float


class StepView(View):
    """An e-mail of a campaign. subject and bodyText are null where they were left out. version counts the
    edits of its words and variants.
    """

    id: StepId
    position: int
    subject: str | None
    body_html: str
    body_text: str | None
    delay_days: float
    delay_unit: DelayUnit
    thread_reply: bool
    weight: float
    version: int
    variants: list[VariantView]


def refuse_lacking_subjects(drafts: Sequence[StepDraft]) -> None:
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


def step_view(step: SequenceStep) -> StepView:
    """A step, as the API shows it."""
    return StepView(
        id=step.id,
        position=step.position,
        subject=step.subject or None,
        body_html=step.body_html,
        body_text=step.body_text,
        delay_days=step.delay_days,
        delay_unit=step.delay_unit,
        thread_reply=step.thread_reply,
        weight=step.weight,
        version=step.version,
        variants=[_variant_view(variant) for variant in step.variants],
    )


def _variant_view(variant: Variant) -> VariantView:
    return VariantView(
        id=variant.id,
        subject=variant.subject or None,
        body_html=variant.body_html,
        body_text=variant.body_text,
        weight=variant.weight,
    )
