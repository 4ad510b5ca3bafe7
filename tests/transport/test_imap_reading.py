"""Folders and letters, before servers that are odd, old or hostile: the scripts say what they do."""

import asyncio
from datetime import UTC, datetime

import pytest

from leadterra.actions.ports import Folder, FolderRole, FolderState, MailboxTrouble
from leadterra.transport.imap_reading import read_date_time
from tests.support.clock import NOW
from tests.support.imap_server import Drip, Flood, Move, Step, opened, shown
from tests.support.mailboxes import IMPATIENT, mailbox, trouble

FOLDER, SERVER = MailboxTrouble.FOLDER, MailboxTrouble.SERVER
KNOWN = "(UID RFC822.SIZE INTERNALDATE)"
DATE = '"10-Mar-2026 13:00:00 +0100"'


def listed(*letters: tuple[int, int], start: int = 1, asked: str = "1:3") -> list[Step]:
    """The server's list of letters: UID and size of each."""
    lines: list[Step] = [
        f"S: * {number} FETCH (UID {uid} RFC822.SIZE {size} INTERNALDATE {DATE})"
        for number, (uid, size) in enumerate(letters, start)
    ]
    return [f"C: FETCH {asked} {KNOWN}", *lines, "S: $ OK done"]


async def test_a_missing_uidnext_is_derived() -> None:
    """From the UID of the last letter."""
    select: list[Step] = ['C: EXAMINE "Old"', "S: * 5 EXISTS", "S: * OK [UIDVALIDITY 3] x", "S: $ OK done"]
    last: list[Step] = ["C: UID FETCH * (UID)", "S: * 5 FETCH (UID 4294967295)", "S: $ OK done"]
    async with mailbox(select, last) as session:
        assert await session.select("Old") == FolderState(3, 2**32)


async def test_an_empty_folder_without_uidnext_begins_at_one() -> None:
    """There is nobody to ask about."""
    select: list[Step] = ['C: EXAMINE "Old"', "S: * 0 EXISTS", "S: * OK [UIDVALIDITY 3] x", "S: $ OK done"]
    async with mailbox(select) as session:
        assert await session.select("Old") == FolderState(3, 1)


@pytest.mark.parametrize("validity", ["", "S: * OK [UIDVALIDITY 0] x", "S: * OK [UIDVALIDITY (] x"])
async def test_a_folder_without_lasting_uids_is_not_read(validity: str) -> None:
    """What was read could not be told from what was not."""
    select: list[Step] = ['C: EXAMINE "Old"', "S: * 5 EXISTS", validity or "S: * OK fine", "S: $ OK done"]
    async with mailbox(select) as session:
        assert (await trouble(session.select("Old")))[0] is FOLDER


async def test_a_server_that_is_busy_is_no_missing_folder() -> None:
    """The session is closed then."""
    async with mailbox('C: EXAMINE "Old"', "S: $ NO [UNAVAILABLE] later") as session:
        assert (await trouble(session.select("Old")))[0] is SERVER
        assert (await trouble(session.select("INBOX")))[0] is SERVER


async def test_letters_come_in_batches_by_what_the_server_says_they_weigh() -> None:
    """So that a few large ones are not in memory together."""
    mega = 700_000
    script: list[Step] = [
        *listed((4, mega), (5, mega), (6, 20)),
        "C: UID FETCH 4 (UID BODY.PEEK[]<0.1000000>)",
        b"* 1 FETCH (UID 4 BODY[]<0> {4}\r\nfour)\r\n$ OK done\r\n",
        "C: UID FETCH 5:6 (UID BODY.PEEK[]<0.1000000>)",
        b'* 2 FETCH (BODY[]<0> {4}\r\nfive UID 5)\r\n* 3 FETCH (UID 6 BODY[]<0> "six")\r\n$ OK done\r\n',
    ]
    async with mailbox(script) as session:
        found = await session.fetch(1, limit=10, max_octets=1_000_000)

    assert [(each.uid, each.size, each.content) for each in found] == [
        (4, mega, b"four"),
        (5, mega, b"five"),
        (6, 20, b"six"),
    ]
    assert found[0].received_at == datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


