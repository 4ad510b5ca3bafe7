"""Takes the signature off a stretch of new text. Linear; never raises.

Certain signs first: the delimiter of RFC 3676 §4.3, lines of clients ("Sent from my phone"), footers of
lists, notices of lawyers. A closing word ("Kind regards") with what stands below is taken off only while
every line below looks like a name, a role, or where to reach somebody: a sentence lost is worse than a name
kept.
"""

import re
from collections.abc import Sequence

from leadterra.mail.reply_lines import either, plain, with_ascii_dashes
from leadterra.mail.signature_words import BANNER, CLOSINGS, DEVICES, NOTICES, SENT_FROM, THANKS

# Signatures stand upon signatures, not without end.
_MOST_ROUNDS = 12
_DELIMITER = re.compile(r"^(?:-{2}|_{2}|- -- ?)$")
_MOST_AFTER_DELIMITER = 40
# A dash alone is one too, where it is followed by a few lines of a signature.
_MOST_AFTER_DASH = 8
_RULE = re.compile(r"^[-_=*~]{5,}$")
_MOST_IN_FOOTER = 14
_FOOTER = re.compile(
    r"mailing list|https?://|www\.|unsubscribe|@|list(?:info|serv)|\d{3}[-. ]?\d{3,4}", re.IGNORECASE
)

_SENT_FROM = re.compile("|".join(f"(?:{each})" for each in SENT_FROM), re.IGNORECASE)
_DEVICE = re.compile(rf"(?<![^\W\d_])(?:{either(DEVICES)})", re.IGNORECASE)
# A letter that a tracker of mail puts at the end.
_TRACKER = "ᐧ"
_FIRST_CLAUSE = re.compile(r"^[^.,;!?]*")
_FROM_MY = re.compile(
    r"^\W{0,2}sent (?:(?:from|via) (?:my|a|an|the) [^.,;!?]{2,40}|(?:from|via|with|using) \w+(?: "
    r"\w+)?)\W{0,2}"
    r"(?:<?\(?https?:\S*)?$",
    re.IGNORECASE,
)
_NOTICE = re.compile("|".join(f"(?:{each})" for each in NOTICES), re.IGNORECASE)
_BANNER = re.compile("|".join(f"(?:{each})" for each in BANNER), re.IGNORECASE)
_DASHED_NAME = re.compile(r"^(?:[-~/]{1,2}|- )[^\W\d_][\w.'’]{0,20}(?: [^\W\d_][\w.'’]{0,20}){0,2}$")

