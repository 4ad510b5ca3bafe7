"""`/v1/workspace`: the settings of the key's own workspace."""

from typing import Annotated, cast

from pydantic import Field

from leadterra.actions.workspaces import (
    PacingMode,
    StopOnReply,
    UncertainPolicy,
    WorkspaceChange,
    change_workspace,
    pacing_in_force,
)
from leadterra.api.answers import Answer
from leadterra.api.fields import UNSET, Body, Instant, Name, Text, View, WorkspaceId
from leadterra.api.routing import Call, Routes
from leadterra.api.sending_rules import Cap, PacingPatch, pacing_change
from leadterra.domain.api_key import Mode, Scope
from leadterra.store.workspaces import Workspace, get_workspace

routes = Routes("Workspace", "The tenant that the key belongs to, and what holds for all of it.")

_PATH = "/v1/workspace"
DailyQuota = Annotated[
    int, Field(ge=0, le=1_000_000_000, description="Messages a UTC day over all accounts.")
]
SendingDomainLimit = Annotated[
    Cap, Field(description="Messages a UTC day over all accounts whose addresses are of one domain.")
]
RecipientDomainLimit = Annotated[Cap, Field(description="Messages a UTC day to the addresses of one domain.")]
RecipientHourLimit = Annotated[Cap, Field(description="Messages an hour to the addresses of one domain.")]
FirstStepShare = Annotated[
    float, Field(ge=0, le=1, description="Part of the turns that first steps have while follow-ups wait too.")
]
ProviderMatching = Annotated[
    bool, Field(description="Prefer senders whose provider is the lead's: Google to Google and so on.")
]
StopsOn = Annotated[
    StopOnReply, Field(strict=False, description="Where a lead that answers is written to no more.")
]
Uncertain = Annotated[
    UncertainPolicy,
    Field(
        strict=False,
        description="What becomes of an uncertain message that is not in the Sent folder of a mailbox"
        " that keeps copies.",
    ),
]
PostalAddress = Annotated[
    Text, Field(max_length=1000, description="Put below every letter if it is not empty.")
]


class WorkspacePacingView(View):
    """How accounts space their messages unless they say otherwise: what is in force."""

    mode: PacingMode
    min_gap_seconds: float
    jitter: float


class WorkspaceView(View):
    """A workspace. A cap of null is none."""

    id: WorkspaceId
    name: str
    mode: Mode
    daily_quota: int | None
    sending_domain_daily_limit: int | None
    recipient_domain_daily_limit: int | None
    recipient_domain_hourly_limit: int | None
    first_step_share: float
    provider_matching: bool
    stop_on_reply: StopOnReply
    uncertain_policy: UncertainPolicy
    postal_address: str
    pacing: WorkspacePacingView
    created_at: Instant
    updated_at: Instant


class WorkspacePatch(Body):
    """What changes of the workspace. null takes a cap away, and goes back to the usual pacing."""

    name: Name = UNSET
    daily_quota: DailyQuota | None = UNSET
    sending_domain_daily_limit: SendingDomainLimit | None = UNSET
    recipient_domain_daily_limit: RecipientDomainLimit | None = UNSET
    recipient_domain_hourly_limit: RecipientHourLimit | None = UNSET
    first_step_share: FirstStepShare = UNSET
    provider_matching: ProviderMatching = UNSET
    stop_on_reply: StopsOn = UNSET
    uncertain_policy: Uncertain = UNSET
    postal_address: PostalAddress = UNSET
    pacing: PacingPatch | None = UNSET


@routes.get(_PATH)
async def get(call: Call) -> Answer[WorkspaceView]:
    """Get the workspace."""
    return Answer(_view(await get_workspace(call.uow)))


@routes.patch(_PATH, scope=Scope.ADMIN)
async def change(call: Call, body: WorkspacePatch) -> Answer[WorkspaceView]:
    """Change the workspace. Only what is given changes."""
    return Answer(_view(await change_workspace(call.uow, _changes(body), now=call.now)))


def _changes(body: WorkspacePatch) -> WorkspaceChange:
    plain = {name: getattr(body, name) for name in body.model_fields_set - {"pacing"}}
    pacing = pacing_change(body.pacing) if body.given("pacing") else {}
    return cast("WorkspaceChange", {**plain, **pacing})


def _view(workspace: Workspace) -> WorkspaceView:
    shown = {name: getattr(workspace, name) for name in WorkspaceView.model_fields if name != "pacing"}
    pacing = pacing_in_force(workspace)
    mode = PacingMode.SPREAD if pacing.spreads else PacingMode.ASAP
    view = WorkspacePacingView(mode=mode, min_gap_seconds=pacing.gap, jitter=pacing.jitter)
    return WorkspaceView.model_validate({**shown, "pacing": view})
