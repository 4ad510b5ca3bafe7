"""Connections: kept and shared out within limits, never between accounts or across a changed password."""

import asyncio
from collections import Counter
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from leadterra.domain.outcomes import Accepted, Deferred, Uncertain
from leadterra.transport.connections import Limits
from leadterra.transport.courier import SmtpCourier
from tests.support.smtp_letters import ACCOUNT, Gate, MakeCourier, allow, impatient, letter, submission
from tests.support.smtp_servers import Move, Script, scripted

OTHER = UUID("01890000-0000-7000-8000-000000000002")


async def test_one_connection_carries_many_letters(courier: SmtpCourier) -> None:
    """One greeting and one login for ten letters."""
    async with scripted() as server:
        for number in range(10):
            await courier.deliver(
                submission(server, username="u", password="pass word"),
                letter(f"{number}@lead.example"),
                allow,
            )

    verbs = Counter(command.split()[0] for command in server.commands)
    assert (len(server.connections), verbs[b"EHLO"], verbs[b"AUTH"], verbs[b"DATA"]) == (1, 1, 1, 10)


async def test_a_connection_carries_no_more_letters_than_allowed(make_courier: MakeCourier) -> None:
    """Seven letters at three a connection need three connections."""
    courier = make_courier(limits=Limits(letters=3))
    async with scripted() as server:
        for _ in range(7):
            await courier.deliver(submission(server), letter(), allow)

    assert Counter(received.connection for received in server.letters) == {1: 3, 2: 3, 3: 1}


async def test_fifty_deliveries_at_once_keep_to_the_accounts_limit(make_courier: MakeCourier) -> None:
    """Never more connections than allowed, and every letter arrives."""
    courier = make_courier(limits=Limits(per_account=3))
    async with scripted() as server:
        attempts = await asyncio.gather(
            *(courier.deliver(submission(server), letter(f"{n}@lead.example"), allow) for n in range(50))
        )

    assert all(isinstance(attempt.ending, Accepted) for attempt in attempts)
    assert (server.peak, len(server.connections), len(server.letters)) == (3, 3, 50)


async def test_many_accounts_keep_to_the_limit_of_the_process(make_courier: MakeCourier) -> None:
    """Kept connections count too, and give way to accounts that have none."""
    courier = make_courier(limits=Limits(per_account=2, total=5))
    accounts = [UUID(int=number) for number in range(20)]
    async with scripted() as server:
        await asyncio.gather(
            *(courier.deliver(submission(server, account), letter(), allow) for account in accounts * 3)
        )

    assert len(server.letters) == 60
    assert server.peak <= 5


async def test_first_come_first_served(make_courier: MakeCourier) -> None:
    """Deliveries of one account leave in the order in which they were asked for."""
    courier = make_courier(limits=Limits(per_account=1))
    async with scripted() as server:
        await asyncio.gather(
            *(courier.deliver(submission(server), letter(f"{n}@lead.example"), allow) for n in range(9))
        )

    assert [received.rcpt for received in server.letters] == [
        b"RCPT TO:<%d@lead.example>" % n for n in range(9)
    ]


async def test_a_busy_account_does_not_hold_up_the_others(make_courier: MakeCourier) -> None:
    """While one account waits for its own connection, another one's letter goes."""
    courier = make_courier(limits=Limits(per_account=1))
    gate = Gate()
    async with scripted() as server:
        busy = asyncio.create_task(courier.deliver(submission(server), letter(), gate))
        waiting = asyncio.create_task(courier.deliver(submission(server), letter(), allow))
        await gate.asked.wait()
        attempt = await courier.deliver(submission(server, OTHER), letter(), allow)
        waited = not waiting.done()
        gate.open.set()
        await asyncio.gather(busy, waiting)

    assert isinstance(attempt.ending, Accepted)
    assert waited


async def test_whoever_gives_up_waiting_leaves_the_place_to_the_next(make_courier: MakeCourier) -> None:
    """A cancelled wait takes no connection with it."""
    courier = make_courier(limits=Limits(per_account=1))
    gate = Gate()
    async with scripted() as server:
        first = asyncio.create_task(courier.deliver(submission(server), letter(), gate))
        await gate.asked.wait()
        given_up = asyncio.create_task(courier.deliver(submission(server), letter(), allow))
        last = asyncio.create_task(courier.deliver(submission(server), letter(), allow))
        await courier.deliver(submission(server, OTHER), letter(), allow)  # Meanwhile both have queued up.
        given_up.cancel()
        gate.open.set()
        await asyncio.wait([first, given_up, last], timeout=5)

    assert given_up.cancelled()
    assert isinstance(last.result().ending, Accepted)


async def test_a_place_is_free_again_after_a_failure_to_connect(make_courier: MakeCourier) -> None:
    """Refused greetings use up no places."""
    courier = make_courier(limits=Limits(per_account=1, total=1))
    async with scripted({"GREETING": ["421 busy", "421 busy", "220 hello"]}) as server:
        attempts = [await courier.deliver(submission(server), letter(), allow) for _ in range(3)]

    assert [type(attempt.ending) for attempt in attempts] == [Deferred, Deferred, Accepted]


async def test_two_accounts_never_share_a_connection(courier: SmtpCourier) -> None:
    """Not even with the same host, port and login."""
    async with scripted() as server:
        for account in (ACCOUNT, OTHER, ACCOUNT, OTHER):
            await courier.deliver(submission(server, account), letter(), allow)

    assert [received.connection for received in server.letters] == [1, 2, 1, 2]


