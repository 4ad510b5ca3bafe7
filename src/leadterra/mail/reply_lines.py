"""The lines of a letter as the finders of quotes and signatures see them. Never raises.

A line is kept as it came and looked at in a plain form: no invisible characters, every blank a blank. A line
of more than `LONGEST` characters is prose, whatever it holds.
"""

import re
from collections.abc import Iterable

LONGEST = 400

_LINE_END = re.compile("\r\n|\r|\x0b|\x0c|\x85|\u2028|\u2029")
# Soft hyphens, zero widths, marks of direction, byte order marks.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_BLANK = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_APOSTROPHE = re.compile("[’‘`´ʼ]")
_DASH = re.compile("[\u2010-\u2015\u2212\u2500\u2501]")


def lines_of(text: str) -> list[str]:
    """Return the lines of a text, whatever its line ends."""
    return _LINE_END.sub("\n", text).split("\n")


def plain(line: str) -> str:
    """Return the form of a line that is looked at; a long one is cut."""
    if line.isascii():
        return line[:LONGEST].replace("\t", " ").strip()
    return _BLANK.sub(" ", _INVISIBLE.sub("", line[:LONGEST])).strip()


def folded(text: str) -> str:
    """Return a text as tables of words see it: lower case, plain blanks and apostrophes, lines stripped."""
    text = _BLANK.sub(" ", _INVISIBLE.sub("", _LINE_END.sub("\n", text)))
    text = _APOSTROPHE.sub("'", text).lower().replace("i\u0307", "i")
    return "\n".join([line.strip() for line in text.split("\n")]).strip()


def with_ascii_dashes(line: str) -> str:
    """Return a line in which every dash is a hyphen."""
    return line if line.isascii() else _DASH.sub("-", line)


def either(words: Iterable[str]) -> str:
    """Return the source of a pattern that matches any of these words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda word: (-len(word), word)))
