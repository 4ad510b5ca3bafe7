"""Where an edit of the steps leaves those who are on their way."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.sequence import Move, SequenceStep, StepDraft, is_retimed, moves, usual_delay
from leadterra.domain.variant import Variant, VariantDraft

A, B, C, N = (UUID(int=number) for number in (1, 2, 3, 4))
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
STEP = SequenceStep(A, 0, "s", "x", None, 0, True, NOW)
FIRST, SECOND = STEP, replace(STEP, id=B, position=1, delay_days=3)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([A, B], [A, B], [Move(0, 0, 0), Move(1, 1, 1), Move(2, 2, None)]),
        ([A, B], [A, B, C], [Move(0, 0, 0), Move(1, 1, 1), Move(2, 2, None)]),
        ([A, B], [N, A, B], [Move(0, 0, 1), Move(1, 2, 2), Move(2, 3, None)]),
        ([A, B], [A, N, B], [Move(0, 0, 0), Move(1, 1, 2), Move(2, 3, None)]),
        ([A, B, C], [A, C], [Move(0, 0, 0), Move(1, 1, None), Move(2, 1, 1), Move(3, 2, None)]),
        ([A, B], [B, A], [Move(0, 0, 1), Move(1, 2, 0), Move(2, 2, None)]),
        ([], [A], [Move(0, 0, None)]),
        ([A], [], [Move(0, 0, None), Move(1, 0, None)]),
    ],
)
def test_the_next_step_is_the_one_after_the_last_one_behind(
    old: list[UUID], new: list[UUID], expected: list[Move]
) -> None:
    """Steps that stay keep their readers; who is in the middle of a step stays with it."""
    assert moves(old, new) == expected


@given(st.permutations(range(6)), st.permutations(range(6)), st.integers(0, 6), st.integers(0, 6))
def test_nobody_meets_a_step_again(before: list[int], after: list[int], cut: int, behind: int) -> None:
    """Whatever the edit: of the steps from the new place on, none was behind (R6)."""
    old, new = [UUID(int=each) for each in before], [UUID(int=each) for each in after[cut:]]

    move = moves(old, new)[behind]

    assert not set(old[:behind]) & set(new[move.next :])


def test_the_usual_delays() -> None:
    """None before the first step, three days before each other one."""
    assert [usual_delay(position) for position in range(3)] == [0, 3, 3]


@pytest.mark.parametrize(
    ("draft", "position", "needs"),
    [
        (StepDraft("Hello", "x"), 0, False),
        (StepDraft(None, "x"), 0, True),
        (StepDraft("  ", "x"), 0, True),
        (StepDraft(None, "x"), 1, False),
        (StepDraft(None, "x", thread_reply=False), 1, True),
    ],
)
def test_only_a_follow_up_in_the_thread_may_leave_its_subject_out(
    draft: StepDraft, position: int, needs: bool
) -> None:
    """The thread gives it one."""
    assert draft.needs_subject(position) is needs


def test_what_a_step_says_counts_its_versions() -> None:
    """Its words, its variants and how they share its messages; not its place or its delay."""
    known = replace(STEP, version=3)
    variant = Variant(N, "", "other", None, 1.0, NOW)

    others = [
        replace(STEP, subject="new"),
        replace(STEP, body_text="new"),
        replace(STEP, weight=2.0),
        replace(STEP, variants=(variant,)),
    ]
    assert [each.following(known).version for each in others] == [4, 4, 4, 4]
    same = [replace(STEP, position=1), replace(STEP, delay_days=1), replace(STEP, delay_unit="business")]
    assert [each.following(known).version for each in same] == [3, 3, 3]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ([FIRST, SECOND], [False, False, True]),
        ([FIRST, replace(SECOND, delay_days=1)], [False, True, True]),
        ([FIRST, replace(SECOND, delay_unit="business")], [False, True, True]),
        ([FIRST, replace(SECOND, subject="new")], [False, False, True]),
        ([FIRST, replace(STEP, id=N), SECOND], [False, True, True]),
        ([FIRST], [False, True, True]),
    ],
)
def test_another_step_or_another_delay_is_another_time(
    after: list[SequenceStep], expected: list[bool]
) -> None:
    """Whoever waits for the same step as long as before keeps their time; who was through has none."""
    before = [FIRST, SECOND]

    assert [
        is_retimed(move, before, after)
        for move in moves([step.id for step in before], [step.id for step in after])
    ] == expected


@pytest.mark.parametrize(
    ("weight", "weights", "has_words"), [(1, (), True), (0, (), False), (0, (0, 2), True), (0, (0,), False)]
)
def test_one_weight_is_needed(weight: float, weights: tuple[float, ...], has_words: bool) -> None:
    """Of the step's own words or of a variant."""
    variants = tuple(VariantDraft("x", weight=each) for each in weights)

    assert StepDraft("s", "x", weight=weight, variants=variants).has_words is has_words
