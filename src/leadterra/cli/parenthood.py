"""A process that was started by another of ours ends with it, however that one ended.

Its standard input is a pipe that the parent holds open and never writes to. When the parent is gone, killed
or not, the kernel closes the pipe, and the process drains as if it had been interrupted. It works wherever
there are pipes, and nothing is polled but the parent's last moments: its locks are released after its pipes,
and whoever asks in between whether somebody else uses the embedded PostgreSQL would hear that the dead one
does.
"""

import os
import signal
import threading
import time
from typing import Annotated

import typer

_LOOK_EVERY = 0.005
_LAST_MOMENTS = 5.0

WithParent = Annotated[bool, typer.Option("--with-parent", hidden=True)]


def end_with_parent() -> None:
    """From now on, the end of standard input is Ctrl+C. That is another signal than the parent's own SIGTERM:
    a process that is draining already does not take it for a second one.
    """
    threading.Thread(target=_wait_for_end, args=[os.getppid()], name="parent", daemon=True).start()


def _wait_for_end(parent: int) -> None:
    while os.read(0, 4096):
        pass
    give_up = time.monotonic() + _LAST_MOMENTS
    while os.getppid() == parent and time.monotonic() < give_up:
        time.sleep(_LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGINT)
