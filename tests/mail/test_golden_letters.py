"""Golden letters: what a server receives, kept as files to look at. A changed octet is a changed file in
review.

The files have plain line ends. After a deliberate change write them anew with `python
tests/mail/test_golden_letters.py`.
"""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from leadterra.mail.composition import compose
from leadterra.mail.letter import Letter, Mailbox

GOLDEN = Path(__file__).parent / "golden"
LINK = "https://leadterra.example/u/AQGNLwAAAHAAgAAAAAAAAAEBjS8AAABwAIAAAAAAAABAjd2nB9G1n44XU---F1kvhA"
FIRST = "<ykijr3e3gmzjpbron5yiwgvqbf66mugr@mail.acmecorp.example>"
SECOND = "<4dqzj2bd5x6d7rk2xmnvyvqvmi3xw2lm@mail.acmecorp.example>"

LETTERS = {
    "first_step": Letter(
        sender=Mailbox("James Walker", "james.walker@mail.acmecorp.example"),
        recipient=Mailbox("Sarah Chen", "sarah.chen@example.org"),
        subject="Quick question about Example Org",
        html="<p>Hi Sarah,</p>\n<p>is hiring still your bottleneck?</p>\n<p>James</p>\n",
        text="Hi Sarah,\n\nis hiring still your bottleneck?\n\nJames\n",
        message_id=FIRST,
        date=datetime(2025, 1, 15, 9, 30, tzinfo=UTC),
        references=(),
        unsubscribe_url=LINK,
    ),
    "follow_up_in_german": Letter(
        sender=Mailbox("Jörg Müller, Vertrieb", "joerg@müller.example"),
        recipient=Mailbox('Dr. Ute "U." Groß', "ute@example.org"),
        subject="Re: Eine kurze Frage zu Ihrer Ausschreibung für die Erweiterung der Kläranlage in Köln-Süd",
        html="<p>Grüße aus Köln,<br>Jörg</p>\n",
        text="Grüße aus Köln,\nJörg\n",
        message_id=SECOND,
        date=datetime(2025, 1, 18, 9, 30, tzinfo=UTC),
        references=(FIRST,),
        unsubscribe_url=LINK,
    ),
    "unicode_address": Letter(
        sender=Mailbox("陈莎", "陈莎@例子.测试"),
        recipient=Mailbox("王伟 🙂", "王伟@例子.测试"),
        subject="关于贵公司招聘计划的一个简短问题",
        html="<p>您好，王伟：</p><p>祝好，陈莎</p>\n" * 4,
        text="您好，王伟：\n\n祝好，陈莎\n" * 4,
        message_id=FIRST,
        date=datetime(2025, 1, 15, 9, 30, tzinfo=UTC),
        references=(),
        unsubscribe_url=LINK,
    ),
    "injection_attempt": Letter(
        sender=Mailbox("Eve\r\nBcc: victim@example.net", "eve@example.com"),
        recipient=Mailbox('"><script>\x00', "bob@example.org"),
        subject="Hi\r\nContent-Type: text/html\r\n\r\n<h1>owned</h1> =?utf-8?q?x?=",
        html="<p>one\rtwo\r\nthree</p>\n.\n",
        text="one\rtwo\r\nthree\n.\nFrom here\n",
        message_id=FIRST,
        date=datetime(2025, 1, 15, 9, 30, tzinfo=UTC),
        references=(),
        unsubscribe_url=LINK,
    ),
}


def written(name: str) -> bytes:
    """A letter as kept in its file."""
    return compose(LETTERS[name]).content.replace(b"\r\n", b"\n")


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_is_composed_as_it_was(name: str) -> None:
    """Octet by octet."""
    assert written(name) == (GOLDEN / f"{name}.eml").read_bytes()


if __name__ == "__main__":
    for each in LETTERS:
        (GOLDEN / f"{each}.eml").write_bytes(written(each))
