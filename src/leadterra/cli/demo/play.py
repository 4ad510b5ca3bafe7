"""`leadterra demo`: the main job, live, on a temporary directory and a local mail server.

Everything is real but the recipients: PostgreSQL, the API, two worker processes, SMTP. Only the clock is the
demo's own, so that nobody has to wait for midnight. Every number of the result was counted at the mail
server, but for the pool's remaining volume, which the API tells. Exit code 1 if anything is not as promised;
the letters stay, and so do the logs then.
"""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.live import Live

from leadterra.cli.declaring import command
from leadterra.cli.demo.api_client import DemoError
from leadterra.cli.demo.letters import count_by_account, count_duplicates, count_over_limit
from leadterra.cli.demo.screen import curtain, live
from leadterra.cli.demo.stage import open_stage
from leadterra.cli.demo.story import LEADS, LIMITS, QUOTA, WARMING, Ending, Story, View
from leadterra.cli.output import Output
from leadterra.cli.session import Session

_BEGINS_AT_HOUR = 10
_LEISURE_SECONDS = 0.3


def declare(commands: typer.Typer) -> None:
    """Add the command."""
    command(commands, lacks=("data_dir", "workspace"))(demo)


def demo(
    session: Session,
    *,
    once: Annotated[
        bool,
        typer.Option("--once", help="Only the day and its reset, fast and without a display."),
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave everything running at the end, to try the API on.")
    ] = False,
) -> None:
    """See it work: a pool of three accounts, a campaign with more leads than today's quota, and the reset.

    Takes half a minute at most and needs nothing: it brings its database and its mail server along, and
    cleans up behind itself. Only the letters stay, to be read.
    """
    output, began = session.output, time.monotonic()
    is_shown = output.notes.is_terminal and not once and not output.is_json
    began_at = datetime.now(UTC).replace(hour=_BEGINS_AT_HOUR, minute=0, second=0, microsecond=0)
    if not output.is_json:
        output.note("Starting PostgreSQL, the API, two workers and a mail server …")
    try:
        with open_stage(began_at, letter_seconds=_LEISURE_SECONDS if is_shown else 0, keep=keep) as stage:
            with _audience(output, is_shown=is_shown) as look_on:
                ending = Story(stage, began_at, look_on).play(follow_ups=not once)
            checks = check(ending)
            result = _as_json(ending, time.monotonic() - began)
            output.result(result, curtain(ending, stage, checks, keeps_running=keep))
            if keep:
                with suppress(KeyboardInterrupt):
                    signal.pause()
    except DemoError as error:
        output.note(f"leadterra: {error}")
        raise typer.Exit(1) from None
    if not all(checks.values()):
        raise typer.Exit(1)


def check(ending: Ending) -> dict[str, bool]:
    """What was promised, and whether it holds."""
    first_day = count_by_account(ending.letters, ending.first_day)
    first_steps = {letter.recipient for letter in ending.letters if not letter.is_reply}
    return {
        f"Day 1 used up the quota of {QUOTA} exactly, account by account.": first_day == LIMITS,
        f"{LEADS - QUOTA} messages of overflow waited for the reset, and went out after it.": (
            ending.overflow == ending.after_reset == LEADS - QUOTA
        ),
        "Nobody got a letter twice.": count_duplicates(ending.letters) == 0,
        "No account sent more than its limit on any day.": count_over_limit(ending.letters, LIMITS) == 0,
        "The warming account sent nothing.": count_by_account(ending.letters)[WARMING] == 0,
        "Every lead got the first letter.": len(first_steps) == LEADS,
    }


def _as_json(ending: Ending, seconds: float) -> dict[str, object]:
    counts = count_by_account(ending.letters)
    return {
        "sent": len(ending.letters),
        "perAccount": {account: counts[account] for account in (*LIMITS, WARMING)},
        "peakRemaining": ending.peak_remaining,
        "overflowBeforeReset": ending.overflow,
        "sentAfterReset": ending.after_reset,
        "duplicates": count_duplicates(ending.letters),
        "overLimit": count_over_limit(ending.letters, LIMITS),
        "seconds": round(seconds, 2),
    }


@contextmanager
def _audience(output: Output, *, is_shown: bool) -> Iterator[Callable[[View], None]]:
    """Bars on a terminal; else a line an act, unless programs listen."""
    if is_shown:
        with Live(console=output.notes, refresh_per_second=12, transient=True) as screen:
            yield lambda view: screen.update(live(view))
        return
    acts: set[str] = set()

    def say(view: View) -> None:
        if view.act not in acts and not output.is_json:
            output.note(f"{view.act} ({view.remaining} left of today's {QUOTA})")
        acts.add(view.act)

    yield say
