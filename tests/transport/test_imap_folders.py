"""Which folder is for what, with the names that real providers use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.actions.ports import FolderRole
from leadterra.transport.imap_folders import (
    decode_name,
    encode_name,
    folders_with_roles,
    personal_prefix,
    read_listed,
    read_status,
)
from leadterra.transport.imap_responses import Reader

GMAIL = r"""
* LIST (\HasNoChildren) "/" "INBOX"
* LIST (\HasChildren \Noselect) "/" "[Gmail]"
* LIST (\All \HasNoChildren) "/" "[Gmail]/All Mail"
* LIST (\HasNoChildren \Junk) "/" "[Gmail]/Spam"
* LIST (\HasNoChildren \Sent) "/" "[Gmail]/Sent Mail"
"""
GMAIL_GERMAN = r"""
* LIST (\HasNoChildren) "/" "[Google Mail]/Spam"
* LIST (\HasNoChildren \Sent) "/" "[Google Mail]/Gesendet"
* LIST (\HasNoChildren) "/" Sent
"""
GMAIL_WITHOUT_FLAGS = r"""
* LIST (\HasNoChildren) "/" "[Gmail]/Spam"
* LIST (\HasNoChildren) "/" "[Gmail]/Messages envoy&AOk-s"
"""
OUTLOOK = r"""
* LIST (\HasChildren) "/" "INBOX"
* LIST (\HasNoChildren) "/" "Junk Email"
* LIST (\HasNoChildren) "/" "Sent Items"
* LIST (\HasNoChildren) "/" "INBOX/Customers/Sent"
"""
OUTLOOK_GERMAN = r"""
* LIST () "/" "Gesendete Elemente"
* LIST () "/" Junk-E-Mail
"""
DOVECOT = r"""
* LIST (\HasNoChildren \UnMarked \Sent) "." Sent
* LIST (\HasNoChildren \UnMarked \Sent) "." "Sent Messages"
* LIST (\HasNoChildren \UnMarked \Junk) "." Junk
"""
COURIER = r"""
* LIST (\HasChildren) "." "INBOX"
* LIST (\HasNoChildren) "." "INBOX.Sent"
* LIST (\HasNoChildren) "." "INBOX.spam"
* LIST (\HasNoChildren) "." "INBOX.Archive.Sent"
"""
RUSSIAN = r"""
* LIST () "|" "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"
* LIST () "|" "&BCEEPwQwBDw-"
"""
OLD_AND_NEW = r"""
* LIST () "/" "Sent Messages"
* LIST () "/" "Sent"
* LIST (\Sent) "/" "Spam"
* LIST (\NonExistent \Junk) "/" "Junk"
* LIST (\Noselect) "/" "Bulk"
"""


@pytest.mark.parametrize(
    ("listing", "junk", "sent"),
    [
        (GMAIL, "[Gmail]/Spam", "[Gmail]/Sent Mail"),
        (GMAIL_GERMAN, "[Google Mail]/Spam", "[Google Mail]/Gesendet"),
        (GMAIL_WITHOUT_FLAGS, "[Gmail]/Spam", "[Gmail]/Messages envoy&AOk-s"),
        (OUTLOOK, "Junk Email", "Sent Items"),
        (OUTLOOK_GERMAN, "Junk-E-Mail", "Gesendete Elemente"),
        (DOVECOT, "Junk", "Sent"),
        (COURIER, "INBOX.spam", "INBOX.Sent"),
        (RUSSIAN, "&BCEEPwQwBDw-", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"),
        (OLD_AND_NEW, None, "Spam"),
        ("* LIST ((\n* LIST", None, None),
        ('* LIST () "/" NIL\n* LIST x y z\n* LIST (()) () ("a")', None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_folders_are_known_by_flag_then_by_name(listing: str, junk: str | None, sent: str | None) -> None:
    """A flag beats any name; a closed folder, or one below a person's own, has no role."""
    responses = Reader().read(listing.strip().replace("\n", "\r\n").encode() + b"\r\n")
    found = {folder.role: folder.name for folder in folders_with_roles(read_listed(responses))}

    assert found.pop(FolderRole.INBOX) == "INBOX"
    assert (found.get(FolderRole.JUNK), found.get(FolderRole.SENT)) == (junk, sent)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Entw&APw-rfe", "Entwürfe"),
        ("R&-D", "R&D"),
        ("&2D3cjA-", "💌"),
        ("&U,BTFw-/&ZeVnLIqe-", "台北/日本語"),
        ("R&D", "R&D"),
        ("&A-", "&A-"),
        ("&2D0-", "&2D0-"),
        ("&====-", "&====-"),
    ],
)
def test_names_are_decoded_for_people(written: str, read: str) -> None:
    """RFC 3501 §5.1.3; what is no such name stays as it is."""
    assert decode_name(written) == read


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_an_encoded_name_is_ascii_and_comes_back(name: str) -> None:
    """Whatever people call a folder."""
    encoded = encode_name(name)

    assert (encoded.isascii(), decode_name(encoded)) == (True, name)


@given(st.text(max_size=20))
def test_nothing_that_is_called_a_name_raises(name: str) -> None:
    """Servers write what they like."""
    assert isinstance(decode_name(name) + decode_name(f"&{name}-"), str)


def test_a_prefix_is_read_from_what_the_server_says() -> None:
    """RFC 2342: the first of one's own."""
    lines = [
        b'* NAMESPACE (("INBOX." ".") ("x" ".")) NIL NIL',
        b"* NAMESPACE (()) NIL",
        b"* NAMESPACE ((NIL NIL))",
    ]

    assert [personal_prefix(Reader().read(line + b"\r\n")) for line in lines] == ["INBOX.", "", ""]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"* STATUS Junk (UIDVALIDITY 7 UIDNEXT 12)", {"UIDVALIDITY": 7, "UIDNEXT": 12}),
        (b'* STATUS "a b" (uidnext 12 MESSAGES 3)', {"UIDNEXT": 12, "MESSAGES": 3}),
        (b"* STATUS Junk (UIDVALIDITY 99999999999 UIDNEXT x)", {}),
        (b"* STATUS Junk (UIDVALIDITY)", {}),
        (b"* STATUS Junk ()", {}),
        (b"* STATUS Junk", {}),
        (b"* STATUS Junk ((1) (2) NIL 3)", {}),
    ],
)
def test_the_status_of_a_folder_is_read(line: bytes, told: dict[str, int]) -> None:
    """RFC 9051 §7.3.4; what is no number is not told."""
    assert read_status(Reader().read(line + b"\r\n")) == told
