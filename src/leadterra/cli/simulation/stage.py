"""What a plan is played on: a workspace with its accounts, campaigns and leads, made by the actions that the
API calls, and what somebody does to them while it plays.

What an action refuses raises `PlanError`, naming the table.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from leadterra.actions.campaigns import create_campaign, pause_campaign, start_campaign
from leadterra.actions.enrolling import enroll_bulk
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import (
    AccountChange,
    NewAccount,
    activate_sender_account,
    change_sender_account,
    create_sender_account,
    pause_sender_account,
    remove_sender_account,
)
from leadterra.actions.workspaces import change_workspace, create_workspace
from leadterra.cli.simulation.forms import campaign_settings, new_account, step_draft, workspace_change
from leadterra.cli.simulation.plan import CampaignTable, EventTable, Plan
from leadterra.cli.simulation.reading import refusal
from leadterra.domain.enrollment import State
from leadterra.domain.errors import Fault, LeadterraError, Unacceptable
from leadterra.mail.addresses import parse_address
from leadterra.store.campaign_totals import Changes
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.enrollments import end_enrollments_of_leads
from leadterra.store.ids import new_id
from leadterra.store.leads import list_leads
from leadterra.store.sealing import KeyRing

Result = TypeVar("Result")
_FIRST_NAMES = ("Ada", "Bela", "Cleo", "Dora", "Emil", "Fritz", "Greta", "Hugo")


@dataclass(slots=True)
class Stage:
    """database: migrated, and nobody else's. accounts, campaigns: ids by address and by name. limits: the
    daily limit of each account at the moment. leads: the campaign of each lead by its address.
    """

    plan: Plan
    database: Database
    key_ring: KeyRing
    workspace_id: UUID
    accounts: dict[str, UUID] = field(default_factory=dict)
    campaigns: dict[str, UUID] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    leads: dict[str, str] = field(default_factory=dict)

    async def run(self, action: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
        """Run an action of the workspace, as the API would."""
        return await run(self.database, self.workspace_id, action)

    def campaign_of(self, recipient: str) -> str:
        """The campaign that a lead is in; leads of different campaigns are different people."""
        return self.leads[recipient]

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[UnitOfWork]:
        """One that reads."""
        async with self.database.snapshot(self.workspace_id) as uow:
            yield uow

    async def enroll(self, campaign: CampaignTable, count: int, *, now: datetime) -> None:
        """Add so many new leads to a campaign."""
        campaign_id = self.campaigns[campaign.name]
        leads = list(self._new_leads(campaign, count))
        await self.run(lambda uow: enroll_bulk(uow, campaign_id, leads, skips_invalid=False, now=now))
        self.leads |= {parse_address(str(lead["email"])).display: campaign.name for lead in leads}

    def _new_leads(self, campaign: CampaignTable, count: int) -> Iterator[dict[str, object]]:
        place = [each.name for each in self.plan.campaigns].index(campaign.name) + 1
        there = sum(name == campaign.name for name in self.leads.values())
        for number in range(there, there + count):
            domain = campaign.lead_domains[number % len(campaign.lead_domains)]
            lead: dict[str, object] = {
                "email": f"lead-{place}-{number + 1:06}@{domain}",
                "firstName": _FIRST_NAMES[number % len(_FIRST_NAMES)],
            }
            if campaign.lead_time_zones:
                lead["timeZone"] = campaign.lead_time_zones[number % len(campaign.lead_time_zones)]
            yield lead

    async def start(self, campaign: str, *, now: datetime) -> None:
        """Start a campaign."""
        await self.run(lambda uow: start_campaign(uow, self.campaigns[campaign], now=now))

    async def do(self, event: EventTable, *, now: datetime) -> None:
        """What somebody does."""
        for address in self.plan.addresses_of(event.account) if event.account else ():
            await self._change_account(event, address, now)
        if event.campaign is not None:
            await self._change_campaign(event, event.campaign, now)

    async def take_reply(self, recipient: str, *, now: datetime) -> None:
        """A lead answers: nothing more is sent to it, and its campaign counts it."""
        campaign_id = self.campaigns[self.campaign_of(recipient)]

        async def action(uow: UnitOfWork) -> None:
            [lead] = await list_leads(uow, limit=1, email_key=parse_address(recipient).key)
            await uow.lock_pool()
            await end_enrollments_of_leads(uow, [lead.id], State.REPLIED, "the lead answered", now=now)
            changes = Changes()
            changes.add(campaign_id, "replied")
            await changes.save(uow, now=now)

        await self.run(action)

    async def _change_account(self, event: EventTable, address: str, now: datetime) -> None:
        account_id = self.accounts[address]
        if event.daily_limit is not None:
            change = AccountChange({"daily_limit": event.daily_limit})
            await self.run(
                lambda uow: change_sender_account(uow, account_id, change, key_ring=self.key_ring, now=now)
            )
            self.limits[address] = event.daily_limit
            return
        acts = {
            "pauseAccount": pause_sender_account,
            "activateAccount": activate_sender_account,
            "removeAccount": remove_sender_account,
        }
        await self.run(lambda uow: acts[event.action](uow, account_id, now=now))

    async def _change_campaign(self, event: EventTable, name: str, now: datetime) -> None:
        if event.leads is not None:
            [campaign] = [each for each in self.plan.campaigns if each.name == name]
            await self.enroll(campaign, event.leads, now=now)
            return
        acts = {"pauseCampaign": pause_campaign, "startCampaign": start_campaign}
        await self.run(lambda uow: acts[event.action](uow, self.campaigns[name], now=now))


async def set_stage(plan: Plan, database: Database) -> Stage:
    """Make everything, at the plan's first instant. Raises `PlanError`."""
    now = plan.simulation.start
    stage = Stage(plan, database, KeyRing({"simulation": bytes(32)}), new_id(now))
    table = plan.workspace
    with naming("/workspace"):
        await stage.run(lambda uow: create_workspace(uow, table.name, table.mode, now=now))
        await stage.run(lambda uow: change_workspace(uow, workspace_change(table), now=now))
    for number, accounts in enumerate(plan.accounts):
        with naming(f"/accounts/{number}"):
            for address in accounts.addresses():
                await _add_account(stage, new_account(plan, accounts, address), now)
    for number, campaign in enumerate(plan.campaigns):
        with naming(f"/campaigns/{number}"):
            await _add_campaign(stage, campaign, now)
    return stage


async def _add_account(stage: Stage, new: NewAccount, now: datetime) -> None:
    account = await stage.run(lambda uow: create_sender_account(uow, new, key_ring=stage.key_ring, now=now))
    stage.accounts[new.email] = account.id
    stage.limits[new.email] = account.daily_limit


async def _add_campaign(stage: Stage, table: CampaignTable, now: datetime) -> None:
    drafts = [step_draft(step) for step in table.sequence_steps]
    settings = campaign_settings(table)
    campaign = await stage.run(
        lambda uow: create_campaign(uow, table.name, drafts, settings=settings, now=now)
    )
    stage.campaigns[table.name] = campaign.id
    if table.leads:
        await stage.enroll(table, table.leads, now=now)


@contextmanager
def naming(pointer: str) -> Iterator[None]:
    """What is refused inside is refused as a part of the plan."""
    try:
        yield
    except Unacceptable as error:
        raise refusal([replace(fault, pointer=pointer + fault.pointer) for fault in error.faults]) from None
    except LeadterraError as error:
        raise refusal([Fault(pointer, "refused", error.message)]) from None
