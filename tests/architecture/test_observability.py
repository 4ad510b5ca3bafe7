"""Log lines say what they are about and never show a secret, whoever wrote them."""

import ast
import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest
import structlog

from leadterra.config import Settings
from leadterra.observability import LOG_EVENTS, configure_logging, log, log_context, server_logging
from tests.support.source_tree import Module, modules

SETTINGS = Settings.from_environ({}, data_dir=Path("data"), log_format="json")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go; logging is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    written = io.StringIO()
    configure_logging(SETTINGS, written)
    yield written
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """What was written, a value a line."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_and_event(stream: io.StringIO) -> None:
    """Log collectors need no grammar of ours."""
    log.info("worker.started", processes=2)

    (line,) = lines(stream)
    assert (line["event"], line["level"], line["processes"], line["time"][-1]) == (
        "worker.started",
        "info",
        2,
        "Z",
    )


def test_a_line_says_what_it_is_about(stream: io.StringIO) -> None:
    """Ids are bound once, for all lines of the block and no others."""
    with log_context(request_id="req_1", workspace_id=UUID(int=1), campaign_id=None):
        log.info("request.failed")
    log.info("worker.started")

    inside, outside = lines(stream)
    assert (inside["request_id"], inside["workspace_id"]) == ("req_1", str(UUID(int=1)))
    assert {"request_id", "workspace_id", "campaign_id"} & outside.keys() | {
        "campaign_id"
    } & inside.keys() == set()


@pytest.mark.parametrize(
    "fields",
    [
        {"password": "hush"},
        {"smtp_password": "hush"},
        {"client_secret": "hush"},
        {"refreshToken": "hush"},
        {"Authorization": "hush"},
        {"api_key": "hush"},
        {"key": "hush"},
        {"seal_keys": ["hush"]},
        {"account": {"smtp": [{"password": "hush"}]}},
        {"header": "Bearer hush-hush-hush"},
        {"text": "curl -H 'sk_live_hush' and sk_test_hush"},
        {"error": RuntimeError("cannot reach postgresql://app:hush@db/leadterra")},
        {"error": "host=db password=hush user=app"},
        {"path": "/u/hush-hush-hush-hush-hush"},
    ],
)
def test_no_secret_gets_into_a_line(stream: io.StringIO, fields: dict[str, Any]) -> None:
    """By the name of a field, at any depth, or by the look of a text."""
    log.warning("request.failed", **fields)

    assert "hush" not in stream.getvalue()


@pytest.mark.parametrize(
    "fields", [{"key_id": "k1"}, {"monkey": "k1"}, {"url": "http://host/k1"}, {"event_keyed": "k1"}]
)
def test_what_is_no_secret_stays(stream: io.StringIO, fields: dict[str, str]) -> None:
    """A mask over everything would be no log."""
    log.warning("request.failed", **fields)

    assert "k1" in stream.getvalue()


def test_a_traceback_shows_no_values_of_variables(stream: io.StringIO) -> None:
    """Where it happened is enough."""
    smtp_login = "hush"
    try:
        raise ValueError("what happened")
    except ValueError as error:
        log.error("request.failed", exc_info=error)

    (line,) = lines(stream)
    assert ("what happened" in line["exception"], smtp_login in line["exception"]) == (True, False)


def test_other_libraries_lines_go_the_same_way(stream: io.StringIO) -> None:
    """One form, and the same masks."""
    logging.getLogger("some.library").warning("cannot log in with %s", "sk_live_hush")

    (line,) = lines(stream)
    assert line["event"] == "cannot log in with sk_live_…"


def test_the_http_server_writes_nothing_by_itself() -> None:
    """Its loggers have no handler of their own."""
    loggers = cast(dict[str, dict[str, object]], server_logging()["loggers"])

    assert [each["handlers"] for each in loggers.values()] == [[], []]


def test_lines_for_people_need_no_terminal_to_be_asked_for(stream: io.StringIO) -> None:
    """And they carry the same fields."""
    configure_logging(SETTINGS.model_copy(update={"log_format": "console"}), stream)
    try:
        raise ValueError("what happened")
    except ValueError as error:
        log.error("request.failed", code="internal_error", exc_info=error)

    text = stream.getvalue()
    assert ("request.failed" in text, "code=internal_error" in text, "what happened" in text) == (
        True,
        True,
        True,
    )


def test_a_level_below_the_setting_is_silent(stream: io.StringIO) -> None:
    """The default is info."""
    log.debug("messages.claimed")

    assert stream.getvalue() == ""


def test_every_event_of_a_log_line_is_declared() -> None:
    """`LOG_EVENTS` is the one place where an operator looks an event up, and each is a `noun.past`."""
    used = {event for module in modules("src") for event in logged(module)}

    assert used - LOG_EVENTS.keys() == set()
    assert [event for event in LOG_EVENTS if not re.fullmatch(r"[a-z]+(\.[a-z_]+)+", event)] == []


def logged(module: Module) -> Iterator[str]:
    """The first argument of `log.info(…)` and its like."""
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in levels
            and getattr(node.func.value, "id", "").endswith("log")
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value)
