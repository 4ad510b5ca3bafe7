"""Whose servers take the mail of recipients and senders, for workspaces that match them by it.

Found by looking through the leads, a bounded number at a time, from one place to the next: a look costs the
same in a workspace of any size. A domain is asked about by whoever claims it; one that dies holding it
delays the answer by a few minutes, and nothing else waits for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.domain.provider import provider_of
from leadterra.store import recipient_domains
from leadterra.store.database import UnitOfWork

BATCH = 100
"""Domains that are claimed at a time, at most."""

_LEADS_A_LOOK = 2000
_LEASE = timedelta(minutes=5)
_AFTER_AN_ANSWER = timedelta(days=7)
_AFTER_NONE = timedelta(hours=1)
_UNASKED_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Look:
    """What a look has found. domains: to be asked about, and nobody else does. behind: the lead behind which
    the next look begins. is_last: there are no leads there.
    """

    domains: Sequence[str]
    behind: UUID
    is_last: bool


async def claim_unresolved_domains(uow: UnitOfWork, behind: UUID, *, now: datetime) -> Look:
    """Claim domains that nobody has an answer for, or an old one: of accounts, and of some leads behind that
    one. They are claimed for a few minutes.
    """
    found = await recipient_domains.list_unresolved_domains_of_accounts(uow, now=now, limit=BATCH)
    end = await recipient_domains.find_end_of_leads(uow, behind, limit=_LEADS_A_LOOK)
    if end and len(found) < BATCH:
        found += await recipient_domains.list_unresolved_domains_of_leads(
            uow, behind, end, now=now, limit=BATCH - len(found)
        )
    claimed = await recipient_domains.claim_domains(uow, sorted(set(found)), until=now + _LEASE, now=now)
    # A full batch may have left some of them out.
    return Look(claimed, behind if end is None or len(found) >= BATCH else end, end is None)


async def record_answers(
    uow: UnitOfWork, answers: Mapping[str, Sequence[str] | None], *, now: datetime
) -> None:
    """Keep what the domain name system said. answers: hosts by domain, most preferred first; None where there
    was no answer: then what an earlier one said stays.
    """
    providers = {domain: provider_of(hosts) for domain, hosts in answers.items() if hosts is not None}
    await recipient_domains.save_providers(uow, providers, retry_at=now + _AFTER_AN_ANSWER, now=now)
    silent = [domain for domain, hosts in answers.items() if hosts is None]
    await recipient_domains.postpone_domains(uow, silent, retry_at=now + _AFTER_NONE)


async def forget_unneeded_domains(uow: UnitOfWork, *, now: datetime) -> None:
    """Forget domains of which no lead has waited for a message for a week; to be done when all leads were
    looked through.
    """
    await recipient_domains.forget_domains(uow, before=now - _UNASKED_FOR)
