"""The demo's figures come from the letters that arrived: duplicates and too many letters would show."""

from datetime import UTC, datetime

from leadterra.cli.demo.letters import Letter, count_duplicates, count_over_limit

AT = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)


def letter(number: int, *, step: str = "Hello", at: datetime = AT, message_id: str | None = None) -> Letter:
    """A letter to the person of that number."""
    return Letter(
        file=f"new/{number}.eml",
        at=at,
        sender="ada@x.example",
        recipient=f"p{number}@y.example",
        message_id=message_id or f"<{number}.{step}@x.example>",
        subject=step,
        is_reply=step.startswith("Re:"),
    )


def test_a_step_that_comes_twice_is_a_duplicate() -> None:
    """Even under another Message-ID; the follow-up to the same person is none."""
    arrived = [letter(1), letter(1, step="Re: Hello"), letter(2), letter(2, message_id="<other@x.example>")]

    assert count_duplicates(arrived) == 1


def test_a_message_id_that_comes_twice_is_a_duplicate() -> None:
    """Even to another person."""
    assert count_duplicates([letter(1), letter(2, message_id=letter(1).message_id)]) == 1


def test_letters_beyond_the_limit_of_a_day_are_counted() -> None:
    """The third on a day with a limit of two; the next day begins anew; without a limit, all."""
    arrived = [*(letter(number) for number in range(3)), letter(3, at=AT.replace(day=11))]

    assert count_over_limit(arrived, {"ada@x.example": 2}) == 1
    assert count_over_limit(arrived, {}) == 4
