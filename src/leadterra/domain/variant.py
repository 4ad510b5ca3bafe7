"""Which of a step's words a message is given: an exact rotation by weight, or a bandit that learns from
replies.

Pure and total: the same counts and the same dice give the same choice. The rotation needs no dice; the
bandit's are made from the message's id, so that asking twice is asking once.
docs/explanation/variants.md says what the rules are good for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import lcm
from typing import Protocol
from uuid import UUID

MOST_VARIANTS = 10
"""Of a step, besides its own words."""

TRIALS = 30
"""Messages that each variant has had before the bandit decides anything."""

EXPLORATION = 0.05
"""The part of the bandit's choices that go by weight whatever it has learnt."""


class Dice(Protocol):
    """What the bandit throws, as `random.Random` does."""

    def random(self) -> float:
        """0 to below 1."""
        ...

    def betavariate(self, alpha: float, beta: float) -> float:
        """From a beta distribution."""
        ...


class VariantMode(StrEnum):
    """How a campaign chooses among the variants of a step."""

    WEIGHTED = "weighted"
    """By weight, exactly."""
    BANDIT = "bandit"
    """By what was replied to, after a trial."""


@dataclass(frozen=True, slots=True)
class Words:
    """Templates that a message may be made of.

    id: of the variant; of the step for its own words. subject: of one line, empty where the step leaves it to
    its thread. body_text: None makes it from the HTML.
    """

    id: UUID
    subject: str
    body_html: str
    body_text: str | None


@dataclass(frozen=True, slots=True)
class Variant:
    """Other words for a step.

    subject: empty takes the step's. weight: its share among the step's own words and the other variants, 0
    gives it no message. updated_at: when it last changed.
    """

    id: UUID
    subject: str
    body_html: str
    body_text: str | None
    weight: float
    updated_at: datetime

    def words_in(self, subject: str) -> tuple[str, str, str | None]:
        """Its templates, in a step with that subject."""
        return self.subject or subject, self.body_html, self.body_text


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A variant as it is asked for. id: of the one that it replaces, None for a new one. subject: None for
    the step's.
    """

    body_html: str
    subject: str | None = None
    body_text: str | None = None
    weight: float = 1.0
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """Words that may be chosen, with what became of them.

    rotated: messages that the rotation gave it since the weights last changed. assigned: all that it was
    given. delivered: those that were taken and did not come back. replied: those that were answered.
    """

    id: UUID
    weight: float
    rotated: int = 0
    assigned: int = 0
    delivered: int = 0
    replied: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen. is_rotated: by the rotation, which counts it."""

    id: UUID
    is_rotated: bool


def choose_variant(options: Sequence[Option], *, mode: VariantMode, draw: Dice) -> Choice:
    """The words of one message. options: at least one with a weight. draw: the bandit's dice."""
    weighted = [option for option in options if option.weight > 0]
    if mode is VariantMode.BANDIT and all(option.assigned >= TRIALS for option in weighted):
        return Choice(_bet(weighted, draw).id, is_rotated=False)
    return Choice(_next_in_rotation(weighted).id, is_rotated=True)


def _next_in_rotation(options: Sequence[Option]) -> Option:
    """The quota method: of those that are not ahead of their share, the one whose next message is due first.
    After n messages every share is within one of n times its part of the weights (Balinski and Young 1975,
    Tijdeman 1980; the packets of WF2Q are served in the same order). In whole numbers, so that it is exact.
    """
    weights = _whole([option.weight for option in options])
    total, turn = sum(weights), sum(option.rotated for option in options) + 1
    eligible = [
        (option, weight)
        for option, weight in zip(options, weights, strict=True)
        if option.rotated * total < weight * turn
    ]
    first, lightest = eligible[0]
    for option, weight in eligible[1:]:
        if (option.rotated + 1) * lightest < (first.rotated + 1) * weight:
            first, lightest = option, weight
    return first


def _whole(weights: Sequence[float]) -> list[int]:
    """The same proportions in whole numbers."""
    ratios = [weight.as_integer_ratio() for weight in map(float, weights)]
    scale = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (scale // denominator) for numerator, denominator in ratios]


def _bet(options: Sequence[Option], draw: Dice) -> Option:
    """Thompson's rule (1933): imagine for each the rate of replies that its record allows, from an even
    prior, and take the highest.
    """
    if draw.random() < EXPLORATION:
        return _by_weight(options, draw.random())
    return max(options, key=lambda option: _imagined_rate(option, draw))


def _by_weight(options: Sequence[Option], chance: float) -> Option:
    """One of them, each as likely as its weight. chance: 0 to below 1."""
    left = chance * sum(option.weight for option in options)
    for option in options:
        left -= option.weight
        if left < 0:
            return option
    return options[-1]


def _imagined_rate(option: Option, draw: Dice) -> float:
    unanswered = max(option.delivered - option.replied, 0)
    return draw.betavariate(1 + option.replied, 1 + unanswered)
