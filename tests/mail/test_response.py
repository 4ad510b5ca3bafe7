"""The thread and the words of an answer to a letter."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from leadterra.mail.headers import identification
from leadterra.mail.response import (
    html_of_text,
    read_response_message_ids,
    response_message_id,
    thread_of,
)

ANSWER = UUID("019cd79e-4600-7000-8786-37a82bcc1480")
OURS = "<answer.x@acme.test>"


def test_the_thread_ends_with_what_is_answered() -> None:
    """RFC 5322 §3.6.4: its references, then its own Message-ID, each once."""
    assert thread_of(["<a@x>", "<c@x>", "<b@x>", "<a@x>"], "<c@x>") == ("<a@x>", "<b@x>", "<c@x>")


def test_a_letter_without_a_message_id_is_followed_by_what_it_followed() -> None:
    """The answer stays in the conversation."""
    assert thread_of(["<a@x>", "<b@x>"], "") == ("<a@x>", "<b@x>")
    assert thread_of([], "") == ()


def test_a_long_thread_keeps_its_beginning_and_its_end() -> None:
    """Twenty at most."""
    thread = thread_of([f"<{number}@x>" for number in range(1000)], "<last@x>")
    assert (len(thread), thread[0], thread[1], thread[-1]) == (20, "<0@x>", "<982@x>", "<last@x>")


@given(st.lists(st.text(max_size=20).map(lambda text: f"<{text}>"), max_size=30), st.text(max_size=20))
def test_whatever_a_letter_says_the_header_can_be_written(references: list[str], last: str) -> None:
    """And no line of it is anybody's but ours."""
    fields = identification(OURS, thread_of(references, f"<{last}>"))
    assert fields.isascii()
    assert all(
        line.startswith(("Message-ID: ", "In-Reply-To: ", "References:", " <"))
        for line in fields.removesuffix("\r\n").split("\r\n")
    )


def test_our_message_ids_can_be_read_back() -> None:
    """From among others, whatever case a server gave them."""
    ours = response_message_id(ANSWER, "acme.test")
    assert read_response_message_ids(["<x@y>", ours.upper(), ours, "x" * 10_000]) == [ANSWER]


def test_a_text_becomes_paragraphs_of_lines() -> None:
    """Escaped; nothing in it is markup."""
    assert html_of_text("a\r\nb\n \n\nc <b>&\n") == "<p>a<br>b</p>\n<p>c &lt;b&gt;&amp;</p>\n"
