"""Tags, as they are given and as they are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.tag import LONGEST_TAG, InvalidTag, read_tag, read_tags


@pytest.mark.parametrize(
    ("given_as", "kept"),
    [
        ("vip", "vip"),
        ("  VIP ", "vip"),
        ("\tvip\n", "vip"),
        ("Region EU", "region eu"),
        ("Ärzte", "ärzte"),
        ("A\u0308rzte", "ärzte"),
        ("日本", "日本"),
        ("x" * LONGEST_TAG, "x" * LONGEST_TAG),
    ],
)
def test_a_tag_is_kept_trimmed_and_in_lower_case(given_as: str, kept: str) -> None:
    """However it is written, the same tag is the same text."""
    assert read_tag(given_as) == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  ",
        "x" * (LONGEST_TAG + 1),
        "a\nb",
        "a\x00b",
        "a\u202eb",
        "a\u200bb",
        "a\ud800",
        "İ" * LONGEST_TAG,
    ],
)
def test_what_cannot_be_one_is_refused(text: str) -> None:
    """Empty, too long, or with characters that nobody sees."""
    with pytest.raises(InvalidTag):
        read_tag(text)


def test_the_same_tag_counts_once() -> None:
    """In the order in which they are first named."""
    assert read_tags(["b", "A", " B ", "a", "c"]) == ["b", "a", "c"]


@given(st.text(max_size=60))
def test_what_is_kept_is_kept_as_it_is(text: str) -> None:
    """Reading a tag again changes nothing."""
    try:
        kept = read_tag(text)
    except InvalidTag:
        return
    assert read_tag(kept) == kept
