"""Leads, one by one and thousands at a time.

A chunk of leads goes into a temporary table by COPY and from there by set: what is new is inserted, what
was known is updated. Rows that another transaction has locked are waited for; nothing here is skipped
silently.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb
from pydantic_core import to_json

from leadterra.domain.errors import Conflict, NotFound
from leadterra.domain.lead import FieldValue, Person
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("leads")
_NULL = "\x01"
_HAS_NULLS = 1 << 5
"""Beside the bits of what was given: some custom fields are null."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as it is stored.

    email: as given. email_key, email_domain: as it is compared. The fields: see `domain.lead.Person`.
    """

    id: UUID
    email: str
    email_key: str
    email_domain: str
    first_name: str | None
    last_name: str | None
    company: str | None
    job_title: str | None
    time_zone: str | None
    custom_fields: Mapping[str, FieldValue]
    created_at: datetime
    updated_at: datetime

    @property
    def person(self) -> Person:
        """What templates may say of it."""
        return Person(
            self.email,
            self.first_name,
            self.last_name,
            self.company,
            self.job_title,
            self.time_zone,
            self.custom_fields,
        )


class IncomingLead(Protocol):
    """A lead on its way in. No text holds a tab, a line break or a control character, but for values of
    custom fields.
    """

    @property
    def email(self) -> str:
        """As given."""

    @property
    def key(self) -> str:
        """As it is compared."""

    @property
    def domain(self) -> str:
        """The same of its domain."""

    @property
    def given(self) -> int:
        """A bit for each of the known fields that was given, in their order."""

    @property
    def known(self) -> tuple[str | None, str | None, str | None, str | None, str | None]:
        """First name, last name, company, job title, time zone."""

    @property
    def custom_fields(self) -> Mapping[str, FieldValue]:
        """Those that were given; a null takes one away."""


async def stage_leads(
    uow: UnitOfWork, leads: Sequence[IncomingLead], lead_ids: Iterable[int], enrollment_ids: Iterable[int]
) -> None:
    """Bring a chunk to the server, in place of the one before. Addresses differ. lead_ids, enrollment_ids:
    what they get if they are new, as numbers.
    """
    await uow.execute(_SQL["create_staging"])
    await uow.execute(_SQL["clear_staging"])
    # JSON escapes its own control characters: a backslash is all that can need to be escaped.
    lines = "".join(map(_line, leads, lead_ids, enrollment_ids)).replace("\\", "\\\\")
    async with uow.connection.cursor() as cursor, cursor.copy(_SQL["copy_staging"].encode()) as copy:
        await copy.write(lines)


def _line(lead: IncomingLead, lead_id: int, enrollment_id: int) -> str:
    """Ids, bits, address and fields, as the table of staged leads has them."""
    known = "\t".join([_NULL if text is None else text for text in lead.known])
    custom, bits = lead.custom_fields, lead.given
    if None in custom.values():
        bits |= _HAS_NULLS
    return (
        f"{lead_id:032x}\t{enrollment_id:032x}\t{bits}\t{lead.email}\t{lead.key}\t{lead.domain}\t{known}"
        f"\t{to_json(custom).decode() if custom else '{}'}\n"
    )


async def insert_new_leads(uow: UnitOfWork, *, stamp: datetime) -> int:
    """Create the staged leads, all of which are new; how many. stamp: what creation and change are dated.
    Raises `Conflict` if one is not new; the transaction can only be rolled back then.
    """
    try:
        return await uow.execute(_SQL["insert_new_leads"], stamp=stamp)
    except UniqueViolation as error:
        raise Conflict("One of these leads is known.") from error


async def insert_staged_leads(uow: UnitOfWork, *, stamp: datetime) -> int:
    """Create those that are new; how many. stamp: see `insert_new_leads`."""
    return await uow.execute(_SQL["insert_staged_leads"], stamp=stamp)


async def update_staged_leads(uow: UnitOfWork, *, stamp: datetime) -> dict[str, bool]:
    """Overwrite what is given of those that were known; their keys, and whether the same stamp had
    touched them before.
    """
    return {row[0]: row[1] for row in await uow.rows(_SQL["update_staged_leads"], stamp=stamp)}


async def has_suppressions(uow: UnitOfWork) -> bool:
    """Whether the workspace suppresses anybody at all."""
    return bool(await uow.value(_SQL["has_suppressions"]))


async def list_suppressed_hashes(uow: UnitOfWork, hashes: Sequence[bytes]) -> set[bytes]:
    """Which of these hashes of addresses and domains are suppressed."""
    return {bytes(row[0]) for row in await uow.rows(_SQL["list_suppressed_hashes"], hashes=list(hashes))}


async def get_lead(uow: UnitOfWork, lead_id: UUID) -> Lead:
    """A lead. Raises `NotFound`."""
    return _found(await uow.find(Lead, _SQL["find_lead"], id=lead_id))


async def lock_lead(uow: UnitOfWork, lead_id: UUID) -> Lead:
    """A lead that is about to be changed. Raises `NotFound`."""
    return _found(await uow.find(Lead, _SQL["lock_lead"], id=lead_id))


async def list_leads(
    uow: UnitOfWork, *, limit: int, email_key: str | None = None, before: UUID | None = None
) -> list[Lead]:
    """Newest first. before: the last one of the page before."""
    return await uow.list(Lead, _SQL["list_leads"], limit=limit, email_key=email_key, before=before)


async def save_lead(uow: UnitOfWork, lead: Lead, *, now: datetime) -> None:
    """Save address and fields. Raises `Conflict` if another lead has that address."""
    try:
        await uow.execute(
            _SQL["save_lead"],
            id=lead.id,
            email=lead.email,
            email_key=lead.email_key,
            email_domain=lead.email_domain,
            first_name=lead.first_name,
            last_name=lead.last_name,
            company=lead.company,
            job_title=lead.job_title,
            time_zone=lead.time_zone,
            custom_fields=Jsonb(lead.custom_fields),
            now=now,
        )
    except UniqueViolation as error:
        raise Conflict("Another lead has this e-mail address.") from error


async def delete_lead(uow: UnitOfWork, lead_id: UUID, enrollment_ids: Sequence[UUID]) -> None:
    """Delete the lead, and what its messages said and were answered. The pool is locked."""
    await uow.execute(_SQL["forget_zone_of_lead"], enrollment_ids=list(enrollment_ids))
    await uow.execute(_SQL["forget_words_to_lead"], enrollment_ids=list(enrollment_ids))
    await uow.execute(_SQL["forget_answers_about_lead"], enrollment_ids=list(enrollment_ids))
    await uow.execute(_SQL["delete_lead"], id=lead_id)


def _found(lead: Lead | None) -> Lead:
    if lead is None:
        raise NotFound("lead")
    return lead
