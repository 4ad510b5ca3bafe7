"""R7: whether the letter may go is asked when the recipient was accepted, and a no leaves no trace at the
server.
"""

import asyncio

import pytest

from leadterra.domain.outcomes import Accepted, Command, Deferred, Reason, Withheld
from leadterra.transport.courier import SmtpCourier
from tests.support.smtp_letters import Gate, allow, deny, letter, submission
from tests.support.smtp_servers import scripted


async def test_it_is_asked_after_the_recipient_was_accepted_and_before_data(courier: SmtpCourier) -> None:
    """While the clearance is open the server has heard RCPT and not DATA."""
    gate = Gate()
    async with scripted() as server:
        delivery = asyncio.create_task(courier.deliver(submission(server), letter(), gate))
        await gate.asked.wait()
        heard = list(server.commands)
        gate.open.set()
        attempt = await delivery

    assert heard[-1].startswith(b"RCPT")
    assert isinstance(attempt.ending, Accepted)


async def test_without_clearance_nothing_is_sent_and_the_connection_is_kept(courier: SmtpCourier) -> None:
    """RSET instead of DATA; the next letter goes over the same connection."""
    async with scripted() as server:
        attempt = await courier.deliver(submission(server), letter(), deny)
        following = await courier.deliver(submission(server), letter("max@lead.example"), allow)

    assert isinstance(attempt.ending, Withheld)
    assert (attempt.ending.reason, attempt.data_at) == (Reason.NOT_CLEARED, None)
    assert isinstance(following.ending, Accepted)
    assert len(server.connections) == 1
    assert [received.rcpt for received in server.letters] == [b"RCPT TO:<max@lead.example>"]


async def test_a_clearance_that_fails_is_passed_on_with_nothing_sent(courier: SmtpCourier) -> None:
    """The caller's exception comes out; the connection is reset and good for the next letter."""

    async def broken() -> bool:
        raise LookupError("no database")

    async with scripted() as server:
        with pytest.raises(LookupError, match="no database"):
            await courier.deliver(submission(server), letter(), broken)
        await courier.deliver(submission(server), letter("max@lead.example"), allow)

    assert (len(server.connections), server.commands.count(b"RSET"), len(server.letters)) == (1, 1, 1)


async def test_a_connection_lost_during_the_clearance_means_that_data_was_not_said(
    courier: SmtpCourier,
) -> None:
    """Cleared, but nobody is there any more: deferred, without a time of DATA."""
    gate = Gate()
    async with scripted() as server:
        delivery = asyncio.create_task(courier.deliver(submission(server), letter(), gate))
        await gate.asked.wait()
        await server.hang_up()
        gate.open.set()
        attempt = await delivery

    assert isinstance(attempt.ending, Deferred)
    assert (attempt.ending.answer.command, attempt.data_at) == (Command.DATA, None)
