"""Rows of a CSV file are the same leads whether they are read by the block or one by one."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadterra.actions.lead_columns import LeadColumns
from leadterra.actions.lead_files import read_headings

HEADINGS = ("email", "firstName", "lastName", "timeZone", "note", "size", "")
ORDINARY = "ann.other+list@Example.com"

# Pieces of which addresses are made, so that rules about each part and about lengths meet each other.
LOCAL_PARTS = st.sampled_from(
    [
        "ann",
        "Ann.Other",
        "a",
        "x" * 64,
        "x" * 65,
        "a..b",
        ".a",
        "a.",
        '"q r"',
        "o'neil",
        "jös",
        "a@b",
        "",
        "A{}~",
    ]
) | st.text(max_size=4)
DOMAINS = st.sampled_from(
    [
        *("example.com", "EXAMPLE.com", "sub.example.co.uk", "x.test", "localhost", "bücher.example", "a.b"),
        *(
            "xn--bcher-kva.example",
            "XN--BCHER-KVA.example",
            "ab--cd.com",
            "onion",
            "x.onion",
            "1.arpa",
            "-a.com",
        ),
        *(
            "e.com.",
            "e..com",
            "[127.0.0.1]",
            "a" * 63 + ".com",
            "a" * 64 + ".com",
            ".".join(["a" * 60] * 4),
            "",
        ),
        *("İ.com", "K.com", "ß.de", "127.0.0.1", "exa mple.com", "a_b.com"),
    ]
) | st.text(max_size=5)
SURROUNDINGS = st.sampled_from(["", "", "", " ", "\t", "\u00a0", "\ufeff", "\n", "\u2003"])
ADDRESSES = (
    st.builds("{2}{0}@{1}{3}".format, LOCAL_PARTS, DOMAINS, SURROUNDINGS, SURROUNDINGS)
    | st.just(ORDINARY)
    | st.text(max_size=6)
)
CELLS = st.sampled_from(
    [
        "",
        "Ada",
        " Ada ",
        "Zoë",
        "a\u00a0b",
        "two\nlines",
        "\t",
        "\x00",
        "x" * 500,
        "x" * 501,
        " " * 501,
        "\u2028",
    ]
) | st.text(max_size=4)
ZONES = st.sampled_from(["", " ", "Europe/Berlin", " UTC ", "Mars/Olympus", "x" * 501])
NOTES = CELLS | st.sampled_from(["x" * 10_000, "x" * 10_001, '"quoted"\\'])
ROWS = st.tuples(ADDRESSES, CELLS, CELLS, ZONES, NOTES, NOTES, st.sampled_from(["", "", " ", "x"])).flatmap(
    lambda row: st.sampled_from([row, row, row, row[:-1], row[:2], (*row, "more")])
)
COLUMNS = read_headings(HEADINGS)


def one_by_one(columns: LeadColumns, rows: list[tuple[str, ...]]) -> list[object]:
    """As the thorough way reads them."""
    return [columns.read(number, row) for number, row in enumerate(rows, start=7)]


@settings(max_examples=400, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=3))
def test_a_block_reads_like_its_rows(rows: list[tuple[str, ...]]) -> None:
    """Whatever the cells hold: the same leads, and the same faults with the same words."""
    assert list(COLUMNS.read_block(7, rows)) == one_by_one(COLUMNS, rows)


@settings(max_examples=600, deadline=None)
@given(ADDRESSES)
@example("a" * 64 + "@" + ".".join(["b" * 45] * 4) + ".com")
@example("ANN@XN--BCHER-KVA.example")
@example("a@b@example.com")
def test_an_address_reads_alike_in_a_block(address: str) -> None:
    """Beside an ordinary one: shown, compared and of the same domain."""
    columns = read_headings(["email"])
    rows: list[tuple[str, ...]] = [(address,), (ORDINARY,)]

    assert list(columns.read_block(7, rows)) == one_by_one(columns, rows)


def test_ordinary_rows_are_read_by_the_block() -> None:
    """A block without a rare cell takes the fast way; with one it does not, and nothing else changes."""
    row: tuple[str, ...] = (ORDINARY, "Zoë", "", "Europe/Berlin", "two\nlines", "", "")

    assert COLUMNS._read_plain(7, [row, row]) == one_by_one(COLUMNS, [row, row])
    assert COLUMNS._read_plain(7, [row, row[:-1]]) is None
