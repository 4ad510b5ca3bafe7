"""Which hosts take a domain's mail, asked of a real name server."""

import asyncio

import pytest

from leadterra.domain.provider import Provider, provider_of
from leadterra.transport.resolver import DnsResolver
from tests.support.dns_server import Zone, name_server

MANY = [f"{10 * number} mx{number:02}.filters.test." for number in range(40)]
ZONE: Zone = {
    "acme.test": {"MX": ["20 backup.acme.test.", "5 ASPMX.L.Google.com.", "20 a.acme.test."]},
    "bare.test": {"A": ["192.0.2.1"]},
    "six.test": {"AAAA": ["2001:db8::1"]},
    "text.test": {"TXT": ["nothing"]},
    "texts.test": {"TXT": ['"v=spf1 " "-all"', '"b\\195\\188cher"', '"\\255"']},
    "long.test": {"TXT": [" ".join(f'"{"x" * 250}"' for _ in range(20))]},
    "_dmarc.texts.test": {"TXT": ['"v=DMARC1"']},
    "null.test": {"MX": ["0 ."], "A": ["192.0.2.1"]},
    "many.test": {"MX": MANY},
    "alias.test": {"CNAME": ["acme.test."]},
    "xn--bcher-kva.test": {"MX": ["1 mx.xn--bcher-kva.test."]},
    "broken.test": "servfail",
    "silent.test": "silence",
    "babbling.test": "garbage",
}


async def list_mx(domain: str, patience: float = 1) -> list[str] | None:
    """What the resolver says."""
    async with name_server(ZONE) as server:
        return await DnsResolver(server.address, patience=patience).list_mx(domain)


@pytest.mark.parametrize(
    ("domain", "hosts"),
    [
        ("acme.test", ["aspmx.l.google.com", "a.acme.test", "backup.acme.test"]),
        ("ACME.test.", ["aspmx.l.google.com", "a.acme.test", "backup.acme.test"]),
        ("bücher.test", ["mx.xn--bcher-kva.test"]),
        ("xn--bcher-kva.test", ["mx.xn--bcher-kva.test"]),
        ("many.test", [f"mx{number:02}.filters.test" for number in range(40)]),
    ],
)
async def test_hosts_come_most_preferred_first(domain: str, hosts: list[str]) -> None:
    """In whatever script the domain is; over TCP where they are too many for UDP."""
    assert await list_mx(domain) == hosts


@pytest.mark.parametrize("domain", ["bare.test", "six.test"])
async def test_a_host_without_mx_is_its_own_mail_server(domain: str) -> None:
    """RFC 5321 §5.1."""
    assert await list_mx(domain) == [domain]


@pytest.mark.parametrize(
    "domain",
    ["nobody.test", "text.test", "", "a..test", ".", f"{'x' * 64}.test", f"{'x.' * 127}test", "\ud800.test"],
)
async def test_a_domain_without_servers_has_none(domain: str) -> None:
    """It does not exist, has no address, or cannot exist."""
    assert await list_mx(domain) == []


async def test_a_domain_that_takes_no_mail_is_no_provider_s() -> None:
    """RFC 7505: its address does not count."""
    hosts = await list_mx("null.test")

    assert hosts == ["."]
    assert provider_of(hosts) is Provider.OTHER


@pytest.mark.parametrize("domain", ["broken.test", "silent.test", "babbling.test"])
async def test_no_answer_is_none(domain: str) -> None:
    """The server fails, keeps silent or babbles: that says nothing of the domain."""
    assert await list_mx(domain, patience=0.2) is None


async def test_no_server_is_no_answer() -> None:
    """Nobody listens there any more."""
    async with name_server(ZONE) as server:
        address = server.address

    assert await DnsResolver(address, patience=0.2).list_mx("acme.test") is None


async def test_many_questions_at_once_get_their_own_answers() -> None:
    """One resolver serves them all."""
    async with name_server(ZONE) as server:
        resolver = DnsResolver(server.address)
        answers = await asyncio.gather(
            *(resolver.list_mx(domain) for domain in ("bare.test", "x", "null.test"))
        )

    assert answers == [["bare.test"], [], ["."]]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("texts.test", ["b\u00fccher", "v=spf1 -all", "\ufffd"]),
        ("_dmarc.texts.test", ["v=DMARC1"]),
        ("long.test", ["x" * 5000]),
        ("bare.test", []),
        ("nobody.test", []),
        ("a..test", []),
        ("", []),
        ("broken.test", None),
        ("silent.test", None),
    ],
)
async def test_texts_are_joined(name: str, texts: list[str] | None) -> None:
    """RFC 7208 §3.3: each record without anything between its strings; over TCP where they are long."""
    async with name_server(ZONE) as server:
        assert await DnsResolver(server.address, patience=0.4).list_txt(name) == texts
