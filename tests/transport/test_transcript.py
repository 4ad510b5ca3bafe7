"""What is kept of a server's words."""

from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.outcomes import Answer, Command
from leadterra.transport.reply import Reply
from leadterra.transport.transcript import LONGEST_TEXT, Secrets, heard, unheard


def _heard(octets: bytes | str) -> Answer:
    reply = Reply(550, octets if isinstance(octets, bytes) else octets.encode())
    return heard(Command.RCPT, reply, Secrets())


def test_the_lines_of_a_reply_become_one() -> None:
    """And the enhanced status is read from it."""
    answer = _heard("5.1.1 no such user\n5.1.1 sorry")

    assert (answer.enhanced, answer.text) == ("5.1.1", "5.1.1 no such user 5.1.1 sorry")


def test_a_status_on_a_later_line_counts() -> None:
    """Some servers begin with words."""
    assert _heard("Sorry,\n5.7.1 not today").enhanced == "5.7.1"


def test_control_characters_are_removed() -> None:
    """Nothing that could forge a log line or stop a database."""
    assert _heard("no\x00 \x1b[31mred\r\x85 here").text == "no [31mred here"


def test_octets_that_are_not_utf_8_are_replaced() -> None:
    """Latin-1 arrives readable enough."""
    assert _heard("Bo\xeete pleine".encode("latin-1")).text == "Bo\ufffdte pleine"


def test_an_error_without_words_shows_its_name() -> None:
    """There is always something to read."""
    assert unheard(Command.MAIL, TimeoutError()).text == "TimeoutError"


@given(st.one_of(st.binary(max_size=1200), st.text(max_size=1200)))
def test_whatever_a_server_says_the_text_is_short_and_printable(octets: bytes | str) -> None:
    """At most 500 characters, in UTF-8, on one line."""
    text = _heard(octets).text

    assert len(text.encode()) >= len(text) <= LONGEST_TEXT
    assert not any(ord(character) < 32 or ord(character) == 127 for character in text)
