"""The first day back, as an absence tells it. Linear in the text; never raises.

Every date in the text is read with the words around it: "until 14 March" names the last day away, "back on 17
March" the first day back. A day back is preferred to a last day; of several the later one counts. Without a
year a date is the one near the day of receipt; what is not after that day, or more than a year away, is
ignored.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from leadterra.mail.calendar_words import MONTHS, WEEKDAYS
from leadterra.mail.reply_lines import either, folded
from leadterra.mail.return_words import (
    BACK,
    BACK_AFTER,
    ENGLISH,
    NEXT_WEEK,
    START,
    TOMORROW,
    UNTIL,
    UNTIL_AFTER,
)

_MOST = 6_000
_FURTHEST = timedelta(days=400)
_BESIDE = 16
# Without a year, a date may lie this far back before it means the next year.
_RECENT = timedelta(days=45)

_MONTH = rf"(?:{either(MONTHS)})\b\.?"
_YEAR = r"(?:20\d\d|'?\d\d(?![\d:.h]))"
_NUMBER = r"(\d{1,2})(?:st|nd|rd|th|er|ère|º|ª|°|\.|-го|-е|e)?"
_DAY_MONTH = re.compile(
    rf"(?<!\d){_NUMBER}(?: ?(?:of|de|di|do|d')? ?| )({_MONTH})(?:,? ?(?:de |del |do )?({_YEAR}))?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"(?<!\w)({_MONTH}) ?(?:the )?(?:\d{{1,2}}(?:st|nd|rd|th)? ?(?:-|–|—|to|through|until) "
    rf"?)?(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:\d|\.\d)"
    r"(?:,? ?(20\d\d))?",
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(
    rf"(?<![\w.])(?<!\d )({either(word for word in MONTHS if len(word) > 4)})\b(?! ?\d{{1,2}}(?!\d))(?:,? "
    rf"(?:de |del |do )?(20\d\d))?",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<!\d)(20\d\d) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{1,2})(?!\d)")
_NUMERIC = re.compile(
    r"(?<![\d.])(\d{1,2}) ?([./-]) ?(\d{1,2})(?: ?\2 ?(20\d\d|\d\d)(?!\d)|\.(?!\d)|(?![\d%:]|\.\d| ?\2 ?\d))"
)
_EAST = re.compile(r"(?:(20\d\d) ?[年년] ?)?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日号號일]?")
_ORDINAL = re.compile(
    r"(?:on|until|till|before) the (\d{1,2})(?:st|nd|rd|th)\b|\b(?:am|bis zum|ab dem) (\d{1,2})\.(?= |"
    r"$)(?! ?\d)"
)
_WEEKDAY = re.compile(
    rf"(?<!\w)(?:{either(word for word in WEEKDAYS if len(word) > 3 or word > 'ÿ')})(?![^\W\d_])\.?|"
    rf"[月火水木金]曜日?",
    re.IGNORECASE,
)
_TOMORROW = re.compile(rf"(?<!\w)(?:{either(TOMORROW)})(?!\w)|明日|明天|내일", re.IGNORECASE)
_NEXT_WEEK = re.compile(rf"(?:{either(NEXT_WEEK)})", re.IGNORECASE)
_ENGLISH = re.compile(rf"(?<!\w)(?:{either(ENGLISH)})(?!\w)", re.IGNORECASE)

_ARTICLE = "the on dem den le el il dia de d\\. dnia am am: op kl\\.? em a v ve w we in im of".replace(
    " ", "|"
)
_GAP = rf"[\s,:]*(?:(?:{_ARTICLE}|o dia|no dia)[\s,:]+|ב-)?"
_DAY_NAME = rf"(?:(?:{either(w for w in WEEKDAYS if len(w) > 1)})\.?(?!\w)[\s,]*)?"
_PART = (
    r"(?:and |including )?(?:the )?"
    r"(?:next |eod |cob |end of day |(?:end|evening) of |ende |fin |fine |einde |slutet av )?"
)
_HEAD = rf"(?:{_GAP}{_PART}{_DAY_NAME}{_GAP})$"


def _before(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:(?<!\w)(?:{either(words)}){_HEAD})", re.IGNORECASE)


_UNTIL, _BACK, _START = _before(UNTIL), _before(BACK), _before(START)
_DASH = re.compile(
    rf"(?:\d\.?|[^\W\d_ב]|月|日|일) ?(?:-|–|—|~|〜|～|至|to) ?{_DAY_NAME}$"
    rf"|(?<!\d)\d{{1,2}}\.? (?:e|y|et|und|en|och|og|i|a|és|ve|и|й|та|și) {_DAY_NAME}$",
    re.IGNORECASE,
)
_UNTIL_AFTER = re.compile(
    rf"^[\s,'’()（]*(?:[^()（）\s]{{1,10}}[)）] ?)?(?:{either(UNTIL_AFTER)})", re.IGNORECASE
)
_BACK_AFTER = re.compile(
    rf"^[\s,'’()（]*(?:[^()（）\s]{{1,10}}[)）] ?)?(?:{either(BACK_AFTER)})|^[^.\n!?]{{0,40}}(?:wieder|"
    rf"zurück|ich wieder|回来|返回|"
    rf"döneceğim|出社|復帰)",
    re.IGNORECASE,
)
_RETURNS = re.compile(
    r"\bback\b|reopen|öffnen|rouvr|reabr|riapr|return|resum|available again|wieder|zurück|erreichbar|"
    r"retour|revien|rentr|vuelta|regres|"
    r"volver|reincorp|incorpor"
    r"|rientr|torn|ritorno|volta|volto|retorn|terug|weer|tillbaka|åter|tilbage|tilbake|palaan|takaisin|"
    r"tavoitett|wrac|wróc"
    r"|powr|dostępn|zpět|vrát|vissza|revin|întor|dön|верн|выйд|буду|поверн|доступ|επιστρ|戻|復帰|出社|"
    r"回来|返回|回到|복귀|돌아|kembali",
    re.IGNORECASE,
)
# "will not return until the 16th" names the day back.
_NOT_UNTIL = re.compile(
    r"(?:not|n't|nicht|ne|pas|no|non|não|niet|inte|ikke|не)\b[^.!?\n]{0,30}"
    r"(?:return\w*|back(?: \w+){0,4}|resume|zurück|retour|vuelvo|volver\S*|regres\S+|tornerò|volto|"
    r"voltarei|terug|tillbaka|tilbage"
    r"|tilbake|вернусь) (?:until|till|before|bis|avant|hasta|fino|até|tot|förrän|før|до)",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\d(?:st|nd|rd|th)? ?(?:-|–|—|to|through|until) ?\d")
_SENTENCE = re.compile(r"[!?\n。！？;]|\.(?= [^\W\d]|$)")


class _Role(Enum):
    """What a date is by the words around it."""

    BACK = 2
    LAST = 1
    START = 0
    UNTOLD = -1


class _Precision(Enum):
    """What the text names."""

    DAY = "a date"
    NEXT = "a weekday, or a day by its distance"
    MONTH = "a month"


@dataclass(frozen=True, slots=True)
class _Found:
    """A date in the text: where it stands; which day it is, of a month the first, None if it is none."""

    start: int
    end: int
    day: date | None
    precision: _Precision = _Precision.DAY


def find_return(text: str, received_on: date) -> date | None:
    """Return the first day back, None if the text names none after `received_on`."""
    text = folded(text[:_MOST])
    dated = _apart([*_dates(text, received_on)])
    named = [
        each for each in _days(text, received_on) if all(_is_apart(each, other, text) for other in dated)
    ]
    told = _told(text, sorted([*dated, *named], key=lambda found: found.start))
    backs = _plausible(told[_Role.BACK], received_on)
    lasts = _plausible([day + timedelta(days=1) for day in told[_Role.LAST]], received_on)
    if backs:
        later = [day for day in backs if not lasts or day >= max(lasts)]
        return max(later or backs)
    if lasts:
        return max(lasts)
    rest = _plausible([day + timedelta(days=1) for day in told[_Role.UNTOLD]], received_on)
    return max(rest) if rest and (len(told[_Role.UNTOLD]) > 1 or told[_Role.START]) else None


def _told(text: str, found: list[_Found]) -> dict[_Role, list[date]]:
    """The days by what they are."""
    told: dict[_Role, list[date]] = {role: [] for role in _Role}
    for each in found:
        role = _role(text, each)
        if each.day is None or (each.precision is not _Precision.DAY and role in {_Role.UNTOLD, _Role.START}):
            continue
        whole = each.precision is _Precision.MONTH and role is _Role.LAST
        told[role].append(_end_of_month(each.day) if whole else each.day)
    return told


def _plausible(days: list[date], received_on: date) -> list[date]:
    return [day for day in days if received_on < day <= received_on + _FURTHEST]


def _role(text: str, found: _Found) -> _Role:
    before, after = text[max(found.start - 60, 0) : found.start], text[found.end : found.end + 60]
    sentence = _SENTENCE.split(before)[-1] + " " + _SENTENCE.split(after)[0]
    if _UNTIL_AFTER.match(after):
        return _Role.LAST
    if _START.search(before) and not _RETURNS.search(sentence):
        return _Role.START
    if _DASH.search(before):
        return _Role.LAST
    if _NOT_UNTIL.search(before):
        return _Role.BACK
    until, back = _UNTIL.search(before), _BACK.search(before)
    if back and (until is None or back.start() <= until.start()):
        return _Role.BACK
    if until or _RANGE.search(text, found.start, found.end):
        return _Role.LAST
    if _BACK_AFTER.match(after) or _RETURNS.search(_SENTENCE.split(before)[-1]):
        return _Role.BACK
    return _Role.UNTOLD


def _apart(found: list[_Found]) -> list[_Found]:
    """Of overlapping readings the one that begins first, the longest of these."""
    kept: list[_Found] = []
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept


def _is_apart(day: _Found, other: _Found, text: str) -> bool:
    """Whether a weekday stands for itself, not beside its date."""
    first, second = (day, other) if day.start <= other.start else (other, day)
    if second.start - first.end > _BESIDE:
        return True
    return len(text[first.end : second.start].strip(" ,.()[]the")) > 0 and first.end <= second.start


def _dates(text: str, received_on: date) -> Iterator[_Found]:
    for match in _ISO.finditer(text):
        yield _Found(match.start(), match.end(), _day(int(match[1]), int(match[2]), int(match[3])))
    for match in _EAST.finditer(text):
        yield _found(match, (match[1], int(match[2]), int(match[3])), received_on)
    for match in _DAY_MONTH.finditer(text):
        yield _found(match, (match[3], MONTHS[match[2].rstrip(".")], int(match[1])), received_on)
    for match in _MONTH_DAY.finditer(text):
        yield _found(match, (match[3], MONTHS[match[1].rstrip(".")], int(match[2])), received_on)
    for match in _MONTH_ALONE.finditer(text):
        found = _found(match, (match[2], MONTHS[match[1]], 1), received_on)
        yield _Found(found.start, found.end, found.day, _Precision.MONTH)
    for match in _NUMERIC.finditer(text):
        day = _numeric(match, text, received_on)
        if day:
            yield _Found(match.start(), match.end(), day)
    for match in _ORDINAL.finditer(text):
        place = 1 if match[1] else 2
        yield _Found(match.start(place), match.end(), _next_day(int(match[place]), received_on))


def _days(text: str, received_on: date) -> Iterator[_Found]:
    for match in _WEEKDAY.finditer(text):
        word = match.group().rstrip(".")
        number = WEEKDAYS.get(word, "月火水木金".find(word[0]))
        ahead = (number - received_on.weekday() - 1) % 7 + 1
        yield _Found(match.start(), match.end(), received_on + timedelta(days=ahead), _Precision.NEXT)
    for match in _TOMORROW.finditer(text):
        yield _Found(match.start(), match.end(), received_on + timedelta(days=1), _Precision.NEXT)
    for match in _NEXT_WEEK.finditer(text):
        yield _Found(
            match.start(),
            match.end(),
            received_on + timedelta(days=7 - received_on.weekday()),
            _Precision.NEXT,
        )


def _found(match: re.Match[str], parts: tuple[str | None, int, int], received_on: date) -> _Found:
    year, month, day = parts
    return _Found(match.start(), match.end(), _with_year(year, month, day, received_on))


def _with_year(year: str | None, month: int, day: int, received_on: date) -> date | None:
    if year:
        number = int(year.lstrip("'"))
        return _day(number if number > 99 else 2000 + number, month, day)
    for number in (received_on.year - 1, received_on.year, received_on.year + 1):
        found = _day(number, month, day)
        if found and found >= received_on - _RECENT:
            return found
    return None


def _numeric(match: re.Match[str], text: str, received_on: date) -> date | None:
    """Day first, but where only the month first makes a date, or it is English with slashes."""
    first, second, year = int(match[1]), int(match[3]), match[4]
    if year is None and match[2] == "-":
        return None
    day_first = _with_year(year, second, first, received_on)
    month_first = _with_year(year, first, second, received_on) if match[2] != "." else None
    if day_first is None or month_first is None:
        return day_first or month_first
    near = [each for each in (day_first, month_first) if 0 <= (each - received_on).days <= 120]
    if len(near) == 1:
        return near[0]
    return month_first if match[2] == "/" and len(_ENGLISH.findall(text[:500])) > 2 else day_first


def _end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _next_day(day: int, received_on: date) -> date | None:
    for months in range(13):
        place = received_on.month - 1 + months
        found = _day(received_on.year + place // 12, place % 12 + 1, day)
        if found and found > received_on:
            return found
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
