"""Recompute the books from messages, attempts and enrollments, and tell every difference.

In a unit of work that sees one instant (`Database.snapshot`) a running system verifies cleanly, for what
changes a message changes its books in the same transaction. What holds, and is compared:

- A message has a unit, of the account and UTC day of its last claim, while it is sending, uncertain or sent;
  so for every account and day the ledger counts those messages, and beside them the bounced ones.
- A campaign's totals count its enrollments and its messages by what they are now. Not so `unsubscribed` and
  `replied`: leads say that also after their enrollment has ended, and they are not compared.
- A message was accepted at most once, and is sent, or returned later, exactly if it was, or if a person or a
  late worker said so of an uncertain one.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from leadterra.store import verification
from leadterra.store.database import UnitOfWork
from leadterra.store.verification import ATTEMPT_FIELDS, TOTAL_FIELDS, UNIT_FIELDS, Compared

Book = Literal["ledger", "campaign", "message"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a book that is not what it should be.

    day: of the units, or of the message's last claim. id: of the account, the campaign or the message. kept:
    numbers as they are stored. counted: the same as the rows give them.
    """

    book: Book
    day: date | None
    id: UUID
    kept: Mapping[str, int]
    counted: Mapping[str, int]


async def find_differences(uow: UnitOfWork, *, day: date | None = None) -> AsyncIterator[Difference]:
    """Every difference there is, or, for one day, those of its units and messages: totals are of no day."""
    async for row in verification.list_unit_differences(uow, day=day):
        yield _difference("ledger", row, UNIT_FIELDS)
    async for row in verification.list_attempt_differences(uow, day=day):
        yield Difference("message", row.day, row.id, *_named(row, ATTEMPT_FIELDS))
    if day is None:
        async for row in verification.list_total_differences(uow):
            yield _difference("campaign", row, TOTAL_FIELDS)


def _difference(book: Book, row: Compared, fields: Sequence[str]) -> Difference:
    """With the numbers that differ, and no others."""
    kept, counted = _named(row, fields)
    wrong = [name for name in fields if kept[name] != counted[name]]
    return Difference(
        book, row.day, row.id, {name: kept[name] for name in wrong}, {name: counted[name] for name in wrong}
    )


def _named(row: Compared, fields: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    return dict(zip(fields, row.kept, strict=True)), dict(zip(fields, row.counted, strict=True))
