"""The postal address under a letter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.mail.footer import add_postal_address

ADDRESS = "Acme & Sons\n1 Main Street\nSpringfield"


@pytest.mark.parametrize("blank", ["", "  ", "\n\r\n", "\x00"])
def test_without_an_address_the_letter_stays_as_it_was(blank: str) -> None:
    """Not a blank is added."""
    assert add_postal_address("<p>Hi</p>", "Hi\n", blank) == (
        "<p>Hi</p>",
        "Hi\n",
    )


def test_the_address_is_escaped_in_html_and_plain_in_text() -> None:
    """Each line is a line in both."""
    html, text = add_postal_address("<p>Hi</p>", "Hi\n", ADDRESS)
    assert "Acme &amp; Sons<br>1 Main Street<br>Springfield</p>" in html
    assert text == "Hi\n\nAcme & Sons\n1 Main Street\nSpringfield\n"


@pytest.mark.parametrize("end", ["</body></html>", "</BODY >\n</html>", "</body\n>"])
def test_the_footer_stands_before_the_end_of_the_body(end: str) -> None:
    """A document stays a document."""
    html, _ = add_postal_address(f"<html><body><p>İ</p>{end}", "", ADDRESS)
    assert html.endswith(f"Springfield</p>{end}")


def test_only_the_last_end_counts() -> None:
    """`</body>` inside of the text does not move the footer up."""
    html, _ = add_postal_address("<body>a</body>b</body>", "", "X")
    assert html.startswith("<body>a</body>b<p")


@given(st.text(), st.text(), st.text())
def test_nothing_of_the_letter_is_lost_and_no_markup_comes_in(html: str, text: str, address: str) -> None:
    """Whatever the address holds."""
    with_footer, plain = add_postal_address(html, text, address)
    assert plain.startswith(text.rstrip())
    assert with_footer.count("<") - html.count("<") in (0, 2, *(2 + n for n in range(len(address))))
