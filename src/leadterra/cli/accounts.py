"""`leadterra accounts`: list sender accounts, bring them in from a file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, get_args
from uuid import UUID

import typer
from rich.console import Group

from leadterra.actions.sender_accounts import change_sender_account, create_sender_account
from leadterra.cli.account_rows import AccountRow, InvalidRow, read_accounts
from leadterra.cli.declaring import database_command, group
from leadterra.cli.output import table
from leadterra.cli.session import Access
from leadterra.domain.day import day_of
from leadterra.domain.errors import Conflict, Unacceptable
from leadterra.mail.addresses import InvalidAddress, parse_address
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import encode
from leadterra.store.sender_accounts import (
    SenderAccount,
    find_known_addresses,
    get_sender_account,
    list_sender_accounts,
)

commands = group("Sender accounts: the mailboxes that a workspace sends from.")

_RULES = ("Limit", "In 24 h", "Pacing", "Weight", "Tags", "Provider")
_NUMBERS = ("Limit", "In 24 h", "Weight")
Ending = Literal["created", "updated", "existing", "invalid"]


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row. id: of the account, None if the row is invalid. reason: why it is invalid."""

    row: AccountRow
    ending: Ending
    id: UUID | None = None
    reason: str | None = None


@database_command(commands, "list")
async def list_all(access: Access) -> None:
    """List the sender accounts, oldest first, with the rules that they send by."""
    workspace, day = await access.workspace(), day_of(access.now())
    found = await access.run(workspace.id, lambda uow: _all_accounts(uow, day))
    shown = table("Account", "Name", "Status", *_RULES, numbers=_NUMBERS)
    for each in found:
        shown.add_row(each.email, each.name, each.status, *_rules(each))
    access.output.result({"accounts": [_account_as_json(each) for each in found]}, shown)


@database_command(commands, "import")
async def import_accounts(
    access: Access,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="One account a row, below a header.")],
    *,
    update: Annotated[
        bool, typer.Option("--update", help="Give accounts that exist already what the file says of them.")
    ] = False,
) -> None:
    """Import sender accounts from a CSV file.

    The header names the columns, in any order: email, name, daily_limit, status, pacing_mode,
    min_gap_seconds, jitter, rolling_limit, weight, tags, provider, smtp_host, smtp_port, smtp_security,
    smtp_username, smtp_password, the same with imap_, and for accounts without passwords oauth_provider,
    oauth_client_id, oauth_client_secret, oauth_refresh_token, oauth_token_url. Only email and name are
    required, and smtp_host in a live workspace. Status is active, warming or paused; pacing_mode is
    spread or asap; tags have semicolons between them; provider is google, microsoft or other; security is
    starttls, tls or none.

    An account that exists already is left alone and reported; with --update it gets what the row says, and
    empty cells change nothing. A row that cannot be taken is reported and does not keep the others out. Exit
    code 1 if no row could be taken.
    """
    workspace = await access.workspace()
    rows = list(read_accounts(file))
    results = [await _take(access, workspace.id, row, update=update) for row in rows]
    counts = Counter(result.ending for result in results)
    summary = {ending: counts[ending] for ending in get_args(Ending)}
    details = {**summary, "rows": [_as_json(result) for result in results]}
    access.output.result(details, _as_table(results, summary))
    if counts["invalid"] == len(results) > 0:
        raise typer.Exit(1)


async def _take(access: Access, workspace_id: UUID, row: AccountRow, *, update: bool) -> RowResult:
    """One row, one transaction."""
    try:
        known = await access.run(workspace_id, lambda uow: _find(uow, row))
        if known is None:
            return RowResult(row, "created", await _create(access, workspace_id, row))
        if not update:
            return RowResult(row, "existing", known)
        change = row.change()
        await access.run(
            workspace_id,
            lambda uow: change_sender_account(
                uow, known, change, key_ring=access.equipment.key_ring, now=access.now()
            ),
        )
        return RowResult(row, "updated", known)
    except (InvalidRow, Conflict) as error:
        return RowResult(row, "invalid", reason=str(error))
    except Unacceptable as error:
        reasons = (f"{fault.pointer[1:].replace('/', '_')}: {fault.message}" for fault in error.faults)
        return RowResult(row, "invalid", reason="; ".join(reasons))


async def _find(uow: UnitOfWork, row: AccountRow) -> UUID | None:
    """The account with that address. None also for what is no address: creating it will say so."""
    if not row.email:
        return None
    try:
        key = parse_address(row.email).key
    except InvalidAddress:
        return None
    known = (await find_known_addresses(uow, [key])).get(key)
    return known.id if known and not known.is_removed else None


async def _create(access: Access, workspace_id: UUID, row: AccountRow) -> UUID:
    new = row.new_account()
    made = await access.run(
        workspace_id,
        lambda uow: create_sender_account(uow, new, key_ring=access.equipment.key_ring, now=access.now()),
    )
    return made.id


async def _all_accounts(uow: UnitOfWork, day: date) -> list[SenderAccount]:
    listed = await list_sender_accounts(uow)
    return [(await get_sender_account(uow, each.id, day=day))[0] for each in listed]


def _rules(account: SenderAccount) -> tuple[str, ...]:
    """Its cells below `_RULES`; empty where the workspace, or nobody, says anything."""
    gap = "" if account.min_gap_seconds is None else f"{account.min_gap_seconds:g} s"
    pacing = " ".join(part for part in (account.pacing_mode, gap) if part)
    rolling = "" if account.rolling_limit is None else str(account.rolling_limit)
    tags, provider = ", ".join(account.tags), account.provider or ""
    return str(account.daily_limit), rolling, pacing, f"{account.weight:g}", tags, provider


def _account_as_json(account: SenderAccount) -> dict[str, object]:
    """With the names of `GET /v1/sender-accounts/{id}`."""
    return {
        "id": encode("sa", account.id),
        "email": account.email,
        "name": account.name,
        "status": account.status,
        "statusReason": account.status_reason,
        "dailyLimit": account.daily_limit,
        "rollingLimit": account.rolling_limit,
        "pacing": {
            "mode": account.pacing_mode,
            "minGapSeconds": account.min_gap_seconds,
            "jitter": account.jitter,
        },
        "weight": account.weight,
        "tags": account.tags,
        "provider": account.provider,
    }


def _as_json(result: RowResult) -> dict[str, object]:
    return {
        "line": result.row.line,
        "email": result.row.email,
        "result": result.ending,
        "id": encode("sa", result.id) if result.id else None,
        "reason": result.reason,
    }


def _as_table(results: Sequence[RowResult], summary: Mapping[str, int]) -> Group:
    shown = table("Line", "Account", "Result", "Reason", numbers=["Line"])
    for result in results:
        shown.add_row(str(result.row.line), result.row.email, result.ending, result.reason or "")
    return Group(shown, ", ".join(f"{count} {ending}" for ending, count in summary.items()))
