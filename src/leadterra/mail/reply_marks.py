"""Where quoted text begins: attributions ("On … wrote:"), copied headers, rules with a title. Never raises.

A mark is found by what clients write in any language, each from its own few lines: cost is linear. Words that
people use too ("wrote:") count as a mark only beside a date, a time or an address, or above a quote.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from leadterra.mail.calendar_words import WEEKDAYS
from leadterra.mail.reply_lines import LONGEST, either, with_ascii_dashes
from leadterra.mail.reply_words import (
    ABOVE_THIS,
    DATE,
    FROM,
    ON,
    ORIGINAL,
    OTHER_FIELD,
    SUBJECT,
    TO,
    WROTE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Lines that tell where a quote begins.

    start, end: the first line and the one after the last. column: where it begins in its first line, 0 but
    for attributions that follow text on its line. certain: what follows is a quote even without "> ".
    """

    start: int
    end: int
    column: int = 0
    certain: bool = True


_MOST_LINES = 6
_FRAME = " -*_=~\"'“”"
_WROTE = re.compile(
    rf"(?<!\w)(?:{either(WROTE)})(?!\w)|のメール|のメッセージ|[写寫]道|작성|写到", re.IGNORECASE
)
_ENDS = re.compile(r"[:：]$")
_FRAMED = re.compile(r"^-{3,}.*-{3,}$")
# "anna@example.com wrote:" alone, as some phones write it.
_BARE_ADDRESS = re.compile(r"^[^\s@<>]{1,100}@[^\s@<>]{1,100} [^\d:：]{1,30}[:：]$")
_ADDRESS = re.compile(r"[<(\[][^<>()]{0,120}@[^<>()]{1,120}[>)\]]|&lt;[^&]{1,100}@[^&]{1,100}&gt;|\bmailto:")
# What somebody tells of writing, not what a client says of somebody.
_FIRST_PERSON = re.compile(
    r"(?<!\w)(?:i|we|ich|wir|ik|wij|jag|jeg|vi|nous|j'ai|"
    r"yo)(?!\w)(?!\.)",
    re.IGNORECASE,
)
# A client that puts the quote on the attribution's own line.
_RUN_ON = re.compile(
    r"^(?:On|Am|Le|El|Em|Il|Op|Den) .{8,200}@[^<>\s]+[>)]? [^\W\d_]+(?: [^\W\d_]+)?:(?: {2,}| ?>)\S?"
)
_BARE_WROTE = re.compile(r"@[^<>\s]+[>)] (?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|skrev)$")
_TIME = re.compile(r"\d{1,2} ?[:.h時시点] ?\d{2}|\d ?[ap]\.?m\b", re.IGNORECASE)
_DAY = re.compile(r"\b(?:19|20)\d\d\b|(?:19|20)\d\d ?[年년]|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_NUMERIC_DAY = (
    r"(?:19|20)\d\d ?[-/.年년]|\d{1,2}[-/.] ?(?:\d|[^\W\d_]{3})|\d{1,2}\.? [^\W\d_]{3}|\d{1,2}:\d\d"
)
_DATE_FIRST = re.compile(_NUMERIC_DAY)
_FULL_DATE_FIRST = re.compile(r"(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}\b.*?(?:GMT|UTC|<[^<>]*@)", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"(?:{either(w for w in WEEKDAYS if len(w) > 1)})(?!\w)[^\d]{{0,6}}\d", re.IGNORECASE
)
_ON = re.compile(rf"(?:{either(ON)})(?!\w)[^:<>\d]{{0,32}}\d|[在於于] ?\d|ב-? ?\d", re.IGNORECASE)
_INSIDE = re.compile(
    r"(?<=\S)(?: *-{2,} *| +)(?=On (?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|"
    r"Oct|Nov|Dec)"
    r"[a-z]{0,6}\b|\d)[^:]*\d)"
)
_GROUPWISE = re.compile(r"^>>> .{3,} >>>$")


def find_attribution(lines: Sequence[str], end: int) -> Mark | None:
    """Return the attribution whose last line is `end`, None if that line ends none.

    lines: plain, not quoted or empty where they are. The shortest stretch that begins as clients begin one
    wins; a bare "Name <address> wrote:" needs no such beginning.
    """
    last = with_ascii_dashes(lines[end])
    if _GROUPWISE.match(last) or _RUN_ON.match(last):
        return Mark(end, end + 1)
    if not _could_end(last):
        return None
    joined, shortest = "", None
    for start in range(end, max(end - _MOST_LINES, -1), -1):
        line = with_ascii_dashes(lines[start])
        if not line and not lines[start + 1].startswith("<"):
            break
        joined = f"{line} {joined}".strip() if line else joined
        if len(joined) > LONGEST:
            break
        found = _judge(joined, start, end)
        if found and _begins(joined.lstrip(_FRAME)):
            return _with_date(lines, found)
        shortest = shortest or _inside(lines, start, end) or found
    return _with_name(lines, shortest) if shortest else None


def _could_end(line: str) -> bool:
    bare = line.rstrip("-*_ ")
    return bool(
        _ENDS.search(bare)
        or (bare != line and _WROTE.search(bare[-20:]))
        or _FULL_DATE_FIRST.match(line)
        or _BARE_WROTE.search(line)
        or (line.endswith(">") and "@" in line)
    )


