"""The state of one rendering: what is in scope, what is left of the budget, what was missing.

Unlike the library's own, its scope holds nothing but the values given: no `now`, no `today`.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TextIO

from liquid import BoundTemplate
from liquid.context import RenderContext
from liquid.token import Token
from liquid.undefined import UNDEFINED
from liquid.utils import ReadOnlyChainMap

from leadterra.mail.template_limits import Meter, MeteredBuffer

_SMALL = 64


class LetterContext(RenderContext):
    """The state of one rendering.

    meter: its budget. missing: names that were written out empty, in order (a dict for its order).
    origins: for each name that the template assigned, the empty variables that its value was made from.
    """

    def __init__(self, template: BoundTemplate, variables: Mapping[str, object]) -> None:
        super().__init__(template, globals=variables)
        # The library's own scope would add `now` and `today`.
        self.scope = ReadOnlyChainMap(self.locals, self.globals)
        self.meter = Meter()
        self.missing: dict[str, None] = {}
        self.origins: dict[str, list[str]] = {}

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        """Return the named filter, paid from this context's meter."""
        return partial(self.env.filters[name], self)

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """Look a variable up. Big values cost: what follows may compare, search or print them."""
        value = super().get(path, token=token, default=default)
        if isinstance(value, str | list | dict) and len(value) >= _SMALL:
            self.meter.spend(len(value) // _SMALL)
        return value

    def get_buffer(self, buf: TextIO | None = None) -> MeteredBuffer:
        """Return a buffer for a capture, paid from the same meter."""
        return MeteredBuffer(self.meter)

    def assign(self, key: str, val: object) -> None:
        """Bind a name for the rest of the template."""
        self.meter.keep(val)
        self.locals[key] = val
