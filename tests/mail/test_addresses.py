"""Addresses: what is accepted, how two spellings compare, and that every refusal is one clear sentence."""

from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadterra.mail import addresses
from leadterra.mail.addresses import Address, InvalidAddress, parse_address, parse_domain, suppression_hash

ACCEPTED = {
    "james.walker@mail.acmecorp.io": ("james.walker@mail.acmecorp.io", "james.walker@mail.acmecorp.io"),
    "  James.Walker@Mail.ACMECorp.IO ": ("James.Walker@mail.acmecorp.io", "james.walker@mail.acmecorp.io"),
    "\ufeffa+b@example.com\u00a0": ("a+b@example.com", "a+b@example.com"),
    "INFO@example.com": ("INFO@example.com", "info@example.com"),
    "Jörg@Bücher.Example": ("Jörg@bücher.example", "jörg@xn--bcher-kva.example"),
    "jo\u0308rg@example.com": ("jörg@example.com", "jörg@example.com"),
    "STRASSE@example.com": ("STRASSE@example.com", "strasse@example.com"),
    "straße@example.com": ("straße@example.com", "strasse@example.com"),
    "a@XN--BCHER-KVA.example": ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
    "用户@例子.测试": ("用户@例子.测试", "用户@xn--fsqu00a.xn--0zwm56d"),
    "a@foo。com": ("a@foo.com", "a@foo.com"),
    "a@b.test": ("a@b.test", "a@b.test"),
    "a@b.invalid": ("a@b.invalid", "a@b.invalid"),
    "a@b.localhost": ("a@b.localhost", "a@b.localhost"),
    "a@localhost": ("a@localhost", "a@localhost"),
    "a@mail.local": ("a@mail.local", "a@mail.local"),
}

REFUSED = {
    "": "empty",
    "   ": "empty",
    "nobody": "no @-sign",
    "@example.com": "before the @-sign",
    "a@": "after the @-sign",
    "a@b": "period",
    "a@b@example.com": "invalid characters",
    "a b@example.com": "SPACE",
    "a..b@example.com": "two periods",
    ".a@example.com": "period",
    "a@-b.example": "hyphen",
    "a@b..example": "two periods",
    "a@192.168.0.1": "top-level domain",
    "a@[192.168.0.1]": "bracketed",
    "a@b.arpa": "special-use",
    "a@b.onion": "special-use",
    '"a b"@example.com': "Quoting",
    "James <james@example.com>": "display name",
    "a@example.com\r\nBcc: b@example.com": "control characters",
    "a@example.com\n": "control characters",
    "a\x00@example.com": "control characters",
    "a\u2028b@example.com": "control characters",
    "a@exa\x7fmple.com": "control characters",
    "a\ud800@example.com": "surrogate",
    "a\u202eb@example.com": "unsafe",
    f"{'a' * 65}@example.com": "too long",
    f"a@{'b' * 64}.example": "separated by so many",
    f"a@{'b.' * 130}example": "254",
    f"{'ü' * 60}@{'b.' * 70}example.com": "too long",
}

anything = st.text(st.characters(codec=None), max_size=300)
plainish = st.from_regex(r"[A-Za-z0-9.+_-]{1,12}@[A-Za-z0-9.-]{1,14}\.[A-Za-z]{1,6}", fullmatch=True)


@pytest.mark.parametrize(("text", "expected"), ACCEPTED.items())
def test_an_address_is_shown_as_typed_and_compared_by_its_key(text: str, expected: tuple[str, str]) -> None:
    """Case, script and form of the domain do not make another address."""
    address = parse_address(text)
    assert (address.display, address.key) == expected


@pytest.mark.parametrize(("text", "reason"), REFUSED.items())
def test_what_is_not_an_address_is_refused_with_a_reason(text: str, reason: str) -> None:
    """The reason is one sentence that names the fault."""
    with pytest.raises(InvalidAddress) as refusal:
        parse_address(text)
    assert reason in refusal.value.reason
    assert refusal.value.reason.endswith(".")


def test_the_domain_of_an_address_is_ascii() -> None:
    """What goes to DNS and into Message-IDs needs no Unicode."""
    assert parse_address("a@Bücher.example").domain == "xn--bcher-kva.example"


@given(plainish)
@example("a@b-.example")
@example("a@ab--c.example")
@example("a@b.example-")
@example("-@b.test")
@example("a.@b.com")
@example("a@b.Arpa")
@example("a@b.c")
def test_the_short_way_agrees_with_the_thorough_one(text: str) -> None:
    """Whatever the regular expression answers, the validator answers too."""

    def answer(text: str) -> Address | None:
        try:
            return addresses._parse_thoroughly(text)
        except InvalidAddress:
            return None

    if addresses._PLAIN_ADDRESS.match(text):
        assert parse_address(text) == answer(text)


@given(anything | st.builds("{}@{}".format, anything, anything) | plainish)
@example("\ud800")
@example("a@\u0660\u0661.\u06f0")
@example("a@xn--\u00df.de")
def test_any_text_is_an_address_or_is_refused(text: str) -> None:
    """No other exception leaves the module, and an accepted address is accepted again with the same key."""
    try:
        address = parse_address(text)
    except InvalidAddress:
        return
    again = parse_address(address.display)
    assert (again.key, again.domain) == (address.key, address.domain)
    assert address.domain.isascii()


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Example.COM", "example.com"),
        (" bücher.example ", "xn--bcher-kva.example"),
        ("a.b.test", "a.b.test"),
        ("localhost", "localhost"),
    ],
)
def test_a_domain_is_compared_in_its_ascii_form(text: str, domain: str) -> None:
    """Suppressed domains match however they are written."""
    assert parse_domain(text) == domain


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "com",
        "a@example.com",
        "exa mple.com",
        "http://example.com",
        "*.example.com",
        "1.2.3.4",
        "a\n.com",
        "a\x00.com",
        "�.com",
        "-a.com",
        "a..com",
        "b." * 130 + "com",
        "xn--a.com",
        "[1.2.3.4]",
        "a.com.",
    ],
)
def test_nonsense_is_no_domain(text: str) -> None:
    """A refusal is an InvalidAddress with a reason."""
    with pytest.raises(InvalidAddress) as refusal:
        parse_domain(text)
    assert refusal.value.reason


@given(anything)
def test_any_text_is_a_domain_or_is_refused(text: str) -> None:
    """A domain that was accepted is in its normal form."""
    try:
        domain = parse_domain(text)
    except InvalidAddress:
        return
    assert parse_domain(domain) == domain


def test_a_suppression_is_the_sha_256_of_the_key() -> None:
    """The plain value can be erased, and the hash still refuses it."""
    assert suppression_hash("jörg@example.com") == sha256("jörg@example.com".encode()).digest()
