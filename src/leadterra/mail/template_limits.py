"""What a template may cost. Templates and values are strangers' input: one budget pays for everything a
letter does.

The meter counts units of about a microsecond: a node rendered, a turn of a loop, a hundred characters
handled by a filter. It raises RenderError when the budget or the output limit is spent, long before memory
or patience would be.
"""

from io import StringIO
from typing import Final

LONGEST_SOURCE: Final = 256 * 1024
# Of the source, what stands between delimiters: parsing it costs a hundred times what text costs.
LONGEST_LIQUID: Final = 64 * 1024
LONGEST_OUTPUT: Final = 1024 * 1024
LONGEST_VALUE: Final = 64 * 1024
LONGEST_EXPRESSION: Final = 4000
MOST_TAGS: Final = 5000
DEEPEST_NESTING: Final = 20
BUDGET: Final = 50_000
_CHARACTERS_A_UNIT: Final = 100


class TemplateError(ValueError):
    """The template cannot be compiled.

    line: from 1. token: the text that is wrong. message: why, one sentence.
    """

    def __init__(self, line: int, token: str, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line
        self.token = token
        self.message = message


class RenderError(ValueError):
    """The template cannot be rendered with these values. message: why, one sentence."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Meter:
    """The budget of one rendering."""

    __slots__ = ("_output", "_units")

    def __init__(self, units: int = BUDGET) -> None:
        self._units = units
        self._output = LONGEST_OUTPUT

    def spend(self, units: int) -> None:
        """Take units from the budget. Raises RenderError when it is exceeded."""
        self._units -= units
        if self._units < 0:
            raise RenderError(
                "The template does too much work: too many loop turns, or too much text in filters."
            )

    def write(self, text: str) -> None:
        """Take the octets of an output from the output limit. Raises RenderError when it is exceeded."""
        self._output -= len(text) if text.isascii() else len(text.encode(errors="replace"))
        if self._output < 0:
            raise RenderError(f"The template writes more than {LONGEST_OUTPUT // 1024} KiB.")

    def keep(self, value: object) -> None:
        """Pay for a value that a template makes. Raises RenderError if it is too big for any letter."""
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            raise RenderError(f"The template makes a text of more than {LONGEST_VALUE // 1024} KiB.")
        self.spend(weight(value))


class MeteredBuffer(StringIO):
    """A text buffer that pays for what is written; captures share the meter of their letter."""

    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def write(self, text: str, /) -> int:
        """Write after paying."""
        self._meter.write(text)
        return super().write(text)


def weight(value: object) -> int:
    """Say how many units it costs to look at a value once."""
    if isinstance(value, str):
        return len(value) // _CHARACTERS_A_UNIT
    if isinstance(value, list):
        return len(value) + sum(weight(item) for item in value if isinstance(item, str))
    if isinstance(value, int):
        return value.bit_length() // 64
    return 0
