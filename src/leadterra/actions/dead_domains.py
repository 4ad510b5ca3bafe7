"""A recipients' domain that is said not to exist, or to take no mail: what one account is told counts for all
(R9). `domain.dead_domain` says what follows, and why no single word ends anybody.

Costs nothing while nobody says so, but one look into an empty table for each chunk of an import. Expects the
pool's lock.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.domain.dead_domain import MOST_LEADS, PROBE_GRACE, news_after, tells_of_dead_domain
from leadterra.domain.provider import Provider
from leadterra.observability import log
from leadterra.store import dead_domains
from leadterra.store.campaign_totals import Changes
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import cancel_unsent_messages
from leadterra.store.recipient_domains import find_provider
from leadterra.store.sender_pools import wake_pool

_FORGOTTEN = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was said about one letter's recipient, by a server or in a report. code: of the SMTP reply.
    status: RFC 3463.
    """

    enrollment_id: UUID
    lead_id: UUID
    code: int | None
    status: str | None
    text: str


async def note_refusals(uow: UnitOfWork, refusals: Sequence[Refusal], *, now: datetime) -> None:
    """Have other leads of the same domains wait, or end, if these refusals say that their domains are none.
    The same refusal again changes nothing.
    """
    for refusal in refusals:
        if not tells_of_dead_domain(refusal.code, refusal.status, refusal.text):
            continue
        domain = await dead_domains.find_domain_of_lead(uow, refusal.lead_id)
        if domain is not None and not await _is_alive(uow, domain):
            await _note(uow, domain, refusal, now=now)


async def hold_new_leads(uow: UnitOfWork, domains: Collection[str], *, now: datetime) -> None:
    """Have leads of these domains wait that have just come into a campaign, where nothing is sent there."""
    for resting in await dead_domains.list_resting_domains(uow, now=now):
        if resting.domain in domains:
            await _hold(uow, resting.domain, resting.rest_until, resting.reason, now=now)


async def _note(uow: UnitOfWork, domain: str, refusal: Refusal, *, now: datetime) -> None:
    news = news_after(await dead_domains.find_news(uow, domain), refusal.enrollment_id, now)
    if news is None:
        return
    reason = (
        f"a server says that its domain does not exist or takes no mail ({refusal.status or refusal.code})"
    )
    await dead_domains.forget_domains(uow, before=now - _FORGOTTEN)
    await dead_domains.save_news(uow, domain, news, reason=reason)
    if news.is_dead:
        await _end(uow, domain, reason, now=now)
    await _hold(uow, domain, news.rest_until, reason, now=now)
    log.warning(
        "domain.suspected", domain=domain, is_dead=news.is_dead, status=refusal.status, code=refusal.code
    )


async def _hold(uow: UnitOfWork, domain: str, until: datetime, reason: str, *, now: datetime) -> None:
    if await dead_domains.count_leads(uow, domain, limit=MOST_LEADS + 1) > MOST_LEADS:
        return
    if await dead_domains.hold_enrollments(
        uow, domain, first=until, others=until + PROBE_GRACE, reason=reason, now=now
    ):
        await wake_pool(uow, at=until)


async def _end(uow: UnitOfWork, domain: str, reason: str, *, now: datetime) -> None:
    ended = await dead_domains.end_enrollments(uow, domain, reason=reason, now=now)
    await cancel_unsent_messages(uow, [enrollment_id for enrollment_id, _ in ended], reason, now=now)
    changes = Changes()
    for _, campaign_id in ended:
        changes.add(campaign_id, "open", -1)
    await changes.save(uow, now=now)


async def _is_alive(uow: UnitOfWork, domain: str) -> bool:
    """Whether we know better: its mail goes to a large provider's servers, or it has very many leads."""
    if await find_provider(uow, domain) in (Provider.GOOGLE, Provider.MICROSOFT):
        return True
    return await dead_domains.count_leads(uow, domain, limit=MOST_LEADS + 1) > MOST_LEADS
