"""Octets to text, by a charset that may be wrong, unknown or meant to harm. Never raises; linear.

Only charsets of mail are tried: Python has codecs that are none (zip, rot13), that take quadratic time
(punycode), and remembers each name that it did not find. What the declared charset cannot read is tried as
UTF-8, and then as windows-1252, which reads anything. The text is fit to be stored and shown: line ends are
"\\n", and neither control characters nor halves of characters are left.
"""

import re
from encodings.aliases import aliases

# What senders write and what they mean (WHATWG Encoding Standard §4.2 reads Latin 1 as windows-1252).
_MEANT = {
    "ascii": "utf_8",
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x_gbk": "gb18030",
    "x_sjis": "cp932",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "unicode_1_1_utf_7": "utf_7",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "cp_850": "cp850",
    "utf8mb4": "utf_8",
    "windows_874": "cp874",
    "x_mac_cyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
}
# fmt: off
_OF_MAIL = frozenset((
    "utf_8", "utf_7", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "gb18030", "big5", "big5hkscs",
    "cp932", "cp949", "cp950", "euc_jp", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3",
    "iso2022_kr", "johab", "hz", "koi8_r", "koi8_u", "koi8_t", "cp437", "cp737", "cp775", "cp850",
    "cp852", "cp855", "cp857", "cp858", "cp862", "cp864", "cp865", "cp866", "cp874", "cp1250", "cp1251",
    "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "iso8859_2", "iso8859_3",
    "iso8859_4", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8", "iso8859_10", "iso8859_13",
    "iso8859_14", "iso8859_15", "iso8859_16", "mac_roman", "mac_cyrillic", "mac_greek", "mac_latin2",
    "mac_turkish", "ptcp154", "kz1048",
))
# fmt: on
_LONGEST_NAME = 40
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")

_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
# A replaced character in so many, and one: a few damaged octets do not make the whole charset wrong.
_DAMAGE = 50


def decode(octets: bytes, charset: str = "") -> tuple[str, bool]:
    """The text, and whether it was what the charset said. An empty charset says nothing."""
    if octets.isascii() and (not charset or _codec(charset) in {None, "utf_8", "cp1252"}):
        return clean(octets.decode("ascii")), True
    codec = _codec(charset) if charset else "utf_8"
    for candidate in dict.fromkeys((codec, "utf_8")):
        text = _strictly(octets, candidate)
        if text is not None:
            return clean(text), candidate == codec
    if codec is not None:
        text = octets.decode(codec, "replace")
        damage = text.count("\N{REPLACEMENT CHARACTER}")
        # Where no other character is beyond ASCII, nothing speaks for this charset.
        if damage <= 1 + len(text) // _DAMAGE and len(_BEYOND_ASCII.findall(text)) > damage:
            return clean(text), False
    return clean(octets.decode("cp1252", "replace")), False


def clean(text: str) -> str:
    """Text with "\\n" line ends, and without what cannot be stored or shown."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _UNSTORABLE.sub("", text))


def _codec(charset: str) -> str | None:
    """Python's name of a charset of mail; None for any other."""
    if len(charset) > _LONGEST_NAME:
        return None
    name = _NOT_A_NAME.sub("_", charset.lower()).strip("_")
    name = _MEANT.get(name, name)
    name = aliases.get(name, name)
    name = _MEANT.get(name, name)
    return name if name in _OF_MAIL else None


def _strictly(octets: bytes, codec: str | None) -> str | None:
    if codec is None:
        return None
    try:
        return octets.decode(codec)
    except (UnicodeError, ValueError):
        return None
