"""Whose servers the names of MX records are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.provider import Provider, provider_of


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("aspmx.l.google.com", "google"),
        ("alt4.aspmx.l.google.com", "google"),
        ("gmail-smtp-in.l.google.com", "google"),
        ("smtp.google.com", "google"),
        ("aspmx2.googlemail.com", "google"),
        ("ASPMX.L.Google.COM.", "google"),
        ("acme-com.mail.protection.outlook.com", "microsoft"),
        ("outlook-com.olc.protection.outlook.com.", "microsoft"),
        ("acme-com.k-v1.mx.microsoft", "microsoft"),
        ("mx1.hotmail.com", "microsoft"),
        ("acme.mail.protection.office365.us", "microsoft"),
        ("acme.mail.protection.partner.outlook.cn", "microsoft"),
        ("mx1.acme.test", "other"),
        ("mxa-001.pphosted.com", "other"),
        ("evilgoogle.com", "other"),
        ("aspmx.l.google.com.evil.test", "other"),
        ("mail.protection.outlook.com.evil.test", "other"),
        ("outloo\u212a.com", "other"),
        ("microsoft", "other"),
        ("com", "other"),
        (".", "other"),
        ("", "other"),
        ("..", "other"),
    ],
)
def test_a_host_belongs_to_a_provider(host: str, provider: str) -> None:
    """By the zone that it is in, whatever the case and the final dot."""
    assert provider_of([host]) == provider


def test_no_host_is_no_provider() -> None:
    """The domain takes no mail."""
    assert provider_of([]) is Provider.OTHER


def test_the_most_preferred_host_decides() -> None:
    """A filter in front of a provider is not the provider."""
    assert provider_of(["mx1.acme.test", "aspmx.l.google.com"]) is Provider.OTHER
    assert provider_of(["aspmx.l.google.com", "mx1.acme.test"]) is Provider.GOOGLE


@given(st.lists(st.text(), max_size=3))
def test_hostile_names_are_somebody_else_s(hosts: list[str]) -> None:
    """Whatever a name server says, nothing raises, and random text is no provider."""
    assert provider_of(hosts) is Provider.OTHER


@given(st.text(alphabet="ab.-\0", max_size=20))
def test_only_whole_labels_count(text: str) -> None:
    """What merely ends like a provider's zone is not in it; what is in it is."""
    assert provider_of([f"{text}xgoogle.com"]) is Provider.OTHER
    assert provider_of([f"{text}.google.com"]) is Provider.GOOGLE
