"""What the courier answers when a server refuses, breaks off or falls silent, at every point."""

from dataclasses import dataclass

import pytest

from leadterra.domain.outcomes import Accepted, Command, Deferred, Refused, Scope, Uncertain
from leadterra.transport.courier import SmtpCourier
from tests.support.smtp_letters import Asked, MakeCourier, impatient, letter, submission
from tests.support.smtp_servers import Answer, Move, Raw, Script, scripted

R, A, S = Scope.RECIPIENT, Scope.ACCOUNT, Scope.SERVER
NO_PIPELINING = ("SIZE 10000000", "AUTH PLAIN LOGIN")


@dataclass(frozen=True)
class Case:
    """At this point the server does this; the attempt ends so."""

    point: str
    answer: Answer
    kind: type
    scope: Scope | None
    command: Command
    code: int | None
    extensions: tuple[str, ...] = ("PIPELINING", "AUTH PLAIN LOGIN")

    def __str__(self) -> str:
        return f"{self.point}-{self.answer}-{'PIPELINING' in self.extensions}".replace(" ", "_")


def ends(point: str, answer: Answer, kind: type, scope: Scope | None, code: int | None) -> list[Case]:
    """The same with and without pipelining."""
    command = Command(point) if point != "GREETING" else Command.CONNECT
    return [Case(point, answer, kind, scope, command, code, e) for e in (("PIPELINING",), NO_PIPELINING)]


BEFORE_DATA = [
    *ends("GREETING", "554 5.7.1 no service for you", Refused, S, 554),
    *ends("GREETING", "421 4.3.2 too busy", Deferred, S, 421),
    *ends("GREETING", Move.CLOSE, Deferred, S, None),
    *ends("GREETING", Move.RESET, Deferred, S, None),
    *ends("GREETING", Move.HANG, Deferred, S, None),
    *ends("GREETING", "HTTP/1.1 400 Bad Request", Deferred, S, None),
    *ends("EHLO", "550 5.7.1 who are you", Refused, S, 550),
    *ends("EHLO", "451 4.3.0 later", Deferred, S, 451),
    *ends("EHLO", Move.CLOSE, Deferred, S, None),
    *ends("EHLO", Move.HANG, Deferred, S, None),
    *ends("MAIL", "450 4.7.1 sender rate", Deferred, A, 450),
    *ends("MAIL", "550 5.1.0 sender refused", Refused, A, 550),
    *ends("MAIL", "550 5.4.5 Daily user sending quota exceeded.", Deferred, A, 550),
    *ends("MAIL", "421 4.7.0 Try again later, closing connection.", Deferred, S, 421),
    *ends("MAIL", Move.CLOSE, Deferred, S, None),
    *ends("MAIL", Move.RESET, Deferred, S, None),
    *ends("MAIL", Move.HANG, Deferred, S, None),
    *ends("MAIL", "354 what", Deferred, S, 354),
    *ends("RCPT", "450 4.2.0 greylisted", Deferred, R, 450),
    *ends("RCPT", "550 5.1.1 user unknown", Refused, R, 550),
    *ends("RCPT", "554 5.7.1 relay access denied", Refused, A, 554),
    *ends("RCPT", "421 4.3.2 shutting down", Deferred, S, 421),
    *ends("RCPT", Move.CLOSE, Deferred, S, None),
    *ends("RCPT", Move.HANG, Deferred, S, None),
    *ends("RCPT", "hello?", Deferred, S, None),
]