async def test_older_letters_are_found_by_halving() -> None:
    """Whatever the gaps are: about as many questions as the count has binary digits."""
    uids = [10, 20, 4_000_000_000, 4_000_000_001, 4_000_000_002, 4_294_967_294, 4_294_967_295]
    script: list[Step] = [*opened(len(uids), 2**32), *listed((uids[-1], 9), start=7, asked="7:7")]
    for number in (4, 2, 3):
        script += [f"C: FETCH {number} (UID)", f"S: * {number} FETCH (UID {uids[number - 1]})", "S: $ OK x"]
    script += listed((uids[2], 9), start=3, asked="3:3")
    script += [
        "C: UID FETCH 4000000000 (UID BODY.PEEK[]<0.100>)",
        b"* 3 FETCH (UID 4000000000 BODY[]<0> {2}\r\nhi)\r\n$ OK done\r\n",
    ]
    async with mailbox(script) as session:
        await session.select("INBOX")
        (found,) = await session.fetch(21, limit=1, max_octets=100)

    assert (found.uid, found.content) == (4_000_000_000, b"hi")


async def test_a_letter_that_the_server_cannot_give_comes_empty() -> None:
    """The others come whole, and nobody asks for it for ever."""
    script: list[Step] = [
        *listed((4, 10), (5, 20)),
        "C: UID FETCH 4:5 (UID BODY.PEEK[]<0.100>)",
        "S: $ NO The requested message could not be converted",
        "C: UID FETCH 4 (UID BODY.PEEK[]<0.100>)",
        b"* 1 FETCH (UID 4 BODY[]<0> {4}\r\nfour)\r\n$ OK done\r\n",
        "C: UID FETCH 5 (UID BODY.PEEK[]<0.100>)",
        "S: $ NO The requested message could not be converted",
    ]
    async with mailbox(script) as session:
        found = await session.fetch(1, limit=10, max_octets=100)

    assert [(each.uid, each.size, each.content) for each in found] == [(4, 10, b"four"), (5, 20, b"")]


async def test_a_letter_told_while_others_are_listed_is_news() -> None:
    """It is not among those listed, and ends the next wait."""
    script: list[Step] = [
        *listed((4, 10), asked="1:3")[:-1],
        "S: * 4 EXISTS",
        "S: $ OK done",
        "C: UID FETCH 4 (UID BODY.PEEK[]<0.100>)",
        b"* 1 FETCH (UID 4 BODY[]<0> {4}\r\nfour)\r\n$ OK done\r\n",
    ]
    async with mailbox(script, offers=("IDLE",)) as session:
        assert len(await session.fetch(1, limit=9, max_octets=100)) == 1
        assert await session.wait(0)


async def test_a_call_brings_no_more_than_memory_should_hold() -> None:
    """Twelve letters of a million octets come in two calls."""
    mega = 1_000_000
    script: list[Step] = [*opened(12), *listed(*((uid, mega) for uid in range(1, 13)), asked="1:12")]
    for uid in range(1, 10):
        script += [
            f"C: UID FETCH {uid} (UID BODY.PEEK[]<0.{mega}>)",
            b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, uid, mega) + b"x" * mega + b")\r\n$ OK done\r\n",
        ]
    async with mailbox(script) as session:
        await session.select("INBOX")
        found = await session.fetch(1, limit=12, max_octets=mega)

    assert [(each.uid, len(each.content)) for each in found] == [(uid, mega) for uid in range(1, 10)]


async def test_where_all_went_meanwhile_the_next_are_read() -> None:
    """None would mean that there are no more."""
    script: list[Step] = [
        *opened(2),
        *listed((4, 10), start=2, asked="2:2"),
        "C: FETCH 1 (UID)",
        "S: * 1 FETCH (UID 3)",
        "S: $ OK done",
        *listed((3, 10), asked="1:1"),
        "C: UID FETCH 3 (UID BODY.PEEK[]<0.100>)",
        "S: * 1 EXPUNGE",
        "S: $ OK done",
        *listed((4, 10), asked="1:1"),
        "C: UID FETCH 4 (UID BODY.PEEK[]<0.100>)",
        b"* 1 FETCH (UID 4 BODY[]<0> {4}\r\nfour)\r\n$ OK done\r\n",
    ]
    async with mailbox(script) as session:
        await session.select("INBOX")
        found = await session.fetch(1, limit=1, max_octets=100)

    assert [each.uid for each in found] == [4]


