"""Where warm-up letters arrived: measured, never improved.

A letter is looked for by its Message-ID in the mailbox that it went to: in the inbox, in spam, and in the
folder that counted letters are filed in. What is in the inbox is filed; what is in spam is left there. What a
mailbox that can be read does not have after a day is missing; what nobody can look for stays unmeasured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.ports import Attempt, FolderRole, MailboxError, MailboxSession, MailboxTrouble
from leadterra.actions.warmup_letters import LetterSettlement, recover_lost_letters, settle_warmup_letters
from leadterra.domain.outcomes import Accepted, Answer, Command
from leadterra.mail.warmup import FOLDER
from leadterra.store import due_work, warmup_letters
from leadterra.store.database import UnitOfWork
from leadterra.store.warmup_letters import Look, Placed

GRACE = timedelta(hours=24)
"""After so long a letter that is nowhere is missing."""
_GIVEN_UP = timedelta(days=7)
"""After so long nobody looks any more into a mailbox that cannot be read."""
_HELD = timedelta(minutes=15)
"""How long letters are one worker's to look for."""
_FIRST_PAUSE = timedelta(minutes=10)
_UNREADABLE_PAUSE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class LookRound:
    """Letters to be looked for. message_domain: right side of their Message-IDs."""

    looks: tuple[Look, ...]
    message_domain: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one look found. placement: `inbox` or `spam`, None if it is in neither. is_read: the mailbox could
    be read.
    """

    look: Look
    placement: str | None
    is_read: bool = True


async def take_looks(uow: UnitOfWork, *, limit: int, now: datetime) -> LookRound | None:
    """The letters to look for now; None if the pool is somebody else's at the moment."""
    pool = await due_work.lock_pool(uow)
    if pool is None:
        return None
    await recover_lost_letters(uow, now=now)
    looks = await warmup_letters.take_looks(uow, until=now + _HELD, now=now, limit=limit)
    return LookRound(tuple(looks), pool.message_domain or "localhost")


async def find_letter(session: MailboxSession, message_id: str) -> str | None:
    """Where a letter is, `inbox` or `spam`; one in the inbox is filed. Raises `MailboxError`.

    One that is filed was in the inbox: whoever filed it may have died before it was written down.
    """
    for folder in sorted(await session.list_folders(), key=lambda each: each.role is not FolderRole.INBOX):
        if folder.role not in (FolderRole.INBOX, FolderRole.JUNK):
            continue
        await session.select(folder.name)
        uid = await session.find(message_id)
        if uid is None:
            continue
        if folder.role is FolderRole.JUNK:
            return "spam"
        await session.move([uid], FOLDER)
        return "inbox"
    return "inbox" if await _is_filed(session, message_id) else None


async def record_sightings(uow: UnitOfWork, sightings: Sequence[Sighting], *, now: datetime) -> None:
    """Write down where letters are. An uncertain one that was found was sent."""
    await uow.lock_pool()
    found = {item.look.id for item in sightings if item.placement}
    open_letters = await warmup_letters.lock_letters(uow, sorted(found))
    known = [_arrived(letter.id, letter.fence, letter.data_at or now, now) for letter in open_letters]
    await settle_warmup_letters(uow, known, now=now)
    await warmup_letters.place_letters(uow, [_placed(item, now) for item in sightings])


async def _is_filed(session: MailboxSession, message_id: str) -> bool:
    try:
        await session.select(FOLDER)
    except MailboxError as error:
        if error.trouble is not MailboxTrouble.FOLDER:
            raise
        return False
    return await session.find(message_id) is not None


def _arrived(letter_id: UUID, fence: int, data_at: datetime, now: datetime) -> LetterSettlement:
    """It is there: no better evidence that the server took it. No server said so: it tells nothing of the
    account's health.
    """
    answer = Answer(Command.BODY, None, None, "found in the recipient's mailbox")
    return LetterSettlement(letter_id, fence, Attempt(Accepted(answer), "", data_at, data_at, now))


def _placed(item: Sighting, now: datetime) -> Placed:
    look = item.look
    ends_at = look.settled_at + GRACE
    if item.placement:
        return Placed(look.id, item.placement, None)
    if not item.is_read:
        again = now + _UNREADABLE_PAUSE
        return Placed(look.id, None, again if again < look.settled_at + _GIVEN_UP else None)
    if now >= ends_at:
        return Placed(look.id, "missing", None)
    return Placed(look.id, None, min(ends_at, now + _FIRST_PAUSE * 3 ** min(look.looks - 1, 5)))
