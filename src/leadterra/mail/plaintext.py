"""The plain alternative of an HTML body: paragraphs, lists and links as a person would type them. Never
raises.

lxml parses; one walk over its tree writes. The ready-made readers were tried first: inscriptis decodes
entities twice, so that a link's `&copy=1` becomes a copyright sign, and pads tables to their widest cell;
html2text adds Markdown. Both took 0.25 to 0.4 ms for a 1.5 kB letter. Cost here is linear in the input,
whatever it holds.

A step converts its *template* once (`text_template_from_html`). Only a template whose Liquid would not
survive that, because it stands inside of HTML tags, needs `text_from_html` on every rendered letter.
"""

import re
from functools import cache

from lxml import etree  # type: ignore[import-untyped]

from leadterra.mail.plaintext_page import CLOSE, OPEN, Page

# What must not reach a parser of C strings, and the private-use characters that mark breaks and placeholders.
_FOREIGN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\ue00f\ufffe\uffff]")
_MARKUP = re.compile(r"<[^<>]*>")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_UNREAD = frozenset(
    {"head", "script", "style", "title", "template", "noscript", "svg", "math", "object", "select"}
)

_RAW = re.compile(r"\{%-?\s*raw\b")
_LIQUID = re.compile(r"\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_PLACEHOLDER = re.compile(f"{OPEN}(\\d+){CLOSE}")
_PLACEHOLDERS_ONLY = re.compile(f"^((?:{OPEN}\\d+{CLOSE})+)\n+", re.MULTILINE)


def text_from_html(html: str) -> str:
    """Return the readable text of an HTML body, unwrapped; it ends with a line end unless it is empty."""
    return _read(_FOREIGN.sub("", html))


def text_template_from_html(source: str) -> str | None:
    """Return the plain-text template of an HTML template, its Liquid kept; None if some Liquid would be lost.

    source: a template that compiles. The result is to be compiled with `html=False`.
    """
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match.group())
        return f"{OPEN}{len(kept) - 1}{CLOSE}"

    text = _read(_LIQUID.sub(hide, _FOREIGN.sub("", source)))
    found = [int(number) for number in _PLACEHOLDER.findall(text)]
    if [each for each in found if _is_tag(kept[each])] != [
        each for each, liquid in enumerate(kept) if _is_tag(liquid)
    ]:
        return None

    def join(match: re.Match[str]) -> str:
        # A tag that stood between paragraphs must not leave an empty one behind.
        alone = all(_is_tag(kept[int(number)]) for number in _PLACEHOLDER.findall(match.group()))
        return match.group(1) if alone else match.group()

    return _PLACEHOLDER.sub(lambda match: kept[int(match.group(1))], _PLACEHOLDERS_ONLY.sub(join, text))


def _is_tag(liquid: str) -> bool:
    return liquid.startswith("{%") and not _RAW.match(liquid)


def _read(html: str) -> str:
    if not html or html.isspace():
        return ""
    try:
        root = etree.fromstring(html.encode(), _parser())
    except (etree.LxmlError, ValueError):
        root = None
    page = Page()
    if root is None:
        page.write(_MARKUP.sub(" ", html))
    else:
        _walk(root, page)
    return page.text()


def _walk(root: etree._Element, page: Page) -> None:
    """Write every element that is shown. Iterative: the tree may be thousands deep."""
    unread: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            if unread is None:
                if element.tag in _UNREAD or _is_hidden(element):
                    unread = element
                else:
                    page.open(element.tag, element)
                    page.write(element.text)
            continue
        if unread is element:
            unread = None
        elif unread is None and event == "end":
            page.close(element.tag)
        if unread is None:
            page.write(element.tail)


def _is_hidden(element: etree._Element) -> bool:
    style = element.get("style")
    return style is not None and _HIDDEN.search(style) is not None


@cache
def _parser() -> etree.HTMLParser:
    # huge_tree lifts the depth limit from 256 to 2048: past it the parser drops text. No entity is ever
    # fetched.
    return etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=False)
