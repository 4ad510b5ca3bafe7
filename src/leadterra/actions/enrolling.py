"""Leads into a campaign, by set: the one way in, for the API, streams and files.

Who is suppressed is skipped (R11). Who was removed from the campaign is in it again, at the place where they
were (api.md). Enrollments go by the zones of their leads where the campaign does. New leads are due at once;
the pool is locked only at the end, so that a long import does not stand in the way of what is going out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from pydantic_core import to_json

from leadterra.actions.lead_rows import LeadRow, RejectedRow, merge_rows, read_lead
from leadterra.actions.lead_zones import rezone_campaign, rezone_staged_leads
from leadterra.domain.enrollment import ENDED
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.mail.addresses import suppression_hash
from leadterra.store import enrollments, leads
from leadterra.store.campaign_totals import Changes
from leadterra.store.campaigns import get_campaign
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_ids
from leadterra.store.leads import StagedLead
from leadterra.store.sender_pools import wake_pool
from leadterra.store.sequence_steps import count_steps

CHUNK = 5000
"""Leads that are staged at a time."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What became of some leads. Keys are compared addresses.

    total: how many different ones there were. updated: known to the workspace before. repeated: of these,
    those that the same import had brought already. skipped: suppressed.
    """

    total: int
    updated: frozenset[str]
    repeated: frozenset[str]
    skipped: frozenset[str]


@dataclass(frozen=True, slots=True)
class BulkResult:
    """The answer to a bulk request. enrolled: new to the workspace. updated: known before. skipped:
    suppressed. rejected: invalid ones that were left out.
    """

    enrolled: int
    updated: int
    skipped: int
    rejected: Sequence[RejectedRow]


async def enroll_bulk(
    uow: UnitOfWork, campaign_id: UUID, values: Sequence[object], *, skips_invalid: bool, now: datetime
) -> BulkResult:
    """Enrol leads given as JSON values. Unless `skips_invalid`, one that cannot be taken refuses all:
    `Unacceptable`, code `invalid_leads`, listing every fault.
    """
    await get_campaign(uow, campaign_id)
    rows: list[LeadRow] = []
    rejected: list[RejectedRow] = []
    for number, value in enumerate(values, start=1):
        row = read_lead(number, value)
        (rows if isinstance(row, LeadRow) else rejected).append(row)  # type: ignore[arg-type]
    if rejected and not skips_invalid:
        raise Unacceptable(
            _faults(rejected), f"{len(rejected)} of {len(values)} leads cannot be taken.", "invalid_leads"
        )
    done = await enroll_leads(uow, campaign_id, rows, stamp=now, now=now)
    return BulkResult(
        done.total - len(done.updated) - len(done.skipped), len(done.updated), len(done.skipped), rejected
    )


async def enroll_leads(
    uow: UnitOfWork,
    campaign_id: UUID,
    rows: Sequence[LeadRow],
    *,
    stamp: datetime,
    now: datetime,
    ids_from: datetime | None = None,
) -> Enrolment:
    """Enrol them. stamp: what creation and change of the leads are dated. ids_from: where their ids
    begin, if not there; ids rise with it and with the order in `rows`, and so does the order in which
    they are sent to. Raises `NotFound` if the campaign is gone.
    """
    merged = merge_rows(rows)
    skipped = await _find_suppressed(uow, merged)
    wanted = [row for row in merged if row.key not in skipped] if skipped else merged
    staging = _stage(wanted, ids_from or stamp)
    by_lead_zone = await enrollments.uses_lead_zones(uow, campaign_id)
    says_zones = any(row.says_zone for row in wanted)
    known: dict[str, bool] = {}
    added, revived = 0, list[str]()
    while chunk := list(islice(staging, CHUNK)):
        await leads.stage_leads(uow, chunk)
        created = await leads.insert_staged_leads(uow, stamp=stamp)
        found = await leads.update_staged_leads(uow, stamp=stamp) if created < len(chunk) else {}
        added += await enrollments.enroll_staged_leads(
            uow, campaign_id, all_are_new=created == len(chunk), uses_lead_zone=by_lead_zone, now=now
        )
        if found:
            revived += await _take_up(uow, campaign_id, now, says_zones=says_zones)
        known |= found
    await _conclude(uow, campaign_id, added, revived, by_lead_zone=by_lead_zone, now=now)
    repeated = frozenset(key for key, is_repeated in known.items() if is_repeated)
    return Enrolment(len(merged), frozenset(known), repeated, skipped)


def _stage(rows: Sequence[LeadRow], ids_from: datetime) -> Iterator[StagedLead]:
    lead_ids, enrollment_ids = new_ids(ids_from, len(rows)), new_ids(ids_from, len(rows))
    for lead_id, enrollment_id, row in zip(lead_ids, enrollment_ids, rows, strict=True):
        custom = to_json(row.custom_fields).decode() if row.custom_fields else "{}"
        yield StagedLead(
            lead_id, enrollment_id, row.given, row.email, row.key, row.domain, *row.known, custom
        )


async def _find_suppressed(uow: UnitOfWork, rows: Sequence[LeadRow]) -> frozenset[str]:
    """The keys of those whose address or domain is suppressed."""
    if not rows or not await leads.has_suppressions(uow):
        return frozenset()
    domains = {row.domain: suppression_hash(row.domain) for row in rows}
    addresses = {row.key: suppression_hash(row.key) for row in rows}
    hashes = await leads.list_suppressed_hashes(uow, [*domains.values(), *addresses.values()])
    return frozenset(row.key for row in rows if addresses[row.key] in hashes or domains[row.domain] in hashes)


async def _take_up(uow: UnitOfWork, campaign_id: UUID, now: datetime, *, says_zones: bool) -> list[str]:
    """Known leads: who was held for a missing field tries again, and who has a new zone goes by it, in every
    campaign; who was removed from this one is in it again. Their states.
    """
    await uow.lock_pool()
    if says_zones:
        await rezone_staged_leads(uow, now=now)
    if await enrollments.release_held_of_staged_leads(uow, now=now):
        await wake_pool(uow, at=now)
    steps = await count_steps(uow, campaign_id)
    return await enrollments.revive_staged_enrollments(uow, campaign_id, steps=steps, now=now)


async def _conclude(
    uow: UnitOfWork,
    campaign_id: UUID,
    added: int,
    revived: Sequence[str],
    *,
    by_lead_zone: bool,
    now: datetime,
) -> None:
    """Totals, and the pool's attention. by_lead_zone: what these leads were enrolled with.

    Status and zones are read under the lock: whoever changed them meanwhile has not seen these leads.
    """
    await uow.lock_pool()
    campaign = await get_campaign(uow, campaign_id)
    if await enrollments.uses_lead_zones(uow, campaign_id) != by_lead_zone:
        await rezone_campaign(uow, campaign_id, uses_lead_zone=not by_lead_zone, now=now)
    changes = Changes()
    changes.add(campaign_id, "enrolled", added + len(revived))
    changes.add(campaign_id, "open", added + sum(state not in ENDED for state in revived))
    await changes.save(uow, now=now)
    if campaign.status == "running" and (added or revived):
        await wake_pool(uow, at=now)


def _faults(rejected: Sequence[RejectedRow]) -> list[Fault]:
    return [
        Fault(f"/leads/{row.number - 1}{fault.pointer}", fault.code, fault.message)
        for row in rejected
        for fault in row.faults
    ]
