"""`leadterra pool`: what the workspace may send today, and what each account has sent of it."""

from dataclasses import dataclass
from datetime import datetime

import typer
from rich.console import Group

from leadterra.actions.sender_pool import PoolState, read_sender_pool
from leadterra.cli.declaring import database_command
from leadterra.cli.output import instant, table
from leadterra.cli.session import Access
from leadterra.domain.day import day_of
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import encode
from leadterra.store.sender_accounts import Ledger, SenderAccount, get_sender_account, list_sender_accounts


@dataclass(frozen=True, slots=True)
class _View:
    state: PoolState
    accounts: list[tuple[SenderAccount, Ledger]]


def declare(commands: typer.Typer) -> None:
    """Add the command."""
    database_command(commands)(pool)


async def pool(access: Access) -> None:
    """Show the sender pool: capacity, what is left of today, and each account's part."""
    workspace, now = await access.workspace(), access.now()
    view = await access.run(workspace.id, lambda uow: _read(uow, now))
    access.output.result(_as_json(view), _as_tables(view, workspace.name, now))


async def _read(uow: UnitOfWork, now: datetime) -> _View:
    state = await read_sender_pool(uow, now=now)
    listed = await list_sender_accounts(uow)
    return _View(state, [await get_sender_account(uow, each.id, day=day_of(now)) for each in listed])


def _as_json(view: _View) -> dict[str, object]:
    """The pool as `GET /v1/sender-pools` shows it, and the accounts."""
    capacity = view.state.capacity
    return {
        "id": encode("sp", view.state.id),
        "workspaceId": encode("ws", view.state.workspace_id),
        "dailyCapacity": capacity.daily,
        "remainingVolume": capacity.remaining,
        "resetAt": instant(view.state.reset_at),
        "senderAccountCount": capacity.accounts,
        "activeSenderAccountCount": capacity.active_accounts,
        "accounts": [_account_as_json(account, ledger) for account, ledger in view.accounts],
    }


def _account_as_json(account: SenderAccount, ledger: Ledger) -> dict[str, object]:
    return {
        "id": encode("sa", account.id),
        "email": account.email,
        "name": account.name,
        "status": account.status,
        "statusReason": account.status_reason,
        "dailyLimit": account.daily_limit,
        "sentToday": ledger.sent,
        "uncertainToday": ledger.uncertain,
        "reservedToday": ledger.reserved,
        "remainingToday": ledger.remaining,
    }


def _as_tables(view: _View, name: str, now: datetime) -> Group:
    capacity = view.state.capacity
    hours, minutes = divmod(int((view.state.reset_at - now).total_seconds()) // 60, 60)
    summary = (
        f"Pool of the workspace '{name}': {capacity.remaining} of {capacity.daily} messages left today, "
        f"{capacity.active_accounts} of {capacity.accounts} accounts active.\n"
        f"Resets in {hours} h {minutes:02} min, at {instant(view.state.reset_at)}."
    )
    numbers = ("Limit", "Sent", "Uncertain", "In flight", "Left")
    accounts = table("Account", "Name", "Status", *numbers, numbers=numbers)
    for account, ledger in view.accounts:
        status = f"{account.status}: {account.status_reason}" if account.status_reason else account.status
        left = ledger.remaining
        counts = (ledger.limit, ledger.sent, ledger.uncertain, ledger.reserved, left)
        accounts.add_row(account.email, account.name, status, *map(str, counts))
    return Group(summary, accounts)
