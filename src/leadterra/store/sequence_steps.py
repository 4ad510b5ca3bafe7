"""The steps of campaigns, and what changing them does to the enrollments that are on their way."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from leadterra.domain.sequence import Move, SequenceStep
from leadterra.store.campaign_totals import Changes
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load
from leadterra.store.variants import list_variants

_SQL = load("sequence_steps")
_SECONDS_A_DAY = 86_400.0


async def list_steps(uow: UnitOfWork, campaign_id: UUID) -> list[SequenceStep]:
    """A campaign's steps in their order, with their variants."""
    return (await list_steps_of_campaigns(uow, [campaign_id]))[campaign_id]


async def list_steps_of_campaigns(
    uow: UnitOfWork, campaign_ids: Sequence[UUID]
) -> dict[UUID, list[SequenceStep]]:
    """The same for several campaigns at once."""
    found: dict[UUID, list[SequenceStep]] = {campaign_id: [] for campaign_id in campaign_ids}
    variants = await list_variants(uow, campaign_ids)
    for campaign_id, *columns in await uow.rows(
        _SQL["list_steps_of_campaigns"], campaign_ids=list(campaign_ids)
    ):
        step = SequenceStep(*columns)
        found[campaign_id].append(replace(step, variants=variants.get(step.id, ())))
    return found


async def count_steps(uow: UnitOfWork, campaign_id: UUID) -> int:
    """How many steps a campaign has."""
    return int(await uow.value(_SQL["count_steps"], campaign_id=campaign_id))


async def save_steps(uow: UnitOfWork, campaign_id: UUID, steps: Sequence[SequenceStep]) -> None:
    """Write new and changed steps without their variants; ids are unique in the workspace, so the caller has
    checked whose they are.
    """
    await uow.execute(
        _SQL["save_steps"],
        campaign_id=campaign_id,
        ids=[step.id for step in steps],
        positions=[step.position for step in steps],
        subjects=[step.subject for step in steps],
        bodies_html=[step.body_html for step in steps],
        bodies_text=[step.body_text for step in steps],
        delays=[float(step.delay_days) for step in steps],
        delay_units=[step.delay_unit for step in steps],
        thread_replies=[step.thread_reply for step in steps],
        weights=[float(step.weight) for step in steps],
        versions=[step.version for step in steps],
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


async def cancel_overtaken_messages(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> None:
    """Cancel what came back unsent and will not be sent, for its step is behind its lead now. The pool is
    locked.
    """
    await uow.execute(_SQL["cancel_overtaken_messages"], campaign_id=campaign_id, now=now)


async def find_schedule(uow: UnitOfWork, campaign_id: UUID) -> dict[str, object] | None:
    """The JSON form of a campaign's schedule; None for always."""
    found: dict[str, object] | None = await uow.value(_SQL["find_schedule"], campaign_id=campaign_id)
    return found


async def list_last_sent(
    uow: UnitOfWork, campaign_id: UUID, positions: Sequence[int]
) -> list[tuple[int, datetime]]:
    """When those who may be given another time at these positions were sent their last message."""
    rows = await uow.rows(_SQL["list_last_sent"], campaign_id=campaign_id, positions=list(positions))
    return [(position, last_sent_at) for position, last_sent_at in rows]


async def reposition_enrollments(
    uow: UnitOfWork,
    campaign_id: UUID,
    moves: Sequence[Move],
    steps: Sequence[SequenceStep],
    *,
    retimed: Sequence[bool],
    dues: Mapping[tuple[int, datetime], datetime],
    now: datetime,
) -> None:
    """Put everyone to where an edit leaves them.

    steps: as they are after it. retimed: for each move, whether who waits there waits for another time. dues:
    by place and last message, when the step there is due, where a delay does not say it alone. The pool is
    locked; the totals' `open` follows.
    """
    rows = await uow.rows(
        _SQL["reposition_enrollments"],
        campaign_id=campaign_id,
        olds=[move.old for move in moves],
        nexts=[move.next for move in moves],
        in_progresses=[move.in_progress for move in moves],
        retimed=list(retimed),
        places=[step.position for step in steps],
        seconds=[step.delay_days * _SECONDS_A_DAY for step in steps],
        due_places=[place for place, _ in dues],
        due_last_sent=[last_sent_at for _, last_sent_at in dues],
        dues=list(dues.values()),
        now=now,
    )
    opened, ended = rows[0]
    changes = Changes()
    changes.add(campaign_id, "open", opened - ended)
    await changes.save(uow, now=now)
