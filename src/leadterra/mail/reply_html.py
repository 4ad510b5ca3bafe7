"""What a person sees of an incoming HTML letter, quotes marked as in plain text. Never raises."""

from leadterra.mail.plaintext import text_from_html


def text_of_html(html: str) -> str:
    """Return the visible text; lines of quotes begin with "> "."""
    return text_from_html(html)
