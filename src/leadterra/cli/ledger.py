"""`leadterra ledger`: what became of each unit of a day's quota, the last days in a row, and whether the
books are right."""

from datetime import date
from typing import Annotated

import typer
from rich.console import Group

from leadterra.actions.ledgers import MOST_DAYS, USUAL_DAYS, DayLedger, PoolHistory, read_history, read_ledger
from leadterra.actions.verifying import Book, Difference, find_differences
from leadterra.cli.declaring import database_command, group
from leadterra.cli.errors import CommandError
from leadterra.cli.output import instant, table
from leadterra.cli.session import Access
from leadterra.domain.day import day_of, read_day
from leadterra.domain.ledger import LedgerLine, LedgerTotal
from leadterra.store.ids import Kind, encode

commands = group("The ledger: the exact account of each unit of the quota, by account and UTC day.")

_UNITS = ("limit", "sent", "uncertain", "reserved", "remaining")
_DAY = typer.Option("--date", metavar="DAY", help="A UTC day such as 2025-01-15.", show_default="today")
_KINDS: dict[Book, tuple[Kind, str]] = {
    "ledger": ("sa", "senderAccountId"),
    "campaign": ("camp", "campaignId"),
    "message": ("msg", "messageId"),
    "variant": ("var", "variantId"),
}
_CAP_KINDS: dict[str, tuple[Kind, str]] = {
    "account_24h": ("sa", "senderAccountId"),
    "campaign": ("camp", "campaignId"),
    "campaign_new": ("camp", "campaignId"),
}
"""Other caps are a domain's, of which only a digest is kept."""


@database_command(commands)
async def show(access: Access, *, day: Annotated[str | None, _DAY] = None) -> None:
    """Show the ledger of today or of a past day, by account and in total."""
    workspace, now = await access.workspace(), access.now()
    wanted = _day_of(day, day_of(now)) or day_of(now)
    ledger = await access.run(workspace.id, lambda uow: read_ledger(uow, wanted, now=now))
    access.output.result(_ledger_as_json(ledger), _ledger_as_table(ledger))


@database_command(commands)
async def history(
    access: Access,
    *,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="So many, today included.")] = USUAL_DAYS,
) -> None:
    """Show the last days: capacity, messages sent, bounces and replies."""
    workspace, now = await access.workspace(), access.now()
    found = await access.run(workspace.id, lambda uow: read_history(uow, days, now=now))
    numbers = ("Capacity", "Sent", "Bounced", "Replied")
    shown = table("Day", *numbers, numbers=numbers)
    for each in found.days:
        counts = (each.capacity, each.sent, each.bounced, each.replied)
        shown.add_row(each.day.isoformat(), *map(str, counts))
    access.output.result(_history_as_json(found), shown)


@database_command(commands)
async def verify(
    access: Access,
    *,
    day: Annotated[
        str | None,
        typer.Option("--date", metavar="DAY", help="Only the units and messages of that UTC day."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every day, and the totals: the default.")] = False,
) -> None:
    """Recompute the ledger, the caps and the totals of campaigns and variants from messages, attempts and
    enrollments, and show every difference. The system may run meanwhile. Exit code 1 if there is a
    difference.
    """
    if every and day is not None:
        raise CommandError("give either --date DAY or --all")
    workspace, now = await access.workspace(), access.now()
    wanted, count = _day_of(day, day_of(now)), 0
    async with access.equipment.database.snapshot(workspace.id) as uow:
        async for each in find_differences(uow, day=wanted, now=now):
            count += 1
            access.output.result(_difference_as_json(each), _difference_as_line(each))
    span = f"of {wanted}" if wanted else "of every day"
    verdict = f"{count} differences" if count > 1 else "1 difference" if count else "no difference"
    access.output.result(
        {"event": "verified", "date": wanted.isoformat() if wanted else None, "differences": count},
        f"The books of the workspace '{workspace.name}' {span}: {verdict}.",
    )
    if count:
        raise typer.Exit(1)


def _day_of(text: str | None, today: date) -> date | None:
    """The day that is meant. Raises `CommandError` unless it is today or before."""
    if text is None:
        return None
    try:
        wanted = read_day(text)
    except ValueError:
        raise CommandError(f"{text!r} is no day; write it as {today}") from None
    if wanted > today:
        raise CommandError(f"{wanted} is still to come; today is {today}")
    return wanted


def _ledger_as_json(ledger: DayLedger) -> dict[str, object]:
    """As `GET /v1/sender-pools/ledger` shows it."""
    accounts = [
        {
            "senderAccountId": encode("sa", each.id),
            "email": each.email,
            "name": each.name,
            "status": each.status,
            **_units(each.line),
        }
        for each in ledger.accounts
    ]
    return {"date": ledger.day.isoformat(), "total": _units(ledger.total), "accounts": accounts}


def _units(line: LedgerLine | LedgerTotal) -> dict[str, int]:
    return {name: getattr(line, name) for name in _UNITS}


def _ledger_as_table(ledger: DayLedger) -> Group:
    numbers = tuple(name.title() for name in _UNITS)
    shown = table("Account", "Name", "Status", *numbers, numbers=numbers)
    for each in ledger.accounts:
        shown.add_row(each.email, each.name, each.status, *map(str, _units(each.line).values()))
    shown.add_section()
    shown.add_row("Total", "", "", *map(str, _units(ledger.total).values()))
    return Group(f"{ledger.day}, UTC", shown)


def _history_as_json(history: PoolHistory) -> dict[str, object]:
    """As `GET /v1/sender-pools/history` shows it."""
    days = [
        {
            "date": each.day.isoformat(),
            "capacity": each.capacity,
            "sent": each.sent,
            "bounced": each.bounced,
            "replied": each.replied,
        }
        for each in history.days
    ]
    return {"senderPoolId": encode("sp", history.pool_id), "days": days}


def _difference_as_json(found: Difference) -> dict[str, object]:
    when = {"bucket": instant(found.bucket)} if found.bucket else {}
    return {
        "event": "difference",
        "book": found.book,
        "date": found.day.isoformat() if found.day else None,
        **_subject(found),
        **when,
        "kept": dict(found.kept),
        "counted": dict(found.counted),
    }


def _subject(found: Difference) -> dict[str, str | None]:
    """Whose numbers they are. A step's own words are the variant null."""
    if found.book == "variant" and found.step_id:
        own = found.id == found.step_id
        return {
            "stepId": encode("step", found.step_id),
            "variantId": None if own else encode("var", found.id),
        }
    if found.book == "cap":
        kind = _CAP_KINDS.get(next(iter(found.kept)))
        return {kind[1]: encode(kind[0], found.id)} if kind else {"domainDigest": found.id.hex}
    prefix, name = _KINDS[found.book]
    return {name: encode(prefix, found.id)}


def _difference_as_line(found: Difference) -> str:
    numbers = ", ".join(f"{name} {kept}, not {found.counted[name]}" for name, kept in found.kept.items())
    if found.book == "message":
        numbers = f"is kept as {dict(found.kept)}, its attempts say {dict(found.counted)}"
    when = f" on {found.day}" if found.day else ""
    if found.bucket:
        when = f" from {instant(found.bucket)}"
    whose = " ".join(each or "own words" for each in _subject(found).values())
    return f"{found.book} {whose}{when}: {numbers}"
