"""How a key is spelled."""

from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.api_key import SECRET_ALPHABET, KeyText, Mode, read_key

KEYS = st.builds(
    KeyText,
    st.sampled_from(Mode),
    st.from_regex(r"[0-7][0-9a-hjkmnp-tv-z]{25}", fullmatch=True),
    st.text(SECRET_ALPHABET, min_size=40, max_size=40),
)


@given(KEYS)
def test_a_key_reads_as_it_was_written(key: KeyText) -> None:
    """Mode, workspace and secret come back."""
    assert read_key(str(key)) == key


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    """What is not a key is None."""
    assert read_key(text) is None or str(read_key(text)) == text


@given(KEYS)
def test_a_key_does_not_show_its_secret_by_accident(key: KeyText) -> None:
    """Its repr is for logs."""
    assert key.secret not in repr(key)
