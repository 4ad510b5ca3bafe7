"""What a command says. Results go to standard output, for people as tables, for programs as JSON; everything
else goes to standard error.

With `--json` nothing but JSON is on standard output: one object, or one a line where results keep coming.
"""

import json
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console, RenderableType
from rich.table import Table

_PIPE_WIDTH = 200


def _console() -> Console:
    """As wide as the terminal; into a pipe or file, wide enough not to break lines."""
    return Console(
        width=None if sys.stdout.isatty() else _PIPE_WIDTH, highlight=False, markup=False, emoji=False
    )


@dataclass(frozen=True, slots=True)
class Output:
    """Where a command speaks. is_json: for programs. console: results. notes: the rest."""

    is_json: bool
    console: Console = field(default_factory=_console)
    notes: Console = field(
        default_factory=lambda: Console(
            stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True
        )
    )

    def result(self, value: Mapping[str, object], shown: RenderableType) -> None:
        """A result, in one of its two forms."""
        if self.is_json:
            print(json.dumps(value, ensure_ascii=False, default=_plain), flush=True)
        else:
            self.console.print(shown)

    def note(self, text: str) -> None:
        """A word beside the result."""
        self.notes.print(text)


def table(*columns: str, numbers: Collection[str] = (), title: str | None = None) -> Table:
    """An empty table. numbers: those of the columns that are aligned to the right."""
    empty = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        empty.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return empty


def instant(at: datetime | None) -> str | None:
    """An instant as the API shows it: RFC 3339, with Z, without a fraction when it is zero."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return instant(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
