"""`leadterra accounts warmup`: how the accounts of a workspace warm up."""

import typer

from leadterra.actions.warmup_courses import WarmupState, read_warmup
from leadterra.cli.declaring import database_command
from leadterra.cli.output import instant, table
from leadterra.cli.session import Access
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import encode
from leadterra.store.sender_accounts import ListedAccount, list_sender_accounts

_NUMBERS = ("Limit", "Target", "Clean days", "Reputation")


def declare(commands: typer.Typer) -> None:
    """Add the command."""
    database_command(commands)(warmup)


async def warmup(access: Access) -> None:
    """Show how sender accounts warm up: today's limit, clean days, reputation, and the day of graduation to
    expect.
    """
    workspace, now = await access.workspace(), access.now()

    async def read(uow: UnitOfWork) -> list[tuple[ListedAccount, WarmupState]]:
        listed = await list_sender_accounts(uow)
        return [(each, state) for each in listed if (state := await read_warmup(uow, each.id, now=now))]

    found = await access.run(workspace.id, read)
    shown = table("Account", "State", *_NUMBERS, "Frozen by", "Graduates", numbers=_NUMBERS)
    for account, state in found:
        shown.add_row(account.email, state.stage, *_cells(state))
    access.output.result({"warmups": [_as_json(*each) for each in found]}, shown)


def _cells(state: WarmupState) -> tuple[str, ...]:
    value = state.reputation.value if state.reputation else None
    done = state.graduated_at.date() if state.graduated_at else state.expected_on
    days = f"{state.clean_days} of {state.rule.days}"
    known = "" if value is None else f"{value:.2f}"
    return str(state.limit), str(state.target), days, known, state.frozen_by or "", str(done or "")


def _as_json(account: ListedAccount, state: WarmupState) -> dict[str, object]:
    """With the names of `GET /v1/sender-accounts/{id}`."""
    reputation = state.reputation
    return {
        "senderAccountId": encode("sa", account.id),
        "email": account.email,
        "state": state.stage,
        "start": state.rule.start,
        "step": state.rule.step,
        "days": state.rule.days,
        "limit": state.limit,
        "target": state.target,
        "cleanDays": state.clean_days,
        "frozenBy": state.frozen_by,
        "reputation": reputation
        and {
            "value": reputation.value,
            "placement": reputation.placement,
            "bounces": reputation.bounces,
            "errors": reputation.errors,
            "measured": reputation.measured,
            "letters": reputation.letters,
        },
        "lettersToday": state.letters,
        "checkFailure": state.check_failure,
        "startedAt": instant(state.started_at),
        "graduatedAt": instant(state.graduated_at),
        "graduationExpectedOn": state.expected_on.isoformat() if state.expected_on else None,
    }
