"""`leadterra campaigns`: list them, start and pause them, watch them go out."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

import typer
from pydantic.alias_generators import to_camel
from rich.live import Live
from rich.table import Table

from leadterra.actions.campaigns import pause_campaign, start_campaign
from leadterra.actions.stats import CampaignStats, read_stats
from leadterra.cli.declaring import database_command, group
from leadterra.cli.errors import CommandError
from leadterra.cli.output import instant, table
from leadterra.cli.session import Access
from leadterra.domain.campaign import Campaign
from leadterra.store.campaigns import get_campaign, list_campaigns
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import InvalidId, decode, encode

commands = group("Campaigns: each is a sequence of e-mails with leads. They are written through the API.")

_PAGE = 1000
Wanted = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id, or its name if no other has it.")]


@database_command(commands, "list")
async def list_all(access: Access) -> None:
    """List the campaigns, newest first."""
    workspace = await access.workspace()
    found = await access.run(workspace.id, _all_campaigns)
    numbers = ("Leads", "Open", "Weight")
    shown = table("Name", "Status", *numbers, "Sends", "Started", "Id", numbers=numbers)
    for each in found:
        counts = (str(each.enrolled), str(each.open), f"{each.weight:g}")
        started = instant(each.started_at) or "–"
        shown.add_row(each.name, each.shown_status, *counts, _windows(each), started, encode("camp", each.id))
    access.output.result({"campaigns": [_as_json(each) for each in found]}, shown)


@database_command(commands)
async def start(access: Access, campaign: Wanted) -> None:
    """Start a campaign, or resume a paused one. A running one stays as it is."""
    workspace = await access.workspace()

    async def act(uow: UnitOfWork) -> Campaign:
        return await start_campaign(uow, await find_campaign(uow, campaign), now=access.now())

    started = await access.run(workspace.id, act)
    access.output.result(
        _as_json(started), f"'{started.name}' is {started.shown_status}, with {started.enrolled} leads."
    )


@database_command(commands)
async def pause(access: Access, campaign: Wanted) -> None:
    """Pause a campaign: no letter of it begins any more. A paused one, or a draft, stays as it is."""
    workspace = await access.workspace()

    async def act(uow: UnitOfWork) -> Campaign:
        return await pause_campaign(uow, await find_campaign(uow, campaign), now=access.now())

    paused = await access.run(workspace.id, act)
    access.output.result(_as_json(paused), f"'{paused.name}' is {paused.shown_status}.")


@database_command(commands)
async def watch(
    access: Access,
    campaign: Wanted,
    *,
    once: Annotated[bool, typer.Option("--once", help="Show the numbers and leave.")] = False,
    every: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="How often to look.")] = 1.0,
) -> None:
    """Show a campaign's numbers as they change, until everything is sent."""
    workspace = await access.workspace()
    campaign_id = await access.run(workspace.id, lambda uow: find_campaign(uow, campaign))
    looks = _looks(access, workspace.id, campaign_id, None if once else every)
    if access.output.is_json:
        async for _, stats in looks:
            access.output.result(_stats_as_json(stats), "")
        return
    shown = table()
    with Live(console=access.output.notes, transient=True, auto_refresh=False) as live:
        async for name, stats in looks:
            shown = _stats_table(name, stats)
            live.update(shown, refresh=True)
    access.output.result({}, shown)


async def _looks(
    access: Access, workspace_id: UUID, campaign_id: UUID, pause: float | None
) -> AsyncIterator[tuple[str, CampaignStats]]:
    """Name and numbers, again whenever they have changed, until it is complete. pause: between two looks;
    None looks once.
    """
    before = None
    while True:
        name, stats = await access.run(workspace_id, lambda uow: _look(uow, campaign_id, access.now()))
        if stats != before:
            yield name, stats
        if pause is None or stats.status == "completed":
            return
        before = stats
        await asyncio.sleep(pause)


async def _look(uow: UnitOfWork, campaign_id: UUID, now: datetime) -> tuple[str, CampaignStats]:
    return (await get_campaign(uow, campaign_id)).name, await read_stats(uow, campaign_id, now=now)


async def find_campaign(uow: UnitOfWork, wanted: str) -> UUID:
    """By id, or by a name that only one campaign has. Raises `CommandError`, `NotFound`."""
    try:
        return (await get_campaign(uow, decode("camp", wanted))).id
    except InvalidId:
        pass
    everything = await _all_campaigns(uow)
    found = [each for each in everything if each.name == wanted]
    if len(found) > 1:
        ids = ", ".join(encode("camp", each.id) for each in found)
        raise CommandError(f"several campaigns are called {wanted!r}, name one by its id: {ids}")
    if not found:
        known = ", ".join(repr(each.name) for each in everything[:10]) or "none at all"
        raise CommandError(f"there is no campaign {wanted!r} in this workspace; there is {known}")
    return found[0].id


async def _all_campaigns(uow: UnitOfWork) -> list[Campaign]:
    found: list[Campaign] = []
    while True:
        before = (found[-1].created_at, found[-1].id) if found else None
        page = await list_campaigns(uow, limit=_PAGE, before=before)
        found += page
        if len(page) < _PAGE:
            return found


def _windows(campaign: Campaign) -> str:
    """When it may send, in a few words."""
    if campaign.schedule is None:
        return "always"
    days, hours = (
        cast("list[str]", campaign.schedule["days"]),
        cast("dict[str, str]", campaign.schedule["hours"]),
    )
    day = "" if hours["from"] == hours["to"] else f" {hours['from']}–{hours['to']}"
    zone = "leads' time" if campaign.uses_lead_zones else campaign.schedule["timeZone"]
    return f"{' '.join(days)}{day}, {zone}"


def _as_json(campaign: Campaign) -> dict[str, object]:
    return {
        "id": encode("camp", campaign.id),
        "name": campaign.name,
        "status": campaign.shown_status,
        "enrolled": campaign.enrolled,
        "open": campaign.open,
        "schedule": campaign.schedule,
        "weight": campaign.weight,
        "dailyLimit": campaign.daily_limit,
        "newLeadsDailyLimit": campaign.new_leads_daily_limit,
        "senderTags": campaign.sender_tags,
        "senderLossPolicy": {"action": campaign.sender_loss, "waitDays": campaign.sender_loss_wait_days},
        "variantChoice": campaign.variant_choice,
        "createdAt": instant(campaign.created_at),
        "startedAt": instant(campaign.started_at),
        "pausedAt": instant(campaign.paused_at),
    }


def _stats_as_json(stats: CampaignStats) -> dict[str, object]:
    """As `GET /v1/campaigns/{id}/stats` shows them."""
    numbers = {to_camel(name): value for name, value in asdict(stats).items()}
    return {**numbers, "campaignId": encode("camp", stats.campaign_id)}


def _stats_table(name: str, stats: CampaignStats) -> Table:
    counts = {
        "Leads": stats.total_enrolled,
        "Sent": stats.sent,
        "Queued": stats.queued,
        "Scheduled": stats.scheduled,
        "Deferred": stats.deferred,
        "Uncertain": stats.uncertain,
        "Bounced": stats.bounced,
        "Failed": stats.failed,
    }
    shown = table(*counts, numbers=counts, title=f"{name}: {stats.status}")
    shown.add_row(*map(str, counts.values()))
    return shown
