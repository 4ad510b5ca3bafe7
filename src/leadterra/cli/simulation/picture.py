"""A report as one picture: bars of what each account sent, day by day, the quota above them, and the queue.

Scalable Vector Graphics 1.1, complete in itself: no script, no font but the reader's own, nothing fetched.
Names from the plan are escaped, and what XML 1.0 has no character for is left out.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from leadterra.cli.simulation.report import Report, ReportDay

_WIDTH, _HEIGHT = 1120, 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 330, 70, 76
_PLOT_WIDTH, _PLOT_HEIGHT = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
_MOST_ACCOUNTS = 14
_MOST_DAY_LABELS = 16
_MOST_NAME = 30
_TICKS = 5
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# Okabe and Ito's colours, which the colour-blind can tell apart, and lighter ones of the same.
_COLOURS = (
    *("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442"),
    *("#66a9d1", "#f2c766", "#66c5ab", "#e0afca", "#9ad2f2", "#e59e66", "#f6ef8e"),
)
_REST, _QUOTA, _QUEUE, _INK, _GRID = "#b0b0b0", "#222222", "#b00020", "#333333", "#e3e3e3"


@dataclass(frozen=True, slots=True)
class _Scale:
    """One side's numbers. top: what the upper edge stands for."""

    top: float

    def y(self, value: float) -> float:
        return _TOP + _PLOT_HEIGHT * (1 - value / self.top)

    def ticks(self) -> list[float]:
        return [self.top * number / _TICKS for number in range(_TICKS + 1)]


def draw(report: Report) -> str:
    """The picture, as the text of an SVG file."""
    days = report.days
    letters = _scale(
        max((*(each.letters.sent for each in days), *(each.capacity for each in days)), default=0)
    )
    queue = _scale(max((each.queue for each in days), default=0))
    accounts = _stacked(report)
    parts = [
        *_frame(report, letters, queue),
        *_bars(days, accounts, letters),
        _quota(days, letters),
        _queue(days, queue),
        *_day_labels(days),
        *_legend(accounts),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{_HEIGHT}"'
        f' viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" font-size="12" fill="{_INK}" role="img">'
    )
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *parts, "</svg>", ""])


def _stacked(report: Report) -> list[tuple[str, list[str]]]:
    """Names in the legend, in the plan's order, each with the accounts behind it; those that sent least share
    one.
    """
    ordered = sorted(report.accounts, key=lambda each: -each.letters.sent)
    few = len(ordered) if len(ordered) <= _MOST_ACCOUNTS else _MOST_ACCOUNTS - 1
    rest = {each.email for each in ordered[few:]}
    shown = [(each.email, [each.email]) for each in report.accounts if each.email not in rest]
    return [*shown, (f"{len(rest)} other accounts", sorted(rest))] if rest else shown


def _scale(most: float) -> _Scale:
    """A round number at the top, not below the largest: so many steps of 1, 2, 2.5 or 5 times a power of
    ten.
    """
    step = max(most, _TICKS) / _TICKS
    unit = 10.0 ** floor(log10(step))
    factor = next(factor for factor in (1, 2, 2.5, 5, 10) if factor * unit >= step * (1 - 1e-9))
    if factor * unit != ceil(factor * unit):
        factor = 5
    return _Scale(factor * unit * _TICKS)


def _frame(report: Report, letters: _Scale, queue: _Scale) -> Iterable[str]:
    """Title, grid and the numbers at both sides."""
    span = f"{report.start:%Y-%m-%d} to {report.end:%Y-%m-%d}"
    yield f"<title>{_text(report.name)}</title>"
    yield f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>'
    yield _label(_LEFT, 30, _short(report.name, 70), 'font-size="18" font-weight="bold"')
    sums = f"{span}, seed {report.seed}: {report.letters.sent} sent, {report.letters.bounced} bounced, "
    yield _label(_LEFT, 50, f"{sums}{report.replied} replied", "")
    right = _LEFT + _PLOT_WIDTH
    for left, over in zip(letters.ticks(), queue.ticks(), strict=True):
        y = letters.y(left)
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="{_GRID}"/>'
        yield _label(_LEFT - 8, y + 4, f"{left:.0f}", 'text-anchor="end"')
        yield _label(right + 8, y + 4, f"{over:.0f}", f'fill="{_QUEUE}"')
    middle = _TOP + _PLOT_HEIGHT / 2
    yield _turned(18, middle, "letters a day", _INK)
    yield _turned(right + 62, middle, "queue at the reset", _QUEUE)


