"""The new text of a reply, apart from what it answers. Linear in the text; never raises.

Lines that begin with ">" are quoted, and so is the attribution above them: what stands between and below them
is kept, as people answer there. After an attribution, a copied header or a title without any ">" all that
follows is quoted. What is left is freed from its signatures (`reply_signature`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from leadterra.mail.reply_lines import lines_of, plain
from leadterra.mail.reply_marks import Mark
from leadterra.mail.reply_quotes import find_quotes
from leadterra.mail.reply_signature import without_signature

# Taking a quote out may bring lines together that are a mark: another look, and never many.
_MOST_ROUNDS = 6
# Of lines that are neither quoted nor empty. No person writes more; what is below counts as quoted.
_MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class ReplyText:
    """A reply taken apart: both are lines of the text, in their order.

    new: what its writer wrote for it, without quote and signature, stripped. quoted: what it answers, with
    its attribution. Signatures are in neither.
    """

    new: str
    quoted: str


def split_reply(text: str) -> ReplyText:
    """Return the new text and the quoted text of a letter's plain text."""
    every = lines_of(text)
    end = _end_of_people(every)
    lines = every[:end]
    quoted: list[str] = []
    for _ in range(_MOST_ROUNDS):
        kept = _new_lines(lines, quoted)
        if len(kept) == len(lines):
            break
        lines = kept
    quoted += every[end:]
    return ReplyText("\n".join(lines).strip(), "\n".join(quoted).strip("\n"))


def _end_of_people(lines: Sequence[str]) -> int:
    count = 0
    for place, line in enumerate(lines):
        count += bool(line) and line[0] != ">" and not line.isspace()
        if count > _MOST_LINES:
            return place
    return len(lines)


def _new_lines(raw: Sequence[str], quoted: list[str]) -> list[str]:
    """Return the lines that stay; put those of quotes to the others."""
    seen = [plain(line) for line in raw]
    new: list[str] = []
    begin = 0
    for mark in [*find_quotes(seen), Mark(len(raw), len(raw))]:
        segment = list(raw[begin : mark.start])
        if mark.column:
            segment.append(_head(raw[mark.start], seen[mark.start], mark.column))
        if segment:
            new += without_signature(segment)
        quoted += raw[mark.start : mark.end]
        begin = mark.end
    return _trimmed(new)


def _head(raw: str, seen: str, column: int) -> str:
    """What stands on a line before an attribution."""
    place = raw.find(seen)
    return raw[: place + column] if place >= 0 else seen[:column]


def _trimmed(lines: list[str]) -> list[str]:
    """Without blank lines at both ends."""
    begin, end = 0, len(lines)
    while begin < end and not lines[begin].strip():
        begin += 1
    while end > begin and not lines[end - 1].strip():
        end -= 1
    return lines[begin:end]
