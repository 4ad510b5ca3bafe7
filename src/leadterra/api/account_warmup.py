"""The warm-up of a sender account (R8), as requests set it and as `GET /v1/sender-accounts/{id}` shows it."""

from datetime import date
from typing import Annotated, Protocol, cast
from uuid import UUID

from pydantic import Field

from leadterra.actions.warmup_courses import (
    Stage,
    WarmupSettings,
    WarmupState,
    change_warmup,
    read_warmup,
)
from leadterra.api.fields import UNSET, Body, Instant, View
from leadterra.api.routing import Call
from leadterra.domain.warmup import Fault, Reputation, WarmupRule


class WarmupPatch(Body):
    """What of an account's warm-up is set. null goes back to what is usual."""

    start: (
        Annotated[int, Field(ge=1, le=1000, description="Messages of the first day; usually 5.")] | None
    ) = UNSET
    step: (
        Annotated[int, Field(ge=1, le=1000, description="So many more after each clean day; usually 2.")]
        | None
    ) = UNSET
    days: (
        Annotated[int, Field(ge=1, le=365, description="Clean days until it graduates; usually 14.")] | None
    ) = UNSET


class ReputationView(View):
    """Of the last seven days. value: 0–1, the product of the others; null while letters went and none was
    found or missed yet. placement: part of the measured letters that arrived in the inbox, null if none was
    measured. bounces, errors: 1 without any. measured: letters that were looked for, of `letters` that went.
    """

    value: float | None
    placement: float | None
    bounces: float
    errors: float
    measured: int
    letters: int


class WarmupView(View):
    """How an account warms up. start, step, days: as set. limit: in force today. target: where the ramp ends,
    the daily limit. cleanDays: so far. frozenBy: why the last day was not clean. lettersToday: warm-up
    letters. checkFailure: of an account that has nobody to write to, what of its login and DNS failed last.
    graduatedAt: when it became active by itself; graduationExpectedOn: when it will if all goes well from now
    on, null if that is over or more than a year away.
    """

    state: Stage
    start: int
    step: int
    days: int
    limit: int
    target: int
    clean_days: int
    frozen_by: Fault | None
    reputation: ReputationView | None
    letters_today: int
    check_failure: str | None
    started_at: Instant | None
    graduated_at: Instant | None
    graduation_expected_on: date | None


class _HasWarmup(Protocol):
    """A body that may say something of the warm-up."""

    @property
    def warmup(self) -> WarmupPatch | None:
        """What it says."""
        ...

    def given(self, field: str) -> bool:
        """Whether it says it."""
        ...


async def apply_warmup(call: Call, account_id: UUID, body: _HasWarmup) -> None:
    """Set what a body says of the warm-up of an account, which is there."""
    if body.given("warmup"):
        await change_warmup(call.uow, account_id, _settings(body.warmup), now=call.now)


async def warmup_view(call: Call, account_id: UUID) -> WarmupView | None:
    """How an account warms up; null if nothing of it was ever asked for."""
    state = await read_warmup(call.uow, account_id, now=call.now)
    return None if state is None else _view(state)


def _settings(patch: WarmupPatch | None) -> WarmupSettings | None:
    if patch is None:
        return None
    usual = WarmupRule()
    given = {name: getattr(patch, name) for name in patch.model_fields_set}
    settled = {name: getattr(usual, name) if value is None else value for name, value in given.items()}
    return cast("WarmupSettings", settled)


def _view(state: WarmupState) -> WarmupView:
    return WarmupView(
        state=state.stage,
        start=state.rule.start,
        step=state.rule.step,
        days=state.rule.days,
        limit=state.limit,
        target=state.target,
        clean_days=state.clean_days,
        frozen_by=state.frozen_by,
        reputation=_reputation_view(state.reputation) if state.reputation else None,
        letters_today=state.letters,
        check_failure=state.check_failure,
        started_at=state.started_at,
        graduated_at=state.graduated_at,
        graduation_expected_on=state.expected_on,
    )


def _reputation_view(reputation: Reputation) -> ReputationView:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 4)

    return ReputationView(
        value=rounded(reputation.value),
        placement=rounded(reputation.placement),
        bounces=round(reputation.bounces, 4),
        errors=round(reputation.errors, 4),
        measured=reputation.measured,
        letters=reputation.letters,
    )
