"""What every courier does, the real one over a scripted server and the fake one alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from leadterra.actions.ports import Attempt, Clear, Courier, Submission
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
from leadterra.transport.courier import SmtpCourier
from tests.support.smtp_fakes import FakeCourier
from tests.support.smtp_letters import Asked, StepClock, allow, compose, deny, letter, submission
from tests.support.smtp_servers import Move, ScriptedServer, scripted


@dataclass
class Stage:
    """A courier and the server that it talks to, or pretends to."""

    courier: Courier
    submission: Submission

    async def deliver(self, clear: Clear = allow) -> Attempt:
        return await self.courier.deliver(self.submission, letter(), clear)


@asynccontextmanager
async def _staged(kind: str, command: Command, reply: str | None) -> AsyncIterator[Stage]:
    """A courier whose conversation ends at this command with this reply, or with silence."""
    if kind == "fake":
        code = int(reply.split()[0]) if reply else None
        answer = Answer(command, code, None, reply[4:] if reply else "silence")
        courier: Courier = FakeCourier(StepClock(), lambda submission, letter: answer)
        yield Stage(courier, submission(ScriptedServer()))
        await courier.close()
    else:
        point = "GREETING" if command is Command.CONNECT else command.value
        async with scripted({point: reply or Move.CLOSE}) as server:
            courier = SmtpCourier(StepClock(), compose)
            yield Stage(courier, submission(server))
            await courier.close()


couriers = pytest.mark.parametrize("kind", ["real", "fake"])


@couriers
async def test_a_letter_that_is_taken_is_accepted(kind: str) -> None:
    """With the server's answer, and with all times in order."""
    async with _staged(kind, Command.BODY, "250 2.0.0 taken") as stage:
        attempt = await stage.deliver()

    assert isinstance(attempt.ending, Accepted)
    assert attempt.ending.answer.code == 250
    assert attempt.data_at is not None
    assert attempt.started_at <= attempt.data_at <= attempt.ended_at
    assert attempt.server == f"{stage.submission.host}:{stage.submission.port}"


@couriers
@pytest.mark.parametrize(
    ("command", "reply", "kind_of_ending", "scope"),
    [
        (Command.CONNECT, "421 4.3.2 busy", Deferred, Scope.SERVER),
        (Command.MAIL, "550 5.7.1 sender refused", Refused, Scope.ACCOUNT),
        (Command.MAIL, "550 5.4.5 Daily user sending quota exceeded", Deferred, Scope.ACCOUNT),
        (Command.RCPT, "550 5.1.1 no such user", Refused, Scope.RECIPIENT),
        (Command.RCPT, None, Deferred, Scope.SERVER),
    ],
)
async def test_an_ending_before_data_asks_for_no_clearance(
    kind: str, command: Command, reply: str | None, kind_of_ending: type, scope: Scope
) -> None:
    """The answer is judged, and there is no time of DATA."""
    clear = Asked()
    async with _staged(kind, command, reply) as stage:
        attempt = await stage.deliver(clear)

    assert isinstance(attempt.ending, Deferred | Refused)
    assert (type(attempt.ending), attempt.ending.scope) == (kind_of_ending, scope)
    assert (attempt.data_at, clear.times) == (None, 0)


@couriers
@pytest.mark.parametrize(
    ("command", "reply", "kind_of_ending"),
    [
        (Command.DATA, "451 4.3.0 not now", Deferred),
        (Command.DATA, None, Deferred),
        (Command.BODY, "554 5.6.0 not this", Refused),
        (Command.BODY, None, Uncertain),
    ],
)
async def test_an_ending_after_data_has_its_time(
    kind: str, command: Command, reply: str | None, kind_of_ending: type
) -> None:
    """Clearance is asked once, and silence after the content is uncertain."""
    clear = Asked()
    async with _staged(kind, command, reply) as stage:
        attempt = await stage.deliver(clear)

    assert type(attempt.ending) is kind_of_ending
    assert (attempt.data_at is not None, clear.times) == (True, 1)


@couriers
async def test_a_letter_that_is_not_cleared_is_withheld(kind: str) -> None:
    """Nothing was sent."""
    async with _staged(kind, Command.BODY, "250 taken") as stage:
        attempt = await stage.deliver(deny)

    assert isinstance(attempt.ending, Withheld)
    assert (attempt.ending.reason, attempt.data_at) == (Reason.NOT_CLEARED, None)


@couriers
async def test_a_clearance_that_fails_comes_out(kind: str) -> None:
    """What goes wrong at our side is the caller's to know."""

    async def broken() -> bool:
        raise LookupError("no database")

    async with _staged(kind, Command.BODY, "250 taken") as stage:
        with pytest.raises(LookupError, match="no database"):
            await stage.deliver(broken)


@couriers
async def test_cancelled_before_it_is_cleared_a_delivery_is_cancelled(kind: str) -> None:
    """There is nothing to tell."""
    asked = asyncio.Event()

    async def wait() -> bool:
        asked.set()
        await asyncio.Event().wait()
        return True

    async with _staged(kind, Command.BODY, "250 taken") as stage:
        delivery = asyncio.create_task(stage.deliver(wait))
        await asked.wait()
        delivery.cancel()
        await asyncio.wait([delivery])

    assert delivery.cancelled()


@couriers
async def test_cancelled_after_the_content_a_delivery_is_uncertain(kind: str) -> None:
    """A value, not an exception."""
    if kind == "fake":
        fake = FakeCourier(StepClock())
        fake.hold.clear()
        delivery = asyncio.create_task(fake.deliver(submission(ScriptedServer()), letter(), allow))
        await fake.transmitting.wait()
        delivery.cancel()
        attempt = await delivery
    else:
        async with scripted({"BODY": Move.HANG}) as server:
            courier = SmtpCourier(StepClock(), compose)
            delivery = asyncio.create_task(courier.deliver(submission(server), letter(), allow))
            await server.reached("BODY")
            delivery.cancel()
            attempt = await delivery
            await courier.close()

    assert isinstance(attempt.ending, Uncertain)
    assert attempt.data_at is not None


@couriers
async def test_a_courier_can_be_closed_twice(kind: str) -> None:
    """The second time there is nothing to do."""
    async with _staged(kind, Command.BODY, "250 taken") as stage:
        await stage.deliver()
        await stage.courier.close()
        await stage.courier.close()
