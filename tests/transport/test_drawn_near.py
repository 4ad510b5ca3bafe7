"""The next letter's MAIL and RCPT go out behind the content of the letter before (RFC 2920 §3.1), and neither
letter's ending depends on the other.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

import pytest

from leadterra.actions.ports import Security, Submission
from leadterra.domain.outcomes import Accepted, Deferred, Reason, Refused, Uncertain, Unsendable
from leadterra.mail.letter import Letter
from leadterra.transport.connections import Limits
from leadterra.transport.courier import SmtpCourier
from tests.support.smtp_certificates import authority
from tests.support.smtp_letters import (
    ACCOUNT,
    Asked,
    Composition,
    Gate,
    MakeCourier,
    allow,
    letter,
    submission,
)
from tests.support.smtp_servers import EXTENSIONS, Move, ScriptedServer, scripted

OTHER = UUID("01890000-0000-7000-8000-000000000002")
ONE = Limits(per_account=1)


class Held:
    """A server on one connection that answers the first lone dot only when it is told to.

    proposed: it has read the second letter's RCPT, before it answered. rest: what came after the answer.
    """

    def __init__(self) -> None:
        self.proposed, self.answer = asyncio.Event(), asyncio.Event()
        self.submission = submission(ScriptedServer())
        self.rest = b""
        self.ended = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One letter, and what follows it."""
        writer.write(b"220 hello\r\n")
        for end, answer in (
            (b"EHLO [127.0.0.1]\r\n", b"250-hello\r\n250 PIPELINING\r\n"),
            (b"RCPT TO:<first@lead.example>\r\n", b"250 fine\r\n250 fine\r\n"),
            (b"DATA\r\n", b"354 go\r\n"),
        ):
            await reader.readuntil(end)
            writer.write(answer)
        await reader.readuntil(b"\r\n.\r\n")
        await reader.readuntil(b"RCPT TO:<second@lead.example>\r\n")
        self.proposed.set()
        await self.answer.wait()
        writer.write(b"250 taken\r\n250 fine\r\n250 fine\r\n")
        self.rest = await reader.read()
        writer.close()
        self.ended.set()


