"""`leadterra explain`: why a lead, a campaign or an account does not send, and when it will."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Group
from rich.table import Table

from leadterra.actions.explaining import (
    AccountExplanation,
    CampaignExplanation,
    Entry,
    LeadExplanation,
    explain_account,
    explain_campaign,
    explain_lead,
)
from leadterra.cli.campaigns import Wanted, find_campaign
from leadterra.cli.declaring import database_command, group
from leadterra.cli.errors import CommandError
from leadterra.cli.output import instant, table
from leadterra.cli.session import Access
from leadterra.domain.explanation import Check
from leadterra.mail.addresses import InvalidAddress, parse_address
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import InvalidId, Kind, decode, encode
from leadterra.store.leads import list_leads
from leadterra.store.sender_accounts import find_known_addresses

commands = group("Explain why nothing is sent, and when something will be.")

_SHOWN_HISTORY = 20


@database_command(commands)
async def lead(
    access: Access,
    campaign: Wanted,
    wanted: Annotated[str, typer.Argument(metavar="LEAD", help="Its address, or its id.")],
) -> None:
    """Show what a lead of a campaign gets next, when and from which account, or what holds it."""
    workspace = await access.workspace()
    async with access.equipment.database.snapshot(workspace.id) as uow:
        campaign_id = await find_campaign(uow, campaign)
        lead_id = await _find_lead(uow, wanted)
        found = await explain_lead(uow, campaign_id, lead_id, now=access.now())
    access.output.result(_lead_as_json(found), _lead_as_tables(found))


@database_command(commands)
async def campaign(access: Access, campaign: Wanted) -> None:
    """Show how many leads of a campaign each gate holds, and when its next message goes."""
    workspace = await access.workspace()
    async with access.equipment.database.snapshot(workspace.id) as uow:
        found = await explain_campaign(uow, await find_campaign(uow, campaign), now=access.now())
    access.output.result(_campaign_as_json(found), _campaign_as_tables(found))


@database_command(commands)
async def account(
    access: Access, wanted: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its address, or its id.")]
) -> None:
    """Show what holds a sender account, and what it sends next."""
    workspace = await access.workspace()
    async with access.equipment.database.snapshot(workspace.id) as uow:
        found = await explain_account(uow, await find_account(uow, wanted), now=access.now())
    access.output.result(_account_as_json(found), _account_as_tables(found))


async def _find_lead(uow: UnitOfWork, wanted: str) -> UUID:
    if (known := _read_id("lead", wanted)) is not None:
        return known
    found = await list_leads(uow, limit=1, email_key=_key_of(wanted, "a lead"))
    if not found:
        raise CommandError(f"there is no lead {wanted!r} in this workspace")
    return found[0].id


async def find_account(uow: UnitOfWork, wanted: str) -> UUID:
    """The account of that address or id. Raises `CommandError`."""
    if (known := _read_id("sa", wanted)) is not None:
        return known
    key = _key_of(wanted, "a sender account")
    found = (await find_known_addresses(uow, [key])).get(key)
    if found is None or found.is_removed:
        raise CommandError(f"there is no sender account {wanted!r} in this workspace")
    return found.id


def _read_id(kind: Kind, text: str) -> UUID | None:
    try:
        return decode(kind, text)
    except InvalidId:
        return None


def _key_of(text: str, what: str) -> str:
    try:
        return parse_address(text).key
    except InvalidAddress:
        raise CommandError(f"{text!r} is neither the id nor the address of {what}") from None


def _lead_as_json(found: LeadExplanation) -> dict[str, object]:
    """As `GET /v1/campaigns/{id}/leads/{leadId}/explain` shows it."""
    step = found.next_step
    return {
        "leadId": encode("lead", found.lead_id),
        "campaignId": encode("camp", found.campaign_id),
        "state": found.state,
        "nextStep": {"stepId": encode("step", step.step_id), "position": step.position} if step else None,
        "nextSendAt": instant(found.next_send_at),
        "senderAccountId": _shown_id("sa", found.sender_account_id),
        "blockedBy": found.blocked_by,
        "gates": [_check_as_json(check) for check in found.gates],
        "history": [_entry_as_json(entry) for entry in found.history],
    }


def _campaign_as_json(found: CampaignExplanation) -> dict[str, object]:
    """As `GET /v1/campaigns/{id}/explain` shows it."""
    return {
        "campaignId": encode("camp", found.campaign_id),
        "status": found.status,
        "total": found.total,
        "byState": found.by_state,
        "byGate": [
            {"gate": each.gate, "leads": each.leads, "clearsAt": instant(each.clears_at)}
            for each in found.by_gate
        ],
        "nextSendAt": instant(found.next_send_at),
        "bindingGate": found.binding_gate,
    }


def _account_as_json(found: AccountExplanation) -> dict[str, object]:
    """As `GET /v1/sender-accounts/{id}/explain` shows it."""
    sender, ledger, send = found.account, found.ledger, found.next_send
    return {
        "senderAccountId": encode("sa", sender.id),
        "email": sender.email,
        "status": sender.status,
        "statusReason": sender.status_reason,
        "today": {
            "limit": ledger.limit,
            "sent": ledger.sent,
            "uncertain": ledger.uncertain,
            "reserved": ledger.reserved,
            "remaining": ledger.remaining,
        },
        "blockedBy": found.blocked_by,
        "gates": [_check_as_json(check) for check in found.gates],
        "nextSend": {
            "at": instant(send.at),
            "campaignId": encode("camp", send.due.campaign_id),
            "position": send.due.position,
        }
        if send
        else None,
        "boundLeads": [
            {"campaignId": encode("camp", each.id), "name": each.name, "leads": each.leads}
            for each in found.bound
        ],
    }


def _check_as_json(check: Check) -> dict[str, object]:
    return {
        "gate": check.gate,
        "pass": check.passes,
        "detail": check.detail,
        "value": check.value,
        "limit": check.limit,
        "clearsAt": instant(check.clears_at),
    }


def _entry_as_json(entry: Entry) -> dict[str, object]:
    return {
        "at": instant(entry.at),
        "event": entry.event,
        "position": entry.position,
        "messageId": _shown_id("msg", entry.message_id),
        "senderAccountId": _shown_id("sa", entry.sender_account_id),
        "outcome": entry.outcome,
        "code": entry.code,
        "detail": entry.detail,
    }


def _lead_as_tables(found: LeadExplanation) -> Group:
    step = "nothing" if found.next_step is None else f"step {found.next_step.position + 1}"
    if found.next_send_at is None:
        line = f"The lead is {found.state}; next is {step}, and no time can be told."
    else:
        by = _shown_id("sa", found.sender_account_id)
        line = f"The lead is {found.state}; next is {step}, at {instant(found.next_send_at)} from {by}."
    return Group(line, _held(found.blocked_by), _gates(found.gates), _history(found.history))


def _campaign_as_tables(found: CampaignExplanation) -> Group:
    states = ", ".join(f"{count} {state}" for state, count in found.by_state.items()) or "no leads"
    line = f"The campaign is {found.status}: {states}."
    following = f"Its next message goes at {instant(found.next_send_at) or 'no time that can be told'}."
    shown = table("Held by", "Leads", "Opens", numbers=["Leads"])
    for each in found.by_gate:
        shown.add_row(each.gate, str(each.leads), instant(each.clears_at) or "–")
    return Group(line, following, shown)


def _account_as_tables(found: AccountExplanation) -> Group:
    sender, ledger, send = found.account, found.ledger, found.next_send
    used = f"{ledger.used} of {ledger.limit} messages of today are used"
    line = f"{sender.email} is {sender.status}; {used}."
    following = "No next message can be told."
    if send is not None:
        campaign_id = encode("camp", send.due.campaign_id)
        following = (
            f"Its next message goes at {instant(send.at)}: step {send.due.position + 1} of {campaign_id}."
        )
    bound = table("Bound to it", "Leads", numbers=["Leads"])
    for each in found.bound:
        bound.add_row(each.name, str(each.leads))
    return Group(line, following, _held(found.blocked_by), _gates(found.gates), bound)


def _held(gate: str | None) -> str:
    return "Nothing holds it." if gate is None else f"What holds it most: {gate}."


def _gates(checks: Sequence[Check]) -> Table:
    shown = table("Gate", "Open", "Value", "Limit", "Opens", "Detail", numbers=["Value", "Limit"])
    for check in checks:
        numbers = ("" if each is None else f"{each:g}" for each in (check.value, check.limit))
        opens = instant(check.clears_at) or ""
        shown.add_row(check.gate, "yes" if check.passes else "NO", *numbers, opens, check.detail)
    return shown


def _history(entries: Sequence[Entry]) -> Table:
    """The latest, newest last."""
    shown = table("At", "Event", "Step", "Outcome", "Code", "Detail", numbers=["Step", "Code"])
    for entry in entries[-_SHOWN_HISTORY:]:
        step = "" if entry.position is None else str(entry.position + 1)
        code = "" if entry.code is None else str(entry.code)
        row = (instant(entry.at) or "", entry.event, step, entry.outcome or "", code, entry.detail or "")
        shown.add_row(*row)
    return shown


def _shown_id(kind: Kind, value: UUID | None) -> str | None:
    return None if value is None else encode(kind, value)
