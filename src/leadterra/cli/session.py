"""One invocation of `leadterra`: what every command is told, and what it gets to work with."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from leadterra.actions.equipment import Equipment
from leadterra.actions.running import run
from leadterra.bootstrap import open_equipment
from leadterra.cli.errors import CommandError
from leadterra.cli.output import Output
from leadterra.config import Settings
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import encode
from leadterra.store.workspaces import Named, list_workspaces

Result = TypeVar("Result")
_FIRST = "default"


@dataclass(frozen=True, slots=True)
class Session:
    """data_dir, workspace: as given, None where the environment or the usual choice decides. output: where
    results go.
    """

    data_dir: Path | None
    workspace: str | None
    output: Output

    def settings(self, **overrides: object) -> Settings:
        """The environment's settings, with what the command line says in front. Raises `InvalidSetting`."""
        return Settings.from_environ(os.environ, data_dir=self.data_dir, **overrides)


@dataclass(frozen=True, slots=True)
class Access:
    """Open equipment, for the commands that act on a workspace. wanted: the workspace that was named."""

    equipment: Equipment
    output: Output
    wanted: str | None

    def now(self) -> datetime:
        """The instant of an action."""
        return self.equipment.clock.now()

    async def workspaces(self) -> list[Named]:
        """All of them, by name."""
        async with self.equipment.database.scheduling() as scheduling:
            return await list_workspaces(scheduling)

    async def workspace(self) -> Named:
        """The one that was named; else the only one, or `default`. Raises `CommandError`."""
        known = await self.workspaces()
        if self.wanted is not None:
            return choose_workspace(known, self.wanted)
        if len(known) == 1:
            return known[0]
        if not known:
            raise CommandError("there is no workspace yet: make one with `leadterra workspaces create NAME`")
        firsts = [each for each in known if each.name == _FIRST]
        if len(firsts) == 1:
            return firsts[0]
        raise CommandError(f"there are several workspaces, name one with --workspace: {_names(known)}")

    async def run(self, workspace_id: UUID, action: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
        """Run an action of that workspace, as the API would."""
        return await run(self.equipment.database, workspace_id, action)


@asynccontextmanager
async def open_access(session: Session, settings: Settings) -> AsyncIterator[Access]:
    """settings: with the database reached."""
    async with open_equipment(settings, connections=2) as equipment:
        yield Access(equipment, session.output, session.workspace)


def choose_workspace(known: list[Named], wanted: str) -> Named:
    """By name or id. Raises `CommandError`."""
    found = [each for each in known if wanted in (each.name, encode("ws", each.id))]
    if len(found) > 1:
        ids = ", ".join(encode("ws", each.id) for each in found)
        raise CommandError(f"several workspaces are called {wanted!r}, name one by its id: {ids}")
    if not found:
        raise CommandError(f"there is no workspace {wanted!r}; there is {_names(known) or 'none at all'}")
    return found[0]


def _names(known: list[Named]) -> str:
    shown = ", ".join(each.name for each in known[:20])
    return shown + (f" and {len(known) - 20} more" if len(known) > 20 else "")