FROM_DATA = [
    *ends("DATA", "451 4.3.0 not now", Deferred, S, 451),
    *ends("DATA", "554 5.5.1 no valid recipients", Refused, R, 554),
    *ends("DATA", "421 4.3.2 shutting down", Deferred, S, 421),
    *ends("DATA", "250 what", Deferred, S, 250),
    *ends("DATA", Move.CLOSE, Deferred, S, None),
    *ends("DATA", Move.RESET, Deferred, S, None),
    *ends("DATA", Move.HANG, Deferred, S, None),
    *ends("DATA", "hm", Deferred, S, None),
    *ends("BODY", "250 2.0.0 taken", Accepted, None, 250),
    *ends("BODY", "251 will do", Accepted, None, 251),
    *ends("BODY", "450 4.2.0 mailbox busy", Deferred, R, 450),
    *ends("BODY", "451 4.3.0 disk trouble", Deferred, S, 451),
    *ends("BODY", "421 4.3.2 shutting down", Deferred, S, 421),
    *ends("BODY", "550 5.4.5 Daily user sending quota exceeded.", Deferred, A, 550),
    *ends("BODY", "552 5.3.4 too big", Refused, R, 552),
    *ends("BODY", "554 5.7.1 spam message rejected", Refused, A, 554),
    *ends("BODY", Move.CLOSE, Uncertain, None, None),
    *ends("BODY", Move.RESET, Uncertain, None, None),
    *ends("BODY", Move.HANG, Uncertain, None, None),
    *ends("BODY", "354 go on", Uncertain, None, 354),
    *ends("BODY", "2500 fine", Uncertain, None, None),
    *ends("BODY", "ok", Uncertain, None, None),
    *ends("BODY", Raw(b"250-part of a", Move.CLOSE), Uncertain, None, None),
    *ends("BODY", Raw(b"250-part of a\r\n", Move.CLOSE), Uncertain, None, None),
    *ends("BODY", Raw(b"250-yes\r\n550 no\r\n", Move.HANG), Uncertain, None, None),
]


@pytest.mark.parametrize("case", BEFORE_DATA, ids=str)
async def test_before_data_nothing_is_sent_and_clearance_is_never_asked(
    case: Case, make_courier: MakeCourier
) -> None:
    """Up to RCPT an attempt ends as judged, without DATA."""
    clear = Asked()
    async with scripted({case.point: case.answer}, extensions=case.extensions) as server:
        courier = make_courier(impatient(case.point) if case.answer is Move.HANG else None)
        attempt = await courier.deliver(submission(server), letter(), clear)

    ending = attempt.ending
    assert isinstance(ending, case.kind)
    assert isinstance(ending, Deferred | Refused)
    assert (ending.scope, ending.answer.command, ending.answer.code) == (case.scope, case.command, case.code)
    assert (attempt.data_at, clear.times, server.letters) == (None, 0, [])
    assert b"DATA" not in server.commands


@pytest.mark.parametrize("case", FROM_DATA, ids=str)
async def test_from_data_on_the_last_answer_decides(case: Case, make_courier: MakeCourier) -> None:
    """After DATA an attempt ends as judged, or `Uncertain` if the content is through and no answer came."""
    clear = Asked()
    async with scripted({case.point: case.answer}, extensions=case.extensions) as server:
        courier = make_courier(impatient(case.point) if case.answer is Move.HANG else None)
        attempt = await courier.deliver(submission(server), letter(), clear)

    ending = attempt.ending
    assert type(ending) is case.kind
    assert isinstance(ending, Accepted | Deferred | Refused | Uncertain)
    assert (ending.answer.command, ending.answer.code) == (case.command, case.code)
    assert getattr(ending, "scope", None) == case.scope
    assert (attempt.data_at is not None, clear.times) == (True, 1)


async def test_the_times_of_an_attempt_are_in_order(courier: SmtpCourier) -> None:
    """The conversation starts, DATA is written, the ending is known; and the server is named."""
    async with scripted() as server:
        attempt = await courier.deliver(submission(server), letter(), Asked())

    assert attempt.data_at is not None
    assert attempt.started_at < attempt.data_at < attempt.ended_at
    assert attempt.server == f"127.0.0.1:{server.port}"


async def test_a_host_that_refuses_connections_defers(courier: SmtpCourier) -> None:
    """Nobody listens: the server's affair, to be tried again."""
    async with scripted() as server:
        gone = submission(server)
    attempt = await courier.deliver(gone, letter(), Asked())

    assert isinstance(attempt.ending, Deferred)
    assert (attempt.ending.scope, attempt.ending.answer.command) == (S, Command.CONNECT)


@pytest.mark.parametrize(
    "host", ["no-such-host.invalid", "a" * 64 + ".example", "bücher..example", "\ud800.example", "a\0b", "."]
)
async def test_a_host_that_does_not_exist_defers(host: str, courier: SmtpCourier) -> None:
    """A name that cannot be found or cannot exist: the server's affair, to be tried again."""
    async with scripted() as server:
        attempt = await courier.deliver(submission(server, host=host), letter(), Asked())

    assert isinstance(attempt.ending, Deferred)
    assert (attempt.ending.scope, attempt.ending.answer.command) == (S, Command.CONNECT)


