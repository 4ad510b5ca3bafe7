"""What a person sees of an HTML letter that came, with quotes and signatures marked as in plain text. Never
raises.

lxml parses, with no network, no entities of the letter's own and a limit of depth; one walk without recursion
reads the tree. Blocks become lines; what is hidden is left out; a quote, by the element its client puts
around it, has "> " before each of its lines; a client's signature stands below "-- ".
"""

import re
from dataclasses import dataclass, field
from functools import cache

from lxml import etree  # type: ignore[import-untyped]

# A reply of more is no person's; parsing costs about ten times its size in memory.
MOST_CHARACTERS = 2_000_000
_DEEPEST_QUOTE = 20

_FOREIGN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_MARKUP = re.compile(r"<[^<>]*>")
_BLANKS = re.compile("[ \t\r\n\f]+")
_UNREAD = frozenset(
    {
        "head",
        "script",
        "style",
        "title",
        "template",
        "noscript",
        "svg",
        "math",
        "object",
        "select",
        "textarea",
    }
)
_BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "center", "dd", "details", "dialog"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2"),
        *("h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre"),
        *("section", "summary", "table", "tbody", "tfoot", "thead", "tr", "ul", "caption"),
    )
)
# Blocks with space around them.
_PARAGRAPHS = frozenset(
    (*("blockquote", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "p", "pre", "table", "ul"),)
)
_CELLS = frozenset({"td", "th"})

_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|font-size\s*:\s*0(?:px|pt|em|"
    r"%)?\s*(?:;|!|$)"
    r"|max-height\s*:\s*0(?:px)?\s*(?:;|!|$)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_QUOTE_CLASS = re.compile(
    r"(?:^|\s)(?:gmail_quote|gmail_quote_container|yahoo_quoted|protonmail_quote|moz-cite-prefix|zmail_extra"
    r"|tutanota_quote|gmx_quote|OutlookMessageHeader|WordSection_quoted|mail_quote|cite_prefix|"
    r"front-blockquote"
    r"|mailru-blockquote|sh-quote|hs_reply|freshdesk_quote|ms-outlook-mobile-reference-message|"
    r"bloop_original_html"
    r"|spark_quote|airmail_ext_on|gl_quote|qt|ox-quote|iwcQuote|replyforwardcontent|readReceiptQuote"
    r"|WM_REPLY_QUOTE|wmQuote|nylas-quote)(?=\s|$)",
    re.IGNORECASE,
)
_QUOTE_ID = re.compile(
    r"^(?:divRplyFwdMsg|x_divRplyFwdMsg|appendonsend|x_appendonsend|mail-editor-reference-message-container"
    r"|ms-outlook-mobile-body-separator-line|reply-intro|replyBody|OLK_SRC_BODY_SECTION|isReplyContent|"
    r"mailContentContainer_quote"
    r"|yahoo_quoted_\w+|ymail_android_signature_quote|origbody|divtagdefaultwrapper_quote|isForwardContent"
    r"|stopSpelling|zwchr|ORIGINAL_CONTENT|aolmail_quote|cnt_quote|gwt-quote|_origMsg_|lc_original|"
    r"imail_original)$",
    re.IGNORECASE,
)
# From here to the end of the letter, not only inside of the element.
_QUOTE_BEGINS = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|zwchr|ms-outlook-mobile-body-separator-line)$",
    re.IGNORECASE,
)
# The line that desktop Outlook draws above the header that it copies.
_BORDER_TOP = re.compile(
    r"border\s*:\s*none\s*;\s*border-top\s*:\s*solid\s+#?[\w]+\s+1\.0pt|"
    r"border-top\s*:\s*solid\s+#?\w+\s+1\.0pt"
    r"|border-top-style\s*:\s*solid[^\"]{0,200}padding\s*:\s*3\.0pt|border-top\s*:\s*#?\w+\s+1\.0pt\s+solid",
    re.IGNORECASE,
)
_SIGNATURE_CLASS = re.compile(
    r"(?:^|\s)(?:gmail_signature|moz-signature|protonmail_signature_block(?:-user)?|tutanota_signature"
    r"|mail_signature|email-signature|signature_block|x_?signature|ms-outlook-mobile-signature|"
    r"mailbird-signature"
    r"|spark_signature|mobile_signature|zm_signature|apple-mail-signature|gmx_signature)(?=\s|$)",
    re.IGNORECASE,
)
_SIGNATURE_ID = re.compile(
    r"^(?:x_)*(?:signature|ms-outlook-mobile-signature|ymail_android_signature|applemailsignature|"
    r"outlook-signature"
    r"|mobile-signature|_signature|signature_?\d*|lineBreakAtBeginningOfSignature|AppleMailSignature|"
    r"mail-signature"
    r"|composer_signature)$",
    re.IGNORECASE,
)


def text_of_html(html: str) -> str:
    """Return the visible text; lines of quotes begin with "> ". What is past the limit is left out."""
    source = _FOREIGN.sub("", html[:MOST_CHARACTERS])
    if not source.strip():
        return ""
    try:
        root = etree.fromstring(source.encode(), _parser())
    except (etree.LxmlError, ValueError):
        root = None
    if root is None:
        return _BLANKS.sub(" ", _MARKUP.sub(" ", source)).strip()
    walk = _Walk()
    walk.over(root)
    return walk.text()


@cache
def _parser() -> etree.HTMLParser:
    # huge_tree lifts the limit of depth from 256 to 2048; past it the parser drops text.
    return etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True, remove_comments=False)


@dataclass(slots=True)
class _Line:
    """A line in the making: how deep it is quoted, whether space stands above it."""

    depth: int
    spaced: bool = False
    pieces: list[str] = field(default_factory=list)
    preformatted: bool = False

    def text(self) -> str:
        joined = "".join(self.pieces)
        if self.preformatted:
            return joined.replace("\xa0", " ").rstrip()
        return _BLANKS.sub(" ", joined).replace("\xa0", " ").strip()


