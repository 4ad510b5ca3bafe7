"""The short way through a template that only writes values out: text, and variables with filters whose
arguments are constants, as in most letters.

It answers None for whatever it does not understand to the last detail, be it a template or a value; the
thorough way then decides, and where both answer, they answer alike. So nothing here fails, and limits hold: a
template takes this way only if the most that it can cost and write with values of `_LONGEST` characters is
within them, and what its filters may spend is the rest.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression, Path, PositionalArgument, StringLiteral
from liquid.builtin.expressions.filtered import Filter
from liquid.expression import Expression
from markupsafe import escape

from leadterra.mail.template_context import LetterContext
from leadterra.mail.template_gaps import dotted
from leadterra.mail.template_limits import BUDGET, LONGEST_OUTPUT, Meter
from leadterra.mail.template_nodes import OutputNode

_LONGEST = 1024
# A look at a value of that length, and what `default` may pay for it and for its argument.
_MOST_UNITS_OF_A_VALUE = 64
# A character is at most four octets, and escaped at most five.
_MOST_OCTETS_OF_A_VALUE = _LONGEST * 5


@dataclass(frozen=True, slots=True)
class _Purse:
    """What a filter wants of a context: its meter."""

    meter: Meter


@dataclass(frozen=True, slots=True)
class _Step:
    """One filter. run: None for `default`, which asks before it is run. arguments: their values."""

    run: Callable[..., object] | None
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Output:
    """One variable to write out. place: among the pieces of the text. name: as people write it, for
    `missing`. head, tail: the first segment of its path, and those below. substitute: what stands for it
    where it is empty, None if only the thorough way can tell. steps: the filters behind that.
    """

    place: int
    name: str
    head: str
    tail: tuple[str, ...]
    substitute: str | None
    steps: tuple[_Step, ...]


class Shortcut:
    """A template that can go the short way."""

    __slots__ = ("_escapes", "_outputs", "_pieces", "_units")

    def __init__(
        self, pieces: Sequence[str], outputs: Sequence[_Output], *, escapes: bool, units: int
    ) -> None:
        """pieces: texts, and something in every place of an output. units: what is left for filters."""
        self._pieces, self._outputs = list(pieces), tuple(outputs)
        self._escapes, self._units = escapes, units

    def render(self, variables: Mapping[str, object]) -> tuple[str, tuple[str, ...]] | None:
        """Return the text and the names of what is missing, or None: only the thorough way can tell."""
        pieces = self._pieces.copy()
        missing: dict[str, None] = {}
        for output in self._outputs:
            value = variables.get(output.head)
            for segment in output.tail:
                if type(value) is not dict or segment not in value:
                    return None
                value = value[segment]
            if value is None or value == "":
                value = output.substitute
                if value is None:
                    return None
                if not value:
                    missing[output.name] = None
            if not isinstance(value, str) or len(value) > _LONGEST:
                return None
            if output.steps:
                value = self._filtered(value, output.steps)
                if value is None:
                    return None
            pieces[output.place] = escape(value) if self._escapes else value
        return "".join(pieces), tuple(missing)

    def _filtered(self, value: str, steps: Sequence[_Step]) -> str | None:
        """The value behind its filters, None where only the thorough way can tell."""
        purse = _Purse(Meter(self._units))
        try:
            for step in steps:
                made = step.run(purse, value, *step.arguments) if step.run else value or step.arguments[0]
                if not isinstance(made, str) or len(made) > _LONGEST:
                    return None
                value = made
        except Exception:
            # Whatever a filter stumbles over has words of its own there.
            return None
        return value


def find_shortcut(nodes: Sequence[Node], context: LetterContext) -> Shortcut | None:
    """The short way through the nodes of a template, whose costs are known; None if there is none."""
    pieces: list[str] = []
    outputs: list[_Output] = []
    units, octets = BUDGET, LONGEST_OUTPUT
    for node in nodes:
        if type(node) is ContentNode:
            octets -= len(node.text.encode(errors="replace"))
            pieces.append(node.text)
        elif isinstance(node, OutputNode) and (output := _output(len(pieces), node.expression, context)):
            units -= node.cost + _MOST_UNITS_OF_A_VALUE * (2 + len(output.steps))
            octets -= _MOST_OCTETS_OF_A_VALUE
            outputs.append(output)
            pieces.append("")
        else:
            return None
    if units <= 0 or octets < 0:
        return None
    # One purse a variable: what they may spend together is what is left.
    return Shortcut(pieces, outputs, escapes=context.autoescape, units=units // max(1, len(outputs)))


def _output(place: int, expression: Expression, context: LetterContext) -> _Output | None:
    if not isinstance(expression, FilteredExpression) or type(expression.left) is not Path:
        return None
    segments = [segment for segment in expression.left.path if isinstance(segment, str)]
    steps = [_step(each, context) for each in expression.filters or ()]
    known = tuple(step for step in steps if step)
    if len(segments) != len(expression.left.path) or len(known) != len(steps):
        return None
    substitute: str | None = None if known else ""
    if known and known[0].run is None:
        substitute, known = known[0].arguments[0], known[1:]
    return _Output(place, dotted(expression.left), segments[0], tuple(segments[1:]), substitute, known)


def _step(each: Filter, context: LetterContext) -> _Step | None:
    arguments = []
    for argument in each.args:
        if not isinstance(argument, PositionalArgument) or not isinstance(argument.value, StringLiteral):
            return None
        arguments.append(argument.value.evaluate(context))
    if max(map(len, arguments), default=0) > _LONGEST:
        return None
    if each.name != "default":
        return _Step(context.env.filters[each.name], tuple(arguments))
    # An empty substitute fills no gap.
    return _Step(None, tuple(arguments)) if arguments and arguments[0] else None
