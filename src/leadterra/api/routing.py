"""How a resource file says which routes there are: `Routes` and its decorators. `api.handling` carries them
out.

A handler's annotations are the contract: its first parameter says whether it wants an open unit of work
(`Call`) or none (`Errand`), `body: Model` and `query: Model` what is read and checked before it runs, its
return type what is answered. A path names its ids by their TypeID prefix, such as
`/v1/campaigns/{camp}/leads/{lead}`. A handler that breaks these rules raises `TypeError` when it is declared.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from inspect import getdoc
from typing import Any, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

from leadterra.actions.equipment import Equipment
from leadterra.actions.running import run
from leadterra.api.answers import Answer, Nothing, Page, Reply
from leadterra.api.authentication import Caller
from leadterra.api.fields import Body, NoFields, Query, View
from leadterra.api.uploads import Upload
from leadterra.domain.api_key import Scope
from leadterra.domain.errors import NotFound
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import InvalidId, Kind, decode

Result = TypeVar("Result")
Handler = Callable[..., Awaitable[Reply[Any]]]
HandlerType = TypeVar("HandlerType", bound=Handler)

NOUNS: dict[str, tuple[Kind, str]] = {
    "sa": ("sa", "sender_account"),
    "camp": ("camp", "campaign"),
    "step": ("step", "sequence_step"),
    "lead": ("lead", "lead"),
    "msg": ("msg", "message"),
    "rpl": ("rpl", "reply"),
    "key": ("key", "api_key"),
    "imp": ("imp", "import"),
}
"""What stands in a path: the TypeID's kind, and the noun that makes the code `<noun>_not_found`."""

_PLACEHOLDER = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Errand:
    """A request that was let in, before any transaction.

    path: the ids of the path as they came, by TypeID prefix. dry_run: nothing may be kept. upload: the body,
    on routes that take files.
    """

    equipment: Equipment
    caller: Caller
    now: datetime
    dry_run: bool
    path: Mapping[str, str]
    upload: Upload | None

    def id(self, kind: str) -> UUID:
        """The id in the path of that prefix. Raises `NotFound` for one of the wrong kind or that cannot be
        read."""
        prefix, noun = NOUNS[kind]
        try:
            return decode(prefix, self.path[kind])
        except InvalidId:
            raise NotFound(noun) from None

    async def run(self, action: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
        """Do one action in a transaction of its own; a dry run rolls it back."""
        return await run(self.equipment.database, self.caller.workspace_id, action, dry_run=self.dry_run)


@dataclass(frozen=True, slots=True)
class Call(Errand):
    """The same inside the transaction of this request, which is committed after the handler returned."""

    uow: UnitOfWork


@dataclass(frozen=True)
class Operation:
    """One method of one path.

    scope: what the caller's key must hold. status: of its success. uploads: media types that are taken as a
    file instead of JSON. tag: the name of its group in the docs.
    """

    method: str
    path: str
    scope: Scope
    status: int
    uploads: tuple[str, ...]
    tag: str
    handler: Handler

    @property
    def mutates(self) -> bool:
        """Whether it takes `Idempotency-Key` and `dryRun`."""
        return self.method != "GET"

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.handler)

    @cached_property
    def is_call(self) -> bool:
        """Whether the handler wants an open unit of work."""
        return next(iter(self._hints.values())) is Call

    @cached_property
    def body(self) -> type[Body] | None:
        """The model of the JSON body that the handler takes; a file may come in its place if there are
        `uploads`."""
        kinds = [
            kind
            for kind in get_args(self._hints.get("body")) or [self._hints.get("body")]
            if kind is not type(None)
        ]
        return kinds[0]

    @cached_property
    def expected_body(self) -> type[Body]:
        """What the JSON body is read as."""
        return self.body or NoFields

    @cached_property
    def query(self) -> type[Query] | None:
        """The model of the query parameters."""
        return self._hints.get("query")

    @cached_property
    def answered(self) -> tuple[type, tuple[type[View], ...]]:
        """`Answer`, `Page` or `Nothing`, and what is in it: one of these."""
        returned = self._hints["return"]
        if self.may_be_silent:
            returned = next(each for each in get_args(returned) if each is not Nothing)
        shape, (view, *_) = get_origin(returned) or returned, get_args(returned) or (None,)
        return shape, get_args(view) or ((view,) if view else ())

    @cached_property
    def may_be_silent(self) -> bool:
        """Whether it answers `Nothing` where it does something, and an `Answer` where it only says what it
        would do: it is declared as `Answer[…] | Nothing`.
        """
        return Nothing in get_args(self._hints["return"])

    @property
    def successes(self) -> tuple[int, ...]:
        """The statuses of its successes."""
        return (200, self.status) if self.may_be_silent else (self.status,)

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The TypeID prefixes in the path."""
        return tuple(_PLACEHOLDER.findall(self.path))

    @cached_property
    def description(self) -> str:
        """The handler's docstring, a paragraph a line."""
        paragraphs = (getdoc(self.handler) or "").split("\n\n")
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    @property
    def summary(self) -> str:
        """Its first sentence."""
        return re.split(r"[.:](?:\s|$)", self.description)[0]

    def check(self) -> None:
        """Raise `TypeError` unless the handler keeps the rules."""
        first = next(iter(self._hints.values()), None)
        shape, views = self.answered
        kept = (
            first in (Call, Errand)
            and shape in (Answer, Page, Nothing)
            and bool(views) == (shape is not Nothing)
            and all(kind in NOUNS for kind in self.kinds)
            and set(self._hints) - {"return", "body", "query"} == {next(iter(self._hints))}
            and self.description
        )
        if not kept:
            raise TypeError(f"{self.method} {self.path}: the handler breaks the rules of api.routing")


class Routes:
    """The routes of one resource, in the order in which the docs show them."""

    def __init__(self, tag: str, about: str) -> None:
        """tag: heading in the docs. about: a sentence or two below it."""
        self.tag = tag
        self.about = about
        self.operations: list[Operation] = []

    def get(self, path: str, *, scope: Scope = Scope.READ) -> Callable[[HandlerType], HandlerType]:
        """A read."""
        return self._add("GET", path, scope, 200)

    def post(
        self, path: str, *, scope: Scope, status: int = 200, uploads: tuple[str, ...] = ()
    ) -> Callable[[HandlerType], HandlerType]:
        """A change that has no other verb. status: 201 where something is created, 202 where it goes on
        later."""
        return self._add("POST", path, scope, status, uploads)

    def put(self, path: str, *, scope: Scope) -> Callable[[HandlerType], HandlerType]:
        """A replacement."""
        return self._add("PUT", path, scope, 200)

    def patch(self, path: str, *, scope: Scope) -> Callable[[HandlerType], HandlerType]:
        """A change of the fields that are given."""
        return self._add("PATCH", path, scope, 200)

    def delete(self, path: str, *, scope: Scope, status: int = 204) -> Callable[[HandlerType], HandlerType]:
        """A removal."""
        return self._add("DELETE", path, scope, status)

    def _add(
        self, method: str, path: str, scope: Scope, status: int, uploads: tuple[str, ...] = ()
    ) -> Callable[[HandlerType], HandlerType]:
        def declare(handler: HandlerType) -> HandlerType:
            operation = Operation(method, path, scope, status, uploads, self.tag, handler)
            operation.check()
            self.operations.append(operation)
            return handler

        return declare
