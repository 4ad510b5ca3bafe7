"""Which folder of a mailbox is for what: by its flag (RFC 6154), else by the names that providers and mail
programs give it, in the languages that they speak.

Names stay as the server writes them; they are decoded for comparing alone. Pure, and nothing here fails: what
cannot be decoded is compared as it is.
"""

import re
import unicodedata
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterable
from dataclasses import dataclass

from leadterra.actions.ports import Folder, FolderRole
from leadterra.transport.imap_responses import Response, Value

INBOX = "INBOX"

_FLAGS = {
    "\\junk": FolderRole.JUNK,
    "\\spam": FolderRole.JUNK,  # Gmail's XLIST
    "\\sent": FolderRole.SENT,
}
_CLOSED = frozenset({"\\noselect", "\\nonexistent"})
# Above these stand the folders that a provider made; a "Sent" below any other folder is a person's own.
_ROOTS = frozenset({"", "inbox", "[gmail]", "[google mail]", "mail"})

_SENT_NAMES = (
    *("sent", "sent items", "sent messages", "sent mail", "sent-mail", "sent objects"),
    *("gesendet", "gesendete elemente", "gesendete objekte", "gesendete nachrichten"),
    *("éléments envoyés", "messages envoyés", "envoyés", "courrier envoyé", "objets envoyés"),
    *("elementos enviados", "enviados", "mensajes enviados", "correo enviado"),
    *("itens enviados", "mensagens enviadas", "e-mails enviados", "enviadas"),
    *("posta inviata", "inviati", "inviata", "elementi inviati", "messaggi inviati"),
    *("verzonden", "verzonden items", "verzonden berichten", "verzonden objecten"),
    *("wysłane", "elementy wysłane", "skickat", "skickade", "skickade objekt", "sendt", "sendt post"),
    *("sendte elementer", "sendte meldinger", "lähetetyt", "lähetetyt kohteet", "odeslané", "odeslaná pošta"),
    *("odoslané", "elküldött", "elküldött elemek", "trimise", "elemente trimise", "gönderilmiş öğeler"),
    *("gönderilmiş postalar", "gönderilenler", "gönderilmiş", "απεσταλμένα", "отправленные", "исходящие"),
    *("надіслані", "изпратени", "送信済み", "送信済みメール", "送信済みアイテム", "已发送", "已发送邮件"),
    *(
        "已寄出",
        "寄件備份",
        "寄件備份匣",
        "보낸편지함",
        "보낸 편지함",
        "보낸 항목",
        "דואר שנשלח",
        "البريد المرسل",
    ),
)
_JUNK_NAMES = (
    *("junk", "spam", "junk email", "junk e-mail", "junk mail", "bulk mail", "bulk", "unsolicited mail"),
    *("spamverdacht", "junk-e-mail", "junk-email", "spam-ordner", "unerwünscht", "unerwünschte werbung"),
    *("courrier indésirable", "indésirables", "pourriel", "correo no deseado", "correo basura"),
    *("lixo eletrônico", "lixo eletrónico", "lixo electrónico", "correio electrónico não solicitado"),
    *("posta indesiderata", "indesiderata", "ongewenste e-mail", "ongewenst", "ongewenste reclame"),
    *("wiadomości-śmieci", "wiadomości śmieci", "niechciane", "skräppost", "søppelpost", "uønsket e-post"),
    *("uønsket mail", "uønsket post", "roskaposti", "nevyžádaná pošta", "nevyžiadaná pošta", "levélszemét"),
    *("mesaje nedorite", "e-mail nedorit", "gereksiz e-posta", "gereksiz", "önemsiz e-posta", "önemsiz"),
    *(
        "ανεπιθύμητη αλληλογραφία",
        "ανεπιθύμητα",
        "нежелательная почта",
        "спам",
        "небажана пошта",
        "поща-спам",
    ),
    *(
        "迷惑メール",
        "垃圾邮件",
        "垃圾郵件",
        "정크 메일",
        "스팸메일함",
        "스팸함",
        "דואר זבל",
        "البريد غير الهام",
    ),
)
_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_BEYOND = re.compile(r"&|[^ -~]+")


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder as LIST tells of it. name: as the server writes it. delimiter: between a folder and those
    below it; empty if there are none. flags: in lower case.
    """

    name: str
    delimiter: str
    flags: frozenset[str]


def read_listed(responses: Iterable[Response]) -> list[Listed]:
    """The folders that can be opened, in the server's order. What is no answer to LIST is left out."""
    found = []
    for response in responses:
        match response.values:
            case (list() as flags, delimiter, name, *_) if not isinstance(name, list):
                listed = Listed(
                    _name(name), _name(delimiter) if isinstance(delimiter, bytes | str) else "", _flags(flags)
                )
                if listed.name and not listed.flags & _CLOSED:
                    found.append(listed)
            case _:
                pass
    return found


