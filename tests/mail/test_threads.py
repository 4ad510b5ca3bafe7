"""Threads: one Message-ID per step for ever, one `Re: ` in front."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.mail.threads import message_id, reply_subject

WORKSPACE = UUID("018d2f00-0000-7000-8000-000000000001")
ENROLLMENT = UUID("018d2f00-0000-7000-8000-000000000040")
STEP = UUID("018d2f00-0000-7000-8000-000000000003")


def test_the_message_id_of_a_step_never_changes() -> None:
    """It is the same on every attempt and in every release: messages of uncertain fate are found by it."""
    assert (
        message_id(WORKSPACE, ENROLLMENT, STEP, "Mail.Example.com")
        == "<ykijr3e3gmzjpbron5yiwgvqbf66mugr@mail.example.com>"
    )


@given(st.uuids(), st.uuids(), st.uuids())
def test_a_message_id_is_well_formed_and_reveals_no_id(workspace: UUID, enrollment: UUID, step: UUID) -> None:
    """RFC 5322 §3.6.4, in lower case; no hexadecimal piece of an id is in it."""
    identifier = message_id(workspace, enrollment, step, "example.com")
    assert re.fullmatch(r"<[a-z2-7]{32}@example\.com>", identifier)
    assert not any(part.hex in identifier for part in (workspace, enrollment, step))


def test_each_workspace_enrollment_and_step_has_its_own() -> None:
    """The three ids are not interchangeable."""
    arguments = [(WORKSPACE, ENROLLMENT, STEP), (ENROLLMENT, WORKSPACE, STEP), (WORKSPACE, STEP, ENROLLMENT)]
    assert len({message_id(*ids, "example.com") for ids in arguments}) == 3


@pytest.mark.parametrize("domain", ["", "a b", "a\r\nb", "a>b", "bücher.example", "-a", "a" * 300])
def test_a_domain_that_could_break_the_header_is_a_fault(domain: str) -> None:
    """Only ASCII domains come here."""
    with pytest.raises(ValueError, match="ASCII domain"):
        message_id(WORKSPACE, ENROLLMENT, STEP, domain)


@pytest.mark.parametrize(
    ("subject", "reply"),
    [
        ("Quick question", "Re: Quick question"),
        ("Re: Quick question", "Re: Quick question"),
        ("RE: re: Re:Quick question", "Re: Quick question"),
        ("Re[2]: Quick question", "Re: Quick question"),
        ("Re^3: Quick question", "Re: Quick question"),
        ("AW: Frage", "Re: Frage"),
        ("Antw: SV: Vraag", "Re: Vraag"),
        ("回复：问题", "Re: 问题"),
        ("  Re :  hello ", "Re: hello"),
        ("Regarding: you", "Re: Regarding: you"),
        ("Fwd: Re: x", "Re: Fwd: Re: x"),
        ("Ref: 123", "Re: Ref: 123"),
        ("", "Re:"),
        ("Re:", "Re:"),
    ],
)
def test_a_reply_has_one_mark(subject: str, reply: str) -> None:
    """Marks of other languages and counted marks are replaced, not doubled."""
    assert reply_subject(subject) == reply


@given(st.text())
def test_a_reply_to_a_reply_keeps_its_subject(subject: str) -> None:
    """Follow-ups do not grow."""
    once = reply_subject(subject)
    assert reply_subject(once) == once