def _bars(
    days: Sequence[ReportDay], accounts: Sequence[tuple[str, list[str]]], scale: _Scale
) -> Iterable[str]:
    """One stack a day; a hint tells each part."""
    slot = _PLOT_WIDTH / max(len(days), 1)
    for number, day in enumerate(days):
        below = 0
        x = _LEFT + slot * (number + 0.12)
        for place, (name, emails) in enumerate(accounts):
            sent = sum(day.by_account[email] for email in emails)
            if not sent:
                continue
            top, bottom = scale.y(below + sent), scale.y(below)
            hint = _text(f"{day.day}, {name}: {sent}")
            yield (
                f'<rect x="{x:.1f}" y="{top:.1f}" width="{slot * 0.76:.1f}" height="{bottom - top:.1f}"'
                f' fill="{_colour(place, accounts)}"><title>{hint}</title></rect>'
            )
            below += sent


def _quota(days: Sequence[ReportDay], scale: _Scale) -> str:
    """A step a day."""
    slot = _PLOT_WIDTH / max(len(days), 1)
    points = [
        f"{_LEFT + slot * (number + side):.1f},{scale.y(day.capacity):.1f}"
        for number, day in enumerate(days)
        for side in (0, 1)
    ]
    return f'<polyline points="{" ".join(points)}" fill="none" stroke="{_QUOTA}" stroke-width="2"/>'


def _queue(days: Sequence[ReportDay], scale: _Scale) -> str:
    """A point at the end of each day."""
    slot = _PLOT_WIDTH / max(len(days), 1)
    points = [(_LEFT + slot * (number + 1), scale.y(day.queue)) for number, day in enumerate(days)]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in points)
    return (
        f'<polyline points="{line}" fill="none" stroke="#ffffff" stroke-width="5" stroke-opacity="0.7"/>'
        f'<polyline points="{line}" fill="none" stroke="{_QUEUE}" stroke-width="2" stroke-dasharray="6 3"/>'
        f'<g fill="{_QUEUE}">{dots}</g>'
    )


def _day_labels(days: Sequence[ReportDay]) -> Iterable[str]:
    slot, every = _PLOT_WIDTH / max(len(days), 1), ceil(len(days) / _MOST_DAY_LABELS)
    base = _TOP + _PLOT_HEIGHT
    yield f'<line x1="{_LEFT}" y1="{base}" x2="{_LEFT + _PLOT_WIDTH}" y2="{base}" stroke="{_INK}"/>'
    for number, day in enumerate(days):
        if number % every == 0:
            x = _LEFT + slot * (number + 0.5)
            turn = f'text-anchor="end" transform="rotate(-40 {x:.1f} {base + 16})"'
            yield _label(x, base + 16, f"{day.day:%d %b}", turn)
    yield _label(_LEFT + _PLOT_WIDTH / 2, _HEIGHT - 8, "UTC day", 'text-anchor="middle"')


def _legend(accounts: Sequence[tuple[str, list[str]]]) -> Iterable[str]:
    x, y = _WIDTH - _RIGHT + 96, _TOP + 8
    for colour, dash, name in ((_QUOTA, "", "quota of the day"), (_QUEUE, "6 3", "queue (right)")):
        yield (
            f'<line x1="{x}" y1="{y - 4}" x2="{x + 22}" y2="{y - 4}" stroke="{colour}" stroke-width="2"'
            f' stroke-dasharray="{dash or "none"}"/>'
        )
        yield _label(x + 30, y, name, "")
        y += 22
    yield _label(x, y + 6, "sent by", 'font-weight="bold"')
    for place, (name, _) in enumerate(accounts):
        y += 22
        yield f'<rect x="{x}" y="{y - 3}" width="14" height="14" fill="{_colour(place, accounts)}"/>'
        yield _label(x + 22, y + 9, _short(name, _MOST_NAME), "")


def _colour(place: int, accounts: Sequence[tuple[str, list[str]]]) -> str:
    return _REST if len(accounts[place][1]) > 1 else _COLOURS[place]


def _label(x: float, y: float, text: str, attributes: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{_text(text)}</text>'


def _turned(x: float, y: float, text: str, colour: str) -> str:
    turn = f'text-anchor="middle" fill="{colour}" transform="rotate(-90 {x:.1f} {y:.1f})"'
    return _label(x, y, text, turn)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _text(text: str) -> str:
    return escape(_NO_CHARACTER.sub("", text))
