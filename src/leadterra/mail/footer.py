"""The sender's postal address under a letter, where the workspace sets one (R11).

Never fails; escapes what it adds.
"""

import re
from functools import lru_cache
from html import escape

# Only the last one closes the document; ASCII blanks only, as in the HTML syntax.
_BODY_END = re.compile(r"</body[ \t\r\n\f]*>", re.IGNORECASE)
_UNPRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]+")
_STYLE = "margin:32px 0 0;font-size:12px;line-height:1.5;color:#767676"


def add_postal_address(html: str, text: str, postal_address: str) -> tuple[str, str]:
    """Return both bodies with the address at the end; in HTML before `</body>` if there is one.

    postal_address: plain text, one or several lines. Empty or blank: both bodies come back as they were.
    """
    written = _written(postal_address) if postal_address else None
    if not written:
        return html, text
    footer, lines = written
    end = _last_body_end(html)
    return f"{html[:end]}{footer}{html[end:]}", f"{text.rstrip()}\n\n{lines}\n"


@lru_cache(maxsize=256)
def _written(postal_address: str) -> tuple[str, str] | None:
    """The address in HTML and in text, None if there is nothing in it."""
    lines = [line for line in map(_printable, postal_address.splitlines()) if line]
    if not lines:
        return None
    return f'<p style="{_STYLE}">{"<br>".join(map(escape, lines))}</p>', "\n".join(lines)


def _printable(line: str) -> str:
    return _UNPRINTABLE.sub(" ", line).strip()


def _last_body_end(html: str) -> int:
    # Lower case leaves characters in their places in ASCII only.
    if html.isascii() and "</body" not in html.lower():
        return len(html)
    end = len(html)
    for match in _BODY_END.finditer(html):
        end = match.start()
    return end
