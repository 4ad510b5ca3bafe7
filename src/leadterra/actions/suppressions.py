"""The suppression list: put addresses and domains on it for good, and end what is still open for those
people (R7)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadterra.domain.enrollment import State
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.mail.addresses import InvalidAddress, parse_address, parse_domain
from leadterra.store import suppressions
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import end_enrollments_of_leads
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode
from leadterra.store.suppressions import Entry, Suppression

MANUAL = "manual"
"""Reason of what the workspace's owner put on the list."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """How many of a request are new on the list, and how many were on it before. The same one twice counts
    once."""

    suppressed: int
    already_suppressed: int


async def suppress(
    uow: UnitOfWork, emails: Sequence[str], domains: Sequence[str], *, source: str, now: datetime
) -> Suppressed:
    """Suppress all of them, or none and raise `Unacceptable` that lists every fault."""
    faults: list[Fault] = []
    entries = _read_all(emails, "emails", _read_address, faults) | _read_all(
        domains, "domains", _read_domain, faults
    )
    if faults:
        raise Unacceptable(faults)
    await uow.lock_pool()
    chosen = list(entries.values())
    added = await suppressions.insert_suppressions(uow, chosen, reason=MANUAL, source=source, now=now)
    await _end(uow, chosen, now=now)
    return Suppressed(added, len(chosen) - added)


async def check_suppression(uow: UnitOfWork, email: str) -> Suppression | None:
    """What keeps this address from being written to: its own entry, or its domain's. Raises `Unacceptable`
    for no address."""
    try:
        address = parse_address(email)
    except InvalidAddress as error:
        raise Unacceptable([Fault("?email", "invalid_email", error.reason)], code="invalid_request") from None
    found = await suppressions.find_suppressions(uow, [address.key, address.domain])
    return min(found, key=lambda entry: entry.kind != "email", default=None)


async def _end(uow: UnitOfWork, entries: Sequence[Entry], *, now: datetime) -> None:
    """End what is open for the leads concerned. Only those for whom something ended are told of."""
    keys = [entry.key for entry in entries if entry.kind == "email"]
    domains = [entry.key for entry in entries if entry.kind == "domain"]
    leads = await suppressions.list_concerned_leads(uow, email_keys=keys, domains=domains)
    ended = await end_enrollments_of_leads(uow, leads, State.SUPPRESSED, MANUAL, now=now)
    concerned = sorted({enrollment.lead_id for enrollment in ended})
    events = [
        Event(EventType.LEAD_SUPPRESSED, {"lead": {"id": encode("lead", lead_id)}, "reason": MANUAL})
        for lead_id in concerned
    ]
    await append_events(uow, events, now=now)


def _read_all(
    texts: Sequence[str], field: str, read: Callable[[str], Entry], faults: list[Fault]
) -> dict[str, Entry]:
    """The entries by key; what cannot be read is added to the faults."""
    entries: dict[str, Entry] = {}
    for index, text in enumerate(texts):
        try:
            entry = read(text)
        except InvalidAddress as error:
            faults.append(Fault(f"/{field}/{index}", f"invalid_{field.removesuffix('s')}", error.reason))
        else:
            entries[entry.key] = entry
    return entries


def _read_address(text: str) -> Entry:
    address = parse_address(text)
    return Entry("email", address.key, address.display)


def _read_domain(text: str) -> Entry:
    domain = parse_domain(text)
    return Entry("domain", domain, domain)
