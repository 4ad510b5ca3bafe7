"""`/v1/workspace`: the settings of the key's own workspace."""

from typing import Annotated, Literal

from pydantic import Field

from leadterra.actions.workspaces import WorkspaceChange, change_workspace
from leadterra.api.answers import Answer
from leadterra.api.fields import UNSET, Body, Instant, Name, Text, View, WorkspaceId
from leadterra.api.routing import Call, Routes
from leadterra.domain.api_key import Mode, Scope
from leadterra.store.workspaces import Workspace, get_workspace

routes = Routes("Workspace", "The tenant that the key belongs to, and what holds for all of it.")

_PATH = "/v1/workspace"
DailyQuota = Annotated[
    int, Field(ge=0, le=1_000_000_000, description="Messages a UTC day over all accounts.")
]
PostalAddress = Annotated[
    Text, Field(max_length=1000, description="Put below every letter if it is not empty.")
]


class WorkspacePacing(View):
    """How accounts space their messages unless they say otherwise."""

    mode: Literal["asap"] = "asap"
    min_gap_seconds: float


class WorkspaceView(View):
    """A workspace. dailyQuota: null for no cap besides the accounts' limits."""

    id: WorkspaceId
    name: str
    mode: Mode
    daily_quota: int | None
    postal_address: str
    pacing: WorkspacePacing
    created_at: Instant
    updated_at: Instant


class WorkspacePacingPatch(Body):
    """What changes of the pacing."""

    mode: Literal["asap"] = UNSET
    min_gap_seconds: Annotated[float, Field(ge=0, le=86_400)] = UNSET


class WorkspacePatch(Body):
    """What changes of the workspace."""

    name: Name = UNSET
    daily_quota: DailyQuota | None = UNSET
    postal_address: PostalAddress = UNSET
    pacing: WorkspacePacingPatch = UNSET


@routes.get(_PATH)
async def get(call: Call) -> Answer[WorkspaceView]:
    """Get the workspace."""
    return Answer(_view(await get_workspace(call.uow)))


@routes.patch(_PATH, scope=Scope.ADMIN)
async def change(call: Call, body: WorkspacePatch) -> Answer[WorkspaceView]:
    """Change the workspace. Only what is given changes."""
    return Answer(_view(await change_workspace(call.uow, _changes(body), now=call.now)))


def _changes(body: WorkspacePatch) -> WorkspaceChange:
    changes = WorkspaceChange()
    if body.given("name"):
        changes["name"] = body.name
    if body.given("daily_quota"):
        changes["daily_quota"] = body.daily_quota
    if body.given("postal_address"):
        changes["postal_address"] = body.postal_address
    if body.given("pacing") and body.pacing.given("min_gap_seconds"):
        changes["min_gap_seconds"] = body.pacing.min_gap_seconds
    return changes


def _view(workspace: Workspace) -> WorkspaceView:
    return WorkspaceView(
        id=workspace.id,
        name=workspace.name,
        mode=Mode(workspace.mode),
        daily_quota=workspace.daily_quota,
        postal_address=workspace.postal_address,
        pacing=WorkspacePacing(min_gap_seconds=workspace.min_gap_seconds),
        created_at=workspace.created_at,
        updated_at=workspace.updated_at,
    )
