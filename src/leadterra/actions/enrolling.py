"""Leads into a campaign, by set: the one way in, for the API, streams and files.

Who is suppressed is skipped (R11). Who was removed from the campaign is in it again, at the place where they
were (api.md). Enrollments go by the zones of their leads where the campaign does. New leads are due at once;
the pool is locked only at the end, so that a long import does not stand in the way of what is going out.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.actions.dead_domains import hold_new_leads
from leadterra.actions.lead_rows import LeadRow, RejectedRow, merge_rows, read_lead
from leadterra.actions.lead_zones import rezone_campaign, rezone_staged_leads
from leadterra.domain.enrollment import ENDED
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.mail.addresses import suppression_hash
from leadterra.store import enrollments, leads
from leadterra.store.campaign_totals import Changes
from leadterra.store.campaigns import get_campaign
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_id_numbers
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
    are_new: bool = False,
    turn: Callable[[], Awaitable[None]] | None = None,
) -> Enrolment:
    """Enrol them. stamp: what creation and change of the leads are dated. ids_from: where their ids
    begin, if not there; ids rise with it and with the order in `rows`, and so does the order in which
    they are sent to. are_new: none is known, which is faster; `Conflict` if one is. turn: awaited before
    the pool is locked. Raises `NotFound` if the campaign is gone.
    """
    merged = merge_rows(rows)
    skipped = await _find_suppressed(uow, merged)
    wanted = [row for row in merged if row.key not in skipped] if skipped else merged
    by_lead_zone = await enrollments.uses_lead_zones(uow, campaign_id)
    intake = _Intake(uow, campaign_id, stamp, now, turn or _at_once, by_lead_zone=by_lead_zone)
    lead_ids, enrollment_ids = (new_id_numbers(ids_from or stamp, len(wanted)) for _ in range(2))
    for start in range(0, len(wanted), CHUNK):
        part = slice(start, start + CHUNK)
        chunk = wanted[part]
        await leads.stage_leads(uow, chunk, lead_ids[part], enrollment_ids[part])
        await intake.take_staged(chunk, are_new=are_new)
    await intake.conclude()
    await hold_new_leads(uow, {row.domain for row in wanted}, now=now)
    repeated = frozenset(key for key, is_repeated in intake.known.items() if is_repeated)
    return Enrolment(len(merged), frozenset(intake.known), repeated, skipped)


async def _at_once() -> None:
    """It is always the turn of whoever is alone."""


class _Intake:
    """Leads on their way into one campaign, chunk by chunk."""

    def __init__(
        self,
        uow: UnitOfWork,
        campaign_id: UUID,
        stamp: datetime,
        now: datetime,
        turn: Callable[[], Awaitable[None]],
        *,
        by_lead_zone: bool,
    ) -> None:
        self._uow = uow
        self._campaign_id = campaign_id
        self._stamp = stamp
        self._now = now
        self._turn = turn
        self._by_lead_zone = by_lead_zone
        self._added = 0
        self._revived: list[str] = []
        self.known: dict[str, bool] = {}
        """Keys of leads that were known, and whether the same stamp had touched them before."""

    async def take_staged(self, chunk: Sequence[LeadRow], *, are_new: bool) -> None:
        """Those that are staged."""
        insert = leads.insert_new_leads if are_new else leads.insert_staged_leads
        created = await insert(self._uow, stamp=self._stamp)
        found = {}
        if created < len(chunk):
            found = await leads.update_staged_leads(self._uow, stamp=self._stamp)
        self._added += await enrollments.enroll_staged_leads(
            self._uow,
            self._campaign_id,
            all_are_new=created == len(chunk),
            uses_lead_zone=self._by_lead_zone,
            now=self._now,
        )
        if found:
            await self._take_up(says_zones=any(row.says_zone for row in chunk))
        self.known |= found

    async def _take_up(self, *, says_zones: bool) -> None:
        """Known leads: who was held for a missing field tries again, and who has a new zone goes by it, in
        every campaign; who was removed from this one is in it again.
        """
        uow, now = self._uow, self._now
        await self._turn()
        await uow.lock_pool()
        if says_zones:
            await rezone_staged_leads(uow, now=now)
        if await enrollments.release_held_of_staged_leads(uow, now=now):
            await wake_pool(uow, at=now)
        steps = await count_steps(uow, self._campaign_id)
        self._revived += await enrollments.revive_staged_enrollments(
            uow, self._campaign_id, steps=steps, now=now
        )

    async def conclude(self) -> None:
        """Totals, and the pool's attention.

        Status and zones are read under the lock: whoever changed them meanwhile has not seen these leads.
        """
        uow, campaign_id, now = self._uow, self._campaign_id, self._now
        await self._turn()
        await uow.lock_pool()
        campaign = await get_campaign(uow, campaign_id)
        if await enrollments.uses_lead_zones(uow, campaign_id) != self._by_lead_zone:
            await rezone_campaign(uow, campaign_id, uses_lead_zone=not self._by_lead_zone, now=now)
        added, revived = self._added, self._revived
        changes = Changes()
        changes.add(campaign_id, "enrolled", added + len(revived))
        changes.add(campaign_id, "open", added + sum(state not in ENDED for state in revived))
        await changes.save(uow, now=now)
        if campaign.status == "running" and (added or revived):
            await wake_pool(uow, at=now)


async def _find_suppressed(uow: UnitOfWork, rows: Sequence[LeadRow]) -> frozenset[str]:
    """The keys of those whose address or domain is suppressed."""
    if not rows or not await leads.has_suppressions(uow):
        return frozenset()
    domains = {domain: suppression_hash(domain) for domain in {row.domain for row in rows}}
    addresses = {row.key: suppression_hash(row.key) for row in rows}
    hashes = await leads.list_suppressed_hashes(uow, [*domains.values(), *addresses.values()])
    return frozenset(row.key for row in rows if addresses[row.key] in hashes or domains[row.domain] in hashes)


def _faults(rejected: Sequence[RejectedRow]) -> list[Fault]:
    return [
        Fault(f"/leads/{row.number - 1}{fault.pointer}", fault.code, fault.message)
        for row in rejected
        for fault in row.faults
    ]
