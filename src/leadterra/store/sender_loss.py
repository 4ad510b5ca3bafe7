"""What is bound to a sender account."""

from dataclasses import dataclass
from uuid import UUID

from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("sender_loss")


@dataclass(frozen=True, slots=True)
class BoundCampaign:
    """A campaign with leads that are bound to an account. action, wait_days: its policy for their loss.
    leads: how many of them had a letter from it, or have one in flight, and have a step left.
    """

    id: UUID
    name: str
    action: str
    wait_days: float
    leads: int


async def list_bound_campaigns(uow: UnitOfWork, account_id: UUID) -> list[BoundCampaign]:
    """Every campaign that was started and has leads bound to the account, oldest first."""
    return await uow.list(BoundCampaign, _SQL["list_bound_campaigns"], account_id=account_id)
