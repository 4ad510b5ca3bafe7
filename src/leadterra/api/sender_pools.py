"""`/v1/sender-pools`: what the workspace's pool may send today, and what is left of it (R3)."""

from leadterra.actions.sender_pool import read_sender_pool
from leadterra.api.answers import Answer
from leadterra.api.fields import Instant, SenderPoolId, View, WorkspaceId
from leadterra.api.routing import Call, Routes

routes = Routes("Sender pool", "The workspace's accounts taken together, with one daily quota.")


class SenderPoolView(View):
    """The pool. Its quota resets at midnight UTC."""

    id: SenderPoolId
    workspace_id: WorkspaceId
    daily_capacity: int
    remaining_volume: int
    reset_at: Instant
    sender_account_count: int
    active_sender_account_count: int


@routes.get("/v1/sender-pools")
async def get(call: Call) -> Answer[SenderPoolView]:
    """Get the workspace's pool and its capacity."""
    pool = await read_sender_pool(call.uow, now=call.now)
    return Answer(
        SenderPoolView(
            id=pool.id,
            workspace_id=pool.workspace_id,
            daily_capacity=pool.capacity.daily,
            remaining_volume=pool.capacity.remaining,
            reset_at=pool.reset_at,
            sender_account_count=pool.capacity.accounts,
            active_sender_account_count=pool.capacity.active_accounts,
        )
    )
