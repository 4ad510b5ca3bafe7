"""`leadterra`: what a person or a script types.

Whatever goes wrong ends in one line on standard error and an exit code, never in a traceback: 75 if the
database is away, so that a later try may succeed, 2 for everything else; 130 after Ctrl+C, 143 after SIGTERM.
"""

import logging
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType

_INTERRUPTED = 128 + signal.SIGINT
_TERMINATED = 128 + signal.SIGTERM
_FAULT = 2
_AWAY = os.EX_TEMPFAIL


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the arguments name; the exit code."""
    signal.signal(signal.SIGTERM, _end)
    # The loader of statements warns of each that changes something and bears no mark of its own for it.
    logging.getLogger("aiosql").setLevel(logging.ERROR)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return _FAULT


def _run(arguments: Sequence[str] | None) -> int:
    # The parts of all commands take most of a second to load: inside, so that Ctrl+C and SIGTERM end that
    # quietly too.
    from leadterra.cli.application import application  # noqa: PLC0415
    from leadterra.cli.errors import explain  # noqa: PLC0415
    from leadterra.store.availability import is_unavailable  # noqa: PLC0415

    try:
        code = application(args=arguments, prog_name="leadterra", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        print(f"leadterra: {explain(error)}", file=sys.stderr)
        return _AWAY if is_unavailable(error) else _FAULT
    return code if isinstance(code, int) else 0


def _end(_number: int, _frame: FrameType | None) -> None:
    """Leave as from any command that ends, so that what was started is stopped."""
    sys.exit(_TERMINATED)


def _forget_stdout() -> None:
    """Nobody reads any more, and the interpreter would complain at its end about what it could not write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
