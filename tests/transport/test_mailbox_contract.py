"""What every mailbox does: the real client before a real Dovecot, and the scripted one."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, timedelta

import pytest

from leadterra.actions.ports import FetchedLetter, FolderRole, MailboxError, MailboxSession, MailboxTrouble
from tests.support.dovecot import Dovecot
from tests.support.mailbox_stages import Stage, dovecot_stage, scripted_stage
from tests.support.token_server import TokenServer

PATIENCE = 20.0
ENOUGH = 1_000_000


def letter(number: int = 1, body: str = "Hi.") -> bytes:
    """With a Message-ID of its own."""
    head = f"From: kim@people.test\r\nSubject: Hello {number}\r\nMessage-ID: <{number}@people.test>\r\n"
    return f"{head}\r\n{body}\r\n".encode()


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenServer]:
    """Says which access tokens are good."""
    with TokenServer() as server:
        yield server


@pytest.fixture(scope="module")
def dovecot(tokens: TokenServer) -> Iterator[Dovecot]:
    """For all tests of this file."""
    with Dovecot(introspection_url=tokens.introspection_url) as server:
        yield server


@pytest.fixture(params=["dovecot", "scripted"])
def stage(request: pytest.FixtureRequest, dovecot: Dovecot) -> Stage:
    """A new mailbox."""
    return dovecot_stage(dovecot) if request.param == "dovecot" else scripted_stage()


async def fetch(session: MailboxSession, first_uid: int = 1, limit: int = 100) -> list[FetchedLetter]:
    """Whole letters."""
    return await session.fetch(first_uid, limit=limit, max_octets=ENOUGH)


async def trouble_of(stage: Stage, **_: object) -> MailboxTrouble:
    """What opening it ends in."""
    with pytest.raises(MailboxError) as caught:
        await stage.mailroom.open(stage.access)
    return caught.value.trouble


async def test_inbox_junk_and_sent_are_known(stage: Stage) -> None:
    """Each by its role."""
    async with stage.session(None) as session:
        found = {folder.role: folder.name for folder in await session.list_folders()}

    assert found == {FolderRole.INBOX: "INBOX", FolderRole.JUNK: "Junk", FolderRole.SENT: "Sent"}


async def test_an_empty_folder_has_no_letters(stage: Stage) -> None:
    """Nothing to read, nothing to find."""
    async with stage.session() as session:
        state = await session.select("INBOX")

        assert (state.uid_next, await fetch(session), await session.find("<1@people.test>")) == (1, [], None)


async def test_a_letter_comes_whole(stage: Stage) -> None:
    """With its UID, its size, and when it was received."""
    await stage.server.deliver(letter())
    async with stage.session() as session:
        state = await session.select("INBOX")
        (found,) = await fetch(session)

    assert found.content.endswith(letter())
    assert (found.uid, found.size) == (1, len(found.content))
    assert found.uid < state.uid_next
    assert found.received_at.utcoffset() == timedelta(0)
    assert found.received_at.tzinfo is UTC


async def test_letters_come_from_a_uid_on_lowest_first(stage: Stage) -> None:
    """At most so many as asked for."""
    for number in range(1, 8):
        await stage.server.deliver(letter(number))
    async with stage.session() as session:
        old, new = await fetch(session, 2, limit=3), await fetch(session, 6, limit=3)

    assert ([each.uid for each in old], [each.uid for each in new]) == ([2, 3, 4], [6, 7])


async def test_gaps_between_uids_do_not_matter(stage: Stage) -> None:
    """Where letters went, the next one comes."""
    for number in range(1, 9):
        await stage.server.deliver(letter(number))
    async with stage.session() as session:
        await session.move([1, 2, 3, 5, 6], "Elsewhere")

        assert [each.uid for each in await fetch(session, 2, limit=1)] == [4]
        assert [each.uid for each in await fetch(session, 5, limit=9)] == [7, 8]


async def test_a_long_letter_is_cut(stage: Stage) -> None:
    """Its size is that of all of it."""
    await stage.server.deliver(letter(body="x" * 5000))
    async with stage.session() as session:
        (cut,) = await session.fetch(1, limit=1, max_octets=100)
        (whole,) = await fetch(session)

    assert (cut.content, cut.size) == (whole.content[:100], len(whole.content))


async def test_reading_marks_nothing_as_read(stage: Stage) -> None:
    """A person's unread letters stay unread."""
    await stage.server.deliver(letter())
    async with stage.session() as session:
        await fetch(session)
        await session.find("<1@people.test>")

    assert await stage.server.seen() == 0


async def test_a_letter_is_found_by_its_message_id(stage: Stage) -> None:
    """And no other is."""
    await stage.server.deliver(letter(1))
    await stage.server.deliver(letter(2))
    async with stage.session() as session:
        found = [await session.find(f"<{number}@people.test>") for number in (1, 2, 3)]

    assert found == [1, 2, None]


@pytest.mark.parametrize(
    "message_id", ["", " ", "<é@people.test>", '<"\\@people.test>', "a\r\nL9 NOOP", "\0"]
)
async def test_a_message_id_is_only_a_string(stage: Stage, message_id: str) -> None:
    """Whatever it holds, it is looked for and not obeyed."""
    await stage.server.deliver(letter())
    async with stage.session() as session:
        assert await session.find(message_id) is None
        assert len(await fetch(session)) == 1


async def test_waiting_ends_when_a_letter_comes(stage: Stage) -> None:
    """And it can be read then."""
    async with stage.session() as session:
        waiting = asyncio.create_task(session.wait(PATIENCE))
        await asyncio.sleep(0)
        await stage.server.deliver(letter())

        assert await waiting
        assert [each.uid for each in await fetch(session)] == [1]


