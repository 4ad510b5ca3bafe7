"""What the storm rages over: workspaces with accounts, campaigns and leads, made by the actions that the API
calls, and their rules.

`plain` is busy and free; `capped` has every cap there is; `paced` spreads over the day; `single` has one
account and more work than it can do.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from chaos.register import Register
from chaos.timeline import Timeline
from leadterra.actions.campaigns import CampaignSettings, create_campaign, start_campaign
from leadterra.actions.enrolling import enroll_bulk
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import NewAccount, Settings, create_sender_account
from leadterra.actions.workspaces import WorkspaceChange, change_workspace, create_workspace
from leadterra.domain.sender_account import Protocol, Security
from leadterra.domain.sequence import StepDraft
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.ids import new_id
from leadterra.store.sealing import KeyRing

Result = TypeVar("Result")
RECIPIENT_DOMAINS = 12
KEY_RING = KeyRing({"chaos": bytes(32)})
"""Nothing is sealed with it: the accounts have no passwords."""


@dataclass(frozen=True, slots=True)
class CampaignDraft:
    """delays: days before each step, so many steps. leads: at the start. settings: its rules."""

    tag: str
    delays: tuple[float, ...]
    leads: int
    settings: CampaignSettings = field(default_factory=CampaignSettings)


@dataclass(frozen=True, slots=True)
class Draft:
    """A workspace to be. mode: live ones spread. limit, settings: of each account. domains: theirs."""

    name: str
    accounts: int
    limit: int
    campaigns: tuple[CampaignDraft, ...]
    mode: str = "test"
    domains: int = 1
    rules: WorkspaceChange = field(default_factory=WorkspaceChange)
    rolling_limit: int | None = None


DRAFTS = (
    Draft(
        "plain",
        accounts=10,
        limit=300,
        campaigns=(
            CampaignDraft("plain1", (0, 0.03, 0.5), 700),
            CampaignDraft("plain2", (0, 1.0), 500, CampaignSettings(weight=2.0)),
        ),
    ),
    Draft(
        "capped",
        accounts=6,
        limit=60,
        domains=2,
        rolling_limit=70,
        rules=WorkspaceChange(
            daily_quota=280,
            sending_domain_daily_limit=150,
            recipient_domain_daily_limit=40,
            recipient_domain_hourly_limit=15,
        ),
        campaigns=(
            CampaignDraft(
                "capped1", (0, 0.05), 300, CampaignSettings(daily_limit=150, new_leads_daily_limit=90)
            ),
            CampaignDraft("capped2", (0, 0.2, 0.9), 200, CampaignSettings(daily_limit=140)),
        ),
    ),
    Draft(
        "paced",
        accounts=8,
        limit=120,
        mode="live",
        campaigns=(CampaignDraft("paced1", (0, 0.1), 500),),
    ),
    Draft("single", accounts=1, limit=400, campaigns=(CampaignDraft("single1", (0, 0.4), 600),)),
)


@dataclass(slots=True)
class Place:
    """One workspace. accounts, campaigns: ids by address and tag. leads: enrolled so far, by campaign."""

    id: UUID
    draft: Draft
    accounts: dict[str, UUID] = field(default_factory=dict)
    campaigns: dict[str, UUID] = field(default_factory=dict)
    leads: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As in its draft."""
        return self.draft.name

    def address(self, number: int) -> str:
        """Of its n-th account."""
        return f"account{number:02}@{self.name}{number % self.draft.domains}.test"

    def recipient(self, tag: str, number: int) -> str:
        """Of a campaign's n-th lead."""
        return f"{tag}-{number:06}@d{number % RECIPIENT_DOMAINS:02}.{self.name}.test"


class World:
    """places: the workspaces by name. scale: of the numbers of leads and of limits."""

    def __init__(self, database: Database, timeline: Timeline, ports: list[int], scale: float) -> None:
        """ports: of the mail servers; accounts take turns at them."""
        self.database, self.timeline, self._ports, self._scale = database, timeline, ports, scale
        self.places: dict[str, Place] = {}

    async def run(self, place: Place, action: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
        """Run an action of a workspace, as the API would."""
        return await run(self.database, place.id, action)

    async def ask(self, place: Place, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Rows of a question about a workspace, which is `workspace_id`."""
        return await self.run(place, lambda uow: uow.rows(sql, **parameters))

    async def make(self, register: Register) -> None:
        """Everything, started; what is limited from the beginning is noted."""
        for draft in DRAFTS:
            place = Place(new_id(self.timeline.now()), draft)
            self.places[draft.name] = place
            await self._make(place, self.timeline.now())
            _note_limits(register, place)

    async def _make(self, place: Place, now: datetime) -> None:
        draft = place.draft
        await self.run(place, lambda uow: create_workspace(uow, draft.name, draft.mode, now=now))
        await self.run(place, lambda uow: change_workspace(uow, draft.rules, now=now))
        for number in range(draft.accounts):
            await self.add_account(place, number)
        for campaign in draft.campaigns:
            await self._add_campaign(place, campaign)

    async def add_account(self, place: Place, number: int) -> None:
        """An account, new or once more."""
        address, port = place.address(number), self._ports[number % len(self._ports)]
        settings = Settings(daily_limit=place.draft.limit, rolling_limit=place.draft.rolling_limit)
        new = NewAccount(
            address,
            f"Account {number}",
            servers={Protocol.SMTP: {"host": "127.0.0.1", "port": port, "security": Security.NONE}},
            settings=settings,
        )
        made = await self.run(
            place,
            lambda uow: create_sender_account(uow, new, key_ring=KEY_RING, now=self.timeline.now()),
        )
        place.accounts[address] = made.id

    async def enroll(self, place: Place, tag: str, count: int) -> None:
        """So many more leads for a campaign. Repeating it after a failure enrols nobody twice."""
        first = place.leads.get(tag, 0)
        leads: list[Mapping[str, object]] = [
            {"email": place.recipient(tag, number), "firstName": "Ada"}
            for number in range(first, first + count)
        ]
        campaign_id = place.campaigns[tag]
        await self.run(
            place,
            lambda uow: enroll_bulk(uow, campaign_id, leads, skips_invalid=False, now=self.timeline.now()),
        )
        place.leads[tag] = first + count

    async def _add_campaign(self, place: Place, draft: CampaignDraft) -> None:
        steps = [
            StepDraft(
                "A word, {{ firstName }}" if position == 0 else "",
                f"<p>Hello {{{{ firstName }}}}, this is step-{position}-of-{draft.tag} for you.</p>",
                delay_days=delay,
            )
            for position, delay in enumerate(draft.delays)
        ]
        made = await self.run(
            place,
            lambda uow: create_campaign(
                uow, draft.tag, steps, settings=draft.settings, now=self.timeline.now()
            ),
        )
        place.campaigns[draft.tag] = made.id
        await self.enroll(place, draft.tag, round(draft.leads * self._scale))
        await self.run(place, lambda uow: start_campaign(uow, made.id, now=self.timeline.now()))


def _note_limits(register: Register, place: Place) -> None:
    since = datetime.min.replace(tzinfo=UTC)
    limits = [("workspace", place.name, place.draft.rules.get("daily_quota"))]
    limits += [("account", address, place.draft.limit) for address in place.accounts]
    limits += [("campaign", each.tag, each.settings.get("daily_limit")) for each in place.draft.campaigns]
    for kind, key, limit in limits:
        register.limit(kind, key, limit, begun=since, done=since)
