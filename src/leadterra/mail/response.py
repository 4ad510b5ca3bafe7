"""A person's answer to a letter that came: one to one, in its thread (RFC 5322 §3.6.4). Pure.

It says what the person wrote and nothing else: no unsubscribe fields, no postal address, no mark of ours.
Message-IDs that were read from a letter may hold anything; those that no header could carry are left out, and
of a long thread the first and the latest stay.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape
from uuid import UUID

from leadterra.mail.headers import is_reference

_LONGEST_THREAD = 20
_MESSAGE_ID = re.compile(r"<answer\.([0-9a-f]{32})@[^<>@]{1,255}>", re.ASCII | re.IGNORECASE)
_LONGEST = 400


def response_message_id(response_id: UUID, domain: str) -> str:
    """The answer's Message-ID, in angle brackets."""
    return f"<answer.{response_id.hex}@{domain}>"


def read_response_message_ids(identifiers: Iterable[str]) -> list[UUID]:
    """The answers that these Message-IDs are of, in their order. Anybody may write one: look them up."""
    found = (_MESSAGE_ID.fullmatch(each.strip()) for each in identifiers if len(each) <= _LONGEST)
    return list(dict.fromkeys(UUID(hex=match[1]) for match in found if match))


def thread_of(references: Sequence[str], message_id: str) -> tuple[str, ...]:
    """The References of an answer, oldest first; the last is what it answers.

    references, message_id: of the letter that is answered. One without a Message-ID cannot be named: the
    answer then follows what that letter followed.
    """
    thread = [each for each in dict.fromkeys(references) if is_reference(each) and each != message_id]
    if is_reference(message_id):
        thread.append(message_id)
    if len(thread) > _LONGEST_THREAD:
        thread = [thread[0], *thread[1 - _LONGEST_THREAD :]]
    return tuple(thread)


def html_of_text(text: str) -> str:
    """A plain text as HTML: its paragraphs and lines."""
    paragraphs = re.split(r"\n[ \t]*\n+", text.replace("\r\n", "\n").replace("\r", "\n").strip("\n"))
    return "".join(f"<p>{escape(each).replace(chr(10), '<br>')}</p>\n" for each in paragraphs)