async def test_waiting_ends_when_the_time_is_over(stage: Stage) -> None:
    """Nothing came, and the mailbox can be used."""
    async with stage.session() as session:
        assert not await session.wait(0.01)
        assert not await session.wait(0.01)
        assert await fetch(session) == []


async def test_a_letter_that_came_before_the_wait_ends_it(stage: Stage) -> None:
    """Nothing falls between looking and waiting, nor is it told twice once it was fetched."""
    async with stage.session() as session:
        await stage.server.deliver(letter())

        assert await session.wait(PATIENCE)
        await fetch(session)
        assert not await session.wait(0.01)


async def test_a_wait_can_be_given_up(stage: Stage) -> None:
    """The mailbox stays open."""
    async with stage.session() as session:
        assert not await session.wait(0.01)
        waiting = asyncio.create_task(session.wait(PATIENCE))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await stage.server.deliver(letter())

        assert len(await fetch(session)) == 1


async def test_a_letter_that_nobody_told_of_is_read(stage: Stage) -> None:
    """Fetching looks for itself."""
    async with stage.session() as session:
        assert await fetch(session) == []
        await stage.server.deliver(letter())

        assert len(await fetch(session)) == 1


async def test_a_glance_tells_of_a_folder_and_opens_nothing(stage: Stage) -> None:
    """The one that is selected stays so."""
    async with stage.session() as session:
        junk = await session.glance("Junk")
        await session.append("Junk", b"Subject: Spam\r\n\r\nBuy\r\n")
        grown = await session.glance("Junk")
        await stage.server.deliver(letter())
        assert await session.wait(PATIENCE)
        assert len(await fetch(session)) == 1
        opened = await session.select("Junk")

    assert junk is not None
    assert grown is not None
    assert (grown.uid_validity, grown.uid_next) == (junk.uid_validity, junk.uid_next + 1)
    assert opened == grown


async def test_a_glance_at_a_folder_that_is_not_there_is_told(stage: Stage) -> None:
    """As one that cannot be opened; the session lives on."""
    async with stage.session() as session:
        with pytest.raises(MailboxError) as caught:
            await session.glance("Nowhere")
        assert caught.value.trouble is MailboxTrouble.FOLDER
        assert await fetch(session) == []


async def test_letters_move_to_a_folder_that_is_made(stage: Stage) -> None:
    """They are there, and no more where they were; so do later ones."""
    for number in (1, 2, 3):
        await stage.server.deliver(letter(number))
    async with stage.session() as session:
        await session.move([1, 3], "Filed")
        left = await fetch(session)
        await session.move([2], "Filed")
        await session.select("Filed")
        filed = await fetch(session)

    assert [each.uid for each in left] == [2]
    assert sorted(each.content.count(b"Hello") for each in filed) == [1, 1, 1]


async def test_moving_nothing_is_nothing(stage: Stage) -> None:
    """Nor is a UID that is not there an error."""
    async with stage.session() as session:
        await session.move([], "Filed")
        await session.move([4711], "INBOX")

        assert await fetch(session) == []


async def test_a_letter_is_put_into_a_folder(stage: Stage) -> None:
    """Octet by octet; the folder is made if it is not there."""
    async with stage.session(None) as session:
        await session.append("Sent", letter(1))
        await session.append("Filed 2", letter(2))
        await session.select("Filed 2")
        (found,) = await fetch(session)
        await session.select("Sent")

        assert found.content == letter(2)
        assert await session.find("<1@people.test>") == 1


async def test_a_folder_made_anew_has_another_validity(stage: Stage) -> None:
    """UIDs known before say nothing any more."""
    async with stage.session(None) as session:
        await session.append("Filed", letter())
        before = await session.select("Filed")
    await stage.server.make_anew("Filed")
    async with stage.session(None) as session:
        after = await session.select("Filed")

    assert before.uid_validity != after.uid_validity


async def test_a_folder_that_is_not_there_is_told(stage: Stage) -> None:
    """The session goes on, with no folder selected."""
    async with stage.session() as session:
        with pytest.raises(MailboxError) as caught:
            await session.select("Nowhere")
        with pytest.raises(MailboxError) as unselected:
            await fetch(session)
        await session.select("INBOX")

    assert [caught.value.trouble, unselected.value.trouble] == [MailboxTrouble.FOLDER] * 2


async def test_a_wrong_password_is_a_matter_for_people(stage: Stage) -> None:
    """LOGIN, and not a word of it."""
    stage.access = stage.with_password("incorrect donkey")
    with pytest.raises(MailboxError) as caught:
        await stage.mailroom.open(stage.access)

    assert caught.value.trouble is MailboxTrouble.LOGIN
    assert "donkey" not in f"{caught.value!r}"


async def test_a_token_that_cannot_be_had_is_told(stage: Stage) -> None:
    """By whoever was to give it."""

    async def refuse() -> str:
        raise MailboxError(MailboxTrouble.LOGIN, "The grant was revoked.")

    stage.access = stage.with_token(refuse)

    assert await trouble_of(stage) is MailboxTrouble.LOGIN


async def test_a_closed_mailbox_stays_closed(stage: Stage) -> None:
    """Closing it again is nothing."""
    async with stage.session() as session:
        await session.close()
        with pytest.raises(MailboxError) as caught:
            await fetch(session)

    assert caught.value.trouble is MailboxTrouble.SERVER
