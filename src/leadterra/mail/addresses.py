"""E-mail addresses and domains as the product compares, shows and suppresses them.

`parse_address` accepts what a mail server may accept: dot-atom local parts in any script (RFC 6531),
domains in Unicode or IDNA form, and the reserved names people test with (`.test`, `.example`, `.invalid`,
`.localhost`, `.local`). Everything else raises InvalidAddress with one sentence for the API user; no other
exception leaves here.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from uuid import UUID

from email_validator import EmailNotValidError, validate_email

# RFC 5321 §4.5.3.1.3: a path is at most 256 octets with its angle brackets.
LONGEST_ADDRESS = 254
LONGEST_DOMAIN = 253

# What surrounds an address in files and forms. CR and LF are left out: they are refused, never trimmed.
_SURROUNDINGS = " \t\u00a0\u3000\ufeff\u200b"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SURROGATE = re.compile("[\ud800-\udfff]")

# RFC 2606 and 6761 names which the validator refuses because they are not deliverable on the public Internet.
_TESTING_NAMES = frozenset({"test", "example", "invalid", "localhost", "local"})
_STAND_IN = ".example"

# One million addresses are imported at once and nearly all of them look like this. Labels with `--` in
# third place (IDNA among them), `arpa` and `onion` take the long way; whatever matches here gets the same
# answer there.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"(?!..--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN_DOMAIN = rf"(?:{_LABEL}\.)+(?!(?i:arpa|onion)\Z)[A-Za-z]{{2,63}}"
_PLAIN_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@{_PLAIN_DOMAIN}\Z")


class InvalidAddress(ValueError):
    """The text is not an e-mail address or domain. `reason` is one sentence that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Address:
    """An address that a message can be sent to.

    display: as the user wrote it, trimmed, local part in NFC, domain in lower case and in the script it was
    typed in. key: what two spellings of the same address have in common: folded local part, `@`, IDNA
    domain. domain: the domain in IDNA ASCII form, lower case.
    """

    display: str
    key: str
    domain: str


def parse_address(text: str) -> Address:
    """Read one bare address (no display name). Raises InvalidAddress."""
    trimmed = text.strip(_SURROUNDINGS)
    if len(trimmed) <= LONGEST_ADDRESS and _PLAIN_ADDRESS.match(trimmed):
        local, _, domain = trimmed.partition("@")
        domain = domain.lower()
        return Address(f"{local}@{domain}", f"{local.lower()}@{domain}", domain)
    return _parse_thoroughly(trimmed)


def parse_domain(text: str) -> str:
    """Read a bare domain and return its IDNA ASCII form in lower case. Raises InvalidAddress."""
    trimmed = text.strip(_SURROUNDINGS)
    _refuse_unprintable(trimmed, "domain")
    if "@" in trimmed:
        raise InvalidAddress("A domain has no @-sign; give the part after it, such as example.com.")
    if len(trimmed) > LONGEST_DOMAIN:
        raise InvalidAddress(f"The domain is longer than {LONGEST_DOMAIN} characters.")
    return _validate("postmaster", trimmed)[0]


def suppression_hash(value: str) -> bytes:
    """Hash an address key or a domain, as suppressions are stored: 32 octets of SHA-256."""
    return sha256(value.encode()).digest()


@lru_cache(10_000)
def domain_digest(domain: str) -> UUID:
    """The first 16 octets of a domain's hash, as a key for counts that must outlive whoever is there. Kept:
    many leads share few domains.
    """
    return UUID(bytes=suppression_hash(domain)[:16])


def _parse_thoroughly(trimmed: str) -> Address:
    _refuse_unprintable(trimmed, "e-mail address")
    if not trimmed:
        raise InvalidAddress("The e-mail address is empty.")
    if len(trimmed) > LONGEST_ADDRESS:
        raise InvalidAddress(f"The e-mail address is longer than {LONGEST_ADDRESS} characters.")
    local, at, domain = trimmed.rpartition("@")
    if not at:
        raise InvalidAddress("The e-mail address has no @-sign.")
    ascii_domain, shown_domain = _validate(local, domain)
    local = unicodedata.normalize("NFC", local)
    if len(f"{local}@{ascii_domain}".encode()) > LONGEST_ADDRESS:
        raise InvalidAddress(f"The e-mail address is longer than {LONGEST_ADDRESS} octets.")
    folded = unicodedata.normalize("NFC", local.casefold())
    return Address(f"{local}@{shown_domain}", f"{folded}@{ascii_domain}", ascii_domain)


def _refuse_unprintable(text: str, what: str) -> None:
    if _CONTROL.search(text):
        raise InvalidAddress(f"The {what} contains control characters.")
    if _SURROGATE.search(text):
        raise InvalidAddress(f"The {what} contains half of a character (a lone surrogate).")


def _validate(local: str, domain: str) -> tuple[str, str]:
    """Return the domain in ASCII and as shown.

    A testing name is validated as a label below a name that is allowed.
    """
    stand_in = _STAND_IN if domain.rpartition(".")[2].lower() in _TESTING_NAMES else ""
    try:
        found = validate_email(
            f"{local}@{domain}{stand_in}", check_deliverability=False, allow_smtputf8=True, strict=True
        )
    except EmailNotValidError as error:
        raise InvalidAddress(str(error)) from None
    ascii_domain = found.ascii_domain.lower().removesuffix(stand_in)
    shown = domain.lower() if domain.isascii() else found.domain.lower().removesuffix(stand_in)
    return ascii_domain, shown
