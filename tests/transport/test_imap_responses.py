"""What IMAP servers say: read as values, refused with words, and always in proportionate time."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.transport.imap_responses import LONGEST_LINE, Reader, Response, Unreadable, Value, parse


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"* OK [UIDVALIDITY 7] fine", Response("*", "OK", None, ("UIDVALIDITY", "7"), "fine")),
        (b"* ok hello {5}", Response("*", "OK", None, (), "hello {5}")),
        (b"* NO [ALERT Please", Response("*", "NO", None, (), "[ALERT Please")),
        (b"L1 BAD", Response("L1", "BAD")),
        (b"* OK [BADCHARSET ((] what", Response("*", "OK", None, (), "what")),
        (b"* OK [FLAGS (\\* \\Seen)] x", Response("*", "OK", None, ("FLAGS", ["\\*", "\\Seen"]), "x")),
        (b"+ idling", Response("+", text="idling")),
        (b"+", Response("+")),
        (b"* 23 EXISTS", Response("*", "EXISTS", 23)),
        (b"* 99999999999 EXISTS", Response("*", "99999999999")),
        (b"* SEARCH", Response("*", "SEARCH")),
        (b"* search 2 3", Response("*", "SEARCH", None, ("2", "3"))),
        (b"* X-ODD (((\"", Response("*", "X-ODD")),
        (b"* ", Response("*")),
        (b"*", Response("*")),
        (b'* LIST () NIL "a\\"\\\\b"', Response("*", "LIST", None, ([], None, b'a"\\b'))),
        (b'* LIST (\\Sent) "/" [G]/Sent', Response("*", "LIST", None, (["\\Sent"], b"/", "[G]/Sent"))),
        (
            b"* 1 FETCH (BODY[HEADER.FIELDS (MESSAGE-ID)]<0> NIL UID 4)",
            Response("*", "FETCH", 1, (["BODY[HEADER.FIELDS (MESSAGE-ID)]<0>", None, "UID", "4"],)),
        ),
        (b"* 1 FETCH (a[b ]", None),
        (b"* 1 FETCH (X[ UID 4)", Response("*", "FETCH", 1, (["X[", "UID", "4"],))),
        (b"* 1 FETCH (UID 4", None),
        (b"* 1 FETCH UID 4)", None),
        (b'* 1 FETCH ("UID 4)', None),
        (b"* 1 FETCH " + b"(" * 17 + b")" * 17, None),
        (b"L1 FETCH (UID 4)", None),
        (b"220 mail.acme.test ESMTP", None),
        (b"\xff\xfe OK", None),
    ],
)  # fmt: skip
def test_a_line_is_read(line: bytes, expected: Response | None) -> None:
    """Or refused, where it is none of ours."""
    try:
        found = parse([line])
    except Unreadable:
        found = None

    assert found == expected


def test_the_code_of_a_status_is_told_in_upper_case() -> None:
    """And that of anything else is none."""
    assert [parse([line]).code for line in (b"* no [Limit] x", b"* OK x", b"* LIST a")] == ["LIMIT", "", ""]


LETTER = b"* 1 FETCH (BODY[] {5}\r\nab\r\n) UID 4)\r\n"
READ = Response("*", "FETCH", 1, (["BODY[]", b"ab\r\n)", "UID", "4"],))


@pytest.mark.parametrize("step", range(1, len(LETTER) + 1))
def test_octets_may_be_cut_anywhere(step: int) -> None:
    """The network does."""
    reader = Reader()
    found = [each for at in range(0, len(LETTER), step) for each in reader.read(LETTER[at : at + step])]

    assert (found, reader.fault, reader.is_between_responses) == ([READ], None, True)


def test_lines_may_end_oddly() -> None:
    """With LF alone, or twice."""
    found = Reader().read(b"* 1 EXISTS\n\r\n\n* 2 EXISTS\r\n")

    assert [each.number for each in found] == [1, 2]


@pytest.mark.parametrize("octets", [b"* 1 FETCH (X ~{3}\r\nabc)\r\n", b"* 1 FETCH (X {3+}\r\nabc)\r\n"])
def test_literals_have_three_forms(octets: bytes) -> None:
    """RFC 9051 §4.3, and RFC 3516."""
    assert Reader().read(octets) == [Response("*", "FETCH", 1, (["X", b"abc"],))]


@pytest.mark.parametrize(
    "octets",
    [
        b"* 1 FETCH (X {11}\r\n",
        b"* 1 FETCH (X {9999999999}\r\n",
        b"* 1 FETCH (X {6}\r\nabcdef Y {6}\r\n",
        b"* 1 FETCH (" + b"X {0}\r\n" * 100,
        b"x" * (LONGEST_LINE + 1),
        b"* 1 FETCH (X {1}\r\na" + b"x" * LONGEST_LINE,
        b"what?\r\n",
    ],
    ids=lambda octets: repr(octets[:30]),
)
def test_more_than_was_asked_for_is_a_fault(octets: bytes) -> None:
    """What came before it is given, nothing after it is, and nothing is kept."""
    reader = Reader()
    reader.allowance = 10
    found = reader.read(b"* 1 EXISTS\r\n" + octets + b"\r\n* 2 EXISTS\r\n")

    assert ([each.number for each in found], reader.read(b"* 3 EXISTS\r\n")) == ([1], [])
    assert (reader.fault is not None, reader.is_between_responses) == (True, True)


LIKELY = [b"* ", b"1 FETCH (", b"LIST ", b"SEARCH ", b"OK [", b"]", b"[", b"(", b")", b'"', b"\\", b" "]
LIKELY += [b"{3}\r\nabc", b"{0}\r\n", b"{3}", b"\r\n", b"L1 ", b"OK", b"+ ", b"BODY[", b"\xff", b"\0", b"NIL"]
PIECES = st.lists(st.sampled_from(LIKELY) | st.binary(max_size=6), max_size=40)


@given(PIECES)
def test_nothing_that_comes_raises(pieces: list[bytes]) -> None:
    """What is no response sets a fault."""
    reader = Reader()
    for response in reader.read(b"".join(pieces) + b"\r\n"):
        assert response.code == response.code.upper()


@given(PIECES, st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_how_it_is_cut_changes_nothing(pieces: list[bytes], steps: list[int]) -> None:
    """The same responses, the same fault."""
    octets = b"".join(pieces) + b"\r\n"
    whole, cut = Reader(), Reader()
    expected, found, at = whole.read(octets), [], 0
    while at < len(octets):
        step = steps[at % len(steps)]
        found += cut.read(octets[at : at + step])
        at += step

    assert (found, cut.fault) == (expected, whole.fault)


VALUES: st.SearchStrategy[Value] = st.recursive(
    st.none() | st.binary(max_size=9) | st.from_regex(r"[A-Za-z0-9\\.$-]{1,9}", fullmatch=True),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(VALUES, max_size=4))
def test_what_is_written_is_read(values: list[Value]) -> None:
    """Atoms, strings, literals and lists, in every mixture."""
    reader = Reader()
    (found,) = reader.read(b"* LIST " + b" ".join(map(_written, values)) + b"\r\n")

    assert list(found.values) == [_as_read(each) for each in values]


def _written(value: Value) -> bytes:
    match value:
        case None:
            return b"NIL"
        case str():
            return value.encode()
        case bytes():
            quotable = value.isascii() and value.decode().isprintable()
            escaped = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            return b'"%b"' % escaped if quotable else b"{%d}\r\n%b" % (len(value), value)
        case _:
            return b"(" + b" ".join(map(_written, value)) + b")"


def _as_read(value: Value) -> Value:
    if isinstance(value, list):
        return [_as_read(each) for each in value]
    return None if isinstance(value, str) and value.upper() == "NIL" else value


WORST = [
    b"(",
    b")",
    b"()",
    b"[",
    b"[]",
    b"]",
    b'"',
    b'""',
    b'"\\',
    b"\\",
    b" ",
    b"a[",
    b"a",
    b"{",
    b"{1",
    b'(["',
]
HEADS = [b"* 1 FETCH ", b"* 1 FETCH (", b"* LIST [", b'* LIST "', b"* OK [", b"", b"L1 "]


@pytest.mark.parametrize("text", WORST)
def test_the_worst_megabyte_takes_time_in_proportion(text: bytes) -> None:
    """Sixteen times as many octets cost less than a hundred times as much; by halves it would be 256."""
    for head in HEADS:
        short, long = (_seconds(head + text * (size // len(text)) + b"\r\n") for size in (2**13, 2**17))

        assert long < 100 * max(short, 0.0001)


def _seconds(octets: bytes) -> float:
    """Of the processor, at best, for a line as long as any that is read."""
    spent = []
    for _ in range(3):
        before = process_time()
        Reader().read(octets)
        spent.append(process_time() - before)
    return min(spent)
