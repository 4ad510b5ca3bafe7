"""Recompute the books from messages, attempts and enrollments, and tell every difference.

In a unit of work that sees one instant (`Database.snapshot`) a running system verifies cleanly, for what
changes a message changes its books in the same transaction. What holds, and is compared:

- A message has a unit, of the account and UTC day of its last claim, while it is sending, uncertain or sent;
  so for every account and day the ledger counts those messages, and beside them the bounced ones.
- A campaign's totals count its enrollments and its messages by what they are now. Not so `unsubscribed` and
  `replied`: leads say that also after their enrollment has ended, and they are not compared.
- A message was accepted at most once, and is sent, or returned later, exactly if it was, or if a person or a
  late worker said so of an uncertain one.
- Of every cap that is set, the units that are kept are those of the messages, by minute, hour or day, as far
  back as caps are counted (`caps.KEPT`). Of one that is not set there are none.
- A variant's totals count the messages that have it by what they are now. Not so `replied`.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from uuid import UUID

from leadterra.actions.caps import KEPT, day_start
from leadterra.store import verification
from leadterra.store.database import UnitOfWork
from leadterra.store.verification import (
    ATTEMPT_FIELDS,
    TOTAL_FIELDS,
    UNIT_FIELDS,
    VARIANT_FIELDS,
    CapCompared,
    Compared,
    VariantCompared,
)

Book = Literal["ledger", "campaign", "message", "cap", "variant"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a book that is not what it should be.

    day: of the units, or of the message's last claim. id: of the account, the campaign, the message or the
    variant (the step's for its own words); of a cap, its key. kept: numbers as they are stored, of a cap
    under the name of its scope. counted: the same as the rows give them. bucket: of a cap, when the minute,
    hour or day begins. step_id: of a variant.
    """

    book: Book
    day: date | None
    id: UUID
    kept: Mapping[str, int]
    counted: Mapping[str, int]
    bucket: datetime | None = None
    step_id: UUID | None = None


async def find_differences(
    uow: UnitOfWork, *, now: datetime, day: date | None = None
) -> AsyncIterator[Difference]:
    """Every difference there is, or, for one day, those of its units, caps and messages: totals are of no
    day.
    """
    async for row in verification.list_unit_differences(uow, day=day):
        yield _difference("ledger", row, UNIT_FIELDS)
    async for row in verification.list_attempt_differences(uow, day=day):
        yield Difference("message", row.day, row.id, *_named(row, ATTEMPT_FIELDS))
    since, until = _span(day, now)
    async for cap in verification.list_cap_differences(uow, since=since, until=until):
        yield _cap_difference(cap)
    if day is None:
        async for row in verification.list_total_differences(uow):
            yield _difference("campaign", row, TOTAL_FIELDS)
        async for variant in verification.list_variant_differences(uow):
            yield _variant_difference(variant)


def _span(day: date | None, now: datetime) -> tuple[datetime, datetime]:
    """From when to when caps are compared: no further back than they are counted."""
    horizon = day_start(now) - KEPT
    if day is None:
        return horizon, datetime.max.replace(tzinfo=UTC)
    midnight = datetime.combine(day, time.min, UTC)
    return max(horizon, midnight), midnight + timedelta(days=1)


def _cap_difference(row: CapCompared) -> Difference:
    day = row.bucket.astimezone(UTC).date()
    return Difference("cap", day, row.key, {row.scope: row.kept}, {row.scope: row.counted}, bucket=row.bucket)


def _variant_difference(row: VariantCompared) -> Difference:
    compared = Compared(None, row.variant_id, row.kept, row.counted)
    return replace(_difference("variant", compared, VARIANT_FIELDS), step_id=row.step_id)


def _difference(book: Book, row: Compared, fields: Sequence[str]) -> Difference:
    """With the numbers that differ, and no others."""
    kept, counted = _named(row, fields)
    wrong = [name for name in fields if kept[name] != counted[name]]
    return Difference(
        book, row.day, row.id, {name: kept[name] for name in wrong}, {name: counted[name] for name in wrong}
    )


def _named(row: Compared, fields: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    return dict(zip(fields, row.kept, strict=True)), dict(zip(fields, row.counted, strict=True))
