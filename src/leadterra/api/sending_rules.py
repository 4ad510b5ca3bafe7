"""Fields that several resources have: pacing, tags, weights and caps. What they mean is in
docs/reference/sending-rules.md.
"""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from leadterra.actions.workspaces import PacingChange, PacingMode
from leadterra.api.fields import UNSET, Body
from leadterra.domain.tag import LONGEST_TAG, MOST_TAGS, InvalidTag, read_tag

PacingModeText = Annotated[PacingMode, Field(strict=False)]
Gap = Annotated[float, Field(ge=0, le=86_400, description="Seconds between two messages, at least.")]
Jitter = Annotated[float, Field(ge=0, le=1, description="By which part of itself a gap varies.")]
Weight = Annotated[float, Field(ge=0.001, le=1000)]
"""Shares are counted in turns divided by weights, so weights must not differ beyond what a float can add."""
Cap = Annotated[int, Field(ge=1, le=1_000_000_000)]


def _tag(text: str) -> str:
    try:
        return read_tag(text)
    except InvalidTag as error:
        raise PydanticCustomError("invalid", "{reason}", {"reason": str(error)}) from None


def _unique(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


Tag = Annotated[str, Field(max_length=4 * LONGEST_TAG), AfterValidator(_tag)]
Tags = Annotated[
    list[Tag],
    Field(
        max_length=MOST_TAGS,
        description=f"Of 1 to {LONGEST_TAG} printable characters; kept trimmed, in lower case, each once.",
    ),
    AfterValidator(_unique),
]


class PacingPatch(Body):
    """How accounts space their messages. null goes back to what holds where nothing is said."""

    mode: PacingModeText | None = UNSET
    min_gap_seconds: Gap | None = UNSET
    jitter: Jitter | None = UNSET


def pacing_change(pacing: PacingPatch | None) -> PacingChange:
    """What it says of the pacing; None takes back everything that was said."""
    if pacing is None:
        return PacingChange(pacing_mode=None, min_gap_seconds=None, jitter=None)
    change = PacingChange()
    if pacing.given("mode"):
        change["pacing_mode"] = pacing.mode
    if pacing.given("min_gap_seconds"):
        change["min_gap_seconds"] = pacing.min_gap_seconds
    if pacing.given("jitter"):
        change["jitter"] = pacing.jitter
    return change
