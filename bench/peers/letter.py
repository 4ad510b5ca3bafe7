"""The letter that peers send: HTML and text alternatives, filled up to a number of octets on the wire.

Knows nothing but the standard library, for peers run in an environment of their own.
"""

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

_LINE = "a line of text of sixty letters, as people's letters have it"
_WIDTH = len(_LINE) + 2  # with CRLF

SENDER = "ada@acme.test"


def recipient(number: int) -> str:
    """The address of the n-th lead."""
    return f"lead{number:05}@leads.test"


def fill(octets: int) -> str:
    """Lines that take so many octets on the wire, their CRLFs included. octets: at least one line's."""
    lines, rest = divmod(octets, _WIDTH)
    whole = [_LINE] * lines
    if rest > 2:
        whole.append(_LINE[: rest - 2])
    elif rest:
        whole[-1] += "." * rest
    return "".join(f"{line}\n" for line in whole)


def fitting(size: int, measure: Callable[[str], int]) -> str:
    """The filling with which a letter has that size, give or take two octets, for some peers give each letter
    a Message-ID of another length. measure: the octets of the letter with a filling.

    Raises ValueError if no filling does.
    """
    octets = _WIDTH
    for _ in range(5):
        text = fill(octets)
        excess = measure(text) - size
        if abs(excess) <= 2:
            return text
        octets -= excess
    raise ValueError(f"no letter of {size} octets comes about")


def compose(number: int, filling: str) -> EmailMessage:
    """The letter to the n-th lead, by the standard library."""
    letter = EmailMessage()
    letter["From"], letter["To"] = f"Ada <{SENDER}>", recipient(number)
    letter["Subject"] = "Hello Ada"
    letter["Date"] = "Mon, 02 Mar 2026 09:00:00 +0000"
    letter["Message-ID"] = f"<{number:032x}@acme.test>"
    letter.set_content(f"Hello Ada,\n{filling}")
    letter.add_alternative("<p>Hello Ada,</p>\n<p>a line of text</p>\n", subtype="html")
    return letter


def wire_size(letter: EmailMessage) -> int:
    """Octets between DATA's 354 and the final dot."""
    return len(letter.as_bytes(policy=SMTP))


def filling_of(size: int) -> str:
    """The filling of `compose` for a letter of that many octets."""
    return fitting(size, lambda text: wire_size(compose(0, text)))
