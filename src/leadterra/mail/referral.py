"""The address that a letter says to write to instead. Linear; never raises."""

import re
from collections.abc import Collection

from leadterra.mail.reply_lines import either

# Of a letter's text; people name the other one early.
_MOST = 20_000
_ADDRESS = re.compile(r"(?<![\w.+%'-])[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_TURN = re.compile(
    "(?:"
    + either(
        (
            *(
                "contact",
                "write",
                "e-mail",
                "email",
                "reach",
                "speak",
                "talk",
                "connect",
                "forward",
                "direct",
            ),
            *(
                "colleague",
                "successor",
                "replacement",
                "instead",
                "copied",
                "copying",
                "cc",
                "looping",
                "ask",
            ),
            *(
                "enquir",
                "inquir",
                "get in touch",
                "person",
                "responsible",
                "in charge",
                "try ",
                "they",
                "fale ",
                "falar ",
                "pessoa",
                "persona",
                "kolegov",
                "new address",
                "assist",
                "urgent",
                "refer",
                "send",
                "handles",
            ),
            *("wenden", "kontaktier", "schreib", "ansprech", "kolleg", "vertret", "nachfolg", "dringend"),
            *("neue adresse", "erreich", "richten", "zuständig", "weiterleit", "weitergeleitet", "melden"),
            *(
                "contacte",
                "adresse",
                "écri",
                "collègue",
                "remplac",
                "successeur",
                "urgence",
                "transf",
                "joindre",
            ),
            *("copie", "escrib", "dirij", "compañer", "sustitu", "urgent", "diríj", "contacta", "comuniqu"),
            *("contatt", "scriv", "rivolg", "colleg", "sostitu", "urgenz", "contat", "escrev", "substitu"),
            *(
                "colega",
                "urgên",
                "dirija",
                "neem contact",
                "mail naar",
                "vervang",
                "dringend",
                "spoed",
                "opvolger",
            ),
            *("kontakt", "maila", "mejla", "vänd", "kollega", "efterträd", "brådskande", "ersätt", "henvend"),
            *(
                "skriv",
                "haster",
                "afløser",
                "etterfølger",
                "yhtey",
                "kiireell",
                "sijai",
                "kontaktow",
                "pilnych",
            ),
            *("kolega", "zastęp", "pisać", "kierować", "obrat", "napište", "kolegyn", "zastup", "naléhav"),
            *("iletişim", "ulaş", "yönlendir", "acil", "arkadaş", "yazın", "обра", "свяж", "пишите", "напиш"),
            *(
                "коллег",
                "срочн",
                "замещ",
                "зверн",
                "連絡",
                "担当",
                "急ぎ",
                "緊急",
                "後任",
                "代わり",
                "问い",
                "お問い合わせ",
            ),
            *(
                "联系",
                "聯繫",
                "联络",
                "聯絡",
                "同事",
                "紧急",
                "緊急",
                "转",
                "轉",
                "연락",
                "문의",
                "담당",
                "긴급",
                "대신",
            ),
            *("تواصل", "اتصل", "פנ", "hubungi", "liên hệ", "επικοιν"),
        )
    )
    + ")",
    re.IGNORECASE,
)
# How far before, and after, the words stand.
_BEFORE, _AFTER = 200, 80


def find_referral(text: str, own: Collection[str] = ()) -> str | None:
    """Return the first address that words of turning to somebody stand before, else one that they stand
    after.

    own: addresses that are not meant, the writer's, in any case.
    """
    text = text[:_MOST]
    known = {address.casefold() for address in own}
    found = [(match.start(), match.end(), match.group().strip(".'-")) for match in _ADDRESS.finditer(text)]
    others = [each for each in found if each[2].casefold() not in known and _could_be_read(each[2])]
    for start, _, address in others:
        if _TURN.search(text, max(start - _BEFORE, 0), start):
            return address
    for _, end, address in others:
        if _TURN.search(text, end, min(end + _AFTER, len(text))):
            return address
    return None


def _could_be_read(address: str) -> bool:
    """Machines' addresses are nobody's."""
    local = address.partition("@")[0].casefold()
    return not local.startswith(
        ("noreply", "no-reply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster")
    )
