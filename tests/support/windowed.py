"""A pool in virtual time. It is looked at exactly when it asks for it, every letter is written and taken at
once, and what has left is remembered.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import NAMESPACE_DNS, UUID, uuid5
from zoneinfo import ZoneInfo

from leadterra.actions.campaigns import CampaignSettings, change_campaign, pause_campaign, start_campaign
from leadterra.actions.claiming import Claim
from leadterra.actions.clearing import clear_messages
from leadterra.actions.leads import change_lead
from leadterra.actions.lettering import LetterWriter
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import (
    AccountChange,
    Settings,
    activate_sender_account,
    change_sender_account,
    pause_sender_account,
    remove_sender_account,
)
from leadterra.mail.letter import Letter
from leadterra.store.claims import ClaimedRow
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from tests.support.clock import NOW
from tests.support.pools import TestPool, clearance

_KEYS = KeyRing({"test": bytes(32)})
_PATIENCE = 5
"""Looks at one instant in which nothing goes."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that left. at: the instant of its DATA. position: of its step."""

    at: datetime
    campaign_id: UUID
    account_id: UUID
    enrollment_id: UUID
    position: int
    letter: Letter = field(repr=False)


class WindowedPool(TestPool):
    """now: how far time has come. sent: what has left. looks: how often the pool was looked at."""

    __test__ = False

    def __init__(self, database: Database, workspace_id: UUID, now: datetime) -> None:
        super().__init__(database, workspace_id)
        self.now = now
        self.sent: list[Sent] = []
        self.looks = 0
        self._writer = LetterWriter("http://unsubscribe.test")

    async def account(
        self,
        name: str,
        limit: int,
        *,
        status: str = "active",
        gap: float | None = None,
        domain: str = "acme.test",
        now: datetime = NOW,
    ) -> UUID:
        """An account whose id, and so its jitter, is always the same for its name."""
        drawn = await super().account(name, limit, status=status, gap=gap, domain=domain, now=now)
        account_id = uuid5(NAMESPACE_DNS, f"{name}.{domain}")
        await self.change("sender_accounts", drawn, id=account_id)
        return account_id

    async def go_live(self) -> None:
        """Make it a workspace that sends to people."""
        await self.execute("update workspaces set mode = 'live' where workspace_id = :w")

    async def launch(self, leads: int, *, steps: int = 1, delay_days: float = 1, **schedule: object) -> UUID:
        """A running campaign that goes by this schedule, by none if there are no keys, with leads due now."""
        campaign = await self.campaign(steps=steps, delay_days=delay_days, now=self.now)
        if schedule:
            await self.patch(campaign, schedule=schedule)
        if leads:
            await self.leads(campaign, leads, prefix=f"{campaign.hex[-8:]}-", now=self.now)
        return campaign

    async def patch(self, campaign: UUID, **settings: object) -> None:
        """Change a campaign, as its resource does."""
        change = CampaignSettings(**settings)  # type: ignore[typeddict-item]
        now = self.now
        await run(
            self.database, self.workspace_id, lambda uow: change_campaign(uow, campaign, change, now=now)
        )

    async def pause(self, campaign: UUID) -> None:
        """Stop a campaign."""
        now = self.now
        await run(self.database, self.workspace_id, lambda uow: pause_campaign(uow, campaign, now=now))

    async def resume(self, campaign: UUID) -> None:
        """Have it go on."""
        now = self.now
        await run(self.database, self.workspace_id, lambda uow: start_campaign(uow, campaign, now=now))

    async def patch_account(self, account: UUID, **settings: object) -> None:
        """Change an account, as its resource does."""
        change = AccountChange(settings=Settings(**settings))  # type: ignore[typeddict-item]
        now = self.now
        await run(
            self.database,
            self.workspace_id,
            lambda uow: change_sender_account(uow, account, change, key_ring=_KEYS, now=now),
        )

    async def lose(self, account: UUID) -> None:
        """Pause an account."""
        now = self.now
        await run(self.database, self.workspace_id, lambda uow: pause_sender_account(uow, account, now=now))

    async def regain(self, account: UUID) -> None:
        """Have it send again."""
        now = self.now
        await run(
            self.database, self.workspace_id, lambda uow: activate_sender_account(uow, account, now=now)
        )

    async def remove(self, account: UUID) -> None:
        """Take an account out of the pool for good."""
        now = self.now
        await run(self.database, self.workspace_id, lambda uow: remove_sender_account(uow, account, now=now))

    async def place_lead(self, enrollment: UUID, zone: str) -> None:
        """Say in which time zone an enrollment's lead lives."""
        lead, now = await self.enrollment(enrollment, "lead_id"), self.now
        await run(
            self.database,
            self.workspace_id,
            lambda uow: change_lead(uow, lead, {"timeZone": zone}, now=now),
        )

    async def drive(self, until: datetime, *, away_until: datetime | None = None) -> list[Sent]:
        """Let time pass, and the workers with it; what left meanwhile. away_until: nobody looks before."""
        before = len(self.sent)
        self.now = max(self.now, away_until or self.now)
        idle = 0
        while idle < _PATIENCE:
            wake_at = await self.wake_at()
            if wake_at is None or wake_at > until:
                self.now = until
                return self.sent[before:]
            idle = 0 if wake_at > self.now else idle
            self.now = max(self.now, wake_at)
            idle += not await self.look()
        raise AssertionError("nothing goes, and the pool does not wait")

    async def look(self) -> list[Sent]:
        """Take what is due, and have it taken; what left."""
        self.looks += 1
        claim = await self.claim(self.now)
        if claim is None:
            return []
        letters = {row.enrollment_id: self.write(claim, row) for row in claim.rows}
        requests = [
            clearance(claim, row)._replace(subject=letters[row.enrollment_id].subject) for row in claim.rows
        ]
        now = self.now
        cleared = await run(
            self.database, self.workspace_id, lambda uow: clear_messages(uow, requests, now=now)
        )
        assert len(cleared) == len(claim.rows)
        await self.settle(claim, now=now, data_at=now)
        left = [_sent(row, letters[row.enrollment_id], now) for row in claim.rows]
        self.sent += left
        return left

    def write(self, claim: Claim, row: ClaimedRow) -> Letter:
        """The letter of a claimed message."""
        letter = self._writer.write(claim, row, now=self.now)
        assert isinstance(letter, Letter)
        return letter


def _sent(row: ClaimedRow, letter: Letter, at: datetime) -> Sent:
    return Sent(at, row.campaign_id, row.sender_account_id, row.enrollment_id, row.position, letter)


def at(day: date, hour: int, minute: int = 0, zone: str = "UTC") -> datetime:
    """The instant at which clocks of a zone show that, in UTC."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(zone)).astimezone(UTC)


def times(sent: Sequence[Sent], zone: str = "UTC") -> list[time]:
    """What clocks of a zone showed when they left."""
    return [each.at.astimezone(ZoneInfo(zone)).time() for each in sent]


def days(sent: Sequence[Sent], zone: str = "UTC") -> list[date]:
    """The local dates on which they left."""
    return [each.at.astimezone(ZoneInfo(zone)).date() for each in sent]


def gaps(sent: Sequence[Sent]) -> list[float]:
    """Seconds between two letters of the same account, of every account."""
    by_account: defaultdict[UUID, list[datetime]] = defaultdict(list)
    for each in sent:
        by_account[each.account_id].append(each.at)
    return [
        (later - earlier) / timedelta(seconds=1)
        for instants in by_account.values()
        for earlier, later in pairwise(instants)
    ]
