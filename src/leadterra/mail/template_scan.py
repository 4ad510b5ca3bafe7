"""A first look at a template: are its delimiters closed, its blocks paired, its tags known, its size
bearable?

One linear pass that raises TemplateError with line and token. It runs before the Liquid library sees the
source: the library's lexer takes quadratic time on unclosed delimiters, and reports an unclosed block at
the end of the file.
"""

import re

from leadterra.mail.template_limits import (
    DEEPEST_NESTING,
    LONGEST_EXPRESSION,
    LONGEST_LIQUID,
    LONGEST_SOURCE,
    MOST_TAGS,
    TemplateError,
)

# Each block tag and the tags that may divide it.
_BLOCKS = {
    "if": frozenset({"elsif", "else"}),
    "unless": frozenset({"elsif", "else"}),
    "case": frozenset({"when", "else"}),
    "for": frozenset({"else"}),
    "capture": frozenset[str](),
    "comment": frozenset[str](),
}
_DIVIDERS = frozenset({"elsif", "else", "when"})
_INTERRUPTS = frozenset({"break", "continue"})
_SINGLE = frozenset({"assign", "echo", "#"})

_OPENING = re.compile(r"\{[{%]")
_NAME = re.compile(r"-?\s*(#|\w+)")
_RAW = re.compile(r"-?\s*raw\s*-?\Z")
_END_OF_RAW = re.compile(r"\{%-?\s*endraw\s*-?%\}")
_TOO_BLANK = re.compile(r"\s{200}")


def check_structure(source: str) -> None:
    """Walk over the source once. Raises TemplateError at the first thing that is wrong."""
    if len(source) > LONGEST_SOURCE:
        raise TemplateError(1, "", f"The template is longer than {LONGEST_SOURCE // 1024} KiB.")
    _Scan(source).run()


class _Scan:
    """The pass: where it stands, and the blocks that are open there, each with its position."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._open: list[tuple[str, int]] = []
        self._tags = 0
        self._liquid = 0

    def run(self) -> None:
        position = 0
        while opening := _OPENING.search(self._source, position):
            position = self._delimited(opening.start(), opening.group())
        if self._open:
            name, start = self._open[-1]
            raise self._error(start, name, f"'{{% {name} %}}' is never closed by '{{% end{name} %}}'.")

    def _delimited(self, start: int, delimiter: str) -> int:
        """Check one tag or output statement and return the position after it."""
        closing = "}}" if delimiter == "{{" else "%}"
        end = self._source.find(closing, start + 2)
        if end < 0:
            raise self._error(start, delimiter, f"'{delimiter}' is never closed by '{closing}'.")
        inner = self._source[start + 2 : end]
        self._tags += 1
        self._liquid += len(inner)
        if self._tags > MOST_TAGS or self._liquid > LONGEST_LIQUID:
            raise self._error(start, delimiter, "The template has too many tags, or too much in them.")
        if len(inner) > LONGEST_EXPRESSION or _TOO_BLANK.search(inner):
            raise self._error(start, delimiter, f"'{delimiter}' is closed too far away.")
        if not inner.strip(" \t\r\n\f\v-"):
            raise self._error(
                start, f"{delimiter}{inner}{closing}", f"There is nothing in '{delimiter} {closing}'."
            )
        if delimiter == "{{":
            return end + 2
        if _RAW.match(inner):
            return self._after_raw(start, end + 2)
        self._tag(start, inner)
        return end + 2

    def _after_raw(self, start: int, end: int) -> int:
        closing = _END_OF_RAW.search(self._source, end)
        if not closing:
            raise self._error(start, "raw", "'{% raw %}' is never closed by '{% endraw %}'.")
        return closing.end()

    def _tag(self, start: int, inner: str) -> None:
        match = _NAME.match(inner)
        name = match.group(1) if match else ""
        if not name:
            raise self._error(start, inner.strip(), "A tag has no name.")
        innermost = self._open[-1][0] if self._open else ""
        if innermost == "comment" and name not in {"comment", "endcomment", "doc"}:
            return
        if name in _BLOCKS:
            if len(self._open) == DEEPEST_NESTING:
                raise self._error(start, name, f"Blocks are nested more than {DEEPEST_NESTING} deep.")
            self._open.append((name, start))
        elif name in _DIVIDERS:
            if name not in _BLOCKS.get(innermost, ()):
                raise self._error(
                    start, name, f"'{{% {name} %}}' stands outside of the block that it divides."
                )
        elif name in _INTERRUPTS:
            if not any(block == "for" for block, _ in self._open):
                raise self._error(start, name, f"'{{% {name} %}}' stands outside of a loop.")
        elif name.startswith("end") and name[3:] in _BLOCKS:
            self._close(start, name, innermost)
        elif name not in _SINGLE:
            raise self._error(start, name, f"There is no tag '{name}'.")

    def _close(self, start: int, name: str, innermost: str) -> None:
        if name != f"end{innermost}":
            expected = f"'{{% end{innermost} %}}' was expected" if innermost else "no block is open"
            raise self._error(start, name, f"'{{% {name} %}}' closes nothing: {expected}.")
        self._open.pop()

    def _error(self, position: int, token: str, message: str) -> TemplateError:
        return TemplateError(line_of(self._source, position), token[:80], message)


def line_of(source: str, position: int) -> int:
    """Return the number, from 1, of the line that holds a position."""
    return source.count("\n", 0, position) + 1
