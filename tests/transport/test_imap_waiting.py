"""IDLE and its absence: nothing that comes is missed, and no server is waited for that is gone."""

import asyncio
from collections.abc import Coroutine

import pytest

from leadterra.actions.ports import MailboxTrouble
from leadterra.transport.timeouts import MailboxTimeouts
from tests.support.imap_server import Drip, Flood, ImapServer, Move, Step, greeted, imap_server, opened, shown
from tests.support.mailboxes import IMPATIENT, PATIENT, access, mailbox, mailroom, trouble

SERVER = MailboxTrouble.SERVER
IDLE: list[Step] = ["C: IDLE", "S: + idling"]
DONE: list[Step] = ["C: DONE", "S: $ OK done"]
OFTEN = MailboxTimeouts(10, 10, 10, 10, idle=0.02, farewell=1)


@pytest.mark.parametrize(
    ("told", "grown"),
    [
        ("S: * 4 EXISTS", True),
        ("S: * 3 EXISTS", False),
        ("S: * 3 EXPUNGE", False),
        (b"* 3 EXPUNGE\r\n* 2 EXISTS\r\n", False),
        (b"* 3 EXPUNGE\r\n* 3 EXISTS\r\n", True),
        (b"* VANISHED 5,7:8\r\n* 1 EXISTS\r\n", True),
        (b"* VANISHED (EARLIER) 5,7:8\r\n* 3 EXISTS\r\n", False),
        (b"* VANISHED 1:99999999999,x,\r\n* 3 EXISTS\r\n", False),
        ("S: * 2 FETCH (FLAGS (\\Seen))", False),
        ("S: * OK Still here", False),
        ("S: * 1 RECENT", False),
        (Drip(b"* 4 EXISTS\r\n"), True),
    ],
    ids=shown,
)
async def test_only_a_new_letter_ends_the_wait(told: Step, grown: bool) -> None:
    """As many letters as before one went are one more."""
    script: list[Step] = [*IDLE, told, "S: * OK all told", Move.WAIT, *DONE]
    async with imap_server([*greeted("IDLE"), *script]) as server:
        session = await mailroom().open(access(server))
        await session.select("INBOX")
        found = await waited(session.wait(5 if grown else 0.2), server)
        server.go.set()
        await session.close()

    assert found is grown


async def waited(waiting: Coroutine[object, object, bool], server: ImapServer) -> bool:
    """What it ends in, once the server has said all."""
    task = asyncio.create_task(waiting)
    await asyncio.wait_for(server.waits.wait(), 5)
    return await task


async def test_idle_stands_until_another_command() -> None:
    """Waiting again and again says nothing."""
    script: list[Step] = [*IDLE, *DONE, "C: NOOP", "S: $ OK done"]
    async with mailbox(script, offers=("IDLE",)) as session:
        for _ in range(3):
            assert not await session.wait(0.01)
        assert await session.fetch(1, limit=0, max_octets=1) == []


async def test_idle_is_said_anew_before_anybody_loses_patience() -> None:
    """DONE, IDLE, DONE, IDLE … (RFC 2177)."""
    script: list[Step] = [*IDLE, *DONE, *IDLE, *DONE, *IDLE, "S: * 9 EXISTS", *DONE]
    async with mailbox(script, offers=("IDLE",), timeouts=OFTEN) as session:
        assert await session.wait(10)


async def test_a_letter_told_between_two_idles_is_not_missed() -> None:
    """It comes before the end of the one."""
    script: list[Step] = [*IDLE, "C: DONE", "S: * 4 EXISTS", "S: $ OK done"]
    async with mailbox(script, offers=("IDLE",), timeouts=OFTEN) as session:
        assert await session.wait(10)


async def test_a_dead_server_is_found_when_idle_is_said_anew() -> None:
    """It does not answer DONE."""
    async with mailbox(IDLE, Move.HANG, offers=("IDLE",), timeouts=IMPATIENT) as session:
        assert (await trouble(session.wait(60)))[0] is SERVER


