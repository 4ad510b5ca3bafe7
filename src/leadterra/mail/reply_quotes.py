"""Which lines of a reply are quoted. Linear; never raises."""

import re
from collections.abc import Sequence

from leadterra.mail.reply_lines import with_ascii_dashes
from leadterra.mail.reply_marks import Mark, find_attribution, find_header, find_title
from leadterra.mail.reply_words import FOLDED

_QUOTED = re.compile(r"^(?:>|&gt;)")
_SLOGAN = re.compile(r"^>>.*<<$")
_GROUPWISE = re.compile(r"^>>> .{3,} >>>$")
# mbox files escape a line of text that begins so.
_ESCAPED_FROM = re.compile(r"^>From [a-z]")
# Addresses are wrapped so that their bracket, or all but it, stands on a line of its own.
_OPEN_BRACKET = re.compile(r"(?:<|&lt;) ?(?:(?:https?:|www\.|mailto:)[^<>]*|[^<>\s]*)$")
_BRACKET = re.compile(r"^> ?(?:[^\W\d_]+(?: écrit| scritto)? ?)?[:：]$")
# Quotes marked otherwise, below an attribution only: initials ("JD>") and bars.
_PREFIX = re.compile(r"^(?:[^\W\d_]{1,12}>|\|)(?= |$)")
_INITIALS = re.compile(r"^[^\W\d_]{1,3}>(?= |$)")
_RULE = re.compile(r"^[-_=*]{5,}$")
_LONG = 64
_SENTENCE_END = re.compile(r"[.!?…。！？:;]['\")\]]?$")


def find_quotes(lines: Sequence[str]) -> list[Mark]:
    """Return the stretches that are quoted, in order; the last may reach to the end.

    lines: plain.
    """
    return _Search(lines).stretches()


class _Search:
    """One walk from the top to the end, or to where everything below is quoted."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._prefixes: set[str] = set()
        self._quoted = [self._is_quoted(place) for place in range(len(lines))]
        self._own = ["" if quoted else line for line, quoted in zip(lines, self._quoted, strict=True)]
        self._attributions: dict[int, Mark] = {}
        for end, line in enumerate(self._own):
            if line and (found := find_attribution(self._own, end)):
                self._attributions.setdefault(found.start, found)
        self._found: list[Mark] = []

    def stretches(self) -> list[Mark]:
        place = 0
        while place < len(self._lines):
            if self._quoted[place] or self._has_prefix(place) or self._lines[place] in FOLDED:
                place = self._run(place)
            elif self._own[place] and (mark := self._mark(place)):
                place = self._follow(mark)
            else:
                place += 1
        return self._found

    def _run(self, start: int) -> int:
        """Take in the quoted lines from here on; return where they end."""
        end = start + 1
        while end < len(self._lines) and self._quoted[end]:
            end += 1
        self._found.append(Mark(start, end))
        return end

    def _follow(self, mark: Mark) -> int:
        """Take a mark in, with what it marks; return where to go on."""
        end = mark.end
        while (below := self._below(end)) < len(self._lines) and (more := self._mark(below)) and more.certain:
            mark, end = Mark(mark.start, more.end, mark.column), more.end
        if below < len(self._lines) and self._begins_quote(below):
            self._found.append(Mark(self._above(mark), end, mark.column))
            return end
        if mark.certain:
            self._found.append(Mark(self._above(mark), len(self._lines), mark.column))
            return len(self._lines)
        return mark.start + 1

    def _mark(self, place: int) -> Mark | None:
        attribution = self._attributions.get(place)
        return attribution or find_title(self._own, place) or find_header(self._own, place)

    def _begins_quote(self, place: int) -> bool:
        if not self._quoted[place] and (prefix := _PREFIX.match(self._lines[place])):
            self._prefixes.add(prefix.group())
        return self._quoted[place] or self._has_prefix(place)

    def _has_prefix(self, place: int) -> bool:
        initials = _INITIALS.match(self._lines[place])
        if (
            initials
            and self._lines[place + 1 : place + 2]
            and self._lines[place + 1].startswith(initials.group())
        ):
            self._prefixes.add(initials.group())
        if not self._prefixes:
            return False
        prefix = _PREFIX.match(self._lines[place])
        return prefix is not None and prefix.group() in self._prefixes

    def _below(self, place: int) -> int:
        while place < len(self._lines) and not self._lines[place]:
            place += 1
        return place

    def _above(self, mark: Mark) -> int:
        """Where a mark begins, with the rules that clients draw above it."""
        start = place = mark.start
        while not mark.column and place and start - place < 4:
            place -= 1
            line = with_ascii_dashes(self._own[place]).replace(" ", "")
            if _RULE.match(line):
                start = place
            elif line:
                break
        return start

    def _is_quoted(self, place: int) -> bool:
        line = self._lines[place]
        if not line or not _QUOTED.match(line):
            return bool(line) and self._is_rest(place)
        before = self._lines[place - 1] if place else ""
        if (
            _SLOGAN.match(line)
            or _GROUPWISE.match(line)
            or (_OPEN_BRACKET.search(before) and not _QUOTED.match(before))
        ):
            return False
        if _BRACKET.match(line) and before.startswith(("<", "mailto:")):
            return False
        return not (_ESCAPED_FROM.match(line) and not _QUOTED.match(before))

    def _is_rest(self, place: int) -> bool:
        """The end of a quoted line that was wrapped again without its mark."""
        if not 0 < place < len(self._lines) - 1:
            return False
        before, line, after = self._lines[place - 1 : place + 2]
        return (
            len(before) >= _LONG
            and bool(_QUOTED.match(before) and _QUOTED.match(after))
            and line[0].islower()
            and len(line) < _LONG
            and not _SENTENCE_END.search(before)
        )