async def test_a_letter_that_went_meanwhile_is_left_out() -> None:
    """And what the server tells of flags and others in between changes nothing."""
    script: list[Step] = [
        *listed((4, 10), (5, 20)),
        "C: UID FETCH 4:5 (UID BODY.PEEK[]<0.100>)",
        "S: * 2 FETCH (FLAGS (\\Seen))",
        "S: * 3 FETCH (UID 9 BODY[]<0> NIL)",
        b"* 1 FETCH (FLAGS (\\Recent) UID 4 BODY[]<0> {0}\r\n)\r\n* 4 EXISTS\r\n* 1 RECENT\r\n",
        "S: * 1 FETCH (UID 4 FLAGS (\\Seen))",
        "S: * 2 EXPUNGE",
        "S: * ESEARCH (TAG x) UID ((((",
        "S: $ OK done",
    ]
    async with mailbox(script) as session:
        found = await session.fetch(1, limit=10, max_octets=100)

    assert [(each.uid, each.content) for each in found] == [(4, b"")]


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 4 BODY[]<0> {101}\r\n" + b"x" * 101 + b")\r\n$ OK done\r\n",
        b"* 1 FETCH (UID 4 BODY[]<0> {99999999}\r\nxxx",
        b"* 1 FETCH (UID 4 BODY[]<0> {4294967296}\r\n",
        b'* 1 FETCH (UID 4 BODY[]<0> "' + b"x" * 101 + b'")\r\n$ OK done\r\n',
        b"* 1 FETCH (UID 4 BODY[]<0> {2}\r\nhi" * 100,
        b"* 1 FETCH (UID 4 BODY[]<0> " + b"(" * 100 + b"\r\n",
        b"* 1 FETCH (UID 4 BODY[]<0> {2}\r\nhi\r\n",
        b"L99 OK done\r\n",
        b"+ go on\r\n",
        b"* BYE shutting down\r\n",
        b"hello?\r\n",
        b"* 1 FETCH (UID 4 BODY[]<0> {100}\r\nhalf a",
        Drip(b"* 1 FETCH (UID 4 BODY[]<0>"),
        Flood(b"x" * 1000),
        Flood(b"* 1 FETCH (UID 4)\r\n"),
        Flood(b"* OK still here\r\n"),
        Flood(b"\r\n" * 500),
        Move.CLOSE,
        Move.RESET,
        Move.HANG,
    ],
    ids=shown,
)
async def test_a_server_that_goes_astray_is_left(answer: Step) -> None:
    """In bounded time and memory, with a word on what it did."""
    script: list[Step] = [*listed((4, 10), asked="1:3"), "C: UID FETCH 4 (UID BODY.PEEK[]<0.100>)", answer]
    async with mailbox(script, timeouts=IMPATIENT) as session:
        found, text = await trouble(session.fetch(1, limit=10, max_octets=100))
        again, _ = await trouble(session.fetch(1, limit=10, max_octets=100))

    assert (found, again, text != "") == (SERVER, SERVER, True)


async def test_octets_may_come_one_by_one() -> None:
    """Wherever the network cuts."""
    script: list[Step] = [
        *listed((4, 10), asked="1:3"),
        "C: UID FETCH 4 (UID BODY.PEEK[]<0.100>)",
        Drip(b"* 1 FETCH (BODY[]<0> {9}\r\na)\r\nL4 O\n UID 4)\r\n$ OK done\r\n"),
    ]
    async with mailbox(script) as session:
        (found,) = await session.fetch(1, limit=10, max_octets=100)

    assert found.content == b"a)\r\nL4 O\n"


@pytest.mark.parametrize(
    "date", ['"32-Mar-2026 13:00:00 +0100"', '"yesterday"', "NIL", '"01-Jan-0001 00:00:00 +0100"', "()"]
)
async def test_a_letter_without_a_readable_date_was_received_now(date: str) -> None:
    """Better than not at all."""
    script: list[Step] = [
        f"C: FETCH 1:3 {KNOWN}",
        f"S: * 1 FETCH (UID 4 RFC822.SIZE 3 INTERNALDATE {date})",
        "S: $ OK done",
        "C: UID FETCH 4 (UID BODY.PEEK[]<0.100>)",
        b"* 1 FETCH (UID 4 BODY[]<0> {2}\r\nhi)\r\n$ OK done\r\n",
    ]
    async with mailbox(script) as session:
        (found,) = await session.fetch(1, limit=10, max_octets=100)

    assert found.received_at == NOW


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        (b" 1-Feb-2026 01:30:00 +0200", datetime(2026, 1, 31, 23, 30, tzinfo=UTC)),
        (b"01-FEB-2026 01:30:60 -0030", datetime(2026, 2, 1, 2, 0, 59, tzinfo=UTC)),
        (b"01-Foo-2026 01:30:00 +0000", None),
        (b"01-Feb-2026 01:30:00 +9999", None),
        (b"31-Dec-9999 23:30:00 -0100", None),
        (b"01-Feb-2026 01:30:00", None),
        (None, None),
    ],
)
def test_dates_are_read_as_servers_write_them(written: bytes | None, instant: datetime | None) -> None:
    """In UTC, or not at all."""
    assert read_date_time(written) == instant


