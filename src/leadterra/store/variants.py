"""Variants of steps, and what became of the messages that were given each.

The step's own words count as a variant under the step's id. The totals change in the transaction in which
their messages do, under the pool's lock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from leadterra.domain.variant import Variant
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

Total = Literal["assigned", "rotated", "sent", "bounced", "replied"]

_SQL = load("variants")
_TOTALS: tuple[Total, ...] = ("assigned", "rotated", "sent", "bounced", "replied")


@dataclass(frozen=True, slots=True)
class OptionRow:
    """Words that messages of a step may be made of. id: the step's for its own. position: -1 for the step's
    own. mode: how the campaign chooses. The rest is as in `domain.variant.Words` and `Option`.
    """

    step_id: UUID
    id: UUID
    position: int
    subject: str
    body_html: str
    body_text: str | None
    weight: float
    mode: str
    rotated: int
    assigned: int
    delivered: int
    replied: int


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What became of the messages that were given one variant. variant_id: None for the step's own words.
    weight: 0 for one that was removed. assigned: each message once, sent or not.
    """

    step_id: UUID
    variant_id: UUID | None
    weight: float
    assigned: int
    sent: int
    bounced: int
    replied: int


async def list_variants(uow: UnitOfWork, campaign_ids: Sequence[UUID]) -> dict[UUID, tuple[Variant, ...]]:
    """The variants of these campaigns' steps, by step; a step without any is not among them."""
    found: dict[UUID, tuple[Variant, ...]] = {}
    for step_id, *variant in await uow.rows(_SQL["list_variants"], campaign_ids=list(campaign_ids)):
        found[step_id] = (*found.get(step_id, ()), Variant(*variant))
    return found


async def save_variants(uow: UnitOfWork, variants: Mapping[UUID, Sequence[Variant]]) -> None:
    """Write new and changed ones, by step; the caller has checked whose the ids are."""
    rows = [(step_id, place, each) for step_id in variants for place, each in enumerate(variants[step_id])]
    if not rows:
        return
    await uow.execute(
        _SQL["save_variants"],
        ids=[each.id for _, _, each in rows],
        step_ids=[step_id for step_id, _, _ in rows],
        positions=[place for _, place, _ in rows],
        subjects=[each.subject for _, _, each in rows],
        bodies_html=[each.body_html for _, _, each in rows],
        bodies_text=[each.body_text for _, _, each in rows],
        weights=[float(each.weight) for _, _, each in rows],
        updated_ats=[each.updated_at for _, _, each in rows],
    )


async def remove_variants(uow: UnitOfWork, ids: Sequence[UUID], *, now: datetime) -> None:
    """Give them no message any more."""
    if ids:
        await uow.execute(_SQL["remove_variants"], ids=list(ids), now=now)


async def restart_rotations(uow: UnitOfWork, step_ids: Sequence[UUID]) -> None:
    """Count the shares of these steps' messages from here. The pool is locked."""
    if step_ids:
        await uow.execute(_SQL["restart_rotations"], step_ids=list(step_ids))


async def list_options(uow: UnitOfWork, step_ids: Sequence[UUID]) -> list[OptionRow]:
    """What messages of these steps may be made of, by step, its own words first."""
    return await uow.list(OptionRow, _SQL["list_options"], step_ids=list(step_ids))


async def assign_variants(uow: UnitOfWork, given: Mapping[tuple[UUID, UUID], UUID]) -> None:
    """Give messages, by (enrollment, step), their variants."""
    await uow.execute(
        _SQL["assign_variants"],
        enrollment_ids=[enrollment_id for enrollment_id, _ in given],
        step_ids=[step_id for _, step_id in given],
        variant_ids=list(given.values()),
    )


async def add_variant_totals(
    uow: UnitOfWork, changes: Mapping[tuple[UUID, UUID], Mapping[Total, int]]
) -> None:
    """Add to the totals of variants, by (step, variant), in one statement."""
    keys = sorted(key for key, amounts in changes.items() if any(amounts.values()))
    if not keys:
        return
    columns = {name: [changes[key].get(name, 0) for key in keys] for name in _TOTALS}
    await uow.execute(
        _SQL["add_variant_totals"],
        step_ids=[step_id for step_id, _ in keys],
        variant_ids=[variant_id for _, variant_id in keys],
        **columns,
    )


async def list_results(uow: UnitOfWork, campaign_id: UUID) -> list[ResultRow]:
    """What became of each variant of a campaign, in the order of its steps; empty if it has none."""
    return await uow.list(ResultRow, _SQL["list_results"], campaign_id=campaign_id)
