"""One connection's time limits, and what counts as sent, before a transport that does as it is told."""

import asyncio

import pytest

from leadterra.domain.outcomes import Command, Deferred, Uncertain
from leadterra.transport.dialogue import Dialogue
from leadterra.transport.envelope import Envelope, Parcel
from leadterra.transport.session import Session
from leadterra.transport.timeouts import Timeouts
from leadterra.transport.transaction import Transaction
from leadterra.transport.transcript import Secrets
from leadterra.transport.wire import Disconnected, Wire, WireError
from tests.support.smtp_letters import submission
from tests.support.smtp_servers import ScriptedServer

BEHIND = b"MAIL FROM:<james@acme.example>\r\nRCPT TO:<kim@lead.example>\r\n"


class Shelf(asyncio.Transport):
    """Keeps what is written; says that so many octets at its end have not left."""

    def __init__(self, unsent: int = 0) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False
        self._unsent = unsent

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def get_write_buffer_size(self) -> int:
        return self._unsent

    def is_closing(self) -> bool:
        return self.aborted

    def abort(self) -> None:
        self.aborted = True


def _wire(unsent: int = 0) -> Wire:
    """Connected, and greeted."""
    wire = Wire()
    wire.connection_made(Shelf(unsent))
    wire.data_received(b"220 hello\r\n")
    wire.heard()
    return wire


async def test_a_wait_ends_at_its_own_limit() -> None:
    """A longer wait before it does not make it longer."""
    wire = _wire()
    patient = asyncio.create_task(wire.ask(b"NOOP", 60))
    asyncio.get_running_loop().call_soon(wire.data_received, b"250 fine\r\n")
    await patient

    with pytest.raises(WireError, match="time limit"):
        await wire.ask(b"NOOP", 0.01)


async def test_a_short_wait_before_it_does_not_end_a_long_one() -> None:
    """The limit of what was answered is forgotten."""
    wire, loop = _wire(), asyncio.get_running_loop()
    loop.call_soon(wire.data_received, b"250 fine\r\n")
    await wire.ask(b"NOOP", 0.02)
    loop.call_later(0.06, wire.data_received, b"250 still fine\r\n")

    assert (await wire.ask(b"NOOP", 60)).octets == b"still fine"


async def test_an_answer_that_came_before_the_end_is_read() -> None:
    """Then the connection is found broken."""
    wire = _wire()
    wire.say(b"NOOP\r\nNOOP\r\n", 2)
    wire.data_received(b"250 fine\r\n")
    wire.eof_received()

    assert (await wire.hear(1)).code == 250
    with pytest.raises(Disconnected):
        await wire.hear(1)
    with pytest.raises(Disconnected):
        wire.say(b"NOOP\r\n")


async def test_a_command_is_one_line() -> None:
    """Nothing with a line break is ever said."""
    wire = _wire()

    with pytest.raises(ValueError, match="control characters"):
        await wire.ask(b"EHLO x\r\nMAIL", 1)


@pytest.mark.parametrize(
    ("unsent", "expected"),
    [
        (0, (Uncertain, Command.BODY)),
        (len(BEHIND), (Uncertain, Command.BODY)),
        (8000 + len(BEHIND), (Deferred, Command.DATA)),
    ],
    ids=["all left", "the dot left", "the dot is here"],
)
async def test_what_is_written_behind_the_dot_does_not_show_that_the_dot_is_here(
    unsent: int, expected: tuple[type, Command]
) -> None:
    """Only octets of the content that have not left prove that the letter was not sent."""
    wire = _wire(unsent)
    session = Session(submission(ScriptedServer()), Dialogue(wire, Timeouts(), Secrets()))
    content = b"x" * 8000 + b"\r\n.\r\n"
    parcel = Parcel(Envelope(b"", b"", False), content, 0, smtputf8=False, eight_bit=False)
    transaction = Transaction(session, parcel)
    transaction.begin()
    wire.data_received(b"354 go\r\n")
    asyncio.get_running_loop().call_soon(wire.eof_received)
    ending = await transaction.complete(lambda: BEHIND)

    assert isinstance(ending, Deferred | Uncertain)
    assert (type(ending), ending.answer.command) == expected
