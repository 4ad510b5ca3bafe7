"""Who issues access tokens for a mailbox (OAuth 2.0), and where. Values; nothing here can fail."""

from dataclasses import dataclass
from enum import StrEnum


class OAuthProvider(StrEnum):
    """Whose token server it is."""

    GOOGLE = "google"
    MICROSOFT = "microsoft"
    CUSTOM = "custom"
    """Another one, at the address that the account names."""


@dataclass(frozen=True, slots=True)
class TokenServer:
    """url: where tokens are issued. scope: what to ask for with each refresh; None where the token server
    gives all that was granted, and wants to hear nothing else.
    """

    url: str
    scope: str | None


_KNOWN = {
    OAuthProvider.GOOGLE: TokenServer("https://oauth2.googleapis.com/token", None),
    # Without a scope Microsoft issues a token for whichever of its services was granted first.
    OAuthProvider.MICROSOFT: TokenServer(
        "https://login.microsoftonline.com/common/oauth2/v2.0/token",
        "https://outlook.office.com/SMTP.Send https://outlook.office.com/IMAP.AccessAsUser.All"
        " offline_access",
    ),
}


def token_server_of(provider: OAuthProvider) -> TokenServer | None:
    """The provider's token server; None for a custom one."""
    return _KNOWN.get(provider)
