"""The one moment that decides between "not sent" and "we cannot know": when the lone dot may have left this
process.
"""

import asyncio

import pytest

from leadterra.actions.ports import Attempt, Security
from leadterra.domain.outcomes import Accepted, Command, Deferred, Refused, Scope, Uncertain
from leadterra.transport.courier import SmtpCourier
from tests.support.smtp_certificates import authority
from tests.support.smtp_letters import Gate, MakeCourier, allow, impatient, letter, submission
from tests.support.smtp_servers import Move, Raw, ScriptedServer, scripted

HUGE = "0123456789abcdef" * 2**20
"""16 MiB: more than the buffers between two sockets hold."""
ROOMY = ("PIPELINING", "SIZE 100000000")


async def _cancelled_at(
    courier: SmtpCourier, server: ScriptedServer, point: str, text: str = "Hi"
) -> asyncio.Task[Attempt]:
    """A delivery that was cancelled when the server had come to this point."""
    delivery = asyncio.create_task(courier.deliver(submission(server), letter(text=text), allow))
    await server.reached(point)
    delivery.cancel()
    await asyncio.wait([delivery], timeout=5)
    assert delivery.done()
    return delivery


@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
async def test_a_server_that_stops_reading_does_not_have_the_letter(
    security: Security, make_courier: MakeCourier
) -> None:
    """The dot never left: deferred after the time limit of one block, and the rest is not flushed."""
    courier = make_courier(impatient("BLOCK"))
    stuck = {"DATA": Raw(b"354 go\r\n", Move.DEAF)}
    async with scripted(stuck, extensions=ROOMY, starttls=authority().server_context()) as server:
        attempt = await courier.deliver(submission(server, security=security), letter(text=HUGE), allow)

    assert isinstance(attempt.ending, Deferred)
    assert (attempt.ending.scope, attempt.ending.answer.command) == (Scope.SERVER, Command.DATA)
    assert attempt.data_at is not None
    assert server.letters == []


async def test_a_server_that_closes_in_the_middle_of_a_large_letter_does_not_have_it(
    courier: SmtpCourier,
) -> None:
    """Closed while the content was still going out: deferred."""
    async with scripted({"DATA": Raw(b"354 go\r\n", Move.RESET)}, extensions=ROOMY) as server:
        attempt = await courier.deliver(submission(server), letter(text=HUGE), allow)

    assert isinstance(attempt.ending, Deferred)
    assert attempt.ending.answer.command is Command.DATA


@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
async def test_a_large_letter_arrives_whole(security: Security, courier: SmtpCourier) -> None:
    """Block by block, with and without TLS."""
    async with scripted(extensions=ROOMY, starttls=authority().server_context()) as server:
        text = "\r\n".join(["." * 60] * 8000)
        attempt = await courier.deliver(submission(server, security=security), letter(text=text), allow)

    assert isinstance(attempt.ending, Accepted)
    assert server.letters[0].content == f"Subject: Hello\r\n\r\n{text}\r\n".encode()


async def test_a_refusal_in_the_middle_of_the_content_is_believed(courier: SmtpCourier) -> None:
    """A server that says "too big" and reads no further has refused; the connection is not used again."""
    early = Raw(b"354 go\r\n", Move.DEAF)
    async with scripted({"DATA": early}, extensions=ROOMY) as server:
        delivery = asyncio.create_task(courier.deliver(submission(server), letter(text=HUGE), allow))
        await server.reached("DEAF")
        await server.say(b"552 5.3.4 too big\r\n")
        attempt = await delivery

    assert isinstance(attempt.ending, Refused)
    assert (attempt.ending.scope, attempt.ending.answer.command) == (Scope.RECIPIENT, Command.BODY)


async def test_an_acceptance_in_the_middle_of_the_content_is_not_believed(courier: SmtpCourier) -> None:
    """Nobody can have taken what has not been sent."""
    early = Raw(b"354 go\r\n", Move.DEAF)
    async with scripted({"DATA": early}, extensions=ROOMY) as server:
        delivery = asyncio.create_task(courier.deliver(submission(server), letter(text=HUGE), allow))
        await server.reached("DEAF")
        await server.say(b"250 fine\r\n")
        attempt = await delivery

    assert isinstance(attempt.ending, Deferred)
    assert attempt.ending.answer.command is Command.DATA


