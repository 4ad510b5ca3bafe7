"""Replies are cut from what arrives, however it was divided on the way."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.transport.reply import LONGEST_REPLY, Reader, Reply

_TEXT = st.binary(max_size=20).map(lambda octets: octets.replace(b"\n", b"").replace(b"\r", b""))
_WORDS = st.sampled_from(
    [b"250 fine\r\n", b"250-more\r\n", b"250\r\n", b"550 no\n", b"25", b"x\r\n", b"\r\n"]
)


def _read(*chunks: bytes) -> tuple[list[Reply], str | None]:
    """All replies, and the fault, as the wire reads: not on after a fault."""
    reader, replies = Reader(), []
    for chunk in chunks:
        if reader.fault is None:
            replies += reader.read(chunk)
    return replies, reader.fault


@pytest.mark.parametrize(
    ("octets", "replies"),
    [
        (b"250 fine\r\n", [(250, b"fine")]),
        (b"250 \r\n", [(250, b"")]),
        (b"250\r\n", [(250, b"")]),
        (b"250 fine\n", [(250, b"fine")]),
        (b"250 a\r\n550 b\r\n", [(250, b"a"), (550, b"b")]),
        (b"250-a\r\n250-\r\n250 b\r\n354 go\r\n", [(250, b"a\n\nb"), (354, b"go")]),
        (b"220 caf\xe9 \xff\r\n", [(220, b"caf\xe9 \xff")]),
        (b"250 a\r\n25", [(250, b"a")]),
    ],
)
def test_a_reply_is_its_code_and_the_text_of_its_lines(
    octets: bytes, replies: list[tuple[int, bytes]]
) -> None:
    """RFC 5321 §4.2.1."""
    assert _read(octets) == (replies, None)


@pytest.mark.parametrize(
    "octets",
    [b"150 no\r\n", b"650 no\r\n", b"2500 no\r\n", b"ok\r\n", b"\r\n", b"250-a\r\n251 b\r\n", b" 250 a\r\n"],
)
def test_what_is_no_reply_is_a_fault(octets: bytes) -> None:
    """What came before it is still given, nothing after it."""
    replies, fault = _read(b"220 hello\r\n" + octets + b"250 fine\r\n")

    assert replies == [(220, b"hello")]
    assert fault is not None


@pytest.mark.parametrize("octets", [b"2" * LONGEST_REPLY, b"250-" + b"x" * LONGEST_REPLY + b"\r\n"])
def test_a_reply_without_end_is_a_fault(octets: bytes) -> None:
    """Little is kept of it."""
    reader = Reader()

    assert reader.read(octets + b"x") == []
    assert reader.fault == "The server's reply has no end."
    assert reader.is_between_replies


@given(st.lists(_WORDS, max_size=8).map(b"".join), st.lists(st.integers(0, 60), max_size=6))
def test_it_does_not_matter_how_the_octets_are_divided(octets: bytes, places: list[int]) -> None:
    """In one piece or in many, the same is read."""
    edges = [0, *sorted(place for place in places if place <= len(octets)), len(octets)]
    pieces = [octets[start:end] for start, end in pairwise(edges)]

    assert _read(*pieces) == _read(octets)


@given(st.lists(st.tuples(st.integers(200, 599), _TEXT), max_size=8))
def test_what_was_said_is_what_is_read(said: list[tuple[int, bytes]]) -> None:
    """Any code from 200 on, any text on one line."""
    octets = b"".join(b"%d %b\r\n" % (code, text) for code, text in said)

    assert _read(octets) == (said, None)
