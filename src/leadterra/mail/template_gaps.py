"""Which variables left a gap in a letter: undefined, null or empty, written out, and not filled by `default`.

Names that the template assigned are traced to the variables they were made from. Nothing here fails.
"""

from liquid import Undefined
from liquid.builtin.expressions import FilteredExpression, Path
from liquid.builtin.expressions.filtered import Filter
from liquid.expression import Expression

from leadterra.mail.template_context import LetterContext


class ValueSource:
    """An expression with its filters taken apart: evaluates it and tells which variables left a gap."""

    __slots__ = ("_filters", "_left", "_path")

    def __init__(self, expression: Expression) -> None:
        filters: list[Filter] = []
        if isinstance(expression, FilteredExpression):
            filters = expression.filters or []
            expression = expression.left
        self._left = expression
        self._path = expression if isinstance(expression, Path) else None
        self._filters = [
            (each, [argument.value for argument in each.args if isinstance(argument.value, Path)])
            for each in filters
        ]

    def evaluate(self, context: LetterContext) -> tuple[object, list[str]]:
        """Return the value and the names of empty variables in it that no `default` filter rescued."""
        value = self._left.evaluate(context)
        gaps = _gaps(self._path, context) if self._path and _is_gap(value) else []
        for each, paths in self._filters:
            value = each.evaluate(value, context)
            if each.name == "default" and not _is_gap(value):
                gaps = []
                continue
            for path in paths:
                if _is_gap(path.evaluate(context)):
                    gaps = gaps + _gaps(path, context)
        return value, gaps


def _is_gap(value: object) -> bool:
    return value is None or value == "" or isinstance(value, Undefined)


def _gaps(path: Path, context: LetterContext) -> list[str]:
    """Name an empty variable. A name that the template assigned stands for the variables it was made from."""
    origins = context.origins.get(str(path.head()))
    if origins is None or (len(path.path) > 1 and not origins):
        return [dotted(path)]
    return origins


def dotted(path: Path) -> str:
    """Return a path as people write it: `sender.name`."""
    return ".".join(str(segment) for segment in path.path)