_CLOSING = re.compile(rf"^(?:{either(CLOSINGS)})(?![^\W\d_])(?P<rest>.*)$", re.IGNORECASE)
_THANKS = re.compile(rf"^(?:{either(THANKS)})(?![^\W\d_])(?P<rest>.*)$", re.IGNORECASE)
_BETWEEN = " /|,&-"
_CLOSES = re.compile(r"^\W*(?:(?:from|von|aus|de|da|van|fra|från) .{2,40})?$", re.IGNORECASE)
_NAME = re.compile(r"^[^\W\d_][^\d<>?!:;@/]{0,48}$")
_MOST_LINES_BELOW = 16
_POSTSCRIPT = re.compile(r"^(?:p\.? ?s\b|pps|nb\b|n\.b\.)", re.IGNORECASE)
_CONTACT = re.compile(
    r"@|https?:|www\.|\||\[cid:|^\[image|registered|company (?:no|number|reg)|\bvat\b|handelsregister|"
    r"amtsgericht|\bhrb\b"
    r"|geschäftsführ|siret|\brcs\b|\bkvk\b|\bbtw\b|ust-?id|sede legale|p\. ?iva|\bcnpj\b|org\.? ?nr|"
    r"\bcvr\b|y-tunnus|\bkrs\b|\bdič\b|инн\b|"
    r"\d[\d ()./-]{4,}\d|^(?:tel|phone|mobile?|cell|fax|office|direct|m|t|p|e|w|email|"
    r"web)\b\W",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?。！？…]['\")]?$")


def without_signature(lines: Sequence[str]) -> list[str]:
    """Return the lines above the signature; blank lines before it go too."""
    seen = [with_ascii_dashes(plain(line)) for line in lines]
    begin, end = _below_banner(seen), _delimiter(seen)
    for _ in range(_MOST_ROUNDS):
        before = end
        end = _closing(seen, _notice(seen, _footer(seen, _client(seen, end))))
        if end == before:
            break
    kept = [
        line for line, form in zip(lines[begin:end], seen[begin:end], strict=True) if not _is_client(form)
    ]
    return kept if end < len(lines) or begin or len(kept) < len(lines) else list(lines)


def _trim(seen: Sequence[str], end: int) -> int:
    while end and not seen[end - 1]:
        end -= 1
    return end


def _below_banner(seen: Sequence[str]) -> int:
    """Past the first paragraph if a gateway wrote it."""
    begin = next((place for place, line in enumerate(seen) if line), 0)
    if not seen or not _BANNER.match(seen[begin]):
        return 0
    while begin < len(seen) and seen[begin]:
        begin += 1
    return begin


def _delimiter(seen: Sequence[str]) -> int:
    """The first "-- " that has no whole letter below it; the lower of two with sentences between."""
    found, below = len(seen), 0
    for place in range(len(seen) - 1, -1, -1):
        line = seen[place]
        if _DELIMITER.match(line):
            if found < len(seen) and _tells(seen[place + 1 : found]):
                break
            found = place
        elif line == "-" and below <= _MOST_AFTER_DASH and not _tells(seen[place + 1 :]):
            found = place
        below += bool(line)
        if below > _MOST_AFTER_DELIMITER:
            break
    return found


def _is_client(line: str) -> bool:
    if line == _TRACKER:
        return True
    if len(line) > 120 or not _SENT_FROM.fullmatch(line):
        return False
    if _FROM_MY.match(line):
        return True
    clause = _FIRST_CLAUSE.match(line.replace("mail.ru", "mail").replace("web.de", "gmx"))
    return bool(clause and _DEVICE.search(clause.group()))


def _client(seen: Sequence[str], end: int) -> int:
    end = _trim(seen, end)
    while end and _is_client(seen[end - 1]):
        end = _trim(seen, end - 1)
    return end


def _footer(seen: Sequence[str], end: int) -> int:
    """A rule near the end with a footer below, or nothing."""
    count = 0
    for place in range(end - 1, -1, -1):
        line = seen[place]
        count += bool(line)
        if count > _MOST_IN_FOOTER:
            break
        if line and _RULE.match(line.replace(" ", "")):
            below = [each for each in seen[place + 1 : end] if each]
            if not below or _is_footer(below):
                return _trim(seen, place)
    return end


def _is_footer(below: Sequence[str]) -> bool:
    if all(_RULE.match(line.replace(" ", "")) for line in below):
        return True
    return any(_FOOTER.search(line) for line in below) or (len(below) < 4 and not _tells(below))


def _tells(lines: Sequence[str]) -> bool:
    return any(_is_sentence(line) for line in lines)


def _notice(seen: Sequence[str], end: int) -> int:
    """The first notice that begins a paragraph with text above, and everything below."""
    above = next((place for place, line in enumerate(seen) if line), end)
    for place in range(above + 1, end):
        line = seen[place]
        opens = line and (not seen[place - 1] or _RULE.match(seen[place - 1]))
        if opens and _NOTICE.match(line if len(line) > 100 else " ".join(seen[place : place + 3])):
            return _trim(seen, place)
    return end


def _closing(seen: Sequence[str], end: int) -> int:
    """The last closing word with a name and so on below, if there is anything above."""
    below: list[str] = []
    for place in range(end - 1, 0, -1):
        line = seen[place]
        if not line:
            continue
        if _closes(line, below) and any(seen[:place]):
            return _trim(seen, place)
        below.insert(0, line)
        if len(below) > _MOST_LINES_BELOW or _is_sentence(line) or len(line) > 110:
            break
    if below and _DASHED_NAME.match(below[-1]) and end > 1 and not seen[end - 2] and any(seen[: end - 1]):
        return _trim(seen, end - 1)
    return end


def _closes(line: str, below: Sequence[str]) -> bool:
    """Whether a line is a closing word, given the lines below."""
    bare = line.lstrip("*_~/-–.· ").rstrip("*_ ")
    strong = _CLOSING.match(bare)
    found = strong or _THANKS.match(bare)
    if found is None or len(bare) > 80:
        return False
    rest = found["rest"]
    if (second := _CLOSING.match(rest.lstrip(_BETWEEN))) and rest[:1] in _BETWEEN:
        # In two languages: "Mit freundlichen Grüßen / Best regards".
        rest = second["rest"]
    if below:
        return bool(_CLOSES.match(rest) or (rest[:1] in ", " and _is_name(rest.strip(" ,")))) and (
            bool(_NAME.match(below[0].strip("*_ "))) or bool(_CONTACT.search(below[0]))
        )
    if strong:
        return bool(_CLOSES.match(rest)) or (rest.startswith((",", " ")) and _is_name(rest.strip(" ,.")))
    return rest.startswith(",") and _is_name(rest.strip(" ,.")) and bool(rest.strip(" ,."))


def _is_name(text: str) -> bool:
    words = text.split()
    return len(words) <= 4 and all(word[:1].isupper() for word in words) and not any(map(str.isdigit, text))


def _is_sentence(line: str) -> bool:
    """Whether a line tells something: it keeps the closing word above it."""
    if line.endswith(("?", "？")) or _POSTSCRIPT.match(line):
        return True
    if _CONTACT.search(line):
        return False
    words = len(line.split())
    return words > 12 or (words > 5 and bool(_SENTENCE.search(line)))
