"""Letters that are no step of a campaign, warm-up letters and answers: what they cost, and what it means how
they end.

The books are those of messages: the unit and every cap's are kept if the server took the letter or may have,
and given back otherwise; what a lost worker held is uncertain if it was cleared. They count for their
account, its domain and the workspace, and for no campaign's or recipient's cap. Everything here expects the
pool's lock.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Protocol
from uuid import UUID

from leadterra.actions.account_health import save_account_health
from leadterra.actions.caps import Taken, minute_start, units_of
from leadterra.actions.ports import Attempt
from leadterra.domain.health import is_trouble
from leadterra.domain.outcomes import Answer, Command, Reason, Uncertain, Withheld
from leadterra.domain.pool import ANY_CAMPAIGN
from leadterra.mail.addresses import domain_digest
from leadterra.store import settlements
from leadterra.store.cap_units import CapScope, RollingMove, move_rolling_units, return_cap_units
from leadterra.store.database import UnitOfWork
from leadterra.store.events import append_events
from leadterra.store.sender_pools import wake_pool
from leadterra.store.settlements import UnitChange

_KEPT = frozenset({"sent", "uncertain"})
_CAPS = (CapScope.ACCOUNT_24H, CapScope.SENDING_DOMAIN)


class HeldLetter(Protocol):
    """A letter that has a unit, locked. day: whose unit. data_at: when it was cleared."""

    @property
    def sender_account_id(self) -> UUID:
        """Whose letter."""
        ...

    @property
    def state(self) -> str:
        """`sending` or `uncertain`."""
        ...

    @property
    def day(self) -> date:
        """Whose unit it has."""
        ...

    @property
    def claimed_at(self) -> datetime:
        """When the unit was taken."""
        ...

    @property
    def data_at(self) -> datetime | None:
        """When it was cleared for DATA."""
        ...


@dataclass(frozen=True, slots=True)
class SettledLetter:
    """A letter, and what becomes of it. state: that it gets. is_bounced: refused for the recipient's sake."""

    letter: HeldLetter
    attempt: Attempt
    state: str
    is_bounced: bool

    @property
    def account_id(self) -> UUID:
        """Whose attempt it was."""
        return self.letter.sender_account_id

    @property
    def was_uncertain(self) -> bool:
        """It was settled so before; somebody knows better now."""
        return self.letter.state == "uncertain"

    @property
    def is_news(self) -> bool:
        """It says more than was known."""
        return not (self.was_uncertain and self.state == "uncertain")

    @property
    def is_returned(self) -> bool:
        """Its unit goes back: no server has it."""
        return self.state not in _KEPT


async def book_letters(uow: UnitOfWork, settled: Sequence[SettledLetter], *, now: datetime) -> None:
    """Units, caps and the accounts' health, as these letters leave them."""
    await settlements.save_units(uow, _unit_changes(settled))
    await _move_cap_units(uow, settled)
    news = await save_account_health(uow, settled, now=now)
    await append_events(uow, news.events, now=now)
    if any(item.is_returned for item in settled):
        await wake_pool(uow, at=now)


def lost_attempt(data_at: datetime | None, now: datetime) -> Attempt:
    """What is known of a letter whose worker is gone."""
    if data_at is None:
        return Attempt(Withheld(Reason.LOST), "", now, None, now)
    answer = Answer(Command.BODY, None, None, "the worker was lost after DATA had begun")
    return Attempt(Uncertain(answer), "", data_at, data_at, now)


def taken_letter(
    account_id: UUID, email_domain: str, day: date, *, claimed_at: datetime, rolling_at: datetime
) -> Taken:
    """A letter as caps see it. rolling_at: by which it counts in its account's last 24 hours."""
    return Taken(
        account_id=account_id,
        sending_domain=domain_digest(email_domain),
        recipient_domain=None,
        campaign_id=ANY_CAMPAIGN,
        is_first_step=False,
        day_start=datetime.combine(day, time.min, UTC),
        claimed_at=claimed_at,
        rolling_at=rolling_at,
    )


def _unit_changes(settled: Sequence[SettledLetter]) -> list[UnitChange]:
    """As for messages: units move from reserved, or from uncertain."""
    sums: defaultdict[tuple[object, UUID], list[UnitChange]] = defaultdict(list)
    for item in settled:
        is_known_trouble = bool(item.attempt.server) and is_trouble(item.attempt.ending)
        change = UnitChange(
            day=item.letter.day,
            account_id=item.account_id,
            sent=int(item.state == "sent"),
            uncertain=int(item.state == "uncertain") - int(item.was_uncertain),
            reserved=-int(not item.was_uncertain),
            bounced=int(item.is_bounced),
            troubled=int(is_known_trouble),
        )
        sums[item.letter.day, item.account_id].append(change)
    return [_sum_of(changes) for _, changes in sorted(sums.items(), key=lambda entry: str(entry[0]))]


def _sum_of(changes: Sequence[UnitChange]) -> UnitChange:
    first, counts = changes[0], zip(*(each[2:] for each in changes), strict=True)
    return UnitChange(first.day, first.account_id, *(sum(count) for count in counts))


async def _move_cap_units(uow: UnitOfWork, settled: Sequence[SettledLetter]) -> None:
    returned = [item for item in settled if item.is_returned]
    if returned:
        domains = await settlements.list_sending_domains(uow, sorted({item.account_id for item in returned}))
        await return_cap_units(uow, units_of((_taken(item, domains) for item in returned), _CAPS))
    moves = [move for item in settled if (move := _minute_move(item))]
    await move_rolling_units(uow, sorted(moves, key=lambda move: (move.key, move.before, move.after)))


def _minute_move(item: SettledLetter) -> RollingMove | None:
    """What was sent counts by the minute of its clearance."""
    begun = item.letter.data_at
    if item.was_uncertain or item.is_returned or begun is None:
        return None
    before, after = minute_start(item.letter.claimed_at), minute_start(begun)
    return None if before == after else RollingMove(item.account_id, before, after, 1)


def _taken(item: SettledLetter, domains: Mapping[UUID, str]) -> Taken:
    letter = item.letter
    at = (letter.data_at or letter.claimed_at) if item.was_uncertain else letter.claimed_at
    return taken_letter(
        item.account_id, domains[item.account_id], letter.day, claimed_at=letter.claimed_at, rolling_at=at
    )
