"""What was kept, compared with what the rows say. Every statement reads all rows of its tables once, and
answers with nothing but the differences, a few at a time: memory stays bounded whatever the history."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from leadterra.domain.enrollment import OPEN
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("verification")

UNIT_FIELDS = ("sent", "uncertain", "reserved", "bounced")
TOTAL_FIELDS = ("enrolled", "open", "sent", "bounced", "failed", "uncertain")
ATTEMPT_FIELDS = ("attempts", "accepted", "uncertain")
VARIANT_FIELDS = ("assigned", "sent", "bounced")


@dataclass(frozen=True, slots=True)
class Compared:
    """Two rows of numbers that should be equal, in the order of the `…_FIELDS`. day: None where it is of no
    day. id: of the account, the campaign or the message.
    """

    day: date | None
    id: UUID
    kept: list[int]
    counted: list[int]


@dataclass(frozen=True, slots=True)
class CapCompared:
    """A cap of which something else is kept than was taken. scope, key, bucket: see `cap_units.CapUnits`."""

    scope: str
    key: UUID
    bucket: datetime
    kept: int
    counted: int


@dataclass(frozen=True, slots=True)
class VariantCompared:
    """A variant's numbers, in the order of `VARIANT_FIELDS`. variant_id: the step's for its own words."""

    step_id: UUID
    variant_id: UUID
    kept: list[int]
    counted: list[int]


def list_unit_differences(uow: UnitOfWork, *, day: date | None) -> AsyncIterator[Compared]:
    """Accounts and days of which the ledger differs from the messages; of that day, or of all."""
    return uow.stream(Compared, _SQL["list_unit_differences"], day=day)


def list_total_differences(uow: UnitOfWork) -> AsyncIterator[Compared]:
    """Campaigns whose totals differ from their enrollments and messages."""
    return uow.stream(Compared, _SQL["list_total_differences"], open=list(OPEN))


def list_attempt_differences(uow: UnitOfWork, *, day: date | None) -> AsyncIterator[Compared]:
    """Messages that cannot have become what they are by their attempts; of that day, or of all."""
    return uow.stream(Compared, _SQL["list_attempt_differences"], day=day)


def list_cap_differences(uow: UnitOfWork, *, since: datetime, until: datetime) -> AsyncIterator[CapCompared]:
    """Caps that are set, and buckets from that instant to before the other, of which something else is kept
    than the messages say.
    """
    return uow.stream(CapCompared, _SQL["list_cap_differences"], since=since, until=until)


def list_variant_differences(uow: UnitOfWork) -> AsyncIterator[VariantCompared]:
    """Variants whose totals differ from the messages that were given them."""
    return uow.stream(VariantCompared, _SQL["list_variant_differences"])