@pytest.mark.parametrize(
    "end",
    [
        "S: * BYE Autologout; idle for too long",
        "S: $ OK IDLE is over",
        "S: $ NO no more",
        "S: + again",
        Flood(b"* 1 FETCH (FLAGS ())\r\n" * 1000),
        Flood(b"* 3 EXISTS "),
        Move.CLOSE,
        Move.RESET,
    ],
    ids=shown,
)
async def test_an_idle_that_ends_by_itself_ends_the_session(end: Step) -> None:
    """Somebody opens another, with a pause; a loop here would have none."""
    async with mailbox(IDLE, end, offers=("IDLE",), timeouts=IMPATIENT) as session:
        assert (await trouble(session.wait(10)))[0] is SERVER


async def test_the_servers_last_words_are_told() -> None:
    """For people."""
    async with mailbox(IDLE, "S: * BYE [UNAVAILABLE] Autologout", offers=("IDLE",)) as session:
        _, text = await trouble(session.wait(10))

    assert text == "The server said goodbye: Autologout"


async def test_an_idle_that_is_refused_is_not_offered() -> None:
    """NOOP takes its place."""
    noop: list[Step] = ["C: NOOP", "S: * 4 EXISTS", "S: $ OK done"]
    async with mailbox("C: IDLE", "S: $ BAD what?", noop, offers=("IDLE",)) as session:
        assert (session.idles, await session.wait(10), session.idles) == (True, True, False)


async def test_without_idle_the_server_is_asked() -> None:
    """At once, and each time."""
    quiet: list[Step] = ["C: NOOP", "S: $ OK done"]
    async with mailbox(quiet, "C: NOOP", "S: * 4 EXISTS", "S: $ OK done") as session:
        assert [await session.wait(10), await session.wait(10)] == [False, True]


async def test_a_wait_given_up_leaves_idle_standing() -> None:
    """The next command ends it, and its answer is that command's."""
    async with imap_server([*greeted("IDLE"), *IDLE, Move.WAIT, *DONE, *opened(4)]) as server:
        session = await mailroom().open(access(server))
        await session.select("INBOX")
        waiting = asyncio.create_task(session.wait(60))
        await asyncio.wait_for(server.waits.wait(), 5)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        server.go.set()

        assert (await session.select("INBOX")).uid_next == 10
        await session.close()


async def test_a_command_given_up_ends_the_session() -> None:
    """Nobody knows what the next answer would be about."""
    async with imap_server([*greeted(), "C: NOOP", Move.WAIT]) as server:
        session = await mailroom(PATIENT).open(access(server))
        await session.select("INBOX")
        waiting = asyncio.create_task(session.wait(60))
        await asyncio.wait_for(server.waits.wait(), 5)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        server.go.set()

        assert (await trouble(session.select("INBOX")))[0] is SERVER


@pytest.mark.parametrize(
    "greeting",
    [
        "S: * BYE Too many connections",
        "S: * NO go away",
        "S: 220 mail.acme.test ESMTP",
        "S: HTTP/1.1 400 Bad Request",
        b"\x16\x03\x01\x02\x00",
        b"",
        Drip(b"* O"),
        Flood(b"x" * 1000),
        Move.CLOSE,
        Move.RESET,
        Move.HANG,
    ],
    ids=shown,
)
async def test_what_is_no_imap_server_is_not_logged_in_to(greeting: Step) -> None:
    """Nothing is said to it."""
    async with imap_server([greeting]) as server:
        found, text = await trouble(mailroom(IMPATIENT).open(access(server)))

        assert (found, text != "") == (SERVER, True)
    assert not any(b"kim" in line for line in server.heard)


async def test_a_port_where_nobody_listens_is_told() -> None:
    """As the system says it."""
    async with imap_server([]) as server:
        gone = access(server)
    found, text = await trouble(mailroom().open(gone))

    assert (found, text != "") == (SERVER, True)


async def test_closing_takes_no_time() -> None:
    """A server that does not answer LOGOUT is left."""
    async with imap_server([*greeted("IDLE", folder=False), "C: LOGOUT", Move.HANG]) as server:
        session = await mailroom(IMPATIENT).open(access(server))
        await asyncio.wait_for(session.close(), 5)
        await asyncio.wait_for(server.ended.wait(), 5)