class _Walk:
    """Reads elements as they come and writes lines."""

    def __init__(self) -> None:
        self._lines: list[_Line] = [_Line(0)]
        self._depth = 0
        self._rest_is_quoted = False
        self._preformatted = 0
        self._lists: list[int] = []
        # Elements that opened a quote.
        self._quotes: set[etree._Element] = set()

    def over(self, root: etree._Element) -> None:
        """Read a tree. Iterative: it may be thousands deep."""
        unread: etree._Element | None = None
        for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
            if event == "start":
                if unread is None:
                    if element.tag in _UNREAD or _is_hidden(element):
                        unread = element
                    else:
                        self._open(element)
                        self._write(element.text)
                continue
            if unread is element:
                unread = None
            elif unread is None and event == "end":
                self._close(element)
            if unread is None and element is not root:
                self._write(element.tail)

    def text(self) -> str:
        """Return the lines, with at most one empty line between two."""
        written: list[str] = []
        blank = False
        depth = 0
        for line in self._lines:
            text = line.text()
            blank = blank or line.spaced
            if not text:
                blank = blank or bool(written)
                continue
            mark = "> " * line.depth
            if blank and written:
                written.append(("> " * min(line.depth, depth)).rstrip())
            written.append(mark + text)
            blank, depth = False, line.depth
        return "\n".join(written)

    def _open(self, element: etree._Element) -> None:
        tag = element.tag
        if tag in _BLOCKS:
            self._break(spaced=tag in _PARAGRAPHS and not self._lists)
        if _begins_signature(element) and not self._depth:
            self._signature()
        if _begins_quote(element):
            self._quotes.add(element)
            self._depth += 1
            self._break(spaced=True)
        if _begins_rest(element):
            self._rest_is_quoted = True
            self._break(spaced=True)
        self._mark(tag, element)

    def _mark(self, tag: str, element: etree._Element) -> None:
        """What an element says by itself."""
        if tag == "br":
            self._lines.append(self._line())
        elif tag == "pre":
            self._preformatted += 1
            self._lines.append(self._line())
        elif tag in {"ul", "ol"}:
            self._lists.append(1 if tag == "ol" else 0)
        elif tag == "li":
            number = self._lists[-1] if self._lists else 0
            self._write(f"{number}. " if number else "- ")
            if number:
                self._lists[-1] += 1
        elif tag == "img" and len(element.get("alt") or "") <= 8:
            # A picture of a smiley; the long ones describe logos.
            self._write(element.get("alt"))
        elif tag == "hr" and not self._depth:
            self._write("________________________________")
            self._break()

    def _close(self, element: etree._Element) -> None:
        tag = element.tag
        if element in self._quotes:
            self._quotes.discard(element)
            self._depth -= 1
            self._break(spaced=True)
        if tag == "pre":
            self._preformatted -= 1
        elif tag in {"ul", "ol"} and self._lists:
            self._lists.pop()
        elif tag in _CELLS:
            self._write(" ")
        if tag in _BLOCKS:
            self._break(spaced=tag in _PARAGRAPHS and not self._lists)

    def _signature(self) -> None:
        self._break(spaced=True)
        self._lines[-1].pieces.append("--")
        self._lines.append(self._line())

    def _line(self, *, spaced: bool = False) -> _Line:
        depth = min(self._depth + self._rest_is_quoted, _DEEPEST_QUOTE)
        return _Line(depth, spaced=spaced, preformatted=bool(self._preformatted))

    def _break(self, *, spaced: bool = False) -> None:
        """Begin a line unless one has just begun."""
        last = self._lines[-1]
        if any(not piece.isspace() or "\xa0" in piece for piece in last.pieces):
            self._lines.append(self._line(spaced=spaced))
        else:
            fresh = self._line(spaced=spaced or last.spaced)
            self._lines[-1] = fresh

    def _write(self, text: str | None) -> None:
        if not text:
            return
        if not self._preformatted:
            self._lines[-1].pieces.append(text)
            return
        first, *rest = text.split("\n")
        self._lines[-1].pieces.append(first)
        for each in rest:
            self._lines.append(self._line())
            self._lines[-1].pieces.append(each)


def _is_hidden(element: etree._Element) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or (
        style is not None and _HIDDEN.search(style[:2000]) is not None
    )


def _begins_quote(element: etree._Element) -> bool:
    if element.tag == "blockquote":
        return not _is_indent(element)
    identity, classes = element.get("id"), element.get("class")
    return bool(
        (identity and _QUOTE_ID.match(identity) and not _QUOTE_BEGINS.match(identity))
        or (classes and _QUOTE_CLASS.search(classes[:500]))
        or (element.tag == "cite" and element.get("type") == "cite")
    )


def _is_indent(element: etree._Element) -> bool:
    """Whether an editor only indented: `margin: 0 0 0 40px; border: none; padding: 0`."""
    style = _BLANKS.sub("", element.get("style") or "").lower()
    return "border:none" in style and "padding:0" in style and element.get("type") != "cite"


def _begins_rest(element: etree._Element) -> bool:
    identity = element.get("id")
    if identity and _QUOTE_BEGINS.match(identity):
        return True
    style = element.get("style")
    return bool(element.tag == "div" and style and _BORDER_TOP.search(style[:2000]))


def _begins_signature(element: etree._Element) -> bool:
    if element.get("data-smartmail") == "gmail_signature":
        return True
    identity, classes = element.get("id"), element.get("class")
    return bool(
        (identity and _SIGNATURE_ID.match(identity)) or (classes and _SIGNATURE_CLASS.search(classes[:500]))
    )
