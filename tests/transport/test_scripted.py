"""The courier of simulations keeps to what every courier does, over a script instead of a socket."""

import asyncio

import pytest

from leadterra.actions.ports import Attempt, Submission
from leadterra.domain.outcomes import (
    Accepted,
    Answer,
    Command,
    Deferred,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Withheld,
)
from leadterra.mail.letter import Letter
from leadterra.transport.scripted import ScriptedCourier
from tests.support.smtp_letters import Asked, StepClock, allow, deny, letter, submission
from tests.support.smtp_servers import ScriptedServer


class OneAnswer:
    """A script that says one thing, and remembers what it was told."""

    def __init__(self, command: Command, code: int | None, text: str) -> None:
        self._answer = Answer(command, code, None, text)
        self.told: list[Attempt] = []

    def answer(self, _submission: Submission, _letter: Letter) -> Answer:
        """See `Script`."""
        return self._answer

    def ended(self, _submission: Submission, _letter: Letter, attempt: Attempt) -> None:
        """See `Script`."""
        self.told.append(attempt)


TAKES = (Command.BODY, 250, "2.0.0 taken")
THERE = submission(ScriptedServer())


@pytest.mark.parametrize(
    ("said", "kind", "scope"),
    [
        ((Command.CONNECT, None, "connection refused"), Deferred, Scope.SERVER),
        ((Command.AUTH, 535, "5.7.8 no"), Refused, Scope.ACCOUNT),
        ((Command.RCPT, 550, "5.1.1 no such user"), Refused, Scope.RECIPIENT),
        ((Command.RCPT, 450, "4.7.1 greylisted"), Deferred, Scope.RECIPIENT),
    ],
)
async def test_an_ending_before_data_is_judged_and_asks_for_no_clearance(
    said: tuple[Command, int | None, str], kind: type, scope: Scope
) -> None:
    """As by the one table, and DATA never began."""
    clear = Asked()
    attempt = await ScriptedCourier(StepClock(), OneAnswer(*said)).deliver(THERE, letter(), clear)
    assert isinstance(attempt.ending, Deferred | Refused)
    assert (type(attempt.ending), attempt.ending.scope) == (kind, scope)
    assert (attempt.data_at, clear.times) == (None, 0)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (TAKES, Accepted),
        ((Command.BODY, None, "closed"), Uncertain),
        ((Command.BODY, 554, "5.6.0 not this"), Refused),
        ((Command.DATA, 451, "4.3.0 not now"), Deferred),
    ],
)
async def test_an_ending_after_data_was_cleared_once(
    said: tuple[Command, int | None, str], kind: type
) -> None:
    """All its times are in order."""
    clear = Asked()
    attempt = await ScriptedCourier(StepClock(), OneAnswer(*said)).deliver(THERE, letter(), clear)
    assert type(attempt.ending) is kind
    assert attempt.data_at is not None
    assert attempt.started_at <= attempt.data_at <= attempt.ended_at
    assert clear.times == 1


async def test_a_letter_that_is_not_cleared_does_not_reach_its_server() -> None:
    """The script is told so, and that DATA never began."""
    script = OneAnswer(*TAKES)
    attempt = await ScriptedCourier(StepClock(), script).deliver(THERE, letter(), deny)
    assert isinstance(attempt.ending, Withheld)
    assert (attempt.ending.reason, attempt.data_at) == (Reason.NOT_CLEARED, None)
    assert script.told == [attempt]


async def test_a_clearance_that_fails_comes_out() -> None:
    """And the script hears of nothing."""
    script = OneAnswer(*TAKES)

    async def broken() -> bool:
        raise LookupError("no database")

    with pytest.raises(LookupError, match="no database"):
        await ScriptedCourier(StepClock(), script).deliver(THERE, letter(), broken)
    assert script.told == []


async def test_cancelled_before_it_is_cleared_a_delivery_is_cancelled() -> None:
    """There is nothing to tell."""
    script, asked = OneAnswer(*TAKES), asyncio.Event()

    async def wait() -> bool:
        asked.set()
        await asyncio.Event().wait()
        return True

    delivery = asyncio.create_task(ScriptedCourier(StepClock(), script).deliver(THERE, letter(), wait))
    await asked.wait()
    delivery.cancel()
    await asyncio.wait([delivery])
    assert delivery.cancelled()
    assert script.told == []


async def test_the_script_is_told_what_the_caller_is_told() -> None:
    """Attempt by attempt; and closing is nothing, as often as it is done."""
    script = OneAnswer(*TAKES)
    courier = ScriptedCourier(StepClock(), script)
    attempts = [await courier.deliver(THERE, letter(), allow) for _ in range(3)]
    await courier.close()
    await courier.close()
    assert script.told == attempts
