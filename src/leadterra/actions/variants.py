"""Choose the words of messages that were just claimed, and count what becomes of each variant.

A message is given its words once, by the first claim of it, and keeps them through every attempt; only where
they were removed meanwhile it is given others, and counts for those. Both functions run in their caller's
transaction, under the pool's lock. Where no step has variants they ask nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

from leadterra.domain.variant import Choice, Option, VariantMode, Words, choose_variant
from leadterra.store.database import UnitOfWork
from leadterra.store.variants import OptionRow, Total, add_variant_totals, assign_variants, list_options


@dataclass(frozen=True, slots=True)
class Turn:
    """A message that was just claimed, of a step that has variants, or that was given one before. given: by
    an earlier claim, the step's id for its own words; None for nothing yet.
    """

    enrollment_id: UUID
    step_id: UUID
    message_id: UUID
    given: UUID | None = None


@dataclass(frozen=True, slots=True)
class VariantEnding:
    """What a settlement adds to a variant: 1 or 0 each. variant_id: of the message, the step's id for its own
    words. sent: it was taken, or refused for the recipient's sake. bounced: of these, refused.
    """

    step_id: UUID
    variant_id: UUID
    sent: int
    bounced: int


class _Offer:
    """What messages of one step may be made of, and how often each was taken so far."""

    def __init__(self, rows: Sequence[OptionRow]) -> None:
        self.words = {row.id: Words(row.id, row.subject, row.body_html, row.body_text) for row in rows}
        self._mode = VariantMode(rows[0].mode)
        self._options = {row.id: _option(row) for row in rows}

    def choose(self, message_id: UUID) -> Choice:
        """The words of the next message, which count."""
        draw = Random(message_id.int)
        choice = choose_variant(list(self._options.values()), mode=self._mode, draw=draw)
        option = self._options[choice.id]
        self._options[choice.id] = replace(
            option, rotated=option.rotated + choice.is_rotated, assigned=option.assigned + 1
        )
        return choice


async def choose_variants(uow: UnitOfWork, turns: Sequence[Turn]) -> dict[UUID, Words]:
    """The words of these messages by enrollment, written down and counted. The rows of the messages are
    there; a message that is not among them has its step's own words.
    """
    if not turns:
        return {}
    offers = await _list_offers(uow, {turn.step_id for turn in turns})
    words: dict[UUID, Words] = {}
    given: dict[tuple[UUID, UUID], UUID] = {}
    totals: defaultdict[tuple[UUID, UUID], Counter[Total]] = defaultdict(Counter)
    for turn in turns:
        offer = offers[turn.step_id]
        chosen = turn.given
        if chosen not in offer.words:
            choice = offer.choose(turn.message_id)
            totals[turn.step_id, choice.id].update({"assigned": 1, "rotated": int(choice.is_rotated)})
            if chosen is not None:
                totals[turn.step_id, chosen].subtract({"assigned": 1})
            chosen = given[turn.enrollment_id, turn.step_id] = choice.id
        words[turn.enrollment_id] = offer.words[chosen]
    if given:
        await assign_variants(uow, given)
        await add_variant_totals(uow, totals)
    return words


async def count_variants(uow: UnitOfWork, endings: Iterable[VariantEnding]) -> None:
    """Add what was sent and what bounced to the totals of the variants, in one statement."""
    totals: defaultdict[tuple[UUID, UUID], Counter[Total]] = defaultdict(Counter)
    for ending in endings:
        totals[ending.step_id, ending.variant_id].update({"sent": ending.sent, "bounced": ending.bounced})
    await add_variant_totals(uow, totals)


async def _list_offers(uow: UnitOfWork, step_ids: set[UUID]) -> dict[UUID, _Offer]:
    rows: defaultdict[UUID, list[OptionRow]] = defaultdict(list)
    for row in await list_options(uow, sorted(step_ids)):
        rows[row.step_id].append(row)
    return {step_id: _Offer(found) for step_id, found in rows.items()}


def _option(row: OptionRow) -> Option:
    return Option(row.id, row.weight, row.rotated, row.assigned, row.delivered, row.replied)
