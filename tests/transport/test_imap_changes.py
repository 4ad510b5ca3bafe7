"""Moving letters and putting them into folders, with and without the extensions that make it easy."""

import pytest

from leadterra.actions.ports import MailboxTrouble
from tests.support.imap_server import Step
from tests.support.mailboxes import mailbox, trouble

FOLDER = MailboxTrouble.FOLDER


def selected(validity: int = 7) -> list[Step]:
    """The inbox, opened for writing."""
    told = f"S: * OK [UIDVALIDITY {validity}] x"
    return ['C: SELECT "INBOX"', "S: * 3 EXISTS", told, "S: * OK [UIDNEXT 9] x", "S: $ OK done"]


async def test_move_is_one_command_where_it_is_offered() -> None:
    """RFC 6851. The folder is opened for writing once."""
    script: list[Step] = [*selected(), 'C: UID MOVE 3,5:7 "Filed"', "S: $ OK done", 'C: UID MOVE 9 "Filed"']
    async with mailbox(script, "S: $ OK done", offers=("MOVE",)) as session:
        await session.move([7, 5, 6, 3, 5], "Filed")
        await session.move([9], "Filed")


@pytest.mark.parametrize("refused", ["NO [TRYCREATE] no such folder", "NO no such folder"])
@pytest.mark.parametrize("made", ["OK made", "NO [ALREADYEXISTS] somebody was faster"])
async def test_a_folder_that_is_not_there_is_made(refused: str, made: str) -> None:
    """Then it is tried again, once."""
    script: list[Step] = [
        *selected(),
        'C: UID MOVE 3 "Filed"',
        f"S: $ {refused}",
        'C: CREATE "Filed"',
        f"S: $ {made}",
        'C: UID MOVE 3 "Filed"',
        "S: $ OK done",
    ]
    async with mailbox(script, offers=("MOVE",)) as session:
        await session.move([3], "Filed")


async def test_without_move_letters_are_copied_and_expunged() -> None:
    """Only these: UIDPLUS (RFC 4315)."""
    script: list[Step] = [
        *selected(),
        'C: UID COPY 3 "Filed"',
        "S: $ OK done",
        "C: UID STORE 3 +FLAGS.SILENT (\\Deleted)",
        "S: $ OK done",
        "C: UID EXPUNGE 3",
        "S: * 1 EXPUNGE",
        "S: $ OK done",
    ]
    async with mailbox(script, offers=("UIDPLUS",)) as session:
        await session.move([3], "Filed")


async def test_a_plain_expunge_is_never_said() -> None:
    """It would take what a person has marked."""
    script: list[Step] = [
        *selected(),
        'C: UID COPY 3 "Filed"',
        "S: $ OK done",
        "C: UID STORE 3 +FLAGS.SILENT (\\Deleted)",
        "S: $ OK done",
    ]
    async with mailbox(script) as session:
        await session.move([3], "Filed")


async def test_letters_of_a_folder_made_anew_are_not_moved() -> None:
    """Their UIDs are others'."""
    async with mailbox(selected(8), offers=("MOVE",)) as session:
        assert (await trouble(session.move([3], "Filed")))[0] is FOLDER


@pytest.mark.parametrize("uid", [0, -1, 2**32])
async def test_what_is_no_uid_is_not_said(uid: int) -> None:
    """RFC 9051 §9: nz-number, 32 bits."""
    async with mailbox(offers=("MOVE",)) as session:
        assert (await trouble(session.move([3, uid], "Filed")))[0] is FOLDER


@pytest.mark.parametrize(
    ("offers", "announced"),
    [((), ["{6}", "S: + go on"]), (("LITERAL+",), ["{6+}"]), (("LITERAL-",), ["{6+}"])],
)
async def test_a_letter_is_appended_as_read(offers: tuple[str, ...], announced: list[str]) -> None:
    """As a literal, octet by octet."""
    head, *leave = announced
    script: list[Step] = [
        f'C: APPEND "Sent" (\\Seen) {head}',
        *leave,
        "C: Hi",
        "C:  $",
        "S: $ OK [APPENDUID 1 2] x",
    ]
    async with mailbox(script, offers=offers) as session:
        await session.append("Sent", b"Hi\r\n $")


async def test_a_full_mailbox_is_told_before_the_letter_goes() -> None:
    """The session goes on."""
    script: list[Step] = [
        'C: APPEND "Sent" (\\Seen) {2}',
        "S: $ NO [OVERQUOTA] full",
        'C: EXAMINE "INBOX"',
        "S: * OK [UIDVALIDITY 7] x",
        "S: * OK [UIDNEXT 7] x",
        "S: $ OK done",
    ]
    async with mailbox(script) as session:
        assert await trouble(session.append("Sent", b"Hi")) == (FOLDER, "NO [OVERQUOTA] full")
        await session.select("INBOX")


async def test_a_letter_with_nul_is_not_said() -> None:
    """IMAP cannot (RFC 9051 §4.3)."""
    async with mailbox() as session:
        assert (await trouble(session.append("Sent", b"\0")))[0] is FOLDER


@pytest.mark.parametrize(
    ("told", "full_name"),
    [
        ('S: * NAMESPACE (("INBOX." ".")) NIL NIL', "INBOX.Filed"),
        ('S: * NAMESPACE (("" "/")) (("~" "/")) NIL', "Filed"),
        ("S: * NAMESPACE NIL NIL NIL", "Filed"),
        ("S: * OK nothing to tell", "Filed"),
    ],
)
async def test_folders_are_made_where_the_server_keeps_them(told: str, full_name: str) -> None:
    """RFC 2342; asked for once."""
    script: list[Step] = [
        "C: NAMESPACE",
        told,
        "S: $ OK done",
        f'C: APPEND "{full_name}" (\\Seen) {{2+}}',
        "C: Hi",
    ]
    again: list[Step] = ["S: $ OK done", f'C: APPEND "{full_name}" (\\Seen) {{2+}}', "C: Ho", "S: $ OK done"]
    async with mailbox(script, again, offers=("NAMESPACE", "LITERAL+")) as session:
        await session.append("Filed", b"Hi")
        await session.append(full_name, b"Ho")


@pytest.mark.parametrize("name", ['Fi"led', "Fi\\led", "Fi led (", ")", "*", "{5}"])
async def test_names_of_folders_are_no_commands(name: str) -> None:
    """Quoted, whatever they hold."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    async with mailbox(f'C: EXAMINE "{quoted}"', "S: $ NO [NONEXISTENT] none") as session:
        assert await trouble(session.select(name)) == (FOLDER, "NO [NONEXISTENT] none")


async def test_a_name_with_line_ends_goes_as_a_literal() -> None:
    """The server may take it or not; it is no command."""
    script: list[Step] = ["C: EXAMINE {10}", "S: + go on", "C: x", "C: DELETE y", "S: $ NO none"]
    async with mailbox(script) as session:
        assert (await trouble(session.select("x\nDELETE y")))[0] is FOLDER