@asynccontextmanager
async def _held() -> AsyncIterator[Held]:
    held = Held()
    async with await asyncio.start_server(held.serve, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        held.submission = replace(held.submission, port=port)
        async with asyncio.timeout(5):
            yield held


async def _both(courier: SmtpCourier, account: Submission, clear: Asked | Gate | None = None) -> list[object]:
    """Two letters at once; their endings."""
    attempts = await asyncio.gather(
        courier.deliver(account, letter("first@lead.example"), allow),
        courier.deliver(account, letter("second@lead.example"), clear or allow),
    )
    return [attempt.ending for attempt in attempts]


async def test_the_next_letter_is_proposed_before_the_last_answer(make_courier: MakeCourier) -> None:
    """A server that waits for the second RCPT before it answers the first dot gets it, and no DATA yet."""
    courier, clear = make_courier(limits=ONE), Gate()
    async with _held() as held:
        deliveries = asyncio.create_task(_both(courier, held.submission, clear))
        await held.proposed.wait()
        was_asked = clear.asked.is_set()
        held.answer.set()
        await clear.asked.wait()
        deliveries.cancel()
        await asyncio.wait([deliveries])
        await held.ended.wait()

    assert not was_asked
    assert held.rest == b""


async def test_who_is_cancelled_while_drawn_near_harms_nobody(make_courier: MakeCourier) -> None:
    """The letter before ends in the server's answer; the connection is not used again."""
    courier, clear = make_courier(limits=ONE), Asked()
    async with _held() as held:
        first = asyncio.create_task(courier.deliver(held.submission, letter("first@lead.example"), allow))
        second = asyncio.create_task(courier.deliver(held.submission, letter("second@lead.example"), clear))
        await held.proposed.wait()
        second.cancel()
        held.answer.set()
        attempt = await first
        await held.ended.wait()

    assert isinstance(attempt.ending, Accepted)
    assert (second.cancelled(), clear.times, held.rest) == (True, 0, b"")


async def test_a_letter_cancelled_at_the_end_leaves_the_next_to_a_new_connection(
    make_courier: MakeCourier,
) -> None:
    """The first is uncertain, the second is taken."""
    courier = make_courier(limits=ONE)
    async with scripted({"BODY": [Move.HANG, "250 fine"]}) as server:
        first = asyncio.create_task(courier.deliver(submission(server), letter(), allow))
        second = asyncio.create_task(courier.deliver(submission(server), letter(), allow))
        await server.reached("BODY")
        first.cancel()
        endings = [(await each).ending for each in (first, second)]

    assert [type(ending) for ending in endings] == [Uncertain, Accepted]
    assert len(server.connections) == 2


@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
@pytest.mark.parametrize(
    ("answer", "kind", "connections"),
    [
        ("250 taken", Accepted, 1),
        ("554 5.7.1 spam", Refused, 1),
        ("451 4.3.0 not now", Deferred, 1),
        ("421 4.3.2 shutting down", Deferred, 2),
        ("2500 fine", Uncertain, 2),
        (Move.CLOSE, Uncertain, 2),
        (Move.RESET, Uncertain, 2),
    ],
    ids=str,
)
async def test_the_end_of_one_letter_is_not_the_end_of_the_next(
    answer: str | Move, kind: type, connections: int, security: Security, make_courier: MakeCourier
) -> None:
    """Whatever becomes of the first, the second is taken, over a new connection if need be."""
    courier = make_courier(limits=ONE)
    context = authority().server_context()
    async with scripted({"BODY": [answer, "250 taken"]}, starttls=context) as server:
        endings = await _both(courier, submission(server, security=security))

    assert [type(ending) for ending in endings] == [kind, Accepted]
    assert (len(server.connections), server.letters[-1].rcpt) == (
        connections,
        b"RCPT TO:<second@lead.example>",
    )


@pytest.mark.parametrize(
    ("point", "answer", "kind"),
    [
        ("MAIL", "550 5.1.0 sender refused", Refused),
        ("RCPT", "550 5.1.1 no such user", Refused),
        ("RCPT", "450 4.2.0 greylisted", Deferred),
    ],
)
async def test_a_proposal_drawn_near_can_be_refused(
    point: str, answer: str, kind: type, make_courier: MakeCourier
) -> None:
    """The letters before and after it are taken, all over one connection."""
    courier = make_courier(limits=ONE)
    async with scripted({point: ["250 fine", answer, "250 fine"]}) as server:
        account = submission(server)
        attempts = await asyncio.gather(*(courier.deliver(account, letter(), allow) for _ in range(3)))

    assert [type(attempt.ending) for attempt in attempts] == [Accepted, kind, Accepted]
    assert (len(server.connections), len(server.letters)) == (1, 2)


@pytest.mark.parametrize("goodbye", ["421 4.4.2 too many letters", Move.CLOSE, Move.RESET], ids=str)
async def test_a_connection_that_ends_between_two_letters_is_replaced(
    goodbye: str | Move, make_courier: MakeCourier
) -> None:
    """The second letter had been proposed there, and goes over a new connection."""
    courier = make_courier(limits=ONE)
    async with scripted({"MAIL": ["250 fine", goodbye, "250 fine"]}) as server:
        endings = await _both(courier, submission(server))

    assert [type(ending) for ending in endings] == [Accepted, Accepted]
    assert [received.connection for received in server.letters] == [1, 2]


async def test_two_answers_to_one_dot_are_never_taken_for_the_next_letters(make_courier: MakeCourier) -> None:
    """Nothing more is sent there: the second letter goes another way, or it is known not to have gone."""
    courier = make_courier(limits=ONE)
    async with scripted({"BODY": ["250 taken\r\n250 taken", "250 taken"]}) as server:
        endings = await _both(courier, submission(server))

    accepted = sum(isinstance(ending, Accepted) for ending in endings)
    assert [received.connection for received in server.letters] == [1, 2][:accepted]
    assert [type(ending) for ending in endings[accepted:]] == [Deferred][accepted - 1 :]


async def test_a_letter_that_cannot_be_proposed_is_told_in_its_turn(make_courier: MakeCourier) -> None:
    """Too large, or not to be composed at all: the letter before does not notice."""

    def touchy(letter: Letter, *, eight_bit: bool = False) -> Composition:
        if letter.subject == "bad":
            raise ValueError("a fault of ours")
        return Composition(letter.text.encode() + b"\r\n")

    courier = make_courier(limits=ONE, composer=touchy)
    async with scripted(extensions=["PIPELINING", "SIZE 100"]) as server:
        account = submission(server)
        letters = (letter(), letter(text="x" * 200), letter(subject="bad"), letter())
        endings = await asyncio.gather(
            *(courier.deliver(account, each, allow) for each in letters), return_exceptions=True
        )

    first, large, bad, last = endings
    assert not isinstance(large, BaseException)
    assert isinstance(large.ending, Unsendable)
    assert large.ending.reason is Reason.UNADDRESSABLE
    assert isinstance(bad, ValueError)
    assert [isinstance(each, BaseException) for each in (first, last)] == [False, False]
    assert (len(server.connections), len(server.letters)) == (1, 2)


async def test_who_waits_for_a_place_in_the_process_comes_first(make_courier: MakeCourier) -> None:
    """Nobody is drawn near past an account that came earlier."""
    courier = make_courier(limits=Limits(per_account=1, total=1))
    async with scripted() as server:
        await asyncio.gather(
            *(
                courier.deliver(submission(server, account), letter(f"{number}@lead.example"), allow)
                for number, account in enumerate((ACCOUNT, OTHER, ACCOUNT, OTHER))
            )
        )

    assert [received.rcpt for received in server.letters] == [
        b"RCPT TO:<%d@lead.example>" % number for number in range(4)
    ]


async def test_a_changed_password_is_not_drawn_near_to_an_old_login(make_courier: MakeCourier) -> None:
    """Each letter goes over a connection of its own particulars."""
    courier = make_courier(limits=ONE)
    async with scripted() as server:
        old = submission(server, username="james", password="old secret")
        new = replace(old, username="max")
        await asyncio.gather(*(courier.deliver(each, letter(), allow) for each in (old, old, new, old, new)))

    assert Counter(received.user for received in server.letters) == {"james": 3, "max": 2}


async def test_nobody_waits_long_behind_a_letter_that_is_not_answered(make_courier: MakeCourier) -> None:
    """Drawn near to a server that falls silent, a letter goes over the account's other connection."""
    courier, gate = make_courier(limits=Limits(per_account=2, patience=0.05)), Gate()
    async with scripted({"BODY": [Move.HANG, "250 fine"]}) as server:
        account = submission(server)
        other = asyncio.create_task(courier.deliver(account, letter("other@lead.example"), gate))
        await gate.asked.wait()
        stuck = asyncio.create_task(courier.deliver(account, letter("stuck@lead.example"), allow))
        behind = asyncio.create_task(courier.deliver(account, letter("behind@lead.example"), allow))
        await server.reached("BODY")
        gate.open.set()
        endings = [(await each).ending for each in (other, behind)]
        was_stuck = not stuck.done()
        stuck.cancel()
        await stuck

    assert [type(ending) for ending in endings] == [Accepted, Accepted]
    assert was_stuck
    assert len(server.connections) == 2


async def test_letters_drawn_near_count_against_the_connection(make_courier: MakeCourier) -> None:
    """Seven letters at once, three a connection."""
    courier = make_courier(limits=Limits(per_account=1, letters=3))
    async with scripted() as server:
        account = submission(server)
        await asyncio.gather(*(courier.deliver(account, letter(), allow) for _ in range(7)))

    assert Counter(received.connection for received in server.letters) == {1: 3, 2: 3, 3: 1}


@pytest.mark.parametrize("extensions", [EXTENSIONS, ()], ids=["pipelining", "none"])
async def test_letters_behind_one_another_keep_their_order(
    extensions: tuple[str, ...], make_courier: MakeCourier
) -> None:
    """All over one connection, each with its own recipient and text."""
    courier = make_courier(limits=ONE)
    async with scripted(extensions=extensions) as server:
        account = submission(server)
        letters = [letter(f"{number}@lead.example", text=f"{number}") for number in range(20)]
        await asyncio.gather(*(courier.deliver(account, each, allow) for each in letters))

    assert [(each.rcpt, each.content) for each in server.letters] == [
        (b"RCPT TO:<%d@lead.example>" % number, b"Subject: Hello\r\n\r\n%d\r\n" % number)
        for number in range(20)
    ]
    assert len(server.connections) == 1
