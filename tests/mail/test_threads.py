"""Threads: one Message-ID per step for ever, one `Re: ` in front."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.mail.threads import enrollment_in, message_id, reply_subject

WORKSPACE = UUID("018d2f00-0000-7000-8000-000000000001")
ENROLLMENT = UUID("018d2f00-0000-7000-8000-000000000040")
STEP = UUID("018d2f00-0000-7000-8000-000000000003")


def test_the_message_id_of_a_step_never_changes() -> None:
    """It is the same on every attempt and in every release: messages of uncertain fate are found by it."""
    assert (
        message_id(WORKSPACE, ENROLLMENT, STEP, "Mail.Example.com")
        == "<ag5swhw5jz4osrfhbfc3756o2sbdydsy@mail.example.com>"
    )


@given(st.uuids(), st.uuids(), st.uuids())
def test_a_message_id_is_well_formed_and_reveals_no_id(workspace: UUID, enrollment: UUID, step: UUID) -> None:
    """RFC 5322 §3.6.4, in lower case; no hexadecimal piece of an id is in it."""
    identifier = message_id(workspace, enrollment, step, "example.com")
    assert re.fullmatch(r"<[a-z2-7]{32}@example\.com>", identifier)
    assert not any(part.hex in identifier for part in (workspace, enrollment, step))


@given(st.uuids(), st.uuids(), st.uuids())
def test_what_answers_a_message_names_its_enrollment(workspace: UUID, enrollment: UUID, step: UUID) -> None:
    """It is read from the Message-ID alone, also where a server has changed the case of it."""
    identifier = message_id(workspace, enrollment, step, "example.com")
    assert enrollment_in(identifier, workspace) == enrollment
    assert enrollment_in(identifier.upper(), workspace) == enrollment


@pytest.mark.parametrize("other", ["", "<>", "<CAF4@mail.gmail.com>", "<" + "a" * 33 + "@example.com>", "0"])
def test_other_message_ids_name_none(other: str) -> None:
    """Whatever programs write."""
    assert enrollment_in(other, WORKSPACE) is None


def test_the_message_ids_of_one_import_look_nothing_like_each_other() -> None:
    """Ids of one millisecond share their first half; a filter that looks for likeness finds none."""
    made = [
        message_id(WORKSPACE, UUID(int=ENROLLMENT.int + 64 * n), STEP, "example.com")[5:33]
        for n in range(100)
    ]
    assert max(sum(a == b for a, b in zip(made[0], other, strict=True)) for other in made[1:]) < 10


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