def _judge(joined: str, start: int, end: int) -> Mark | None:
    framed = bool(_FRAMED.match(joined))
    text = joined.strip(_FRAME) if framed else joined.lstrip(_FRAME).rstrip("-*_ ")
    if not framed and not _ENDS.search(text):
        bare = _FULL_DATE_FIRST.match(text) or (_ON.match(text) and _BARE_WROTE.search(text))
        return Mark(start, end + 1) if bare else None
    address = _ADDRESS.search(text) or _BARE_ADDRESS.match(text)
    if not address and _FIRST_PERSON.search(text):
        return Mark(start, end + 1, certain=False) if start == end else None
    dated = bool(_DAY.search(text)), bool(_TIME.search(text))
    if not _WROTE.search(text):
        first = _DATE_FIRST.match(text) or _DAY_FIRST.match(text)
        return Mark(start, end + 1) if first and address else None
    if address or framed or all(dated) or (_begins(text) and any(dated)):
        return Mark(start, end + 1)
    return Mark(start, end + 1, certain=False) if start == end or _begins(text) else None


def _begins(text: str) -> bool:
    return bool(_ON.match(text) or _DATE_FIRST.match(text) or _DAY_FIRST.match(text))


def _inside(lines: Sequence[str], start: int, end: int) -> Mark | None:
    """An English attribution that follows text on its first line."""
    candidates = [*_INSIDE.finditer(lines[start])]
    if not candidates:
        return None
    inner = candidates[-1]
    joined = " ".join([lines[start][inner.end() :], *lines[start + 1 : end + 1]])
    found = _judge(joined, start, end)
    return Mark(start, end + 1, column=inner.start()) if found and found.certain else None


def _with_date(lines: Sequence[str], mark: Mark) -> Mark:
    """With the line above, where the date was wrapped away from its time."""
    above = lines[mark.start - 1] if mark.start else ""
    if (
        above
        and len(above) < 60
        and _ON.match(above)
        and above[-1] not in ".!?:;"
        and mark.end - mark.start < 5
    ):
        return Mark(mark.start - 1, mark.end, certain=mark.certain)
    return mark


def _with_name(lines: Sequence[str], mark: Mark) -> Mark:
    """With the line above, where a name was wrapped away from its address."""
    if mark.start and not mark.column and lines[mark.start].startswith("<") and lines[mark.start - 1]:
        return Mark(mark.start - 1, mark.end, certain=mark.certain)
    return mark


_ROLES = {"from": FROM, "date": DATE, "to": TO, "subject": SUBJECT, "other": OTHER_FIELD}
_FIELD = re.compile(
    r"^[*_ ]*(?:" + "|".join(f"(?P<{role}>{either(names)})" for role, names in _ROLES.items()) + ")"
    r"[*_ ]*[:：][*_]*(?P<value>.*)$",
    re.IGNORECASE,
)
# Between two fields: a folded value, blank lines that an HTML part left.
_MOST_BETWEEN = 3


def find_header(lines: Sequence[str], start: int) -> Mark | None:
    """Return the copied header that begins at a line, None if none does."""
    first = _FIELD.match(lines[start])
    if first is None or first["other"] is not None:
        return None
    roles: dict[str, str] = {}
    place, last = start, start
    while place < len(lines) and place - last <= _MOST_BETWEEN and place - start < 40:
        field = _FIELD.match(lines[place])
        if field is not None and field.lastgroup is not None:
            role = next(each for each in _ROLES if field[each] is not None)
            roles.setdefault(role, field["value"])
            last = place
        elif not lines[place] and len(roles) > 2 and not _fields_follow(lines, place):
            break
        place += 1
    return Mark(start, last + 1) if _is_header(roles) else None


def _fields_follow(lines: Sequence[str], place: int) -> bool:
    return any(_FIELD.match(line) for line in lines[place + 1 : place + 2])


def _is_header(roles: dict[str, str]) -> bool:
    """Two or three fields of different kinds, with an address or a time: lists of a person have none."""
    addressed = "@" in roles.get("from", "") or "@" in roles.get("to", "")
    timed = bool(_DAY.search(roles.get("date", "")) or _TIME.search(roles.get("date", "")))
    if "from" in roles and "subject" in roles:
        return "date" in roles or "to" in roles or addressed
    if "from" in roles and "date" in roles:
        return addressed or timed
    return addressed and len(roles.keys() - {"other"}) > 1


_TITLE = re.compile(
    rf"^[-*_= ]*(?:{either(ORIGINAL)})[-*_= :：]*$|^-{{4,}} ?(?:{either(ORIGINAL)}) ?-{{4,}}|"
    rf"^[-_*= ]+forwarded by .*$|^original message processed "
    rf"by .*$",
    re.IGNORECASE,
)
_ABOVE = re.compile(rf"{either(ABOVE_THIS)}", re.IGNORECASE)


def find_title(lines: Sequence[str], start: int) -> Mark | None:
    """Return "-----Original Message-----" and its like at a line; without dashes a header must follow."""
    line = with_ascii_dashes(lines[start])
    if _TITLE.match(line):
        dashed = line[:2] in {"--", "__", "==", "*-", "- "} or line.startswith("*")
        if dashed or line.endswith((":", "：")) or _header_follows(lines, start):
            return Mark(start, start + 1)
    return Mark(start, start + 1) if _ABOVE.search(line) and len(line) < 120 else None


def _header_follows(lines: Sequence[str], start: int) -> bool:
    following = [place for place in range(start + 1, min(start + 4, len(lines))) if lines[place]]
    return bool(following) and find_header(lines, following[0]) is not None
