"""Celery with Redis: a task a letter, acknowledged after it was sent; each worker process keeps a connection.

BENCH_CELERY in the environment is JSON: redis and smtp (ports), size (octets of a letter). Usage:
python -m bench.peers.celery_letters COUNT queues as many; Celery's own command runs the workers.
"""

import json
import os
import smtplib
import sys
from functools import cache

from celery import Celery

from bench.peers.letter import SENDER, compose, filling_of, recipient

_OPTIONS = json.loads(os.environ["BENCH_CELERY"])

app = Celery("bench", broker=f"redis://127.0.0.1:{_OPTIONS['redis']}/0")
app.conf.update(
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=32,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@cache
def filling() -> str:
    """Once a process."""
    return filling_of(_OPTIONS["size"])


@cache
def connection() -> smtplib.SMTP:
    """Once a process."""
    return smtplib.SMTP("127.0.0.1", _OPTIONS["smtp"])


@app.task(name="send_letter")  # type: ignore[untyped-decorator, unused-ignore]
def send_letter(number: int) -> None:
    """To the n-th lead."""
    connection().send_message(compose(number, filling()), SENDER, [recipient(number)])


def queue(count: int) -> None:
    """That many tasks."""
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(count):
            send_letter.apply_async((number,), producer=producer)


if __name__ == "__main__":
    queue(int(sys.argv[1]))
