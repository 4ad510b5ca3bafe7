"""How a supervisor hears that it should stop."""

import asyncio
import signal

from leadterra.cli.output import Output
from leadterra.cli.supervision import Supervisor
from leadterra.observability import log

_SAY_EVERY = 2.0


def drain_on_signals(supervisor: Supervisor, output: Output) -> None:
    """SIGTERM, SIGINT and a lost terminal drain; any second signal ends all parts at once. SIGINT says what
    is waited for.
    """
    loop = asyncio.get_running_loop()
    saying: set[asyncio.Task[None]] = set()

    def stop(number: int) -> None:
        if supervisor.is_stopping:
            supervisor.kill()
            return
        log.info("program.draining", signal=signal.Signals(number).name)
        supervisor.stop()
        if number == signal.SIGINT:
            saying.add(loop.create_task(_say_what_is_waited_for(supervisor, output)))

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)


async def _say_what_is_waited_for(supervisor: Supervisor, output: Output) -> None:
    while waiting := supervisor.waits_for():
        output.note(
            f"Waiting for {', '.join(waiting)} to finish what is being sent. Ctrl+C again ends them now."
        )
        await asyncio.sleep(_SAY_EVERY)
