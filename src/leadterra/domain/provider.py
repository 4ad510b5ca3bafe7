"""Whose servers take the mail of a domain, by the names that its MX records give.

Anything else than the names of the large providers is `OTHER`: a server of one's own, a filter in front of
the provider, a domain that takes no mail. Whatever stands in those names, the answer is a provider; nothing
raises.
"""

from collections.abc import Sequence
from enum import StrEnum


class Provider(StrEnum):
    """Whose servers they are."""

    GOOGLE = "google"
    """Gmail and Google Workspace."""
    MICROSOFT = "microsoft"
    """Microsoft 365, Outlook.com and Hotmail."""
    OTHER = "other"
    """Anybody else's."""


_ZONES = {
    "google.com": Provider.GOOGLE,
    "googlemail.com": Provider.GOOGLE,
    "outlook.com": Provider.MICROSOFT,
    "hotmail.com": Provider.MICROSOFT,
    "mx.microsoft": Provider.MICROSOFT,
    "protection.office365.us": Provider.MICROSOFT,
    "protection.partner.outlook.cn": Provider.MICROSOFT,
}
"""Zones that belong to a provider alone: every host of theirs is its own."""

_DEEPEST = 4
"""Labels of the longest of them."""


def provider_of(mx_hosts: Sequence[str]) -> Provider:
    """Whose servers these are: the first one's, where mail is tried first (RFC 5321 §5.1).

    mx_hosts: names of hosts, most preferred first; none, or the null MX (RFC 7505), for a domain that takes
    no mail.
    """
    if not mx_hosts or not mx_hosts[0].isascii():
        return Provider.OTHER
    labels = mx_hosts[0].lower().removesuffix(".").split(".")[-_DEEPEST:]
    zones = (".".join(labels[start:]) for start in range(len(labels)))
    return next((_ZONES[zone] for zone in zones if zone in _ZONES), Provider.OTHER)
