"""A campaign's sequence: which step comes next, after how long, and what an edit does to those who are on
their way.

An enrollment's position is the number of steps behind it. After an edit the next step is the one after
the last step behind it, so whatever the edit moved, nobody is sent a step twice and nobody goes back
(R6).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from leadterra.domain.variant import Variant, VariantDraft

DelayUnit = Literal["calendar", "business"]
"""Whether every day of a delay counts, or only those that are worked on."""

MOST_STEPS = 20
FOLLOW_UP_DELAY_DAYS = 3.0


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """One e-mail of a campaign.

    position: from 0. subject: a template of one line; empty where the step leaves it to its thread.
    body_text: None makes it from the HTML. delay_days, delay_unit: after the step before it was accepted; on
    the first step it waits for one to be put in front. thread_reply: it answers in the thread of the steps
    before it. weight: of its own words among its variants. version: counts from 1 the edits of its words and
    variants. updated_at: when its own words last changed.
    """

    id: UUID
    position: int
    subject: str
    body_html: str
    body_text: str | None
    delay_days: float
    thread_reply: bool
    updated_at: datetime
    delay_unit: DelayUnit = "calendar"
    weight: float = 1.0
    version: int = 1
    variants: tuple[Variant, ...] = ()

    @property
    def words(self) -> tuple[str, str, str | None]:
        """Its templates."""
        return self.subject, self.body_html, self.body_text

    @property
    def shares(self) -> dict[UUID, float]:
        """The weights of its own words, under its id, and of its variants: how its messages are shared."""
        return {self.id: self.weight} | {variant.id: variant.weight for variant in self.variants}

    def following(self, known: "SequenceStep") -> "SequenceStep":
        """The same as the next version of that one; as that very version if it says nothing else."""
        is_other = (self.words, self.weight, self.variants) != (known.words, known.weight, known.variants)
        return replace(self, version=known.version + is_other)

    @property
    def delay(self) -> tuple[float, DelayUnit]:
        """How long it waits."""
        return self.delay_days, self.delay_unit


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step as it is asked for. id: of the step that it replaces, None for a new one. subject: empty or
    None where it is left to the thread. delay_days: None for the usual delay. weight: of its own words among
    its variants.
    """

    subject: str | None
    body_html: str
    body_text: str | None = None
    delay_days: float | None = None
    thread_reply: bool = True
    id: UUID | None = None
    delay_unit: DelayUnit = "calendar"
    weight: float = 1.0
    variants: tuple[VariantDraft, ...] = ()

    @property
    def has_words(self) -> bool:
        """Whether there is a weight, so that something can be chosen for a message."""
        return any((self.weight, *(variant.weight for variant in self.variants)))

    def needs_subject(self, position: int) -> bool:
        """Whether it lacks a subject that no thread can give it."""
        return not (self.subject or "").strip() and (position == 0 or not self.thread_reply)


def usual_delay(position: int) -> float:
    """The delay in days of a step that does not say its own."""
    return 0.0 if position == 0 else FOLLOW_UP_DELAY_DAYS


@dataclass(frozen=True, slots=True)
class Move:
    """What an edit does to the enrollments of one position.

    old: their position. next: where those who wait for their next step go. in_progress: where those go
    whose next step was tried or is being sent; None if the edit removes that step, and they are as those
    who wait.
    """

    old: int
    next: int
    in_progress: int | None

    @property
    def overtakes(self) -> bool:
        """Whether those who wait there are past the step that they waited for."""
        return self.in_progress is not None and self.in_progress < self.next


def moves(old: Sequence[UUID], new: Sequence[UUID]) -> list[Move]:
    """The moves of an edit from one order of step ids to another, for every position from 0 to past the
    last.
    """
    places = {step: place for place, step in enumerate(new)}
    found, after = [], 0
    for position in range(len(old) + 1):
        current = places.get(old[position]) if position < len(old) else None
        found.append(Move(position, after, current))
        after = max(after, current + 1 if current is not None else 0)
    return found


def is_retimed(move: Move, old: Sequence[SequenceStep], new: Sequence[SequenceStep]) -> bool:
    """Whether those who wait there wait for another step than before, or another time for the same one. Who
    had none to wait for does now.
    """
    waited = old[move.old] if move.old < len(old) else None
    waits = new[move.next] if move.next < len(new) else None
    return waited is None or waits is None or (waited.id, waited.delay) != (waits.id, waits.delay)