@pytest.mark.parametrize("change", [{"password": "new secret"}, {"username": "max"}, {"host": "localhost"}])
async def test_changed_particulars_never_meet_an_old_connection(
    change: dict[str, Any], courier: SmtpCourier
) -> None:
    """The old connection is closed at once, not only left to age."""
    async with scripted() as server:
        old = submission(server, username="james", password="old secret")
        await courier.deliver(old, letter(), allow)
        await courier.deliver(replace(old, **change), letter(), allow)
        await server.reached("CLOSED")

    assert [received.connection for received in server.letters] == [1, 2]
    assert server.connections[0].commands[-1] == b"QUIT"


async def test_an_idle_connection_that_the_server_closed_is_replaced(courier: SmtpCourier) -> None:
    """Nobody notices: the letter goes over a new connection at the first attempt."""
    async with scripted() as server:
        await courier.deliver(submission(server), letter(), allow)
        await server.hang_up()
        attempt = await courier.deliver(submission(server), letter(), allow)

    assert isinstance(attempt.ending, Accepted)
    assert (len(server.connections), len(server.letters)) == (2, 2)


@pytest.mark.parametrize("goodbye", ["421 4.4.2 idle too long", Move.CLOSE, Move.RESET], ids=str)
async def test_a_kept_connection_that_ends_at_mail_is_replaced_once(
    goodbye: str | Move, courier: SmtpCourier
) -> None:
    """421 or a broken line in answer to MAIL, on a connection that worked before, is not this letter's
    failure.
    """
    async with scripted({"MAIL": ["250 fine", goodbye, "250 fine"]}) as server:
        await courier.deliver(submission(server), letter(), allow)
        attempt = await courier.deliver(submission(server), letter(), allow)

    assert isinstance(attempt.ending, Accepted)
    assert (len(server.connections), len(server.letters)) == (2, 2)


async def test_a_connection_kept_without_ever_carrying_a_letter_is_replaced_too(courier: SmtpCourier) -> None:
    """Its first letter was too large for the server."""
    script: Script = {"MAIL": ["421 4.4.2 idle too long", "250 fine"]}
    async with scripted(script, extensions=["SIZE 100"]) as server:
        await courier.deliver(submission(server), letter(text="x" * 200), allow)
        attempt = await courier.deliver(submission(server), letter(), allow)

    assert isinstance(attempt.ending, Accepted)
    assert len(server.connections) == 2


async def test_a_new_connection_that_ends_at_mail_is_a_failure(courier: SmtpCourier) -> None:
    """Replaced once, not over and over."""
    async with scripted({"MAIL": ["250 fine", Move.CLOSE, Move.CLOSE, "250 fine"]}) as server:
        await courier.deliver(submission(server), letter(), allow)
        attempt = await courier.deliver(submission(server), letter(), allow)

    assert isinstance(attempt.ending, Deferred)
    assert len(server.connections) == 2


@pytest.mark.parametrize("point", ["DATA", "BODY"])
async def test_a_kept_connection_that_ends_later_is_not_replaced(point: str, courier: SmtpCourier) -> None:
    """From DATA on nothing is repeated behind the caller's back."""
    usual = {"DATA": "354 go", "BODY": "250 taken"}[point]
    async with scripted({point: [usual, Move.CLOSE, usual]}) as server:
        await courier.deliver(submission(server), letter(), allow)
        attempt = await courier.deliver(submission(server), letter(), allow)

    assert isinstance(attempt.ending, Deferred if point == "DATA" else Uncertain)
    assert len(server.connections) == 1


async def test_an_unused_connection_is_closed_after_a_while(make_courier: MakeCourier) -> None:
    """With QUIT, by itself."""
    courier = make_courier(limits=Limits(idle=0.02))
    async with scripted() as server:
        await courier.deliver(submission(server), letter(), allow)
        await server.reached("CLOSED")

    assert server.commands[-1] == b"QUIT"


async def test_close_says_quit_on_every_idle_connection(courier: SmtpCourier) -> None:
    """And waits for the answer; a second close does nothing."""
    async with scripted() as server:
        for account in (ACCOUNT, OTHER):
            await courier.deliver(submission(server, account), letter(), allow)
        await courier.close()
        await courier.close()
        await server.reached("CLOSED", 2)

    assert [connection.commands[-1] for connection in server.connections] == [b"QUIT", b"QUIT"]


async def test_close_does_not_wait_for_a_server_that_does_not_answer_quit(make_courier: MakeCourier) -> None:
    """The connection is dropped when the time for farewells is over."""
    courier = make_courier(impatient("QUIT"))
    async with scripted({"QUIT": Move.HANG}) as server:
        await courier.deliver(submission(server), letter(), allow)
        await courier.close()
        await server.reached("CLOSED")

    assert server.commands[-1] == b"QUIT"


async def test_a_delivery_under_way_ends_in_its_own_time_after_close(courier: SmtpCourier) -> None:
    """Its connection is closed behind it."""
    gate = Gate()
    async with scripted() as server:
        delivery = asyncio.create_task(courier.deliver(submission(server), letter(), gate))
        await gate.asked.wait()
        await courier.close()
        gate.open.set()
        attempt = await delivery
        await server.reached("CLOSED")

    assert isinstance(attempt.ending, Accepted)
