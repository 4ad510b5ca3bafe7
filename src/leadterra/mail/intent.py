"""What a person's reply means, by rules that can be read: words by meaning, in an order. Never raises.

First whether all that it says is one of the short answers; then patterns: who wants no more letters is heard
before anything else, somebody else to ask before a no, and a no before a yes, as "not interested" holds
"interested". Turns of phrase that mean none of these are taken out before. What only a model could tell is
`other`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from leadterra.mail.finding import Classification
from leadterra.mail.interest_words import INTERESTED, INTERESTED_WHOLE
from leadterra.mail.neutral_words import NEUTRAL
from leadterra.mail.referral import find_referral
from leadterra.mail.referral_words import REFERRAL
from leadterra.mail.refusal_words import NOT_INTERESTED, NOT_INTERESTED_WHOLE
from leadterra.mail.reply_lines import folded
from leadterra.mail.unsubscribe_words import UNSUBSCRIBE, UNSUBSCRIBE_WHOLE

# People say it in the beginning.
_MOST = 4_000
_LONGEST_WHOLE = 80
_FIRST_IDEOGRAPH = "\u2e80"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a reply means.

    referral: an address that somebody else should be written to. evidence: the words that decided, for
    people.
    """

    classification: Classification
    referral: str | None = None
    evidence: tuple[str, ...] = ()


def _whole(table: str) -> frozenset[str]:
    return frozenset(each.strip() for line in table.splitlines() for each in line.split("|") if each.strip())


def word_patterns(words: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    """Return one pattern a row; only scripts with blanks between words know where a word begins."""
    return tuple(re.compile(f"(?:{row})" if _is_ideographic(row) else rf"(?<!\w)(?:{row})") for row in words)


def _is_ideographic(row: str) -> bool:
    letters = [letter for letter in row if letter.isalpha() and not letter.isascii()]
    return bool(letters) and sum(letter >= _FIRST_IDEOGRAPH for letter in letters) > len(letters) / 2


_WHOLE = (
    (Classification.UNSUBSCRIBE, _whole(UNSUBSCRIBE_WHOLE)),
    (Classification.NOT_INTERESTED, _whole(NOT_INTERESTED_WHOLE)),
    (Classification.INTERESTED, _whole(INTERESTED_WHOLE)),
)
_NEUTRAL = word_patterns(NEUTRAL)
_PATTERNS = (
    (Classification.UNSUBSCRIBE, word_patterns(UNSUBSCRIBE)),
    (Classification.REFERRAL, word_patterns(REFERRAL)),
    (Classification.NOT_INTERESTED, word_patterns(NOT_INTERESTED)),
    (Classification.INTERESTED, word_patterns(INTERESTED)),
)
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day)|greetings|hallo|guten (?:tag|morgen)|"
    r"sehr geehrte[rs]?"
    r"|liebe[rs]?|moin|servus|grüezi|bonjour|bonsoir|salut|cher|chère|hola|buenos días|buenas(?: tardes)?|"
    r"estimad[oa]|ciao"
    r"|buongiorno|buonasera|salve|gentile|egregio|olá|oi|bom dia|boa tarde|prezad[oa]|car[oa]|beste|"
    r"geachte|goedemorgen"
    r"|goedemiddag|dag|hej|hejsan|god(?:morgen|dag| morgon| dag)|kære|kjære|hei|moi|terve|hyvä|cześć|"
    r"dzień dobry|witam|szanown\w+"
    r"|dobrý den|dobry den|ahoj|vážen\w+|dobrý deň|tisztelt|kedves|bună(?: ziua)?|stimat\w+|merhaba|selam|"
    r"sayın|здравствуйте"
    r"|добрый день|привет|уважаем\w+|добрий день|вітаю|καλημέρα|γεια(?: σας)?|こんにちは|"
    r"お世話になっております|您好|你好|안녕하세요"
    r"|مرحبا|שלום)(?!\w)[^\n,.!;:،、，。！]{0,40}[\n,.!;:،、，。！]+"
)
_PUNCTUATION = re.compile(r"[\s,.!;:…\"“”‘()\[\]*_~،、，。！]+")
# How letters end that mean nothing by it.
_POLITE = re.compile(
    r"(?<!\w)(?:if|should) (?:i|we|you|there)\b[^.!?]{0,60}(?:assist|question|quer(?:y|ies)|(?:any|"
    r"further|need) help|urgent|concern)"
    r"[^.!?]{0,40}\b(?:contact|call|ring|let|ask|reach|e-?mail|write)\b[^.!?]{0,80}"
)
_SUBJECT_PREFIX = re.compile(
    r"^(?:\W*(?:re|aw|sv|antw|fwd?|wg|tr|rv|odp|ynt|vs|res|r|回复|答复|回覆|返信)\s?[:：]\s*)+"
)
_SOMEBODY = re.compile(
    r"colleague|co-?worker|\b(?:c[etfmoi]o|vp)\b|head of|director|manager|team|department|boss|assistant|"
    r"partner|successor|person|somebody|who (?:owns|handles|runs)|@"
    r"|someone|responsible|in charge|kolleg|zuständ|abteilung|chef|leiter|collègue|responsable|équipe|"
    r"compañer|coleg|encargad|jefe"
    r"|colleg|referente|responsabil|colega|responsável|collega|afdeling|kollega|szef|dział|kolega|kolegov|"
    r"oddělení|arkadaş|yetkili|sorumlu"
    r"|коллег|отдел|руковод|директор|担当|部署|同事|负责|負責|部门|담당|팀|동료"
)


