"""What the program tells its operator: the names of log lines, their form, and what never gets into one.

A line is an event's name and fields. Every line says which request, workspace, campaign and message it
is about, where these are known, and no line shows a password, a key or a token, whoever wrote it: fields
with such names, and texts that look like one, are masked on their way out. Tracebacks carry no values of
variables. Logging never raises into the program.
"""

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TextIO
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from leadterra.config import Settings

LOG_EVENTS = {
    "account.paused": "The engine paused a sender account; the reason says who must act, and on what.",
    "account.warned": "More of an account's mail comes back, or is complained of, than should.",
    "api.listening": "The API takes requests.",
    "database.away": "The database did not answer; the work goes on when it does.",
    "database.migrated": "Migrations were applied.",
    "domain.suspected": "A recipients' domain is said to take no mail; nothing goes there for a while.",
    "letter.failed": "A letter in a mailbox met a fault of ours and was passed over.",
    "mailbox.failed": "A mailbox could not be read, or its connection ended; it is tried again.",
    "message.looked_for": "An uncertain message was looked for in its account's Sent folder.",
    "model.failed": "A language model gave no answer that could be used; the rules' word stays.",
    "messages.claimed": "A batch of due messages was claimed for sending.",
    "messages.settled": "A batch of attempts was recorded.",
    "program.draining": "Asked to stop: nothing new is begun, what was begun is finished.",
    "program.started": "All parts run.",
    "program.stopped": "All parts have stopped.",
    "request.failed": "A request ended in an error of ours; the fields tell its id.",
    "worker.draining": "A worker process was asked to stop and finishes what it holds.",
    "worker.failed": "A loop met what it did not expect and goes on.",
    "worker.started": "A worker process looks for work.",
    "worker.stopped": "A worker process holds nothing any more.",
}
"""Every event that a log line may have, and what it means. A test finds the ones that are missing here."""

log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger("leadterra")
"""`log.info("noun.past", field=value)`. Fields that many lines share are bound with `log_context`."""

_MASK = "[masked]"
_SECRET_FIELD = re.compile(
    r"passw|secret|token|authorization|credential|cookie|(^|[_-])api-?_?key|(^|[_-])keys?$", re.IGNORECASE
)
_SECRET_TEXT = (
    (re.compile(r"\b(sk_(?:live|test)_)[\w-]+"), r"\1…"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 …"),
    (re.compile(r"(\w://[^\s/:@]*):[^\s/@]+@"), r"\1:…@"),  # user:password@ in a URL
    (re.compile(r"\b(password=)\S+", re.IGNORECASE), r"\1…"),  # in a connection string
    (re.compile(r"(/[uco]/)[\w.~-]{16,}"), r"\1…"),  # whoever has such a link acts as the recipient
)
_TALKATIVE = ("_granian", "aiosmtpd", "asyncio", "httpcore", "httpx", "mail", "psycopg", "yoyo")


def configure_logging(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every line of this process, other libraries' too, to standard error in the settings' form."""
    stream = stream or sys.stderr
    common: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *common,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                mask_secrets,
                _renderer(settings, stream),
            ],
        )
    )
    level = settings.log_level.upper()
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(level if level == "DEBUG" else "WARNING")


def server_logging() -> dict[str, object]:
    """For the HTTP server, which would write to standard output by itself: its lines go our way."""
    loggers = {name: {"handlers": [], "propagate": True} for name in ("_granian", "granian.access")}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {},
        "handlers": {},
        "loggers": loggers,
    }


@contextmanager
def log_context(
    *,
    request_id: str | None = None,
    workspace_id: UUID | str | None = None,
    campaign_id: UUID | str | None = None,
    message_id: UUID | str | None = None,
) -> Iterator[None]:
    """Within the block, every line of this task and the tasks it starts carries these."""
    given = {
        "request_id": request_id,
        "workspace_id": workspace_id,
        "campaign_id": campaign_id,
        "message_id": message_id,
    }
    with structlog.contextvars.bound_contextvars(
        **{name: str(value) for name, value in given.items() if value is not None}
    ):
        yield


def mask_secrets(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """The last step before a line is written: nothing but text, numbers and lists of them, and no secret."""
    return {str(name): _masked(str(name), value) for name, value in line.items()}


def _masked(name: str, value: object) -> object:
    if _SECRET_FIELD.search(name):
        return _MASK
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(inner): _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(name, item) for item in value]
    return _masked_text(str(value))


def _masked_text(text: str) -> str:
    for pattern, replacement in _SECRET_TEXT:
        text = pattern.sub(replacement, text)
    return text


def _renderer(settings: Settings, stream: TextIO) -> Processor:
    form = settings.log_format
    if form == "json" or (form == "auto" and not stream.isatty()):
        return structlog.processors.JSONRenderer()
    return structlog.dev.ConsoleRenderer(
        colors=stream.isatty(), timestamp_key="time", exception_formatter=structlog.dev.plain_traceback
    )
