"""The page that a letter's plain text is written on: runs of text, breaks of three strengths, bullets and
links.

Everything is collected as it comes, breaks as private-use characters, and settled by a few passes at the
end: blanks collapse as in HTML, neighbouring breaks become one, and at most one blank line separates
paragraphs.
"""

import re
from collections.abc import Mapping

# Around the number of a hidden piece of Liquid.
OPEN, CLOSE = "\ue000", "\ue001"
_PARAGRAPH, _LINE, _BREAK, _BLANK, _BULLET = "\ue002", "\ue003", "\ue004", "\ue005", "\ue006"

_LISTS = frozenset({"ul", "ol"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_TEXTS = frozenset({"p", "dl", "table", "blockquote", "pre", "section", "article", "aside", "form"})
_PARAGRAPHS = _LISTS | _HEADINGS | _TEXTS
_ITEMS = frozenset({"li", "dt", "dd", "tr", "thead", "tbody", "tfoot", "caption", "figcaption"})
_LINES = _ITEMS | {"div", "figure", "address", "center", "header", "footer", "main", "nav", "body"}
_DEEPEST_INDENT = 8

_COLLAPSIBLE = re.compile("[ \t\r\n\f]+")
_AFTER_BULLET = re.compile(f"{_BULLET}[ {_PARAGRAPH}-{_BREAK}]*")
_BREAKS = re.compile(f"[ {_PARAGRAPH}-{_BREAK}]*[{_PARAGRAPH}-{_BREAK}][ {_PARAGRAPH}-{_BREAK}]*")

_SHOWN_LINK = re.compile(f"https?://|mailto:|tel:|{OPEN}", re.IGNORECASE)
_SCHEME = re.compile(r"(?:https?://(?:www\.)?|mailto:|tel:)", re.IGNORECASE)


class Page:
    """A plain text in the making."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        # For each open list the number of its next item, or 0 for bullets.
        self._lists: list[int] = []
        # For each open link its target and where its text began.
        self._links: list[tuple[str, int]] = []
        self._preformatted = 0

    def write(self, text: str | None) -> None:
        """Add a run of text."""
        if text:
            if self._preformatted:
                text = text.replace("\n", _BREAK).replace(" ", _BLANK)
            self._pieces.append(text)

    def open(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if tag in _PARAGRAPHS:
            self._pieces.append(_PARAGRAPH if not self._lists or tag not in _LISTS else _LINE)
            if tag in _LISTS:
                self._lists.append(1 if tag == "ol" else 0)
            self._preformatted += tag == "pre"
        elif tag in _LINES:
            self._pieces.append(_LINE)
            if tag == "li":
                self._bullet()
        elif tag == "br":
            self._pieces.append(_BREAK)
        elif tag == "a":
            self._links.append((attributes.get("href") or "", len(self._pieces)))
        elif tag == "img":
            self.write(attributes.get("alt"))
        elif tag == "hr":
            self._pieces.append(f"{_PARAGRAPH}----------{_PARAGRAPH}")

    def close(self, tag: str) -> None:
        """End an element."""
        if tag in _PARAGRAPHS:
            self._preformatted -= tag == "pre"
            if tag in _LISTS and self._lists:
                self._lists.pop()
            self._pieces.append(_PARAGRAPH if not self._lists or tag not in _LISTS else _LINE)
        elif tag in _LINES:
            self._pieces.append(_LINE)
        elif tag == "a" and self._links:
            self._link(*self._links.pop())
        elif tag in {"td", "th"}:
            self._pieces.append(" ")

    def text(self) -> str:
        """Return the finished text, with a line end unless it is empty."""
        text = _COLLAPSIBLE.sub(" ", "".join(self._pieces))
        text = _BREAKS.sub(_settle, _AFTER_BULLET.sub(_BLANK, text))
        text = text.replace(_BLANK, " ").replace("\xa0", " ")
        text = "\n".join([line.rstrip(" ") for line in text.split("\n")]).strip()
        return f"{text}\n" if text else ""

    def _bullet(self) -> None:
        depth = min(len(self._lists), _DEEPEST_INDENT)
        mark = "-"
        if self._lists and self._lists[-1]:
            mark = f"{self._lists[-1]}."
            self._lists[-1] += 1
        self._pieces.append(f"{_BLANK * 2 * max(depth - 1, 0)}{mark}{_BULLET}")

    def _link(self, target: str, begin: int) -> None:
        """Put the target behind the text of a link, unless the text says it already."""
        target = _COLLAPSIBLE.sub("", target)
        shown = "".join(self._pieces[begin:]).strip()
        if _SHOWN_LINK.match(target) and _bare(shown) != _bare(target):
            self._pieces.append(f" ({target})" if shown else target)


def _settle(match: re.Match[str]) -> str:
    breaks = match.group()
    if _PARAGRAPH in breaks:
        return "\n\n"
    return "\n\n" if breaks.count(_BREAK) > 1 else "\n"


def _bare(address: str) -> str:
    return _SCHEME.sub("", address, count=1).rstrip("/").lower()
