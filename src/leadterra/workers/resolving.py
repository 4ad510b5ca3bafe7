"""The resolving worker: finds out whose servers take the mail of recipients and senders, in workspaces that
match them by it, until it is told to stop.

Nobody waits for it: a domain without an answer is a recipient without a preference. Where no workspace
matches, it is one small query every few seconds. Any number of processes may do it at once: each domain is
asked about by one of them. While the database is away it waits for it; told to stop, it ends the questions
that are out and asks no more.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.ports import Clock, Resolver
from leadterra.actions.providers import (
    Look,
    claim_unresolved_domains,
    forget_unneeded_domains,
    record_answers,
)
from leadterra.actions.running import run
from leadterra.observability import log
from leadterra.store.availability import is_unavailable
from leadterra.store.database import Database
from leadterra.store.recipient_domains import list_matching_workspaces

_PAUSE_SECONDS = 10.0
_AT_ONCE = 10
"""Questions that are out at a time."""
_WORKSPACES_A_ROUND = 100
_LOOKS_A_TURN = 20
_PASS_EVERY = timedelta(minutes=5)
"""How often all leads are looked through for domains to be asked about again; new leads are seen at once."""
_BEGINNING = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a workspace's leads are looked through. behind: the last of them. since: when that began."""

    behind: UUID
    since: datetime


class ResolvingWorker:
    """One process's share of the questions."""

    def __init__(
        self, database: Database, clock: Clock, resolver: Resolver, *, pause: float = _PAUSE_SECONDS
    ) -> None:
        """pause: seconds between rounds, once nothing is left to do."""
        self._database, self._clock, self._resolver = database, clock, resolver
        self._pause = pause
        self._stopping = asyncio.Event()
        self._questions = asyncio.Semaphore(_AT_ONCE)
        self._places: dict[UUID, _Place] = {}
        self._last_workspace = _BEGINNING

    def stop(self) -> None:
        """Ask nothing more; `run` returns when the questions that are out have ended."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. What goes wrong is logged, and tried again after a pause."""
        while not self._stopping.is_set():
            if not await self._try_round():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._pause)

    async def _try_round(self) -> bool:
        try:
            return await self.resolve_round()
        except Exception as error:
            _note(error)
            return False

    async def resolve_round(self) -> bool:
        """Give every workspace that matches a turn, a hundred of them at most; whether anything is left to
        do at once. Raises what the database raises when it is away.
        """
        async with self._database.scheduling() as scheduling:
            found = await list_matching_workspaces(
                scheduling, after=self._last_workspace, limit=_WORKSPACES_A_ROUND
            )
        self._last_workspace = found[-1] if len(found) == _WORKSPACES_A_ROUND else _BEGINNING
        is_more = False
        for workspace_id in found:
            if not self._stopping.is_set():
                is_more = await self._try_turn(workspace_id) or is_more
        return is_more

    async def _try_turn(self, workspace_id: UUID) -> bool:
        """What is wrong with one workspace must not keep others waiting."""
        try:
            return await self._take_turn(workspace_id)
        except Exception as error:
            if is_unavailable(error):
                raise
            _note(error)
            return False

    async def _take_turn(self, workspace_id: UUID) -> bool:
        """Look until there is a batch to ask about, or long enough; whether leads are left to look at."""
        for _ in range(_LOOKS_A_TURN):
            look = await self._look(workspace_id)
            if look.domains:
                await self._ask_all(workspace_id, look.domains)
                return True
            if look.is_last:
                await self._begin_again(workspace_id)
                return False
        return True

    async def _look(self, workspace_id: UUID) -> Look:
        now = self._clock.now()
        place = self._places.setdefault(workspace_id, _Place(_BEGINNING, now))
        look = await run(
            self._database, workspace_id, lambda uow: claim_unresolved_domains(uow, place.behind, now=now)
        )
        self._places[workspace_id] = _Place(look.behind, place.since)
        return look

    async def _begin_again(self, workspace_id: UUID) -> None:
        """All leads were looked through. Their domains are looked at again after a while."""
        now = self._clock.now()
        if now - self._places[workspace_id].since >= _PASS_EVERY:
            await run(self._database, workspace_id, lambda uow: forget_unneeded_domains(uow, now=now))
            self._places[workspace_id] = _Place(_BEGINNING, now)

    async def _ask_all(self, workspace_id: UUID, domains: Sequence[str]) -> None:
        """No transaction is open meanwhile. What is not asked, for the worker stops, another one will ask."""
        asked = await asyncio.gather(*(self._ask(domain) for domain in domains))
        answers = {domain: hosts for domain, is_asked, hosts in asked if is_asked}
        await run(
            self._database, workspace_id, lambda uow: record_answers(uow, answers, now=self._clock.now())
        )

    async def _ask(self, domain: str) -> tuple[str, bool, list[str] | None]:
        """The domain, whether it was asked about, and the answer."""
        async with self._questions:
            if self._stopping.is_set():
                return domain, False, None
            try:
                return domain, True, await self._resolver.list_mx(domain)
            except Exception as error:
                # A fault of ours in one name must not take the answers of the others along.
                _note(error)
                return domain, True, None


def _note(error: Exception) -> None:
    if is_unavailable(error):
        log.warning("database.away", worker="resolving", error=str(error))
    else:
        log.error("worker.failed", worker="resolving", exc_info=error)
