"""What the demo shows on the terminal: bars while it runs, tables at its end."""

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from leadterra.cli.demo.letters import count_by_account
from leadterra.cli.demo.stage import Stage
from leadterra.cli.demo.story import LIMITS, QUOTA, WARMING, Ending, View
from leadterra.cli.output import table


def live(view: View) -> RenderableType:
    """The pool at a moment."""
    sent = count_by_account(view.letters, view.day)
    bars = Table.grid(padding=(0, 2))
    for account, limit in LIMITS.items():
        bars.add_row(account, _bar(sent[account], limit), f"{sent[account]} of {limit} sent today")
    warming = f"{sent[WARMING]} sent: campaigns skip it while it warms up"
    bars.add_row(WARMING, _bar(sent[WARMING], 1), warming)
    bars.add_row("")
    remaining = f"{view.remaining} of {QUOTA} left"
    bars.add_row(Text("remaining volume", style="bold"), _bar(view.remaining, QUOTA), remaining)
    bars.add_row(Text("queue", style="bold"), _bar(0, 1), _waiting(view))
    return Group(Text.assemble((view.act, "bold cyan"), f"   {view.day}, by the demo's clock"), "", bars)


def _waiting(view: View) -> str:
    scheduled = f", {view.scheduled} follow-ups are not due yet" if view.scheduled else ""
    return f"{view.queued} messages wait{scheduled}"


def curtain(
    ending: Ending, stage: Stage, checks: Mapping[str, bool], *, keeps_running: bool
) -> RenderableType:
    """What it came to, and what to try next."""
    return Group(
        "", _by_account(ending), *_said(checks), "", _next(ending, stage, keeps_running=keeps_running)
    )


def _by_account(ending: Ending) -> Table:
    counts = ("Daily limit", f"Day 1 ({ending.first_day})", f"Day 2 ({ending.second_day})", "Received")
    shown = table("Sender account", *counts, numbers=counts, title="At the mail server")
    first, second = (_counted(ending, day) for day in (ending.first_day, ending.second_day))
    for account in (*LIMITS, WARMING):
        limit = str(LIMITS.get(account, "warming"))
        both = first[account] + second[account]
        shown.add_row(account, limit, str(first[account]), str(second[account]), str(both))
    shown.add_section()
    totals = (QUOTA, sum(first.values()), sum(second.values()), len(ending.letters))
    shown.add_row("Pool", *map(str, totals), style="bold")
    return shown


def _counted(ending: Ending, day: date) -> Mapping[str, int]:
    return count_by_account(ending.letters, day)


def _said(checks: Mapping[str, bool]) -> list[Text]:
    return [
        Text.assemble(("✓ ", "green") if holds else ("✗ ", "bold red"), promise)
        for promise, holds in checks.items()
    ]


def _next(ending: Ending, stage: Stage, *, keeps_running: bool) -> RenderableType:
    letter = next((each for each in ending.letters if each.is_reply), ending.letters[0])
    lines = {
        "The letters as they arrived:": stage.letters,
        "Read one:": f"cat {stage.letters / letter.file}",
    }
    if keeps_running:
        lines |= {"The API:": f"{stage.url}/docs", "Its key:": stage.key, "It keeps running until:": "Ctrl+C"}
    else:
        lines |= {
            "Once more, and left running:": f"{_program()} demo --keep",
            "Start your own:": f"{_program()} up",
        }
    return Text("\n".join(f"{label:<31}{value}" for label, value in lines.items()))


def _program() -> str:
    """How it was called, which from a virtual environment is not by its name alone."""
    called = sys.argv[0]
    return called if Path(called).name == "leadterra" else "leadterra"


def _bar(done: int, total: int) -> ProgressBar:
    return ProgressBar(total=total, completed=done, width=30)
