"""Warm-up letters: honest words, and a mark that only the workspace can make."""

from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.mail.composition import compose
from leadterra.mail.incoming import Incoming
from leadterra.mail.letter import Letter, Mailbox
from leadterra.mail.warmup import (
    FIELD,
    Occasion,
    is_warmup,
    read_mark,
    read_warmup_message_id,
    sign_mark,
    without_forged_mark,
    write_warmup_letter,
)

SECRET = bytes(range(32))
WORKSPACE, LETTER = UUID(int=7 << 64), UUID(int=(9 << 100) + 5)
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def a_letter(letter_id: UUID = LETTER) -> Letter:
    """From one mailbox to another."""
    return write_warmup_letter(
        Occasion(WORKSPACE, letter_id, date(2026, 3, 10), 3, 7),
        Mailbox("Ada Lovelace", "ada@acme.test"),
        Mailbox("Bob", "bob@acme.test"),
        secret=SECRET,
        domain="acme.test",
        now=NOW,
    )


def test_the_mark_comes_back_from_the_composed_letter() -> None:
    """As a reader of mail unfolds it, and with it who is asked to answer nothing."""
    read = message_from_bytes(compose(a_letter()).content, policy=policy.default)
    assert is_warmup(str(read[FIELD]), SECRET)
    assert (read["Auto-Submitted"], read["List-Unsubscribe"]) == ("auto-generated", None)
    assert all(len(line) <= 78 for line in compose(a_letter()).content.split(b"\r\n\r\n")[0].split(b"\r\n"))


def test_the_letter_says_what_it_is() -> None:
    """In its subject and in its first sentence; no conversation is made up."""
    letter = a_letter()
    assert letter.subject == "Warm-up letter 3 of 2026-03-10 from ada@acme.test"
    assert letter.text.startswith(
        "This is an automatic warm-up letter from ada@acme.test to bob@acme.test, both of them mailboxes of"
    )


def test_not_every_letter_says_it_in_the_same_words() -> None:
    """A dozen ways to say the same."""
    assert len({a_letter(UUID(int=number)).text for number in range(100)}) == 12


def test_the_mark_names_workspace_and_letter() -> None:
    """So that a letter can be looked up."""
    mark = read_mark(a_letter().warmup_mark)
    assert mark is not None
    assert (mark.workspace_id, mark.letter_id) == (WORKSPACE, LETTER)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "1",
        "yes",
        sign_mark(bytes(32), WORKSPACE, LETTER),
        sign_mark(SECRET, WORKSPACE, LETTER).replace("1;", "2;"),
        sign_mark(SECRET, WORKSPACE, LETTER) + "A",
        sign_mark(SECRET, WORKSPACE, LETTER)[:-1],
        sign_mark(SECRET, WORKSPACE, LETTER).replace(".", " "),
        sign_mark(SECRET, WORKSPACE, LETTER) + "\n" + sign_mark(SECRET, WORKSPACE, LETTER),
    ],
)
def test_a_forged_mark_is_none(value: str) -> None:
    """A person's reply that bears it stays visible."""
    assert not is_warmup(value, SECRET)


def test_the_mark_of_one_letter_does_not_sign_another() -> None:
    """Nor that of another workspace with the same secret."""
    ids, _, signature = sign_mark(SECRET, WORKSPACE, LETTER).rpartition(" ")
    other = sign_mark(SECRET, WORKSPACE, UUID(int=1)).rpartition(" ")[0]
    elsewhere = sign_mark(SECRET, UUID(int=1), LETTER).rpartition(" ")[0]
    assert is_warmup(f"{ids} {signature}", SECRET)
    assert not is_warmup(f"{other} {signature}", SECRET)
    assert not is_warmup(f"{elsewhere} {signature}", SECRET)


@given(st.text(max_size=300))
def test_whatever_a_field_holds_it_is_read_without_an_error(value: str) -> None:
    """Anybody may write one."""
    assert not is_warmup(value, SECRET)
    assert read_warmup_message_id(value) is None


def test_a_megabyte_is_refused_by_its_length() -> None:
    """Nothing of it is looked at."""
    assert read_mark("1; " * 350_000) is None


def test_a_forged_mark_is_taken_off_and_a_true_one_stays() -> None:
    """What is asked next what the letter is sees only what is true."""
    true, forged = (
        Incoming(headers={FIELD: (sign_mark(secret, WORKSPACE, LETTER),), "subject": ("Re: hello",)})
        for secret in (SECRET, bytes(32))
    )
    assert without_forged_mark(true, SECRET) is true
    assert without_forged_mark(forged, SECRET).headers == {"subject": ("Re: hello",)}


def test_the_message_id_can_be_read_back() -> None:
    """As a bounce returns it."""
    assert read_warmup_message_id(a_letter().message_id) == LETTER
    assert read_warmup_message_id("<other@acme.test>") is None
