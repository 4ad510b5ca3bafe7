"""The marks of `python -m bench scores`: the same for every reader, and the doubts go to the peers."""

from bench.corpora import Answered, Fate, Returned
from bench.marking import (
    Found,
    count,
    dead_as_told,
    marked,
    new_text_as_told,
    of_the_right_people,
    permanent_as_told,
    recognised,
    stated,
)
from bench.measuring import Aim, Case, Contestant, Run, measure
from bench.scores import find

BOUNCE = b"""Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: ada@acme.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <1@mx.example.net>

<Bob@example.org>: host mx.example.org[192.0.2.1] said:
    550 5.1.1 User unknown (in reply to RCPT TO command)
<eve@example.org>: host mx.example.org[192.0.2.1] said:
    550 5.7.1 Looks like spam (in reply to end of DATA command)
"""
TEXT = BOUNCE.partition(b"\n\n")[2]
DEAD_AND_ALIVE = {"bob@example.org": Fate(True, True), "eve@example.org": Fate(True, False)}
SAMPLE = Returned("two", (BOUNCE, TEXT), DEAD_AND_ALIVE)
BOTH = frozenset(DEAD_AND_ALIVE)


def test_ours_is_right_of_a_bounce_in_every_form() -> None:
    """As a whole letter and as its words alone: both found, both for good, one of them dead."""
    found = [find(form) for form in SAMPLE.forms]

    assert found == [Found(BOTH, BOTH, frozenset({"bob@example.org"}))] * 2


def test_a_reader_that_finds_nothing_has_no_mark() -> None:
    """Nothing is right of a letter that was not recognised."""
    marks = (recognised, of_the_right_people, permanent_as_told, dead_as_told)

    assert [mark(SAMPLE, Found()) for mark in marks] == [False] * 4


def test_whoever_takes_all_that_is_permanent_for_dead_is_wrong_of_the_living() -> None:
    """All else is right."""
    found = Found(BOTH, BOTH, BOTH)

    assert (of_the_right_people(SAMPLE, found), permanent_as_told(SAMPLE, found)) == (True, True)
    assert dead_as_told(SAMPLE, found) is False


def test_what_a_sample_does_not_say_does_not_count() -> None:
    """Nobody is right or wrong of it."""
    silent = Returned("silent", (BOUNCE,), {"bob@example.org": Fate(None, None)})

    assert permanent_as_told(silent, Found(BOTH)) is None
    assert stated(dead_as_told, [silent, SAMPLE]) == 1
    assert count([True, None, False]) == (1, 2)


def test_a_peer_is_right_if_it_is_in_one_form_ours_only_in_all() -> None:
    """So no wrapping that we chose stands against a peer."""
    found = [[Found(BOTH), Found()]]

    assert marked(recognised, [SAMPLE], found, kindly=True) == 1
    assert marked(recognised, [SAMPLE], found, kindly=False) == 0


def test_new_text_is_exact_or_has_what_it_must() -> None:
    """White space at both ends apart, and in time."""
    exact = Answered("exact", b"", "", frozenset({"Hello"}), seconds=1)
    loose = Answered("loose", b"", "", contains=("a", "b"), excludes=("wrote",))

    assert new_text_as_told(exact, " Hello\n", 0.1) is True
    assert [new_text_as_told(exact, new, taken) for new, taken in (("Hello Ann", 0.1), ("Hello", 2))] == [
        False,
        False,
    ]
    assert [new_text_as_told(loose, new, 0) for new in ("b a", "a", "a b wrote")] == [True, False, False]
    assert new_text_as_told(Answered("silent", b"", "", is_stated=False), "", 0) is None


def counted(ours: int, theirs: int) -> tuple[float | None, bool | None]:
    """What an aim of counts of ten comes to."""
    aim = Aim("ahead", of="ours", beside="theirs", total=10)
    contestants = [Contestant("ours", lambda: Run(ours)), Contestant("theirs", lambda: Run(theirs))]
    (verdict,) = measure(Case("counts", "of 10", contestants, [aim]), runs=1).verdicts
    return verdict.ratio, verdict.is_met


def test_ahead_is_more_than_the_peer_or_all() -> None:
    """As many as the peer is not enough, unless none is left to find; and a peer may have none."""
    assert [counted(9, 8), counted(8, 8), counted(10, 10), counted(3, 0)] == [
        (1, True),
        (0, False),
        (0, True),
        (3, True),
    ]
