"""Recipients' domains that are said not to exist, and the enrollments of their leads. Whoever changes
anything here has locked the pool.
"""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.dead_domain import DomainNews
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("dead_domains")


class RestingDomain(NamedTuple):
    """A domain to which nothing is sent before `rest_until`. reason: for people."""

    domain: str
    reason: str
    rest_until: datetime


async def find_domain_of_lead(uow: UnitOfWork, lead_id: UUID) -> str | None:
    """Of the lead's address; None if the lead was erased."""
    found: str | None = await uow.value(_SQL["find_domain_of_lead"], lead_id=lead_id)
    return found


async def find_news(uow: UnitOfWork, domain: str) -> DomainNews | None:
    """What is known of a domain."""
    return await uow.find(DomainNews, _SQL["find_dead_domain"], domain=domain)


async def count_leads(uow: UnitOfWork, domain: str, *, limit: int) -> int:
    """Leads of that domain, not further than to `limit`."""
    found: int = await uow.value(_SQL["count_leads_of_domain"], domain=domain, limit=limit)
    return found


async def save_news(uow: UnitOfWork, domain: str, news: DomainNews, *, reason: str) -> None:
    """Keep what is known now."""
    await uow.execute(
        _SQL["save_dead_domain"],
        domain=domain,
        is_dead=news.is_dead,
        enrollment_id=news.enrollment_id,
        reason=reason,
        rest_until=news.rest_until,
    )


async def forget_domains(uow: UnitOfWork, *, before: datetime) -> None:
    """Forget those whose rest was over by then."""
    await uow.execute(_SQL["forget_dead_domains"], before=before)


async def hold_enrollments(
    uow: UnitOfWork, domain: str, *, first: datetime, others: datetime, reason: str, now: datetime
) -> int:
    """Have nothing of a domain's leads be due before these instants; how many are due later than before."""
    rows = await uow.rows(
        _SQL["hold_enrollments_of_domain"], domain=domain, first=first, others=others, reason=reason, now=now
    )
    return len(rows)


async def end_enrollments(
    uow: UnitOfWork, domain: str, *, reason: str, now: datetime
) -> list[tuple[UUID, UUID]]:
    """End what waits for leads of a domain that were never sent anything: (enrollment, campaign)."""
    rows = await uow.rows(_SQL["end_enrollments_of_domain"], domain=domain, reason=reason, now=now)
    return [(enrollment_id, campaign_id) for enrollment_id, campaign_id in rows]


async def list_resting_domains(uow: UnitOfWork, *, now: datetime) -> list[RestingDomain]:
    """Those to which nothing is sent now."""
    return [RestingDomain(*row) for row in await uow.rows(_SQL["list_resting_domains"], now=now)]
