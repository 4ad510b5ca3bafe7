"""Sealed secrets open for their own row only, with any key of the ring, and no key is ever shown."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.config import Settings
from leadterra.store.sealing import KeyRing, SealContext, SealError

CONTEXT = SealContext(UUID(int=1), UUID(int=2), "smtp.password")


def key(byte: int) -> str:
    """Thirty-two equal bytes, as the environment has them."""
    return b64encode(bytes([byte]) * 32).decode()


OLD = KeyRing.from_text(f"old:{key(1)}")
BOTH = KeyRing.from_text(f"new:{key(2)},old:{key(1)}")


@given(st.text())
def test_what_was_sealed_opens_again(plain: str) -> None:
    """Any text, the empty one included."""
    assert OLD.unseal(OLD.seal(plain, CONTEXT), CONTEXT) == plain


def test_the_secret_is_not_in_the_blob() -> None:
    """A dump of the database gives nothing away."""
    assert b"correct horse" not in OLD.seal("correct horse", CONTEXT)


def test_two_seals_of_one_secret_differ() -> None:
    """Equal passwords of two accounts cannot be told from their blobs."""
    assert OLD.seal("same", CONTEXT) != OLD.seal("same", CONTEXT)


@pytest.mark.parametrize(
    "other",
    [
        replace(CONTEXT, workspace_id=UUID(int=9)),
        replace(CONTEXT, owner_id=UUID(int=9)),
        replace(CONTEXT, purpose="imap.password"),
    ],
)
def test_a_secret_moved_to_another_row_does_not_open(other: SealContext) -> None:
    """Whoever can write to the database cannot make one account log in with another's password (R1)."""
    blob = OLD.seal("hush", CONTEXT)

    with pytest.raises(SealError, match="belongs to another account"):
        OLD.unseal(blob, other)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_blob_does_not_open(position: int, flip: int) -> None:
    """Not one bit of it can be changed unseen, and the failure is always a `SealError`."""
    blob = bytearray(OLD.seal("hush", CONTEXT))
    blob[position % len(blob)] ^= flip

    with pytest.raises(SealError):
        OLD.unseal(bytes(blob), CONTEXT)


@given(st.binary(max_size=64))
def test_any_other_bytes_do_not_open(blob: bytes) -> None:
    """Cut, empty or foreign: a `SealError`, never another exception."""
    with pytest.raises(SealError):
        OLD.unseal(blob, CONTEXT)


def test_an_old_key_still_opens_after_a_new_one_was_put_in_front() -> None:
    """Rotation needs no downtime."""
    blob = OLD.seal("hush", CONTEXT)

    assert (BOTH.unseal(blob, CONTEXT), BOTH.needs_reseal(blob)) == ("hush", True)


def test_the_first_key_seals() -> None:
    """And what it sealed needs no resealing."""
    assert not BOTH.needs_reseal(BOTH.seal("hush", CONTEXT))


def test_a_missing_key_is_named() -> None:
    """The operator learns which key to put back."""
    blob = BOTH.seal("hush", CONTEXT)

    with pytest.raises(SealError, match="the key 'new' that sealed this secret is not in the ring"):
        OLD.unseal(blob, CONTEXT)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "entry 1 must be id:base64"),
        (key(1), "entry 1 must be id:base64"),
        (f"a:{key(1)},a:{key(2)}", "entry 2 must be id:base64 with an id of its own"),
        ("a:AAAA", "the key 'a' must be 32 bytes"),
        ("a:$$$", "the key 'a' must be 32 bytes"),
    ],
)
def test_an_unusable_ring_is_refused_with_a_reason(text: str, says: str) -> None:
    """The variable is named, and the key is not shown."""
    with pytest.raises(SealError) as refused:
        KeyRing.from_text(text)

    assert (str(refused.value).startswith("LEADTERRA_SEAL_KEYS: "), says in str(refused.value)) == (
        True,
        True,
    )
    assert key(1) not in str(refused.value)


def test_no_key_is_shown() -> None:
    """Neither in a repr nor in the text of an error."""
    assert (repr(BOTH), str(BOTH)) == ("KeyRing(keys=new, old)",) * 2


def settings_in(folder: Path) -> Settings:
    """Settings with that data directory and no keys in the environment."""
    return Settings.from_environ({}, data_dir=folder / "data")


def test_the_key_file_is_made_at_first_use_for_its_owner_alone(tmp_path: Path) -> None:
    """Mode 0600, and the same ring the next time."""
    blob = KeyRing.load(settings_in(tmp_path)).seal("hush", CONTEXT)

    assert (tmp_path / "data" / "seal.keys").stat().st_mode & 0o777 == 0o600
    assert KeyRing.load(settings_in(tmp_path)).unseal(blob, CONTEXT) == "hush"


def test_many_who_start_at_once_share_one_key(tmp_path: Path) -> None:
    """The losers of the race read the winner's file."""
    with ThreadPoolExecutor(8) as threads:
        rings = list(threads.map(lambda _: KeyRing.load(settings_in(tmp_path)), range(8)))

    assert len({repr(ring) for ring in rings}) == 1


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """And the answer says what to do."""
    KeyRing.load(settings_in(tmp_path))
    (tmp_path / "data" / "seal.keys").chmod(0o640)

    with pytest.raises(SealError, match=r"has mode 0640 and others may read it: chmod 600 .*seal\.keys"):
        KeyRing.load(settings_in(tmp_path))


def test_a_directory_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    """No traceback reaches the operator."""
    (tmp_path / "data").touch()

    with pytest.raises(SealError, match=r"seal\.keys: Not a directory|seal\.keys: File exists"):
        KeyRing.load(settings_in(tmp_path))


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    """Many machines share a ring by their environment, and no file is made."""
    settings = Settings.from_environ({}, data_dir=tmp_path, seal_keys=f"shared:{key(3)}")

    assert (KeyRing.load(settings).current, list(tmp_path.iterdir())) == ("shared", [])


def test_rotation_puts_a_new_key_into_the_file(tmp_path: Path) -> None:
    """Older blobs open still, and are known to need resealing."""
    ring = KeyRing.load(settings_in(tmp_path))
    blob = ring.seal("hush", CONTEXT)

    new = ring.rotate()
    again = KeyRing.load(settings_in(tmp_path))

    assert (ring.current, again.current, again.unseal(blob, CONTEXT)) == (new, new, "hush")
    assert again.needs_reseal(blob)


def test_a_running_process_finds_a_key_that_another_added(tmp_path: Path) -> None:
    """`leadterra seal rotate` needs no restart of the workers."""
    worker, command = KeyRing.load(settings_in(tmp_path)), KeyRing.load(settings_in(tmp_path))
    command.rotate()

    assert worker.unseal(command.seal("hush", CONTEXT), CONTEXT) == "hush"


def test_rotations_at_once_lose_no_key(tmp_path: Path) -> None:
    """A lost key would be lost secrets."""
    rings = [KeyRing.load(settings_in(tmp_path)) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        made = set(threads.map(KeyRing.rotate, rings))

    text = (tmp_path / "data" / "seal.keys").read_text()
    assert made < {line.partition(":")[0] for line in text.splitlines()}


def test_keys_of_the_environment_are_rotated_by_their_owner() -> None:
    """The program cannot write there, and says so."""
    with pytest.raises(SealError, match="put a new id:base64 pair in front"):
        BOTH.rotate()
