"""The dialect of Liquid that letters speak: the library's tags with a meter on each node and an eye on
empty values.

Left out on purpose: everything that loads another template, reads a clock (`now`, `today`), or keeps
counters. Nothing here is called by other modules but through templates.py, which turns every failure into
TemplateError or RenderError.
"""

from functools import cache
from typing import TextIO

from liquid import Environment
from liquid.ast import Node
from liquid.builtin import content, illegal, output
from liquid.builtin.expressions import BooleanExpression, FilteredExpression, Path
from liquid.builtin.expressions.filtered import Filter
from liquid.builtin.expressions.logical import LogicalAndExpression, LogicalOrExpression
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    case_tag,
    comment_tag,
    echo_tag,
    for_tag,
    if_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.context import RenderContext
from liquid.exceptions import LiquidError
from liquid.expression import Expression
from liquid.stringify import to_liquid_string
from liquid.token import Token

from leadterra.mail.template_context import LetterContext
from leadterra.mail.template_filters import metered_filters
from leadterra.mail.template_gaps import ValueSource
from leadterra.mail.template_limits import DEEPEST_NESTING


class Metered(Node):
    """A node that pays its cost each time it is rendered; the cost counts its expressions (templates.py
    sets it).
    """

    cost = 1

    def render(self, context: RenderContext, buffer: TextIO) -> int:
        """Pay, then render."""
        assert isinstance(context, LetterContext)
        context.meter.spend(self.cost)
        return self.render_to_output(context, buffer)


class IfNode(Metered, if_tag.IfNode):
    """`if`, metered."""


class UnlessNode(Metered, unless_tag.UnlessNode):
    """`unless`, metered."""


class CaseNode(Metered, case_tag.CaseNode):
    """`case`, metered: it renders a block once for each `when` value that is equal, so nesting multiplies."""


class ForNode(Metered, for_tag.ForNode):
    """`for`, metered: all turns are paid before the first, also those that offset or reversed would step
    over.
    """

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Pay for every item, then loop."""
        items = self.expression.iterable.evaluate(context)
        # len() of a range fails beyond the word size.
        turns = items.stop - items.start if isinstance(items, range) else _length(items)
        assert isinstance(context, LetterContext)
        context.meter.spend(turns)
        return super().render_to_output(context, buffer)


class OutputNode(Metered, output.OutputNode):
    """`{{ … }}` and `echo`: notes the variables that it wrote out empty."""

    def __init__(self, token: Token, expression: Expression) -> None:
        super().__init__(token, expression)
        self.source = ValueSource(expression)

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value."""
        assert isinstance(context, LetterContext)
        value, gaps = self.source.evaluate(context)
        for name in gaps:
            context.missing[name] = None
        return buffer.write(to_liquid_string(value, context.autoescape))


class AssignNode(Metered, assign_tag.AssignNode):
    """`assign`: remembers the variables that left its value empty."""

    def __init__(self, token: Token, *, name: str, expression: Expression) -> None:
        super().__init__(token, name=name, expression=expression)  # type: ignore[arg-type]  # always an Identifier
        self.source = ValueSource(expression)

    def render_to_output(self, context: RenderContext, _: TextIO) -> int:
        """Bind the value."""
        assert isinstance(context, LetterContext)
        value, gaps = self.source.evaluate(context)
        context.assign(self.name, value)
        context.origins[self.name] = gaps
        return 0


class CaptureNode(Metered, capture_tag.CaptureNode):
    """`capture`: what was empty inside has been noted there."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Render the block into the name."""
        assert isinstance(context, LetterContext)
        context.origins[self.name] = []
        super().render_to_output(context, buffer)
        return 0


class AskedPath(Path):
    """A variable that a condition asks for. Empty text counts as nothing there, unlike in standard Liquid:
    a blank cell of an import is no company to write `at {{ company }}` about.
    """

    __slots__ = ()

    def evaluate(self, context: RenderContext) -> object:
        """Return the value, or None if it is empty text."""
        value = super().evaluate(context)
        return None if value == "" else value


def ask_for_content(node: Node) -> None:
    """Let the conditions of a node take empty text for nothing, where they ask and do not compare."""
    for expression in node.expressions():
        if isinstance(expression, BooleanExpression):
            expression.expression = _asked(expression.expression)


def _asked(expression: Expression) -> Expression:
    if isinstance(expression, Path):
        return AskedPath(expression.token, expression.path)
    if isinstance(expression, LogicalAndExpression | LogicalOrExpression):
        expression.left = _asked(expression.left)
        expression.right = _asked(expression.right)
    return expression


def _length(items: object) -> int:
    return len(items) if isinstance(items, list | dict) else 1


def expressions_below(expression: Expression) -> list[Expression]:
    """Return an expression and everything inside it."""
    found, waiting = [], [expression]
    while waiting:
        current = waiting.pop()
        found.append(current)
        waiting.extend(current.children())
    return found


def filters_of(expression: Expression) -> list[Filter]:
    """Return the filters that an expression applies."""
    return (expression.filters or []) if isinstance(expression, FilteredExpression) else []


class LetterEnvironment(Environment):
    """The tags and filters that a letter may use."""

    block_nesting_limit = DEEPEST_NESTING + 2
    # Three scopes more than the loops that can be nested.
    context_depth_limit = DEEPEST_NESTING + 4

    def error(
        self, exc: type[LiquidError] | LiquidError, msg: str | None = None, token: Token | None = None
    ) -> None:
        """Raise the error; one that only knows that its expression ended gets the place of the expression."""
        if isinstance(exc, LiquidError) and token and (exc.token is None or exc.token.start_index < 0):
            exc.token = token
        super().error(exc, msg, token)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Register the dialect."""
        del extra
        node_of_tag = {
            content.Literal: None,
            illegal.Illegal: None,
            comment_tag.CommentTag: None,
            inline_comment_tag.InlineCommentTag: None,
            for_tag.BreakTag: None,
            for_tag.ContinueTag: None,
            output.Output: OutputNode,
            echo_tag.EchoTag: OutputNode,
            if_tag.IfTag: IfNode,
            unless_tag.UnlessTag: UnlessNode,
            case_tag.CaseTag: CaseNode,
            for_tag.ForTag: ForNode,
            assign_tag.AssignTag: AssignNode,
            capture_tag.CaptureTag: CaptureNode,
        }
        for tag, node in node_of_tag.items():
            self.add_tag(type(tag.__name__, (tag,), {"node_class": node}) if node else tag)
        self.filters = metered_filters(self)


@cache
def letter_environment(html: bool) -> LetterEnvironment:
    """Return the environment for HTML (values are escaped) or for plain text (they are not)."""
    return LetterEnvironment(autoescape=html)