async def test_an_answer_given_together_with_the_354_is_not_taken_for_the_last_one(
    courier: SmtpCourier,
) -> None:
    """A 250 that comes before the content ends the conversation with nothing sent."""
    async with scripted({"DATA": Raw(b"354 go\r\n250 taken\r\n", Move.HANG)}) as server:
        attempt = await courier.deliver(submission(server), letter(), allow)

    assert isinstance(attempt.ending, Deferred)
    assert attempt.ending.answer.command is Command.DATA


async def test_no_connection_is_used_again_after_an_uncertain_ending(make_courier: MakeCourier) -> None:
    """The next letter starts afresh."""
    courier = make_courier(impatient("BODY"))
    async with scripted({"BODY": [Move.HANG, "250 fine"]}) as server:
        first = await courier.deliver(submission(server), letter(), allow)
        second = await courier.deliver(submission(server), letter(), allow)

    assert isinstance(first.ending, Uncertain)
    assert isinstance(second.ending, Accepted)
    assert len(server.connections) == 2


async def test_cancelled_while_waiting_for_the_last_answer_it_is_uncertain(courier: SmtpCourier) -> None:
    """The value is returned, and the task still knows that it was cancelled."""
    async with scripted({"BODY": Move.HANG}) as server:
        delivery = await _cancelled_at(courier, server, "BODY")
        attempt = delivery.result()

    assert isinstance(attempt.ending, Uncertain)
    assert attempt.data_at is not None
    assert delivery.cancelling() == 1


async def test_cancelled_between_data_and_its_354_nothing_was_taken(courier: SmtpCourier) -> None:
    """DATA was said but the content was not: a value, and it says so."""
    async with scripted({"DATA": Move.HANG}) as server:
        attempt = (await _cancelled_at(courier, server, "DATA")).result()

    assert isinstance(attempt.ending, Deferred)
    assert (attempt.ending.scope, attempt.ending.answer.command) == (Scope.SERVER, Command.DATA)
    assert attempt.data_at is not None


async def test_cancelled_in_the_middle_of_a_large_letter_nothing_was_taken(courier: SmtpCourier) -> None:
    """What is left unsent is thrown away, the dot with it."""
    async with scripted({"DATA": Raw(b"354 go\r\n", Move.DEAF)}, extensions=ROOMY) as server:
        attempt = (await _cancelled_at(courier, server, "DEAF", HUGE)).result()

    assert isinstance(attempt.ending, Deferred)
    assert attempt.ending.answer.command is Command.DATA


@pytest.mark.parametrize("point", ["GREETING", "EHLO", "MAIL", "RCPT"])
@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)], ids=["one by one", "pipelined"])
async def test_cancelled_before_data_it_is_cancelled(
    point: str, extensions: tuple[str, ...], courier: SmtpCourier
) -> None:
    """Nothing was sent, and the connection is gone."""
    async with scripted({point: Move.HANG}, extensions=extensions) as server:
        delivery = await _cancelled_at(courier, server, point)
        await server.reached("CLOSED")

    assert delivery.cancelled()
    assert server.letters == []


async def test_cancelled_during_the_clearance_it_is_cancelled(courier: SmtpCourier) -> None:
    """Not yet cleared means not sent."""
    gate = Gate()
    async with scripted() as server:
        delivery = asyncio.create_task(courier.deliver(submission(server), letter(), gate))
        await gate.asked.wait()
        delivery.cancel()
        await asyncio.wait([delivery])
        await server.reached("CLOSED")

    assert delivery.cancelled()
    assert b"DATA" not in server.commands


async def test_cancelled_while_taking_back_a_refused_letter_the_refusal_is_told(courier: SmtpCourier) -> None:
    """What is known already is returned."""
    async with scripted({"RCPT": "550 5.1.1 no such user", "RSET": Move.HANG}) as server:
        attempt = (await _cancelled_at(courier, server, "RSET")).result()

    assert isinstance(attempt.ending, Refused)
