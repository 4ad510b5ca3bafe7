"""Set the steps of a campaign, in any status.

A message that is claimed goes out with the words that its claim read; everybody else gets the new ones with
their next message. Every template is compiled first: one that cannot be refuses the whole edit with
`Unacceptable`, naming step, variant, line and token. A step of which a message went out, or is going now,
cannot be removed (`Unacceptable`), and a running campaign keeps at least one (`NoSequenceSteps`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from leadterra.actions.drafting import check_drafts, check_ids, make_steps, refuse
from leadterra.domain.delay import Delay, due_after
from leadterra.domain.errors import Fault, NoSequenceSteps
from leadterra.domain.schedule import ALWAYS, Schedule, read_schedule
from leadterra.domain.sequence import Move, SequenceStep, StepDraft, is_retimed, moves
from leadterra.store import sequence_steps, variants
from leadterra.store.campaigns import get_campaign, touch_campaign
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import release_held_of_campaign
from leadterra.store.ids import encode
from leadterra.store.sender_pools import wake_pool

Dues = Mapping[tuple[int, datetime], datetime]
"""By a step's place and the instant of the message before it, when that step is due."""


async def insert_steps(
    uow: UnitOfWork, campaign_id: UUID, drafts: Sequence[StepDraft], *, now: datetime
) -> None:
    """The first steps of a new campaign."""
    await check_drafts(drafts)
    check_ids(drafts, {})
    await _save(uow, campaign_id, [], make_steps(drafts, {}, now=now), now=now)


async def replace_steps(
    uow: UnitOfWork, campaign_id: UUID, drafts: Sequence[StepDraft], *, now: datetime
) -> list[SequenceStep]:
    """Make these the steps of a campaign. One with the id of a present step replaces it, and so does a
    variant; a present one that is not named goes. Whoever is on their way goes on behind the last step that
    they were sent; whoever was through goes on with what was added; whoever was held for a missing field
    tries the new words.
    """
    await check_drafts(drafts)
    await uow.lock_pool()
    campaign = await get_campaign(uow, campaign_id)
    if campaign.status == "running" and not drafts:
        raise NoSequenceSteps
    before = await sequence_steps.list_steps(uow, campaign_id)
    known = {step.id: step for step in before}
    check_ids(drafts, known)
    after = make_steps(drafts, known, now=now)
    await _remove(
        uow, campaign_id, [step for step in before if step.id not in {each.id for each in after}], now
    )
    await _save(uow, campaign_id, before, after, now=now)
    await _reposition(uow, campaign_id, before, after, now=now)
    await release_held_of_campaign(uow, campaign_id, now=now)
    await touch_campaign(uow, campaign_id, now=now)
    await wake_pool(uow, at=now)
    return after


async def _remove(uow: UnitOfWork, campaign_id: UUID, steps: Sequence[SequenceStep], now: datetime) -> None:
    """Delete steps. Raises `Unacceptable` naming those that were sent."""
    if not steps:
        return
    tried = set(await sequence_steps.list_tried_steps(uow, campaign_id, [step.id for step in steps]))
    refuse(
        [
            Fault(
                "/sequenceSteps",
                "step_was_sent",
                f"Step {step.position + 1} ({encode('step', step.id)}) was sent and cannot be removed.",
            )
            for step in steps
            if step.id in tried
        ]
    )
    await sequence_steps.delete_steps(uow, campaign_id, [step.id for step in steps], now=now)


async def _save(
    uow: UnitOfWork,
    campaign_id: UUID,
    before: Sequence[SequenceStep],
    after: Sequence[SequenceStep],
    *,
    now: datetime,
) -> None:
    """Write the steps with their variants. Where the weights of one are others now, its rotation begins
    anew: who is new to it is not given everything until it has caught up.
    """
    await sequence_steps.save_steps(uow, campaign_id, after)
    await variants.save_variants(uow, {step.id: step.variants for step in after})
    kept = {variant.id for step in after for variant in step.variants}
    gone = [variant.id for step in before for variant in step.variants if variant.id not in kept]
    await variants.remove_variants(uow, gone, now=now)
    shares = {step.id: step.shares for step in before}
    reshared = [step.id for step in after if step.id in shares and shares[step.id] != step.shares]
    await variants.restart_rotations(uow, reshared)


async def _reposition(
    uow: UnitOfWork,
    campaign_id: UUID,
    before: Sequence[SequenceStep],
    after: Sequence[SequenceStep],
    *,
    now: datetime,
) -> None:
    moved = moves([step.id for step in before], [step.id for step in after])
    retimed = [is_retimed(move, before, after) for move in moved]
    given_another_time = [move for move, is_moved in zip(moved, retimed, strict=True) if is_moved]
    dues = await _list_dues(uow, campaign_id, given_another_time, after)
    await sequence_steps.reposition_enrollments(
        uow, campaign_id, moved, after, retimed=retimed, dues=dues, now=now
    )
    if any(move.overtakes for move in moved):
        await sequence_steps.cancel_overtaken_messages(uow, campaign_id, now=now)


async def _list_dues(
    uow: UnitOfWork, campaign_id: UUID, retimed: Sequence[Move], steps: Sequence[SequenceStep]
) -> Dues:
    """When steps that wait business days are due to those who are given another time for them."""
    places = {
        move.old: move.next
        for move in retimed
        if move.next < len(steps) and steps[move.next].delay_unit == "business"
    }
    if not places:
        return {}
    found = await sequence_steps.list_last_sent(uow, campaign_id, list(places))
    value = await sequence_steps.find_schedule(uow, campaign_id)
    schedule = ALWAYS if value is None else read_schedule(value)
    waits = {(places[position], last_sent_at) for position, last_sent_at in found}
    return await asyncio.to_thread(_dues_of, waits, steps, schedule)


def _dues_of(
    waits: set[tuple[int, datetime]], steps: Sequence[SequenceStep], schedule: Schedule
) -> dict[tuple[int, datetime], datetime]:
    return {
        (place, last_sent_at): due_after(
            Delay(steps[place].delay_days, is_business=True),
            last_sent_at,
            schedule.time_zone,
            schedule.holidays,
        )
        for place, last_sent_at in waits
    }
