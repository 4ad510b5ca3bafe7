"""Whatever octets come as a letter: reading and judging them ends in a value, soon, and within limits."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.hostile_letters import PIECES, read_and_judge

LETTERS = st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=60).map(b"".join)


@settings(max_examples=300, deadline=None)
@given(LETTERS)
def test_no_letter_is_too_broken(content: bytes) -> None:
    """Pieces of letters in any order, and noise between them."""
    read_and_judge(content)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=500))
def test_no_octets_are_too_odd(content: bytes) -> None:
    """Noise alone."""
    read_and_judge(content)


def _report(body: bytes) -> bytes:
    return (
        b"From: MAILER-DAEMON@x.test\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        b"Content-Type: message/delivery-status\n\n" + body
    )


def _bounce(body: bytes) -> bytes:
    return (
        b"From: MAILER-DAEMON@x.test\nSubject: failure notice\n\nThis is the mail system at host x.\n\n"
        + body
    )


def _reply(body: bytes) -> bytes:
    return b"From: bob@example.org\nIn-Reply-To: <x@y.test>\n\n" + body


WORST = {
    "header of nothing": b"a:\n",
    "folded header": b" b\n",
    "quotes in To": b'To: "\\"\\"\\"\\"\\"\n',
    "encoded words": b"Subject: =?a?q?=?a?q?=?a?q?\n",
    "parameters": b'Content-Type: multipart/mixed; a*1="\\\n',
    "deep": b"Content-Type: multipart/mixed; boundary=b\n\n--b\n",
    "boundaries": b"\n--b\n",
    "carriage returns": b"\r",
    "dashes": b"--\n",
}


@pytest.mark.parametrize("piece", WORST.values(), ids=WORST)
def test_a_header_takes_time_in_proportion(piece: bytes) -> None:
    """Also of the worst kind."""
    _assert_linear(lambda count: piece * count, len(piece))


BODIES = {
    "address": b"user@example.org ",
    "addresses": b"<a@b.test>: user mailbox address domain host\n",
    "almost addresses": b"a@",
    "who and who": b"user mailbox address ",
    "recipients": b"Final-Recipient: rfc822; a@b.test\nDiagnostic-Code: smtp; user domain user domain\n\n",
    "blanks": b" \t",
    "quotes": b">>>> \n",
    "wrote": b"On x, y wrote\n",
    "until": b"I am away until ",
    "markup": b"<div><",
    "rules": b"-- \n-----\n",
    "words": b"not interested please unsubscribe ",
}


@pytest.mark.parametrize("make", [_report, _bounce, _reply])
@pytest.mark.parametrize("piece", BODIES.values(), ids=BODIES)
def test_a_body_takes_time_in_proportion(piece: bytes, make: object) -> None:
    """As a report, as a bounce's words, and as a person's."""
    assert callable(make)
    _assert_linear(lambda count: make(piece * count), len(piece))


def _assert_linear(make: object, size: int) -> None:
    """Eight times as much takes about eight times as long; the bound is far from both that and its square."""
    assert callable(make)
    short, long = make(20_000 // size), make(160_000 // size)
    assert _seconds(long) < 24 * min(_seconds(short) for _ in range(3)) + 0.5


def _seconds(content: bytes) -> float:
    begin = process_time()
    read_and_judge(content)
    return process_time() - begin
