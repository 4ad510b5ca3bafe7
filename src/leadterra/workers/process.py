"""One worker process: an event loop, the workers that send, answer, read mailboxes, search them, warm up, ask
a model and resolve names, and word that it is alive. SIGTERM drains it; a second one ends it at once.

SIGINT drains too, and says what is waited for. Returns when drained.
"""

import asyncio
import os
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

from leadterra.actions.access_tokens import AccessTokens
from leadterra.actions.checking import find_failure
from leadterra.actions.equipment import Equipment
from leadterra.actions.lettering import LetterWriter
from leadterra.bootstrap import (
    build_courier,
    build_language_model,
    build_mailbox_opener,
    build_mailroom,
    build_probes,
    build_resolver,
    build_tokens,
    build_unsealer,
    listen_for_stop,
    open_equipment,
    spare_the_collector,
)
from leadterra.config import Settings
from leadterra.observability import log
from leadterra.store.availability import is_unavailable
from leadterra.store.ids import new_id
from leadterra.store.statistics import refresh_statistics
from leadterra.store.workers import delete_silent_workers, delete_worker, record_worker
from leadterra.workers.answering import AnsweringWorker
from leadterra.workers.asking import AskingWorker
from leadterra.workers.inbox import InboxLimits, InboxWorker, Open
from leadterra.workers.mailbox_reading import Desk, Pace
from leadterra.workers.resolving import ResolvingWorker
from leadterra.workers.sending import Limits, Outside, SendingWorker
from leadterra.workers.uncertain import UncertainWorker
from leadterra.workers.warming import Measuring, WarmingWorker

_SEEN_EVERY = 2.0
"""Seconds between two signs of life; a new installation's tables are counted as often."""
_SAY_EVERY = 2.0
_SILENT = timedelta(hours=1)


class Beside(Protocol):
    """A worker beside the one that sends."""

    async def run(self) -> None:
        """Work until stopped."""
        ...

    def stop(self) -> None:
        """Begin nothing more."""
        ...


async def work(settings: Settings) -> None:
    """Send until told to stop."""
    told_to_stop = listen_for_stop()
    spare_the_collector()
    async with open_equipment(settings, connections=6) as equipment:
        courier = build_courier(settings, equipment.clock)
        tokens = build_tokens(equipment)
        worker_id = new_id(equipment.clock.now())
        unseal = build_unsealer(equipment.key_ring)
        outside = Outside(equipment.database, equipment.clock, courier, unseal, tokens)
        worker = _build(equipment, worker_id, outside)
        beside = _build_beside(equipment, outside, worker.name, tokens)
        draining = asyncio.create_task(_drain(told_to_stop, worker, beside))
        seen = asyncio.create_task(_stay_seen(equipment, worker_id))
        running = [asyncio.create_task(each.run()) for each in beside]
        try:
            await worker.run()
        finally:
            for each in beside:
                each.stop()
            await asyncio.gather(*running)
            for task in (draining, seen):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await courier.close()
            await tokens.close()


def _build(equipment: Equipment, worker_id: UUID, outside: Outside) -> SendingWorker:
    settings = equipment.settings
    limits = Limits(
        in_flight=settings.max_in_flight,
        batch=settings.claim_batch,
        # Two a connection: the envelope of one is written behind the content of the other.
        per_account=2 * settings.connections_per_account,
        lease=timedelta(seconds=settings.lease_seconds),
        poll=timedelta(milliseconds=settings.poll_interval_ms),
    )
    name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    log.info("worker.started", worker=name, id=str(worker_id))
    return SendingWorker(name, outside, LetterWriter(settings.public_url), limits)


def _build_beside(
    equipment: Equipment, outside: Outside, name: str, tokens: AccessTokens
) -> Sequence[Beside]:
    """All but the sending. name: of the process."""
    settings, database, clock = equipment.settings, equipment.database, equipment.clock
    open_mailbox = build_mailbox_opener(equipment.key_ring, build_mailroom(settings, clock), tokens)
    inbox = _build_inbox(equipment, name, open_mailbox)
    probes = build_probes(equipment, tokens)
    check = partial(find_failure, replace(equipment, probes=lambda: probes))
    return (
        ResolvingWorker(database, clock, build_resolver(settings)),
        inbox,
        UncertainWorker(database, clock, inbox.held, open_mailbox),
        WarmingWorker(outside, Measuring(open_mailbox, check)),
        AnsweringWorker(outside, lease=timedelta(seconds=settings.lease_seconds)),
        AskingWorker(database, clock, build_language_model(settings)),
    )


def _build_inbox(equipment: Equipment, name: str, open_mailbox: Open) -> InboxWorker:
    settings, clock = equipment.settings, equipment.clock
    return InboxWorker(
        name,
        Desk(equipment.database, clock, Pace()),
        open_mailbox,
        InboxLimits(settings.mailboxes_per_process, timedelta(seconds=settings.lease_seconds)),
    )


async def _drain(
    told_to_stop: asyncio.Event,
    worker: SendingWorker,
    beside: Sequence[Beside],
) -> None:
    """Once told, have all finish what they began, and say what is waited for."""
    await told_to_stop.wait()
    for each in (worker, *beside):
        each.stop()
    while worker.in_flight:
        log.info(
            "worker.draining",
            in_flight=worker.in_flight,
            hint="waiting for letters whose sending has begun; once more to stop now",
        )
        await asyncio.sleep(_SAY_EVERY)


async def _stay_seen(equipment: Equipment, worker_id: UUID) -> None:
    """Keep the row by which readyz knows that somebody works, and clear away those of the dead."""
    try:
        while True:
            with _database_may_be_away():
                async with equipment.database.global_work() as transaction:
                    now = equipment.clock.now()
                    await record_worker(transaction, worker_id, socket.gethostname(), os.getpid(), now=now)
                    await delete_silent_workers(transaction, before=now - _SILENT)
                    await refresh_statistics(transaction)
            await asyncio.sleep(_SEEN_EVERY)
    finally:
        with _database_may_be_away():
            async with equipment.database.global_work() as transaction:
                await delete_worker(transaction, worker_id)


@contextmanager
def _database_may_be_away() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not is_unavailable(error):
            raise
