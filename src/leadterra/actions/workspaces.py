"""Workspaces: create one with its pool, change its settings, say which pacing is in force."""

import secrets
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from leadterra.actions.caps import recount_caps
from leadterra.actions.spacing import respace_accounts
from leadterra.domain.api_key import Mode
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.domain.pacing import Pacing, PacingChoice, pacing_of
from leadterra.store import workspaces
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool, refuse_claims_so_far, wake_pool
from leadterra.store.workspaces import Workspace

_LONGEST_NAME = 200
_LINK_SECRET_OCTETS = 32


_CAPS = ("sending_domain_daily_limit", "recipient_domain_daily_limit", "recipient_domain_hourly_limit")


class PacingMode(StrEnum):
    """How accounts space their messages."""

    SPREAD = "spread"
    """Evenly over what is left of their window today."""
    ASAP = "asap"
    """As soon as the minimum gap allows."""


class StopOnReply(StrEnum):
    """Where a lead that answers is written to no more."""

    CAMPAIGN = "campaign"
    """In the campaign that it answers."""
    WORKSPACE = "workspace"
    """In every campaign."""


class UncertainPolicy(StrEnum):
    """What becomes of an uncertain message that is not in the Sent folder of a mailbox that keeps copies."""

    HOLD = "hold"
    """A person says."""
    RESEND = "resend"
    """It counts as not sent, and is due again."""


class PacingChange(TypedDict, total=False):
    """What is to change of a pacing. None goes back to what holds where nothing is said."""

    pacing_mode: PacingMode | None
    min_gap_seconds: float | None
    jitter: float | None


class WorkspaceChange(PacingChange, total=False):
    """Settings that are to change, as in `Workspace`."""

    name: str
    daily_quota: int | None
    postal_address: str
    sending_domain_daily_limit: int | None
    recipient_domain_daily_limit: int | None
    recipient_domain_hourly_limit: int | None
    first_step_share: float
    provider_matching: bool
    stop_on_reply: StopOnReply
    uncertain_policy: UncertainPolicy


def pacing_in_force(workspace: Workspace) -> Pacing:
    """How accounts that say nothing else space their messages."""
    said = PacingChoice(workspace.pacing_mode, workspace.min_gap_seconds, workspace.jitter)
    return pacing_of(PacingChoice(), said, is_live=workspace.mode == Mode.LIVE)


async def create_workspace(uow: UnitOfWork, name: str, mode: str, *, now: datetime) -> None:
    """Create the workspace whose id the unit of work was opened for, with its pool. mode: `live` or `test`.
    Raises `Unacceptable`."""
    if not 1 <= len(name.strip()) <= len(name) <= _LONGEST_NAME or not name.isprintable():
        raise Unacceptable([Fault("/name", "invalid", f"Must be 1 to {_LONGEST_NAME} printable characters.")])
    if mode not in set(Mode):
        raise Unacceptable([Fault("/mode", "not_allowed", "Must be live or test.")])
    await workspaces.insert_workspace(uow, name, mode, secrets.token_bytes(_LINK_SECRET_OCTETS), now=now)
    await insert_pool(uow, new_id(now))


async def change_workspace(uow: UnitOfWork, change: WorkspaceChange, *, now: datetime) -> Workspace:
    """Change what is given; the pool goes by it at its next claim. A cap that was none counts what was taken
    before. Raises `NotFound`.
    """
    await uow.lock_pool()
    before = await workspaces.get_workspace(uow)
    after = replace(before, **change, updated_at=now)
    await workspaces.update_workspace(uow, after)
    if (before.pacing_mode, before.min_gap_seconds) != (after.pacing_mode, after.min_gap_seconds):
        await respace_accounts(uow, now=now)
    if any(getattr(before, cap) != getattr(after, cap) for cap in _CAPS):
        await refuse_claims_so_far(uow)
    if _caps_set(before) != _caps_set(after):
        await recount_caps(uow, now=now)
    await wake_pool(uow, at=now)
    return after


def _caps_set(workspace: Workspace) -> list[bool]:
    """Which caps there are."""
    return [getattr(workspace, cap) is not None for cap in _CAPS]
