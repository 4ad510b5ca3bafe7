"""Domains that leads and accounts are of, and whose servers take their mail.

A row is there from when somebody is about to ask: until its `retry_at` nobody else does, and nobody does
again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from leadterra.domain.provider import Provider
from leadterra.store.database import Transaction, UnitOfWork
from leadterra.store.statements import load

_SQL = load("recipient_domains")


async def list_matching_workspaces(transaction: Transaction, *, after: UUID, limit: int) -> list[UUID]:
    """Workspaces that prefer accounts of the recipient's provider, by id, behind one."""
    rows = await transaction.rows(_SQL["list_matching_workspaces"], after=after, limit=limit)
    return [row[0] for row in rows]


async def find_end_of_leads(uow: UnitOfWork, after: UUID, *, limit: int) -> UUID | None:
    """The last of so many leads behind one, by id; None if there are none."""
    found: UUID | None = await uow.value(_SQL["find_end_of_leads"], after=after, limit=limit)
    return found


async def list_unresolved_domains_of_leads(
    uow: UnitOfWork, after: UUID, until: UUID, *, now: datetime, limit: int
) -> list[str]:
    """Domains to ask about, of leads between two, the second included, that wait for a message."""
    rows = await uow.rows(
        _SQL["list_unresolved_domains_of_leads"], after=after, until=until, now=now, limit=limit
    )
    return [row[0] for row in rows]


async def list_unresolved_domains_of_accounts(uow: UnitOfWork, *, now: datetime, limit: int) -> list[str]:
    """Domains to ask about, of accounts that do not say themselves who their provider is."""
    rows = await uow.rows(_SQL["list_unresolved_domains_of_accounts"], now=now, limit=limit)
    return [row[0] for row in rows]


async def claim_domains(
    uow: UnitOfWork, domains: Sequence[str], *, until: datetime, now: datetime
) -> list[str]:
    """Be the only one who asks about them until then; those of them that are free.

    Taken in their order, so that two who want the same wait for each other and do not deadlock.
    """
    if not domains:
        return []
    rows = await uow.rows(_SQL["claim_domains"], domains=sorted(domains), until=until, now=now)
    return [row[0] for row in rows]


async def save_providers(
    uow: UnitOfWork, providers: Mapping[str, Provider], *, retry_at: datetime, now: datetime
) -> None:
    """Whose servers take the mail of these domains."""
    await uow.execute(
        _SQL["save_providers"],
        domains=list(providers),
        providers=[provider.value for provider in providers.values()],
        retry_at=retry_at,
        now=now,
    )


async def postpone_domains(uow: UnitOfWork, domains: Sequence[str], *, retry_at: datetime) -> None:
    """Ask about these again, but not before that instant."""
    await uow.execute(_SQL["postpone_domains"], domains=list(domains), retry_at=retry_at)


async def forget_domains(uow: UnitOfWork, *, before: datetime) -> None:
    """Forget those that were to be asked about before that instant, and nobody has."""
    await uow.execute(_SQL["forget_domains"], before=before)


async def find_provider(uow: UnitOfWork, domain: str) -> str | None:
    """Whose servers take a domain's mail, as far as anybody has asked."""
    found: str | None = await uow.value(_SQL["find_provider"], domain=domain)
    return found
