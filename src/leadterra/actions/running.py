"""How an action is run: one transaction, one workspace, all or nothing.

An action is `async def verb_object(uow, …, *, now) -> Result`. The faces give it an open unit of work through
`run`, which commits it, rolls it back for a dry run, and runs it again when the database undid it for a
deadlock. Whatever the action raises passes through and nothing is kept.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from leadterra.store.database import Database, UnitOfWork, is_retryable

Result = TypeVar("Result")
_TRIES = 4


class _Undo(Exception):
    """Carries a dry run out of its transaction."""


async def run(
    database: Database,
    workspace_id: UUID,
    action: Callable[[UnitOfWork], Awaitable[Result]],
    *,
    dry_run: bool = False,
) -> Result:
    """The action's result, once it is committed, or, for a dry run, what it would have been."""
    for left in reversed(range(_TRIES)):
        try:
            return await _run_once(database, workspace_id, action, dry_run)
        except Exception as error:
            if not (left and is_retryable(error)):
                raise
    raise AssertionError("unreachable: the last try returns or raises")


async def _run_once(
    database: Database, workspace_id: UUID, action: Callable[[UnitOfWork], Awaitable[Result]], dry_run: bool
) -> Result:
    results: list[Result] = []
    try:
        async with database.unit_of_work(workspace_id) as uow:
            results.append(await action(uow))
            if dry_run:
                raise _Undo
    except _Undo:
        pass
    return results[0]
