"""A process that was started by another of ours ends with it, however that one ended.

Its standard input is a pipe that the parent holds open and never writes to. When the parent is gone, killed
or not, the kernel closes the pipe, and the process drains as if it had been interrupted. Nothing is polled,
and it works wherever there are pipes.
"""

import os
import signal
import threading
from typing import Annotated

import typer

WithParent = Annotated[bool, typer.Option("--with-parent", hidden=True)]


def end_with_parent() -> None:
    """From now on, the end of standard input is Ctrl+C. That is another signal than the parent's own SIGTERM:
    a process that is draining already does not take it for a second one.
    """
    threading.Thread(target=_wait_for_end, name="parent", daemon=True).start()


def _wait_for_end() -> None:
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGINT)
