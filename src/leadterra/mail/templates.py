"""Liquid templates of subjects and bodies: compiled once, rendered for every lead (api.md,
Personalisation).

A template that cannot be understood raises TemplateError with line and token; values that it cannot be
rendered with raise RenderError. No other exception leaves here, and no template can spend unbounded time or
memory. Values are HTML-escaped in HTML templates and never elsewhere. Nothing is read: no file, no clock,
no environment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from liquid import BoundTemplate
from liquid.ast import Node
from liquid.builtin.expressions import KeywordArgument, LoopExpression
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.exceptions import LiquidError, LiquidInterrupt

from leadterra.mail.template_context import LetterContext
from leadterra.mail.template_filters import check_arguments
from leadterra.mail.template_limits import MeteredBuffer, RenderError, TemplateError
from leadterra.mail.template_nodes import (
    Metered,
    ask_for_content,
    expressions_below,
    filters_of,
    letter_environment,
)
from leadterra.mail.template_scan import check_structure, line_of
from leadterra.mail.template_shortcut import Shortcut, find_shortcut

__all__ = ["RenderError", "Rendered", "Template", "TemplateError", "compile_template"]


@dataclass(frozen=True, slots=True)
class Rendered:
    """A template with its values filled in.

    text: the result; what was missing is the empty string there. missing: dotted names of the variables
    that were written out undefined, null or empty and that no `default` filter rescued, in order of first
    use.
    """

    text: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A compiled template; may be shared by threads.

    bound: the library's parse tree. variables: root or dotted names that the template uses and does not
    make itself. shortcut: the quick way through it, None if there is none.
    """

    bound: BoundTemplate
    variables: frozenset[str]
    shortcut: Shortcut | None

    def render(self, variables: Mapping[str, object]) -> Rendered:
        """Fill in values: text, numbers, booleans, None, lists and dicts of these. Raises RenderError."""
        quick = self.shortcut.render(variables) if self.shortcut else None
        return Rendered(*quick) if quick else self.render_thoroughly(variables)

    def render_thoroughly(self, variables: Mapping[str, object]) -> Rendered:
        """Fill in values by the library's parse tree: what `render` is equal to. Raises RenderError."""
        context = LetterContext(self.bound, variables)
        buffer = MeteredBuffer(context.meter)
        try:
            for node in self.bound.nodes:
                node.render(context, buffer)
        except RenderError:
            raise
        except LiquidInterrupt as error:
            raise RenderError(f"'{error}' stands outside of a loop.") from error
        except LiquidError as error:
            raise RenderError(f"The template cannot be rendered: {error.message}.") from error
        except Exception as error:
            # The library's filters meet values of any shape; whatever they stumble over is the template's
            # fault.
            raise RenderError(f"The template cannot be rendered: {type(error).__name__}.") from error
        return Rendered(buffer.getvalue(), tuple(context.missing))


def compile_template(source: str, *, html: bool) -> Template:
    """Compile a template. html: escape values for HTML. Raises TemplateError."""
    check_structure(source)
    try:
        bound = letter_environment(html).from_string(source)
        context = LetterContext(bound, {})
        for node in _nodes_below(bound.nodes, context):
            _check_node(node, source)
            ask_for_content(node)
            if isinstance(node, Metered):
                node.cost = _cost(node, context)
        return Template(bound, _variables(bound), find_shortcut(bound.nodes, context))
    except LiquidError as error:
        raise _template_error(error, source) from error
    except RecursionError as error:
        raise TemplateError(1, "", "An expression is nested too deeply.") from error


def _template_error(error: LiquidError, source: str) -> TemplateError:
    if isinstance(error.__cause__, RecursionError):
        return TemplateError(1, "", "An expression is nested too deeply.")
    token = error.token
    position = token.start_index if token and token.start_index >= 0 else len(source)
    message = str(error.message)
    return TemplateError(
        line_of(source, position), token.value[:80] if token else "", f"{message[:1].upper()}{message[1:]}."
    )


def _nodes_below(nodes: list[Node], context: LetterContext) -> Iterator[Node]:
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(node.children(context))))


def _check_node(node: Node, source: str) -> None:
    """Refuse unknown filters, wrong arguments, and ranges outside of loops, which are free to write,
    endless to walk.
    """
    for expression in node.expressions():
        looped = expression.iterable if isinstance(expression, LoopExpression) else None
        for inner in expressions_below(expression):
            if isinstance(inner, RangeLiteral) and inner is not looped:
                raise TemplateError(
                    line_of(source, inner.token.start_index), str(inner), "A range can only be looped over."
                )
            for each in filters_of(inner):
                named = [argument.name for argument in each.args if isinstance(argument, KeywordArgument)]
                if fault := check_arguments(each.name, len(each.args) - len(named), named):
                    raise TemplateError(line_of(source, each.token.start_index), each.name, fault)


def _cost(node: Node, context: LetterContext) -> int:
    """Count a node and its expressions, and those of the branches that it weighs itself: they have no
    meter.
    """
    own = 1 + sum(len(expressions_below(expression)) for expression in node.expressions())
    branches = (child for child in node.children(context) if not isinstance(child, Metered))
    return own + sum(_cost(branch, context) for branch in branches)


def _variables(bound: BoundTemplate) -> frozenset[str]:
    found = bound.analyze(include_partials=False).globals
    return frozenset(
        ".".join(str(segment) for segment in variable.segments)
        for uses in found.values()
        for variable in uses
    )
