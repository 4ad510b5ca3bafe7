"""Set the steps of a campaign, while it is a draft or paused.

Every template is compiled first: one that cannot be refuses the whole edit with `Unacceptable`, naming
step, line and token. A step of which a message went out cannot be removed (`Unacceptable`), and a running
campaign cannot be edited (`InvalidState`).
"""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from leadterra.domain.campaign import Campaign
from leadterra.domain.errors import Fault, InvalidState, Unacceptable
from leadterra.domain.sequence import SequenceStep, StepDraft, moves, usual_delay
from leadterra.mail.templates import TemplateError, compile_template
from leadterra.store import sequence_steps
from leadterra.store.campaigns import get_campaign, touch_campaign
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import release_held_of_campaign
from leadterra.store.ids import encode, new_ids

_MOST_CHARACTERS = 1_000_000
"""Of all templates of a campaign; they are compiled while the caller waits."""


async def check_steps(drafts: Sequence[StepDraft]) -> None:
    """Raise `Unacceptable` with every fault of every step. Compiling takes a while; others are served."""
    sources = [source for draft in drafts for source in (draft.subject, draft.body_html, draft.body_text)]
    size = sum(len(source or "") for source in sources)
    if size > _MOST_CHARACTERS:
        message = f"All templates together may have at most {_MOST_CHARACTERS} characters; these have {size}."
        raise Unacceptable([Fault("/sequenceSteps", "too_long", message)], message)
    faults = await asyncio.to_thread(_list_faults, drafts)
    if faults:
        raise Unacceptable(faults, faults[0].message)


async def insert_steps(
    uow: UnitOfWork, campaign_id: UUID, drafts: Sequence[StepDraft], *, now: datetime
) -> None:
    """The first steps of a new campaign."""
    await check_steps(drafts)
    await sequence_steps.save_steps(uow, campaign_id, _made(drafts, {}, now))


async def replace_steps(
    uow: UnitOfWork, campaign_id: UUID, drafts: Sequence[StepDraft], *, now: datetime
) -> list[SequenceStep]:
    """Make these the steps of a campaign. One with the id of a present step replaces it; a present step
    that is not named goes. Whoever is on their way goes on behind the last step that they were sent;
    whoever was through goes on with what was added; whoever was held for a missing field tries the new words.
    """
    await check_steps(drafts)
    await uow.lock_pool()
    campaign = await get_campaign(uow, campaign_id)
    _refuse_running(campaign)
    before = await sequence_steps.list_steps(uow, campaign_id)
    known = {step.id: step for step in before}
    _check_ids(drafts, known)
    removed = [step for step in before if step.id not in {draft.id for draft in drafts}]
    await _remove(uow, campaign_id, removed, now)
    after = _made(drafts, known, now)
    await sequence_steps.save_steps(uow, campaign_id, after)
    moved = moves([step.id for step in before], [step.id for step in after])
    await sequence_steps.reposition_enrollments(uow, campaign_id, moved, after, now=now)
    await release_held_of_campaign(uow, campaign_id, now=now)
    await touch_campaign(uow, campaign_id, now=now)
    return after


def _list_faults(drafts: Sequence[StepDraft]) -> list[Fault]:
    return [fault for position, draft in enumerate(drafts) for fault in _faults_of(position, draft)]


def _faults_of(position: int, draft: StepDraft) -> Iterator[Fault]:
    pointer = f"/sequenceSteps/{position}"
    if draft.needs_subject(position):
        message = f"Step {position + 1} needs a subject: only a follow-up in the thread may leave it out."
        yield Fault(f"{pointer}/subject", "required", message)
    for name, source, html in (
        ("subject", draft.subject, False),
        ("bodyHtml", draft.body_html, True),
        ("bodyText", draft.body_text, False),
    ):
        try:
            compile_template(source or "", html=html)
        except TemplateError as error:
            at = f" at {error.token!r}" if error.token else ""
            message = f"Step {position + 1}, {name}, line {error.line}{at}: {error.message}"
            yield Fault(f"{pointer}/{name}", "template_error", message)


def _refuse_running(campaign: Campaign) -> None:
    if campaign.status == "running":
        raise InvalidState("The steps of a running campaign cannot be changed. Pause it first.")


def _check_ids(drafts: Sequence[StepDraft], known: dict[UUID, SequenceStep]) -> None:
    """Raise `Unacceptable` for an id that is no step of the campaign, or that comes twice."""
    faults: list[Fault] = []
    seen: set[UUID] = set()
    for position, draft in enumerate(drafts):
        if draft.id is not None and (draft.id not in known or draft.id in seen):
            message = (
                "Two steps have this id." if draft.id in seen else "This campaign has no step with this id."
            )
            faults.append(Fault(f"/sequenceSteps/{position}/id", "invalid_id", message))
        seen |= {draft.id} - {None}  # type: ignore[arg-type]
    if faults:
        raise Unacceptable(faults, faults[0].message)


async def _remove(uow: UnitOfWork, campaign_id: UUID, steps: Sequence[SequenceStep], now: datetime) -> None:
    """Delete steps. Raises `Unacceptable` naming those that were sent."""
    if not steps:
        return
    tried = set(await sequence_steps.list_tried_steps(uow, campaign_id, [step.id for step in steps]))
    faults = [
        Fault(
            "/sequenceSteps",
            "step_was_sent",
            f"Step {step.position + 1} ({encode('step', step.id)}) was sent and cannot be removed.",
        )
        for step in steps
        if step.id in tried
    ]
    if faults:
        raise Unacceptable(faults, faults[0].message)
    await sequence_steps.delete_steps(uow, campaign_id, [step.id for step in steps], now=now)


def _made(drafts: Sequence[StepDraft], known: dict[UUID, SequenceStep], now: datetime) -> list[SequenceStep]:
    fresh = new_ids(now, len(drafts))
    return [
        _make(draft, position, next(fresh), known.get(draft.id) if draft.id else None, now)
        for position, draft in enumerate(drafts)
    ]


def _make(
    draft: StepDraft, position: int, fresh: UUID, known: SequenceStep | None, now: datetime
) -> SequenceStep:
    """The step of a draft.

    Its words keep their date if they are the same: compiled templates are kept by it.
    """
    words = ((draft.subject or "").strip(), draft.body_html, draft.body_text)
    return SequenceStep(
        id=known.id if known else fresh,
        position=position,
        subject=words[0],
        body_html=draft.body_html,
        body_text=draft.body_text,
        delay_days=usual_delay(position) if draft.delay_days is None else draft.delay_days,
        thread_reply=draft.thread_reply,
        updated_at=known.updated_at if known and known.words == words else now,
    )
