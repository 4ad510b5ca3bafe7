"""`leadterra classify` says what letters in files are, without a database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import Finished, Program

AWAY = "postgresql://user:hush@127.0.0.1:1/leadterra"
REPLY = "From: bob@example.org\nIn-Reply-To: <s@acme.test>\nDate: 3 Jun 2025 10:00 GMT\n\nTell me more.\n"
BOUNCE = (
    "From: MAILER-DAEMON@mx.test\nMIME-Version: 1.0\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
    "Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n--b--\n"
)
BODY = "This is the mail system at host mx.test.\n\n<ann@example.org>: host mx said: 552 5.2.2 over quota\n"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """Commands whose database is away, in a directory with letters."""
    folder = tmp_path_factory.mktemp("letters")
    box = folder / "box"
    (box / "more" / ".hidden").mkdir(parents=True)
    (box / "reply.eml").write_text(REPLY)
    (box / "more" / "1234.M1.host:2,S").write_text(BOUNCE)
    (box / "more" / "body.txt").write_text(BODY)
    (box / "more" / ".hidden" / "reply.eml").write_text(REPLY)
    (box / "LICENSE").write_text("Permission is granted\n")
    (box / "README.txt").write_text("These are letters.\n")
    (box / "expected.json").write_text("{}")
    (box / "notes").write_text("no letter\n")
    (folder / "empty").mkdir()
    (folder / "huge.eml").write_bytes(REPLY.encode() + b"spam " * 3_000_000)
    (folder / "outlook.msg").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100))
    with Program(folder, database_url=AWAY) as commands:
        yield commands


def lines(finished: Finished) -> list[dict[str, Any]]:
    """What it says, one object a line."""
    return [json.loads(line) for line in finished.out.splitlines()]


def test_a_directory_is_walked_in_order(program: Program) -> None:
    """Letters by their names or their headers, and texts; nothing hidden, no licence, no other data."""
    finished = program.run("classify", "box", "--json")

    assert (finished.code, finished.err) == (0, "")
    assert [(each["file"], each["kind"]) for each in lines(finished)] == [
        ("box/more/1234.M1.host:2,S", "bounce"),
        ("box/more/body.txt", "bounce"),
        ("box/reply.eml", "reply"),
    ]


def test_each_letter_is_one_object(program: Program) -> None:
    """With who failed and why, and what a person wrote."""
    bounce, reply = lines(program.run("classify", "box/more/1234.M1.host:2,S", "box/reply.eml", "--json"))

    assert bounce["recipients"] == [
        {
            "address": "bob@example.org",
            "status": "5.1.1",
            "code": 550,
            "hard": True,
            "reason": "no_such_mailbox",
        }
    ]
    assert (bounce["classification"], reply["classification"]) == ("bounce", "interested")
    assert (reply["newText"], reply["returnOn"], reply["recipients"]) == ("Tell me more.", None, [])
    assert bounce["evidence"]


def test_people_see_a_table(program: Program) -> None:
    """A row for each letter."""
    finished = program.run("classify", "box")

    assert "ann@example.org: soft, mailbox_full" in finished.out
    assert "bob@example.org: hard, no_such_mailbox" in finished.out


def test_what_cannot_be_read_is_told_and_the_rest_is_done(program: Program) -> None:
    """A line each on standard error, and exit code 2."""
    finished = program.run("classify", "gone.eml", "outlook.msg", "box/reply.eml", "--json")

    assert finished.code == 2
    assert finished.err.splitlines() == [
        "leadterra: gone.eml: No such file or directory",
        "leadterra: outlook.msg: this is Outlook's own format; save the letter as .eml",
    ]
    assert [each["file"] for each in lines(finished)] == ["box/reply.eml"]


def test_each_letter_of_an_mbox_is_one(program: Program, tmp_path: Path) -> None:
    """Also what stands behind a long one; a paragraph that begins with From is none."""
    start = "From bob@example.org Tue Jun  3 10:00:00 2025\n"
    second = f"{REPLY}\nFrom the start, please.\n\n" + "spam " * 300_000
    (tmp_path / "three.mbox").write_text(f"{start}{REPLY}\n{start}{second}\n\n{start}{BOUNCE}")

    found = lines(program.run("classify", str(tmp_path / "three.mbox"), "--json"))

    assert [each["kind"] for each in found] == ["reply", "reply", "bounce"]
    assert (found[0]["newText"], found[1]["newText"][:40]) == (
        "Tell me more.",
        "Tell me more.\n\nFrom the start, please.\n\n",
    )


def test_of_a_large_letter_the_beginning_is_read(program: Program) -> None:
    """And that is said."""
    (found,) = lines(program.run("classify", "huge.eml", "--json"))

    assert found["newText"].startswith("Tell me more.")
    assert "the rest was not read" in found["evidence"][-1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["empty"], "empty: there are no letters and no texts in it"),
        (["box", "--on", "someday"], "'someday' is no day; write it as "),
        ([], "Missing argument 'FILE|DIR...'"),
    ],
)
def test_an_error_is_one_line(program: Program, arguments: list[str], said: str) -> None:
    """As of all commands."""
    finished = program.run("classify", *arguments)

    assert (finished.code, finished.out) == (2, "")
    assert said in finished.err
    assert len(finished.err.splitlines()) == 1


def test_a_folder_of_this_name_is_a_path(program: Program, tmp_path: Path) -> None:
    """Also far from where the command runs."""
    (tmp_path / "a.eml").write_text(REPLY)

    assert [each["file"] for each in lines(program.run("classify", str(tmp_path), "--json"))] == [
        str(tmp_path / "a.eml")
    ]
