"""What we say to IMAP servers: no string from outside becomes a command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.transport.imap_commands import HIGHEST_UID, Literals, Text, uid_sets

ASKING, AT_ONCE, SMALL_AT_ONCE = (
    Literals(),
    Literals(frozenset({"LITERAL+"})),
    Literals(frozenset({"LITERAL-"})),
)


@pytest.mark.parametrize(
    ("octets", "pieces"),
    [
        (b"", [b'X ""']),
        (b"a b", [b'X "a b"']),
        (b'a"\\', [b'X "a\\"\\\\"']),
        (b"a\r\nL2 NOOP", [b"X {10}", b"a\r\nL2 NOOP"]),
        ("é".encode(), [b"X {2}", "é".encode()]),
        (b"x" * 1001, [b"X {1001}", b"x" * 1001]),
    ],
)
def test_strings_are_quoted_or_literal(octets: bytes, pieces: list[bytes]) -> None:
    """RFC 9051 §4.3: quotes hold printable ASCII."""
    assert ASKING.write([b"X", Text(octets)]) == pieces


def test_a_literal_waits_for_leave_unless_the_server_gave_it() -> None:
    """RFC 7888: any with LITERAL+, up to 4096 octets with LITERAL-."""
    small, large = Text(b"x" * 4096, is_literal=True), Text(b"x" * 4097, is_literal=True)

    assert [len(each.write([small])) for each in (ASKING, AT_ONCE, SMALL_AT_ONCE)] == [2, 1, 1]
    assert [len(each.write([large])) for each in (ASKING, AT_ONCE, SMALL_AT_ONCE)] == [2, 1, 2]


def test_what_follows_a_literal_is_in_its_piece() -> None:
    """The line goes on behind the octets."""
    words: list[bytes | Text] = [b"X", Text(b"\xff"), b"Y", Text(b"z")]

    assert ASKING.write(words) == [b"X {1}", b'\xff Y "z"']
    assert AT_ONCE.write(words) == [b'X {1+}\r\n\xff Y "z"']


@pytest.mark.parametrize("words", [[b"X\r\nY"], [b"X\0"], [b"X", Text(b"a\0b")], [Text(b"\0", True)]])
def test_what_cannot_be_said_is_refused(words: list[bytes | Text]) -> None:
    """Before a single octet goes."""
    with pytest.raises(ValueError, match=r"NUL|printable"):
        AT_ONCE.write(words)


@given(st.binary(max_size=50))
def test_a_string_never_ends_the_line(octets: bytes) -> None:
    """Outside a literal, whose length is told, there is no line end and no open quote."""
    if b"\0" in octets:
        return
    first, *more = ASKING.write([b"X", Text(octets)])

    assert b"\r" not in first
    assert b"\n" not in first
    assert more in ([], [octets])


@given(st.sets(st.integers(1, HIGHEST_UID) | st.integers(1, 3000), max_size=400))
def test_sets_hold_each_uid_once(uids: set[int]) -> None:
    """In lines that every server takes."""
    lines = list(uid_sets([*uids, *uids]))
    named: list[int] = []
    for part in b",".join(lines).split(b",") if lines else []:
        first, _, last = part.partition(b":")
        named += range(int(first), int(last or first) + 1)

    assert named == sorted(uids)
    assert all(len(line) <= 1000 for line in lines)


@pytest.mark.parametrize("uid", [0, -1, HIGHEST_UID + 1])
def test_what_is_no_uid_is_refused(uid: int) -> None:
    """RFC 9051 §9: nz-number, 32 bits."""
    with pytest.raises(ValueError, match="between 1 and"):
        list(uid_sets([5, uid]))