def folders_with_roles(listed: Iterable[Listed]) -> list[Folder]:
    """The inbox, and for each other role one folder at most: the first that has its flag, else the one whose
    name comes first among the usual ones.
    """
    candidates = [each for each in listed if each.name.upper() != INBOX]
    found = [Folder(INBOX, FolderRole.INBOX)]
    for role, names in ((FolderRole.JUNK, _JUNK_PLACES), (FolderRole.SENT, _SENT_PLACES)):
        name = _by_flag(candidates, role) or _by_name(candidates, names)
        if name is not None:
            found.append(Folder(name, role))
    return found


def personal_prefix(responses: Iterable[Response]) -> str:
    """What stands before the names of one's own folders (RFC 2342), `INBOX.` for one; usually nothing."""
    for response in responses:
        match response.values:
            case ([[prefix, *_], *_], *_) if isinstance(prefix, bytes | str):
                return _name(prefix)
            case _:
                pass
    return ""


def read_status(responses: Iterable[Response]) -> dict[str, int]:
    """What is told of a folder (RFC 9051 §7.3.4), the last if it is told several times; names in upper case.
    What is no number is left out.
    """
    found: dict[str, int] = {}
    for response in responses:
        match response.values:
            case (_, list() as told, *_):
                for name, value in zip(told[::2], told[1::2], strict=False):
                    is_number = isinstance(value, str) and value.isascii() and value.isdigit()
                    if isinstance(name, str) and isinstance(value, str) and is_number and len(value) <= 10:
                        found[name.upper()] = int(value)
            case _:
                pass
    return found


def decode_name(name: str) -> str:
    """A name for people from the server's (modified UTF-7, RFC 3501 §5.1.3)."""
    return _SHIFTED.sub(lambda found: _unshift(found[1], found[0]), name)


def encode_name(name: str) -> str:
    """A name as servers write it from one for people."""
    return _BEYOND.sub(lambda found: _shift(found[0]), name)


def name_octets(name: str) -> bytes:
    """A folder's name as it goes to the server: octets that were not UTF-8 are again what they were."""
    return name.encode("utf-8", "surrogateescape")


def _unshift(shifted: str, otherwise: str) -> str:
    if not shifted:
        return "&"
    try:
        padded = shifted.replace(",", "/") + "=" * (-len(shifted) % 4)
        return b64decode(padded, validate=True).decode("utf-16-be")
    except (Error, UnicodeDecodeError):
        return otherwise


def _shift(found: str) -> str:
    if found == "&":
        return "&-"
    octets = found.encode("utf-16-be", "surrogatepass")
    return "&" + b64encode(octets).decode("ascii").rstrip("=").replace("/", ",") + "-"


def _by_flag(candidates: list[Listed], role: FolderRole) -> str | None:
    return next((each.name for each in candidates if any(_FLAGS.get(f) is role for f in each.flags)), None)


def _by_name(candidates: list[Listed], places: dict[str, int]) -> str | None:
    # A folder that is flagged as something else is not this, whatever it is called.
    ranked = [
        (places.get(_compared(each), -1), each.name) for each in candidates if not each.flags & {*_FLAGS}
    ]
    usable = [one for one in ranked if one[0] >= 0]
    return min(usable, key=lambda one: one[0])[1] if usable else None


def _compared(listed: Listed) -> str:
    """The folder's own name, if it stands where providers put theirs; else nothing."""
    name = _plain(decode_name(listed.name))
    if not listed.delimiter:
        return name
    above, _, own = name.rpartition(listed.delimiter)
    return own if above in _ROOTS else ""


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _name(value: Value) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value if isinstance(value, str) else "NIL"


def _flags(values: list[Value]) -> frozenset[str]:
    return frozenset(each.lower() for each in values if isinstance(each, str))


def _places(names: Iterable[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(_plain(name), place)
    return places


_SENT_PLACES = _places(_SENT_NAMES)
_JUNK_PLACES = _places(_JUNK_NAMES)
