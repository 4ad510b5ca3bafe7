"""After an edit of pacing: nobody waits by the old one for longer than by the new."""

from datetime import datetime, timedelta

from leadterra.actions.pool_state import sender_of
from leadterra.domain.day import day_of
from leadterra.store import claims, due_work
from leadterra.store.database import UnitOfWork


async def respace_accounts(uow: UnitOfWork, *, now: datetime) -> None:
    """Have every account that is spaced for longer than its minimum gap from now on wait for no more than
    that. The pool is locked.
    """
    pool = await due_work.read_pool(uow)
    if pool is None:
        return
    senders = [sender_of(row, pool, None) for row in await due_work.list_senders(uow, day=day_of(now))]
    ends = {sender.id: now + timedelta(seconds=sender.gap) for sender in senders}
    sooner = {
        sender.id: ends[sender.id]
        for sender in senders
        if sender.next_send_at is not None and sender.next_send_at > ends[sender.id]
    }
    await claims.save_accounts(uow, sooner, {})
