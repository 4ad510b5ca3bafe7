"""DKIM keys (RFC 6376 §3.6.1): whether a domain has published one, and whether it is any good.

Which selector a server signs with nobody can ask for; the usual ones are tried. Nothing here fails.
"""

import binascii
from base64 import b64decode
from collections.abc import Mapping, Sequence

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from leadterra.domain.provider import Provider
from leadterra.mail.checks import Check, CheckStatus, failed, passed, unanswered, warned
from leadterra.mail.tag_lists import read_tags

SELECTORS = (
    *("google", "selector1", "selector2", "default", "dkim", "mail", "s1", "s2", "k1", "k2", "k3"),
    *("mx", "smtp", "sig1", "fm1", "zoho", "protonmail", "mandrill", "pm", "amazonses"),
)
"""The usual selectors, those of the large providers first."""

_LEAST_BITS = 1024
"""RFC 8301 §3.2: receivers do not believe shorter ones."""
_ADVISED_BITS = 2048
_ED25519_OCTETS = 32
_WHERE = {
    Provider.GOOGLE: "Google's admin console shows it under Apps, Gmail, Authenticate email",
    Provider.MICROSOFT: "Microsoft's Defender portal shows it under Email authentication settings, DKIM",
    Provider.OTHER: "whoever runs the mail server knows it",
}


def selector_name(selector: str, domain: str) -> str:
    """Where a key is published."""
    return f"{selector}._domainkey.{domain}"


def judge_dkim(
    domain: str, found: Mapping[str, Sequence[str] | None], provider: Provider, *, is_named: bool
) -> Check:
    """What the domain's keys are worth. found: TXT records by selector. is_named: the selector was given, and
    not guessed.
    """
    keys = [
        (selector, _judge_key(selector, text)) for selector, texts in found.items() for text in texts or ()
    ]
    order = (CheckStatus.PASS, CheckStatus.WARN, CheckStatus.FAIL)
    known = sorted((key for _, key in keys if key is not None), key=lambda key: order.index(key.status))
    if known:
        return known[0]
    if all(texts is None for texts in found.values()):
        return unanswered("dkim", f"_domainkey.{domain}")
    where = _WHERE[provider]
    if is_named:
        selector = next(iter(found))
        return failed("dkim", f"{selector_name(selector, domain)} has no key; {where}.")
    detail = (
        f"None of the usual selectors of {domain} has a key. If there is one, say its selector; else {where}."
    )
    return warned("dkim", detail)


def _judge_key(selector: str, text: str) -> Check | None:
    """None for a text that is no key."""
    tags = read_tags(text)
    if tags is None or "p" not in tags or tags.get("v", "DKIM1") != "DKIM1":
        return None
    if not tags["p"]:
        return failed("dkim", f"The key of the selector {selector} is revoked (p is empty).")
    if tags.get("k", "rsa").lower() not in ("rsa", "ed25519"):
        return failed("dkim", f"The key of the selector {selector} is of an unknown kind: {tags['k'][:50]}")
    bits = _bits(tags["p"], tags.get("k", "rsa").lower())
    if bits is None:
        return failed("dkim", f"The key of the selector {selector} cannot be read.")
    if bits < _LEAST_BITS and tags.get("k", "rsa").lower() == "rsa":
        detail = (
            f"The key of the selector {selector} has {bits} bits; fewer than {_LEAST_BITS} are not believed."
        )
        return failed("dkim", detail)
    if "y" in tags.get("t", "").lower().split(":"):
        return warned(
            "dkim", f"The key of the selector {selector} is for testing (t=y): receivers ignore it."
        )
    advice = "" if bits >= _ADVISED_BITS or bits == 256 else f"; {_ADVISED_BITS} are better"
    return passed("dkim", f"The selector {selector} has a key of {bits} bits{advice}.")


def _bits(encoded: str, kind: str) -> int | None:
    """How long the key is; None if it is none."""
    try:
        octets = b64decode("".join(encoded.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    if kind == "ed25519":
        return 256 if len(octets) == _ED25519_OCTETS else None
    try:
        key = load_der_public_key(octets)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key.key_size if isinstance(key, RSAPublicKey) else None
