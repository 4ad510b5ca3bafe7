"""django-post_office on PostgreSQL: letters queued in its tables, sent by its own command, each with its log.

Usage: python -m bench.peers.post_office fill|send OPTIONS, where OPTIONS is JSON: database (a user's name,
its host, the database's name), port, messages, size, processes, lock_file. `fill` makes the tables if they
are not there and queues the letters; `send` sends them and writes its seconds and cpu as JSON.
Batches are ten times as large as its default, for that is faster; everything else is as it is delivered.
"""

import json
import resource
import sys
import time
from dataclasses import dataclass

import django
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.management import call_command

from bench.peers.letter import SENDER, fitting, recipient

_HTML = "<p>Hello Ada,</p>\n<p>a line of text</p>\n"
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Options:
    """As given. size: octets of a letter."""

    user: str
    host: str
    name: str
    port: int
    messages: int
    size: int
    processes: int
    lock_file: str


def set_up(options: Options) -> None:
    """Have Django know the database, the mail server and the application."""
    database = {"NAME": options.name, "USER": options.user, "HOST": options.host}
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", **database}},
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=options.port,
        POST_OFFICE={"BATCH_SIZE": _BATCH},
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGGING_CONFIG=None,
    )
    django.setup()


def queue_letters(options: Options) -> None:
    """As many as wanted, the fast way that its documentation names."""
    from post_office import mail  # noqa: PLC0415 # only after Django is set up

    call_command("migrate", verbosity=0)
    filling = fitting(options.size, _size)
    letters = (_letter(number, filling) for number in range(options.messages))
    while some := [letter for _, letter in zip(range(_BATCH), letters, strict=False)]:
        mail.send_many(some)


def send_letters(options: Options) -> None:
    """Everything that is queued; say what it took."""
    from post_office.mail import send_queued_mail_until_done  # noqa: PLC0415
    from post_office.models import STATUS, Email  # noqa: PLC0415

    before, start = _spent(), time.perf_counter()
    send_queued_mail_until_done(options.lock_file, options.processes)
    seconds, spent = time.perf_counter() - start, _spent()
    left = Email.objects.exclude(status=STATUS.sent).count()
    if left:
        sys.exit(f"{left} letters were not sent")
    print(json.dumps({"seconds": seconds, "cpu": spent - before}))


def _letter(number: int, filling: str) -> dict[str, object]:
    return {
        "sender": f"Ada <{SENDER}>",
        "recipients": [recipient(number)],
        "subject": "Hello Ada",
        "message": f"Hello Ada,\n{filling}",
        "html_message": _HTML,
    }


def _size(filling: str) -> int:
    letter = EmailMultiAlternatives("Hello Ada", f"Hello Ada,\n{filling}", f"Ada <{SENDER}>", [recipient(0)])
    letter.attach_alternative(_HTML, "text/html")
    return len(letter.message().as_bytes(linesep="\r\n"))


def _spent() -> float:
    """CPU seconds of this process and of those it has waited for."""
    both = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


if __name__ == "__main__":
    given = Options(**json.loads(sys.argv[2]))
    set_up(given)
    {"fill": queue_letters, "send": send_letters}[sys.argv[1]](given)
