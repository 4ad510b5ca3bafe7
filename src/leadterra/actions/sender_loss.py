"""What the loss of a sender account would mean, said before it is lost."""

from datetime import datetime
from uuid import UUID

from leadterra.domain.day import day_of
from leadterra.store.database import UnitOfWork
from leadterra.store.sender_accounts import get_sender_account
from leadterra.store.sender_loss import BoundCampaign, list_bound_campaigns


async def preview_loss(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> list[BoundCampaign]:
    """The leads that are bound to the account and have a step left, by campaign, each with its policy.
    Raises `NotFound`.
    """
    await get_sender_account(uow, account_id, day=day_of(now))
    return await list_bound_campaigns(uow, account_id)
