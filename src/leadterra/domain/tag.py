"""A tag: a word that a workspace gives to some of its sender accounts, and by which a campaign chooses among
them.

Tags are compared as they are kept: without blanks around them, in lower case, composed (Unicode NFC), each
once.
"""

import unicodedata
from collections.abc import Iterable

MOST_TAGS = 20
LONGEST_TAG = 50


class InvalidTag(ValueError):
    """What cannot be a tag. Its text is a sentence that says why."""


def read_tag(text: str) -> str:
    """A tag as it is kept. Raises `InvalidTag`."""
    tag = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).strip().lower())
    if not 1 <= len(tag) <= LONGEST_TAG:
        raise InvalidTag(f"Must have 1 to {LONGEST_TAG} characters, not counting blanks around them.")
    if not tag.isprintable() or ";" in tag:
        raise InvalidTag("Must consist of printable characters, without semicolons.")
    return tag


def read_tags(texts: Iterable[str]) -> list[str]:
    """Tags as they are kept, in the order in which they are first named. Raises `InvalidTag`."""
    return list(dict.fromkeys(map(read_tag, texts)))
