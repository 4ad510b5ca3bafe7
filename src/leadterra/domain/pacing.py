"""Pacing: how long an account waits between two messages.

`asap` keeps a minimum gap and no more. `spread` sends what the account may still send today evenly over what
is left of the pool's window today: never closer than the minimum gap, never further apart than fifteen
minutes, with a jitter. The jitter is drawn from the account, the day and the number of the message, so that
the same pool sends at the same instants again (R12).

Nothing is saved up. An account that could not send for hours sends one message, and then goes on at the pace
that what is left of the day asks for. When a window opens, or a day begins inside of one, accounts do not
start together: each begins somewhere in its own first gap.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

DEFAULT_GAP = 20.0
"""Seconds between two messages of an account that spreads, unless it says otherwise."""

DEFAULT_JITTER = 0.3
"""By which part of itself a gap varies, both ways."""

MOST_GAP = 900.0
"""Seconds: a gap that is longer only looks as if nothing happened."""

_MASK = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Pacing:
    """How an account spaces its messages. spreads: or as soon as possible. gap: at least so many seconds.
    jitter: 0 to 1.
    """

    spreads: bool
    gap: float
    jitter: float


@dataclass(frozen=True, slots=True)
class PacingChoice:
    """What an account, or its workspace, says of it; None where it says nothing. mode: `spread`, `asap`."""

    mode: str | None = None
    gap: float | None = None
    jitter: float | None = None


def pacing_of(account: PacingChoice, workspace: PacingChoice, *, is_live: bool) -> Pacing:
    """What is in force: the account's own word, else the workspace's, else the usual: live workspaces spread,
    and those in test mode send as soon as possible.
    """
    mode = account.mode or workspace.mode or ("spread" if is_live else "asap")
    gap = workspace.gap if account.gap is None else account.gap
    jitter = workspace.jitter if account.jitter is None else account.jitter
    spreads = mode == "spread"
    return Pacing(
        spreads,
        (DEFAULT_GAP if spreads else 0.0) if gap is None else gap,
        DEFAULT_JITTER if jitter is None else jitter,
    )


@dataclass(frozen=True, slots=True)
class Window:
    """When the pool may send today. start: of the open interval, or of the day inside of it. length: open
    seconds from then to the end of the UTC day. left: open seconds from now on.
    """

    start: datetime
    length: float
    left: float


def draw(*keys: int) -> float:
    """A number from 0 to below 1 that looks random and is always the same for the same keys (splitmix64)."""
    return (stir(0, *keys) >> 11) / (1 << 53)


def draw_next(state: int, key: int) -> float:
    """What `draw` gives for the keys that `stir` made that state of, and one more."""
    return (stir(state, key) >> 11) / (1 << 53)


def stir(state: int, *keys: int) -> int:
    """The state of a draw after these keys; it begins with 0."""
    for key in keys:
        state = (state + (key & _MASK) + 0x9E3779B97F4A7C15) & _MASK
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _MASK
        state ^= state >> 31
    return state


def gap_after(left: float, remaining: int, *, least: float, jitter: float, chance: float) -> float:
    """Seconds until the next message of an account that spreads. left: open seconds of today. remaining: what
    it may still send today. least: its minimum gap. chance: a draw, 0 to 1.

    The jitter is as much upwards as downwards, so that it costs no messages: the closer an even gap comes to
    the least, the smaller it is.
    """
    even = _between(max(left, 0.0) / (remaining + 1), least)
    swing = min(even * jitter, even - least)
    return _between(even + swing * (2 * chance - 1), least)


def first_slot(window: Window, account_id: UUID, limit: int, *, least: float) -> datetime:
    """Not before this instant does an account that spreads begin in a window. It begins before the window's
    end, however long its gap.
    """
    gap = min(_between(window.length / limit, least), window.length)
    seconds = gap * draw(account_id.int, account_id.int >> 64, int(window.start.timestamp()))
    return window.start + timedelta(seconds=seconds)


def last_slot(window: Window, *, least: float) -> datetime:
    """An instant by which every account of that gap has begun in a window."""
    return window.start + timedelta(seconds=max(MOST_GAP, least))


def _between(gap: float, least: float) -> float:
    return max(least, min(gap, MOST_GAP))