async def test_a_search_is_not_believed() -> None:
    """A server that finds everything finds nothing."""
    script: list[Step] = [
        'C: UID SEARCH HEADER MESSAGE-ID "<1@x>"',
        "S: * SEARCH 1 2 x 4294967296 3",
        "S: $ OK done",
        "C: UID FETCH 1:3 (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])",
        b"* 1 FETCH (UID 1 BODY[HEADER.FIELDS (MESSAGE-ID)] {19}\r\nMessage-ID: <1@x>\r\n)\r\n",
        b"* 2 FETCH (UID 2 BODY[HEADER.FIELDS (MESSAGE-ID)] {19}\r\nMessage-ID: <2@x>\r\n)\r\n",
        b"* 3 FETCH (UID 3 BODY[HEADER.FIELDS (MESSAGE-ID)] NIL)\r\n$ OK done\r\n",
    ]
    async with mailbox(script) as session:
        assert await session.find("<1@x>") == 1


async def test_a_search_for_foreign_letters_names_its_charset() -> None:
    """As a literal, which quotes cannot hold."""
    script: list[Step] = [
        "C: UID SEARCH CHARSET UTF-8 HEADER MESSAGE-ID {6}",
        "S: + go on",
        "C: <é@x>",
        "S: * SEARCH",
        "S: $ OK done",
    ]
    async with mailbox(script) as session:
        assert await session.find("<é@x>") is None


GMAIL: list[Step] = [
    'S: * LIST (\\HasNoChildren) "/" "INBOX"',
    'S: * LIST (\\HasChildren \\Noselect) "/" "[Gmail]"',
    'S: * LIST (\\HasNoChildren \\Sent) "/" "[Gmail]/Gesendet"',
    'S: * LIST (\\HasNoChildren \\Junk) "/" "[Gmail]/Spam"',
    'S: * LIST (\\HasNoChildren) "/" "Sent"',
]
FOUND = [
    Folder("INBOX", FolderRole.INBOX),
    Folder("[Gmail]/Spam", FolderRole.JUNK),
    Folder("[Gmail]/Gesendet", FolderRole.SENT),
]


@pytest.mark.parametrize(
    ("offers", "asked", "listing"),
    [
        (("SPECIAL-USE", "LIST-EXTENDED"), 'LIST "" "*" RETURN (SPECIAL-USE)', GMAIL),
        (("SPECIAL-USE", "XLIST"), 'LIST "" "*"', GMAIL),
        (
            ("XLIST",),
            'XLIST "" "*"',
            [str(line).replace("LIST", "XLIST").replace("\\Junk", "\\Spam") for line in GMAIL],
        ),
        ((), 'LIST "" "*"', GMAIL),
    ],
)
async def test_flags_are_asked_for_as_the_server_likes(
    offers: tuple[str, ...], asked: str, listing: list[Step]
) -> None:
    """RFC 6154, or Gmail's own command before it."""
    async with mailbox(f"C: {asked}", listing, "S: $ OK done", offers=offers) as session:
        assert await session.list_folders() == FOUND


async def test_a_server_that_offers_more_than_it_has_is_asked_plainly() -> None:
    """BAD is an answer."""
    script: list[Step] = [
        'C: LIST "" "*" RETURN (SPECIAL-USE)',
        "S: $ BAD parse error",
        'C: LIST "" "*"',
        *GMAIL,
    ]
    async with mailbox(script, "S: $ OK done", offers=("SPECIAL-USE", "LIST-EXTENDED")) as session:
        assert await session.list_folders() == FOUND


async def test_a_name_may_come_as_a_literal_and_goes_back_as_it_was() -> None:
    """Octets that are no UTF-8 too."""
    script: list[Step] = [
        'C: LIST "" "*"',
        b'* LIST (\\Sent) NIL {5}\r\nG"\xe4\\s\r\n$ OK done\r\n',
        "C: EXAMINE {5}",
        "S: + go on",
    ]
    async with mailbox(script, Move.CLOSE) as session:
        name = (await session.list_folders())[1].name
        await trouble(session.select(name))

    assert name.encode("utf-8", "surrogateescape") == b'G"\xe4\\s'


async def test_many_folders_are_listed_in_time() -> None:
    """Ten thousand are some."""
    lines = b"".join(b'* LIST () "/" "Folder %d"\r\n' % number for number in range(10_000))
    async with mailbox('C: LIST "" "*"', lines, "S: $ OK done") as session:
        assert await asyncio.wait_for(session.list_folders(), 10) == FOUND[:1]
