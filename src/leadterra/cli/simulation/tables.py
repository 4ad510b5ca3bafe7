"""A report on the terminal: the days, the accounts, the campaigns, and whether all is as it must be."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from leadterra.cli.output import table
from leadterra.cli.simulation.report import Checks, Letters, Report

_LETTERS = ("Sent", "First steps", "Follow-ups", "Bounced", "Deferred", "Uncertain")


def shown(report: Report) -> RenderableType:
    """All of it."""
    notes = [Text(note, style="yellow") for note in _notes(report)]
    parts = (_days(report), "", _accounts(report), "", _campaigns(report), "", *notes, _checks(report.checks))
    return Group(*parts)


def _notes(report: Report) -> list[str]:
    """What went wrong as it was to, and what it left to people."""
    found = []
    if report.crashes:
        found.append(f"! The worker died {len(report.crashes)} times.")
    if uncertain := report.messages.get("uncertain", 0):
        found.append(f"! {uncertain} letters are uncertain: their leads wait for a person.")
    return found


def _days(report: Report) -> Table:
    numbers = ("Capacity", *_LETTERS, "Replied", "Queue at reset", "Used")
    title = f"{report.name}, seed {report.seed}: day by day, UTC"
    days = table("Day", *numbers, numbers=numbers, title=title)
    for each in report.days:
        days.add_row(
            each.day.isoformat(),
            str(each.capacity),
            *_numbers(each.letters),
            str(each.replied),
            str(each.queue),
            f"{each.used:.0%}",
        )
    days.add_section()
    days.add_row("Total", "", *_numbers(report.letters), str(report.replied), "", "")
    return days


def _accounts(report: Report) -> Table:
    numbers = ("Daily limit", "Most in a day", *_LETTERS)
    accounts = table("Sender account", *numbers, numbers=numbers)
    for each in report.accounts:
        accounts.add_row(each.email, str(each.daily_limit), str(each.most), *_numbers(each.letters))
    return accounts


def _campaigns(report: Report) -> Table:
    numbers = ("Leads", "Sent", "Bounced", "Replied", "Queued", "Scheduled")
    campaigns = table("Campaign", "Status", *numbers, "Completed", numbers=numbers)
    for each in report.campaigns:
        counts = (each.letters.sent, each.letters.bounced, each.replied, each.queued, each.scheduled)
        end = f"{each.completed_at:%Y-%m-%d %H:%M}" if each.completed_at else "–"
        campaigns.add_row(each.name, each.status, str(sum(each.leads.values())), *map(str, counts), end)
    return campaigns


def _checks(checks: Checks) -> RenderableType:
    said = {
        "The books agree with messages and attempts.": checks.differences,
        "Nobody got a letter twice.": checks.duplicates,
        "No account passed its limit on any day.": checks.over_limit,
        "What arrived at the mail servers is in the ledger.": checks.unaccounted,
    }
    return Group(*(_check(text, count) for text, count in said.items()))


def _check(text: str, wrong: int) -> Text:
    return Text(f"✗ {text} ({wrong} times not)", style="red") if wrong else Text(f"✓ {text}", style="green")


def _numbers(letters: Letters) -> list[str]:
    return [
        str(count)
        for count in (
            letters.sent,
            letters.first_steps,
            letters.follow_ups,
            letters.bounced,
            letters.deferred,
            letters.uncertain,
        )
    ]
