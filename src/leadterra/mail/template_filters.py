"""The filters of the dialect: standard Liquid, minus what reads a clock, switches escaping off or decodes
octets.

Each filter pays for the values that it takes and makes. A filter that multiplies (`replace`, `join`,
`uniq`) pays for the product before it runs, so that no chain of filters can double a text out of memory.
Failures are RenderErrors.
"""

import inspect
import re
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from liquid import Environment
from liquid.builtin.filters import array, math, misc, string
from markupsafe import Markup

from leadterra.mail.template_limits import Meter, RenderError, weight

if TYPE_CHECKING:
    from leadterra.mail.template_context import LetterContext

FilterFunction = Callable[..., object]

_TAG = re.compile(r"<[^<>]*>")
# Widths such as %9999999d would let a few characters of format become gigabytes.
_DATE_FORMAT = re.compile(r"(?:[^%]|%[-_0^#]?[aAbBdeHIjklmMpPSuUwWyYZzFDTRr%]){0,100}\Z")
_LARGEST_NUMBER_BITS = 1024


def strip_html(value: object) -> str:
    """Remove tags. Keeps escaped text escaped; linear, unlike an HTML parser, whatever the text holds."""
    if isinstance(value, Markup):
        return Markup(_TAG.sub("", str(value)))
    return _TAG.sub("", "" if value is None else str(value))


def date(value: object, pattern: object) -> str:
    """Format an ISO 8601 date or instant; what is not one comes back as it was.

    `now` is unknown: rules have no clock (R12).
    """
    if not _DATE_FORMAT.match(str(pattern)):
        raise RenderError("The date filter has an unknown or too long format.")
    try:
        return datetime.fromisoformat(str(value)).strftime(str(pattern))
    except ValueError:
        return "" if value is None else str(value)


def _pay_for_replace(meter: Meter, value: object, sought: object, substitute: object = "") -> None:
    meter.spend(str(value).count(str(sought)) * len(str(substitute)) // 100)


def _pay_for_join(meter: Meter, value: object, separator: object = " ") -> None:
    meter.spend(len(value) * len(str(separator)) // 100 if isinstance(value, list) else 0)


def _pay_for_uniq(meter: Meter, value: object, key: object = None) -> None:
    del key
    meter.spend(len(value) ** 2 // 20 if isinstance(value, list) else 0)


_ADVANCE: Final[dict[str, Callable[..., None]]] = {
    "replace": _pay_for_replace,
    "join": _pay_for_join,
    "uniq": _pay_for_uniq,
}

FILTERS: Final[dict[str, FilterFunction]] = {
    "abs": math.abs_,
    "append": string.append,
    "at_least": math.at_least,
    "at_most": math.at_most,
    "capitalize": string.capitalize,
    "ceil": math.ceil,
    "compact": array.compact,
    "concat": array.concat,
    "date": date,
    "default": misc.default,
    "divided_by": math.divided_by,
    "downcase": string.downcase,
    "escape": string.escape,
    "escape_once": string.escape_once,
    "first": array.first,
    "floor": math.floor,
    "join": array.join,
    "last": array.last,
    "lstrip": string.lstrip,
    "map": array.map_,
    "minus": math.minus,
    "modulo": math.modulo,
    "newline_to_br": string.newline_to_br,
    "plus": math.plus,
    "prepend": string.prepend,
    "remove": string.remove,
    "remove_first": string.remove_first,
    "remove_last": string.remove_last,
    "replace": string.replace,
    "replace_first": string.replace_first,
    "replace_last": string.replace_last,
    "reverse": array.reverse,
    "round": math.round_,
    "rstrip": string.rstrip,
    "size": misc.size,
    "slice": string.slice_,
    "sort": array.sort,
    "sort_natural": array.sort_natural,
    "split": string.split,
    "squish": string.squish,
    "strip": string.strip,
    "strip_html": strip_html,
    "strip_newlines": string.strip_newlines,
    "times": math.times,
    "truncate": string.truncate,
    "truncatewords": string.truncatewords,
    "uniq": array.uniq,
    "upcase": string.upcase,
    "url_decode": string.url_decode,
    "url_encode": string.url_encode,
    "where": array.where,
}


def check_arguments(name: str, positional: int, keywords: list[str]) -> str | None:
    """Say what is wrong with the arguments that a template gives to a filter, or None."""
    function = FILTERS.get(name)
    if function is None:
        return f"There is no filter '{name}'."
    allowed = ["allow_false"] if name == "default" else []
    for keyword in keywords:
        if keyword not in allowed:
            return f"The filter '{name}' takes no argument '{keyword}'."
    try:
        _signature(function).bind(*range(positional + 1))
    except TypeError:
        return f"The filter '{name}' takes another number of arguments."
    return None


def metered_filters(environment: Environment) -> dict[str, FilterFunction]:
    """Return each filter as a function of the context, the value and its arguments."""
    return {name: _metered(name, function, environment) for name, function in FILTERS.items()}


def _signature(function: FilterFunction) -> inspect.Signature:
    signature = inspect.signature(function)
    positional = [each for each in signature.parameters.values() if each.kind is each.POSITIONAL_OR_KEYWORD]
    return signature.replace(parameters=positional)


def _metered(name: str, function: FilterFunction, environment: Environment) -> FilterFunction:
    if getattr(function, "with_environment", False):
        function = partial(function, environment=environment)
    advance = _ADVANCE.get(name)

    def call(context: "LetterContext", *arguments: object, **keywords: object) -> object:
        meter = context.meter
        meter.spend(1 + sum(map(weight, arguments)))
        if advance:
            advance(meter, *arguments)
        made = function(*arguments, **keywords)
        if isinstance(made, int) and made.bit_length() > _LARGEST_NUMBER_BITS:
            raise RenderError("The template makes a number that is too large.")
        meter.keep(made)
        return made

    return call
