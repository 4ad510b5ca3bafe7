"""The steps of campaigns, and what changing them does to the enrollments that are on their way."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadterra.domain.sequence import Move, SequenceStep
from leadterra.store.campaign_totals import Changes
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("sequence_steps")
_SECONDS_A_DAY = 86_400.0


async def list_steps(uow: UnitOfWork, campaign_id: UUID) -> list[SequenceStep]:
    """A campaign's steps in their order."""
    return await uow.list(SequenceStep, _SQL["list_steps"], campaign_id=campaign_id)


async def list_steps_of_campaigns(
    uow: UnitOfWork, campaign_ids: Sequence[UUID]
) -> dict[UUID, list[SequenceStep]]:
    """The same for several campaigns at once."""
    found: dict[UUID, list[SequenceStep]] = {campaign_id: [] for campaign_id in campaign_ids}
    for campaign_id, *step in await uow.rows(
        _SQL["list_steps_of_campaigns"], campaign_ids=list(campaign_ids)
    ):
        found[campaign_id].append(SequenceStep(*step))
    return found


async def count_steps(uow: UnitOfWork, campaign_id: UUID) -> int:
    """How many steps a campaign has."""
    return int(await uow.value(_SQL["count_steps"], campaign_id=campaign_id))


async def save_steps(uow: UnitOfWork, campaign_id: UUID, steps: Sequence[SequenceStep]) -> None:
    """Write new and changed steps; ids are unique in the workspace, so the caller has checked whose they
    are.
    """
    await uow.execute(
        _SQL["save_steps"],
        campaign_id=campaign_id,
        ids=[step.id for step in steps],
        positions=[step.position for step in steps],
        subjects=[step.subject for step in steps],
        bodies_html=[step.body_html for step in steps],
        bodies_text=[step.body_text for step in steps],
        delays=[step.delay_days for step in steps],
        thread_replies=[step.thread_reply for step in steps],
        updated_ats=[step.updated_at for step in steps],
    )


async def list_tried_steps(uow: UnitOfWork, campaign_id: UUID, step_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these steps of which a message went to a server, may have gone, or is going now."""
    rows = await uow.rows(_SQL["list_tried_steps"], campaign_id=campaign_id, step_ids=list(step_ids))
    return [row[0] for row in rows]


async def delete_steps(
    uow: UnitOfWork, campaign_id: UUID, step_ids: Sequence[UUID], *, now: datetime
) -> None:
    """Remove steps of which nothing was sent, and cancel what they had queued. The pool is locked."""
    await uow.execute(
        _SQL["cancel_messages_of_steps"], campaign_id=campaign_id, step_ids=list(step_ids), now=now
    )
    await uow.execute(_SQL["delete_steps"], campaign_id=campaign_id, step_ids=list(step_ids))


async def reposition_enrollments(
    uow: UnitOfWork, campaign_id: UUID, moves: Sequence[Move], steps: Sequence[SequenceStep], *, now: datetime
) -> None:
    """Put everyone to where an edit leaves them.

    steps: as they are after it. The pool is locked; the totals' `open` follows.
    """
    rows = await uow.rows(
        _SQL["reposition_enrollments"],
        campaign_id=campaign_id,
        olds=[move.old for move in moves],
        nexts=[move.next for move in moves],
        in_progresses=[move.in_progress for move in moves],
        places=[step.position for step in steps],
        seconds=[step.delay_days * _SECONDS_A_DAY for step in steps],
        now=now,
    )
    opened, ended = rows[0]
    changes = Changes()
    changes.add(campaign_id, "open", opened - ended)
    await changes.save(uow, now=now)
