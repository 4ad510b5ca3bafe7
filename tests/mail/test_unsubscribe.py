"""Unsubscribe tokens: what was signed is read back, and nothing else is."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadterra.mail.unsubscribe import InvalidToken, read_token, sign_token

SECRET = b"s" * 32
WORKSPACE = UUID("018d2f00-0000-7000-8000-000000000001")
ENROLLMENT = UUID("018d2f00-0000-7000-8000-000000000040")


@given(st.binary(min_size=16, max_size=64), st.uuids(), st.uuids())
def test_a_token_says_whom_it_is_for_and_who_signed_it(
    secret: bytes, workspace: UUID, enrollment: UUID
) -> None:
    """It is read without a secret, then verified with the one of its workspace."""
    token = read_token(sign_token(secret, workspace, enrollment))
    assert (token.workspace_id, token.enrollment_id) == (workspace, enrollment)
    assert token.verify(secret)


def test_a_token_needs_no_quoting_in_a_link() -> None:
    """66 characters of the URL-safe alphabet. The spelling is kept for ever: letters live for ever."""
    assert sign_token(SECRET, WORKSPACE, ENROLLMENT) == (
        "AQGNLwAAAHAAgAAAAAAAAAEBjS8AAABwAIAAAAAAAABAjd2nB9G1n44XU---F1kvhA"
    )


def test_another_secret_does_not_verify() -> None:
    """A token of one workspace is worth nothing to another."""
    assert not read_token(sign_token(SECRET, WORKSPACE, ENROLLMENT)).verify(b"t" * 32)


@given(st.integers(0, 65), st.sampled_from("ABCxyz019-_"))
def test_a_changed_token_does_not_verify(position: int, character: str) -> None:
    """Every character counts, the last one with its spare bits too."""
    token = sign_token(SECRET, WORKSPACE, ENROLLMENT)
    forged = token[:position] + character + token[position + 1 :]
    try:
        believed = read_token(forged).verify(SECRET)
    except InvalidToken:
        believed = False
    assert believed == (forged == token)


@given(
    st.text(st.characters(codec=None), max_size=80)
    | st.binary(max_size=60).map(lambda b: urlsafe_b64encode(b).decode())
)
@example("")
@example("A" * 66)
@example("\ud800" * 66)
@example("=" * 66)
@example("!" * 66)
def test_garbage_is_an_invalid_token(text: str) -> None:
    """Never another exception: the address is public."""
    with pytest.raises(InvalidToken):
        read_token(text)


@given(st.binary(max_size=130), st.uuids(), st.uuids())
def test_the_signature_is_hmac(secret: bytes, workspace: UUID, enrollment: UUID) -> None:
    """RFC 2104, with SHA-256, as the standard library computes it."""
    token = urlsafe_b64decode(sign_token(secret, workspace, enrollment) + "==")
    spoken = b"leadterra unsubscribe\x01" + workspace.bytes + enrollment.bytes
    assert token[-16:] == hmac.digest(secret, spoken, "sha256")[:16]