def judge_intent(new_text: str, subject: str) -> Intent:
    """Return what the new text of a reply means; `other` where it cannot be told.

    subject: as it came. It only counts where it has been written anew: "unsubscribe", not "Re: unsubscribe".
    """
    text = folded(new_text[:_MOST])
    by_subject = _of_subject(subject)
    if by_subject:
        return by_subject
    said = _said(text)
    for classification, wholes in _WHOLE:
        if said in wholes:
            return Intent(classification, evidence=(f'all it says is "{said}"',))
    for row in _NEUTRAL:
        text = row.sub("…", text)
    text = _POLITE.sub("", text)
    found = [(meaning, match) for meaning, rows in _PATTERNS if (match := _first(rows, text))]
    return _decide(found, new_text[:_MOST])


def _decide(found: list[tuple[Classification, str]], text: str) -> Intent:
    """The first meaning in the order of the rules; all that was seen is evidence."""
    evidence = tuple(f'"{words}" reads as {meaning}' for meaning, words in found)
    meanings = [meaning for meaning, _ in found]
    referral = find_referral(text) if Classification.REFERRAL in meanings else None
    if not meanings:
        return Intent(Classification.OTHER)
    if meanings[0] is Classification.REFERRAL and referral is None:
        # Without an address it is only a turn of phrase, beside a plain yes or no and without somebody.
        if len(meanings) > 1:
            return Intent(meanings[1], evidence=evidence)
        if not _SOMEBODY.search(text.lower()):
            return Intent(Classification.OTHER, evidence=evidence)
    return Intent(meanings[0], referral=referral, evidence=evidence)


def _of_subject(subject: str) -> Intent | None:
    words = folded(subject[:200])
    if _SUBJECT_PREFIX.match(words) or _said(words) not in _WHOLE[0][1]:
        return None
    return Intent(Classification.UNSUBSCRIBE, evidence=(f'the subject is "{words}"',))


def _said(text: str) -> str:
    """A short text without greeting and punctuation, empty if it is long."""
    bare = _GREETING.sub("", text, count=1).strip() or text
    if len(bare) > _LONGEST_WHOLE:
        return ""
    return _PUNCTUATION.sub(" ", bare).strip(" '")


def _first(rows: tuple[re.Pattern[str], ...], text: str) -> str:
    for row in rows:
        if match := row.search(text):
            return " ".join(match.group().split())[:80]
    return ""