@pytest.mark.parametrize("answer", ["450 4.2.0 greylisted", "550 5.1.1 user unknown"])
@pytest.mark.parametrize("point", ["MAIL", "RCPT", "DATA"])
async def test_after_a_refusal_the_envelope_is_reset_and_the_connection_kept(
    point: str, answer: str, courier: SmtpCourier
) -> None:
    """RSET follows a refusal before the end of data, and the next letter goes over the same connection."""
    script: Script = {point: [answer, {"DATA": "354 go"}.get(point, "250 fine")]}
    async with scripted(script) as server:
        await courier.deliver(submission(server), letter(), Asked())
        attempt = await courier.deliver(submission(server), letter("max@lead.example"), Asked())

    assert isinstance(attempt.ending, Accepted)
    assert len(server.connections) == 1
    assert server.commands.count(b"RSET") == 1
    assert [received.rcpt for received in server.letters] == [b"RCPT TO:<max@lead.example>"]


@pytest.mark.parametrize("answer", ["451 4.3.0 not now", "554 5.7.1 spam"])
async def test_a_refusal_after_the_dot_keeps_the_connection(answer: str, courier: SmtpCourier) -> None:
    """The final answer ends the transaction: no RSET is needed."""
    async with scripted({"BODY": [answer, "250 fine"]}) as server:
        await courier.deliver(submission(server), letter(), Asked())
        attempt = await courier.deliver(submission(server), letter(), Asked())

    assert isinstance(attempt.ending, Accepted)
    assert (len(server.connections), server.commands.count(b"RSET")) == (1, 0)


async def test_a_server_that_does_not_follow_rset_loses_the_connection(courier: SmtpCourier) -> None:
    """After a failed RSET nobody knows the state of the envelope: the next letter gets a new connection."""
    async with scripted({"RCPT": ["550 no", "250 ok"], "RSET": "500 what"}) as server:
        await courier.deliver(submission(server), letter(), Asked())
        await courier.deliver(submission(server), letter(), Asked())

    assert (len(server.connections), len(server.letters)) == (2, 1)


async def test_a_second_answer_to_the_dot_is_never_taken_for_the_next_letters(courier: SmtpCourier) -> None:
    """A server that answers twice loses the connection; the next letter's answer is its own."""
    twice = Raw(b"250 taken\r\n250 taken\r\n")
    async with scripted({"BODY": [twice, "554 5.6.0 no"]}) as server:
        first = await courier.deliver(submission(server), letter(), Asked())
        second = await courier.deliver(submission(server), letter(), Asked())

    assert isinstance(first.ending, Accepted)
    assert isinstance(second.ending, Refused)
    assert len(server.connections) == 2


async def test_half_an_answer_too_many_costs_the_connection(courier: SmtpCourier) -> None:
    """The beginning of a second reply is as bad as a whole one."""
    async with scripted({"BODY": [Raw(b"250 taken\r\n250-and\r\n"), "250 fine"]}) as server:
        for _ in range(2):
            await courier.deliver(submission(server), letter(), Asked())

    assert [received.connection for received in server.letters] == [1, 2]


@pytest.mark.parametrize(
    "octets",
    [
        pytest.param(b"250-" + b"x" * 70_000, id="one line"),
        pytest.param(b"250-x\r\n" * 20_000, id="many lines"),
        pytest.param(b"\r\n" * 20_000, id="empty lines"),
        pytest.param(b"\x00" * 70_000, id="zeros"),
    ],
)
async def test_a_reply_without_end_is_cut_off(octets: bytes, courier: SmtpCourier) -> None:
    """However much a server talks, little is kept, and the attempt ends."""
    async with scripted({"EHLO": Raw(octets, Move.HANG)}) as server:
        attempt = await courier.deliver(submission(server), letter(), Asked())

    assert isinstance(attempt.ending, Deferred)
    assert attempt.ending.answer.command is Command.EHLO
    assert len(attempt.ending.answer.text) <= 500
