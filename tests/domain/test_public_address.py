"""Which addresses a name that a user gave may lead to."""

from ipaddress import ip_address

import pytest

from leadterra.domain.public_address import is_public


@pytest.mark.parametrize(
    "text",
    [
        "8.8.8.8",
        "93.184.215.14",
        "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
        "64:ff9b::808:808",
        "2002:808:808::1",
    ],
)
def test_the_internet_is_public(text: str) -> None:
    """Also where an IPv6 address carries a public IPv4 one."""
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::127.0.0.1", "::7f00:1", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2001:db8::1"),
        *("64:ff9b::a00:1", "64:ff9b::7f00:1", "64:ff9b:1::808:808"),
        *("2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2"),
    ],
)
def test_what_is_inside_is_not(text: str) -> None:
    """Loopback, private, link-local, metadata, shared, reserved; however it is written."""
    assert not is_public(ip_address(text))
