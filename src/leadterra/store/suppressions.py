"""Whom the workspace never writes to again: by hash, with the plain value beside it until the person is
erased."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from leadterra.mail.addresses import suppression_hash
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_ids
from leadterra.store.statements import load

_SQL = load("suppressions")

Kind = Literal["email", "domain"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One address or domain to suppress. key: normalised, see `mail.addresses`. value: as it is shown."""

    kind: Kind
    key: str
    value: str


class Suppression(NamedTuple):
    """A suppressed address or domain. value: None once the person was erased."""

    hash: bytes
    kind: str
    id: UUID
    value: str | None
    reason: str
    source: str
    created_at: datetime


async def insert_suppressions(
    uow: UnitOfWork, entries: Sequence[Entry], *, reason: str, source: str, now: datetime
) -> int:
    """Suppress these; how many were not suppressed before. Each hash comes once."""
    added = await uow.rows(
        _SQL["insert_suppressions"],
        hashes=[suppression_hash(entry.key) for entry in entries],
        kinds=[entry.kind for entry in entries],
        ids=list(new_ids(now, len(entries))),
        values=[entry.value for entry in entries],
        reason=reason,
        source=source,
        now=now,
    )
    return len(added)


async def find_suppressions(uow: UnitOfWork, keys: Sequence[str]) -> list[Suppression]:
    """Those of these addresses and domains (normalised) that are suppressed."""
    hashes = [suppression_hash(key) for key in keys]
    return [Suppression(*row) for row in await uow.rows(_SQL["find_suppressions"], hashes=hashes)]


async def list_suppressions(
    uow: UnitOfWork,
    *,
    reason: str | None,
    source: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[Suppression]:
    """A page, newest first."""
    after_at, after_id = after or (None, None)
    rows = await uow.rows(
        _SQL["list_suppressions"],
        reason=reason,
        source=source,
        after_at=after_at,
        after_id=after_id,
        limit=limit,
    )
    return [Suppression(*row) for row in rows]


async def forget_suppression_value(uow: UnitOfWork, key: str) -> None:
    """Keep the hash of an erased person's address and nothing else."""
    await uow.execute(_SQL["forget_suppression_value"], hash=suppression_hash(key))


async def list_concerned_leads(
    uow: UnitOfWork, *, email_keys: Sequence[str], domains: Sequence[str]
) -> list[UUID]:
    """Leads with one of these addresses, or at one of these domains; each once."""
    rows = await uow.rows(_SQL["list_leads_by_address"], email_keys=list(email_keys))
    rows += await uow.rows(_SQL["list_leads_by_domain"], domains=list(domains)) if domains else []
    return sorted({row[0] for row in rows})
