"""The asking worker: asks a language model what replies mean that the rules made nothing of, until it is told
to stop. Without a model it does nothing.

It holds nothing that a restart cannot find again, and any number of processes may do it at once. A model that
does not answer, or not with one of the words, changes nothing: it is in the log, and the reply is asked about
again a few times. The worker then rests, longer each time, so that a model that is away is not besieged.
"""

import asyncio
from contextlib import suppress
from uuid import UUID

from leadterra.actions.ports import Clock, LanguageModel, ModelError
from leadterra.actions.running import run
from leadterra.actions.second_opinions import record_opinion, take_unclear_replies
from leadterra.observability import log
from leadterra.store.availability import is_unavailable
from leadterra.store.database import Database
from leadterra.store.ids import encode
from leadterra.store.replies import UnclearReply, list_unclear_replies
from leadterra.workers.outside import Faults

_PAUSE_SECONDS = 5.0
_LONGEST_PAUSE = 300.0
_WORKSPACES_A_ROUND = 20
_AT_ONCE = 4
"""Questions that are asked at a time."""


class AskingWorker:
    """One process's share of the asking."""

    def __init__(
        self, database: Database, clock: Clock, model: LanguageModel | None, *, pause: float = _PAUSE_SECONDS
    ) -> None:
        """model: None for none; closed at the end. pause: seconds between rounds while all goes well."""
        self._database, self._clock, self._model = database, clock, model
        self._pause = self._usual_pause = pause
        self._faults = Faults("asking")
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ask nothing more; `run` returns when what was asked has been answered or given up."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. What goes wrong is logged, and tried again after a pause."""
        if self._model is None:
            return
        try:
            while not self._stopping.is_set():
                try:
                    await self.turn(self._model)
                except Exception as error:
                    self._faults.note(error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._pause)
        finally:
            await self._model.close()

    async def turn(self, model: LanguageModel) -> int:
        """One round; how many replies were asked about. Raises what the database raises when it is away."""
        async with self._database.scheduling() as scheduling:
            found = await list_unclear_replies(scheduling, now=self._clock.now(), limit=_WORKSPACES_A_ROUND)
        asked = failed = 0
        for workspace_id in found:
            if self._stopping.is_set() or failed:
                break
            now = self._clock.now()
            unclear = await run(
                self._database,
                workspace_id,
                lambda uow, now=now: take_unclear_replies(uow, limit=_AT_ONCE, now=now),  # type: ignore[misc]
            )
            told = await asyncio.gather(*(self._ask(model, workspace_id, each) for each in unclear))
            asked += len(told)
            failed += told.count(False)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE) if failed else self._usual_pause
        return asked

    async def _ask(self, model: LanguageModel, workspace_id: UUID, reply: UnclearReply) -> bool:
        """Whether the model could be used. Nothing is open in the database while it thinks."""
        try:
            meaning = await model.classify(reply.new_text)
        except ModelError as error:
            log.warning("model.failed", reply=encode("rpl", reply.id), error=str(error))
            return False
        try:
            await run(self._database, workspace_id, lambda uow: record_opinion(uow, reply.id, meaning))
        except Exception as error:
            if is_unavailable(error):
                raise
            self._faults.note(error)
        return True
