"""The warming worker: moves ramps on, sends warm-up letters, and looks where they arrived, until it is told
to stop.

It holds nothing that a restart cannot find again: letters are leased, and so is looking for them. Any number
of processes may do it at once. While the database is away it waits for it; a mailbox or server that is away
is tried again later, and keeps no other waiting. Told to stop, it begins nothing, and waits for what has
begun.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from leadterra.actions.ports import Attempt, MailboxError, MailboxSession
from leadterra.actions.running import run
from leadterra.actions.warming import WarmupLetter, WarmupRound, claim_warmup_letters
from leadterra.actions.warmup_courses import record_check
from leadterra.actions.warmup_letters import LetterSettlement, clear_warmup_letter, settle_warmup_letters
from leadterra.actions.warmup_placement import Sighting, find_letter, record_sightings, take_looks
from leadterra.domain.outcomes import Reason, Withheld
from leadterra.mail.letter import Letter
from leadterra.mail.warmup import warmup_message_id, write_warmup_letter
from leadterra.observability import log
from leadterra.store.availability import is_unavailable
from leadterra.store.mailboxes import MailboxAccount
from leadterra.store.warmup_letters import Look
from leadterra.store.warmups import list_due_warmups
from leadterra.workers.holding import DATABASE_PAUSE
from leadterra.workers.outside import Faults, Outside
from leadterra.workers.submitting import deliver_letter, unbegun

_PAUSE_SECONDS = 10.0
_WORKSPACES_A_ROUND = 100
_LETTERS_A_CLAIM = 50
_LOOKS_A_ROUND = 200
_WORKSPACES_AT_ONCE = 50
_AT_ONCE = 10
"""Letters, and mailboxes, of one workspace that are under way at a time."""
_LEASE = timedelta(hours=1)
"""Longer than the longest SMTP conversation; nobody waits for what a dead worker held."""


@dataclass(frozen=True, slots=True)
class Measuring:
    """How the worker learns where letters arrived, and how accounts without partners are.

    open_mailbox: opens an account's mailbox; without it letters are not measured. check: of an account that
    has nobody to write to, what of its login and DNS fails, None if nothing does; without it such an account
    does not warm up.
    """

    open_mailbox: Callable[[UUID, MailboxAccount], Awaitable[MailboxSession]] | None = None
    check: Callable[[UUID, UUID], Awaitable[str | None]] | None = None


class WarmingWorker:
    """One process's share of the warm-up."""

    def __init__(self, outside: Outside, measuring: Measuring, *, pause: float = _PAUSE_SECONDS) -> None:
        """pause: seconds between rounds."""
        self._outside, self._measuring, self._pause = outside, measuring, pause
        self._faults = Faults("warming")
        self._stopping = asyncio.Event()
        self._under_way: dict[UUID, asyncio.Task[None]] = {}

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what has begun has ended."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. What goes wrong is logged, and tried again after a pause."""
        while not self._stopping.is_set():
            try:
                self._begin(await self._list_due())
            except Exception as error:
                self._faults.note(error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._pause)
        await asyncio.gather(*self._under_way.values())

    async def turn(self) -> bool:
        """One round instead of `run`: every workspace that is due, and all that it gives to do; whether there
        was any. Raises what the database raises when it is away.
        """
        found = await self._list_due()
        for workspace_id in found:
            await self._work_on(workspace_id)
        return bool(found)

    async def _list_due(self) -> list[UUID]:
        async with self._outside.database.scheduling() as scheduling:
            return await list_due_warmups(
                scheduling, now=self._outside.clock.now(), limit=_WORKSPACES_A_ROUND
            )

    def _begin(self, due: Sequence[UUID]) -> None:
        """Each workspace by itself: a server of one that hangs keeps no other waiting."""
        for workspace_id in due:
            if workspace_id not in self._under_way and len(self._under_way) < _WORKSPACES_AT_ONCE:
                task = asyncio.create_task(self._try_workspace(workspace_id))
                self._under_way[workspace_id] = task

    async def _try_workspace(self, workspace_id: UUID) -> None:
        try:
            await self._work_on(workspace_id)
        except Exception as error:
            self._faults.note(error)
        finally:
            del self._under_way[workspace_id]

    async def _work_on(self, workspace_id: UUID) -> None:
        await self._send(workspace_id)
        await self._look(workspace_id)

    async def _send(self, workspace_id: UUID) -> None:
        now = self._outside.clock.now()
        work = await run(
            self._outside.database,
            workspace_id,
            lambda uow: claim_warmup_letters(uow, limit=_LETTERS_A_CLAIM, lease=_LEASE, now=now),
        )
        if work is None:
            return
        turns = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(self._send_one(work, letter, turns) for letter in work.letters))
        for account_id in work.checks:
            await self._check(workspace_id, account_id)

    async def _send_one(self, work: WarmupRound, letter: WarmupLetter, turns: asyncio.Semaphore) -> None:
        """One letter, from its words to what became of it, written down."""
        async with turns:
            if self._stopping.is_set():
                attempt = unbegun(self._outside, Withheld(Reason.DRAINED))
            else:
                attempt = await self._deliver(work, letter)
        await self._settle(
            work.workspace_id, LetterSettlement(letter.occasion.letter_id, letter.fence, attempt)
        )

    async def _settle(self, workspace_id: UUID, settlement: LetterSettlement) -> None:
        """While the database is away what is known waits for it. What cannot be written down for a fault of
        ours is left to the letter's lease.
        """
        now = self._outside.clock.now()
        while True:
            try:
                await run(
                    self._outside.database,
                    workspace_id,
                    lambda uow: settle_warmup_letters(uow, [settlement], now=now),
                )
                return
            except Exception as error:
                self._faults.note(error)
                if not is_unavailable(error):
                    return
            await asyncio.sleep(DATABASE_PAUSE)

    async def _deliver(self, work: WarmupRound, letter: WarmupLetter) -> Attempt:
        async def clear() -> bool:
            now = self._outside.clock.now()
            return await run(
                self._outside.database,
                work.workspace_id,
                lambda uow: clear_warmup_letter(uow, letter.occasion.letter_id, letter.fence, now=now),
            )

        def write() -> Letter:
            return write_warmup_letter(
                letter.occasion,
                letter.sender,
                letter.recipient,
                secret=work.secret,
                domain=work.message_domain,
                now=self._outside.clock.now(),
            )

        account = (work.workspace_id, letter.account)
        return await deliver_letter(self._outside, self._faults, account, write, clear)

    async def _check(self, workspace_id: UUID, account_id: UUID) -> None:
        if self._measuring.check is None or self._stopping.is_set():
            return
        failure = await self._measuring.check(workspace_id, account_id)
        now = self._outside.clock.now()
        await run(
            self._outside.database,
            workspace_id,
            lambda uow: record_check(uow, account_id, failure, now=now),
        )

    async def _look(self, workspace_id: UUID) -> None:
        """Ask mailboxes for the letters that went to them, each of them once for all its letters."""
        if self._measuring.open_mailbox is None or self._stopping.is_set():
            return
        now = self._outside.clock.now()
        found = await run(
            self._outside.database,
            workspace_id,
            lambda uow: take_looks(uow, limit=_LOOKS_A_ROUND, now=now),
        )
        if found is None or not found.looks:
            return
        by_mailbox: defaultdict[UUID, list[Look]] = defaultdict(list)
        for look in found.looks:
            by_mailbox[look.recipient_account_id].append(look)
        turns, domain = asyncio.Semaphore(_AT_ONCE), found.message_domain
        asked = (self._ask(workspace_id, looks, domain, turns) for looks in by_mailbox.values())
        for sightings in await asyncio.gather(*asked):
            await self._record(workspace_id, sightings)

    async def _record(self, workspace_id: UUID, sightings: Sequence[Sighting]) -> None:
        now = self._outside.clock.now()
        await run(
            self._outside.database,
            workspace_id,
            lambda uow: record_sightings(uow, sightings, now=now),
        )

    async def _ask(
        self, workspace_id: UUID, looks: Sequence[Look], domain: str, turns: asyncio.Semaphore
    ) -> list[Sighting]:
        """Where the letters of one mailbox are. One that cannot be read tells nothing of them."""
        sightings: list[Sighting] = []
        async with turns:
            try:
                sightings += await self._ask_mailbox(workspace_id, looks, domain)
            except MailboxError as error:
                log.info("mailbox.failed", account=str(looks[0].recipient_account_id), error=str(error))
            except Exception as error:
                self._faults.note(error)
        seen = {item.look.id for item in sightings}
        return sightings + [Sighting(look, None, is_read=False) for look in looks if look.id not in seen]

    async def _ask_mailbox(self, workspace_id: UUID, looks: Sequence[Look], domain: str) -> list[Sighting]:
        assert self._measuring.open_mailbox is not None
        account = _mailbox_of(looks[0])
        if account is None:
            return []
        session = await self._measuring.open_mailbox(workspace_id, account)
        try:
            return [
                Sighting(look, await find_letter(session, warmup_message_id(look.id, domain)))
                for look in looks
            ]
        finally:
            await session.close()


def _mailbox_of(look: Look) -> MailboxAccount | None:
    """How the mailbox that a letter went to is read; None if nobody can."""
    if not look.is_present or look.imap_host is None or look.imap_port is None or look.imap_security is None:
        return None
    return MailboxAccount(
        id=look.recipient_account_id,
        email=look.email,
        imap_host=look.imap_host,
        imap_port=look.imap_port,
        imap_security=look.imap_security,
        imap_username=look.imap_username,
        imap_password=look.imap_password,
        updated_at=look.updated_at,
        keeps_copies=None,
        has_grant=look.has_grant,
    )
