"""Where an edit of the steps leaves those who are on their way."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.sequence import Move, StepDraft, moves, usual_delay

A, B, C, N = (UUID(int=number) for number in (1, 2, 3, 4))


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
