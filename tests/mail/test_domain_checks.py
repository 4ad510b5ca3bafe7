"""What a domain publishes, judged: SPF, DKIM, DMARC and MX, one line a case."""

from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from leadterra.domain.provider import Provider
from leadterra.mail.checks import Check, CheckStatus, Publish, judge_mx, worst
from leadterra.mail.dkim_keys import judge_dkim
from leadterra.mail.dmarc import judge_dmarc, policy_names
from leadterra.mail.spf import judge_spf, wanted_names
from leadterra.mail.tag_lists import read_tags

FAIL, WARN, PASS = CheckStatus.FAIL, CheckStatus.WARN, CheckStatus.PASS
GOOGLE, MICROSOFT, OTHER = Provider.GOOGLE, Provider.MICROSOFT, Provider.OTHER
KNOWN = {
    "_spf.google.com": ["v=spf1 include:_netblocks.google.com ~all"],
    "_netblocks.google.com": ["v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all"],
    "spf.protection.outlook.com": ["v=spf1 ip4:198.51.100.0/24 -all"],
    "open.test": ["v=spf1 +all"],
    "bare.test": ["nothing of the kind"],
    "twice.test": ["v=spf1 -all", "v=spf1 ~all"],
    "loop.test": ["v=spf1 include:loop.test -all"],
    "deep.test": ["v=spf1 a mx ptr exists:%{i}.x.test include:_spf.google.com -all"],
    "away.test": None,
}


def spf(*records: str, provider: Provider = OTHER) -> Check:
    """What acme.test's records are worth."""
    texts: dict[str, list[str] | None] = {"acme.test": list(records)}
    while wanted := wanted_names("acme.test", texts):
        texts |= {name: KNOWN.get(name, []) for name in wanted}
    return judge_spf("acme.test", texts, provider)


@pytest.mark.parametrize(
    ("record", "provider", "status", "words"),
    [
        ("v=spf1 include:_spf.google.com ~all", GOOGLE, PASS, "2 of 10"),
        ("v=spf1 redirect=_spf.google.com", GOOGLE, PASS, "_spf.google.com"),
        ("V=SPF1 include:SPF.protection.Outlook.com. -ALL", MICROSOFT, PASS, "1 of 10"),
        ("v=spf1 mx a:mail.acme.test ip4:192.0.2.1 -all", OTHER, PASS, "2 of 10"),
        ("v=spf1 ip4:192.0.2.1 exp=explain.acme.test x-other=1 -all", OTHER, PASS, "0 of 10"),
        ("v=spf1 -all", GOOGLE, FAIL, "does not include _spf.google.com"),
        ("v=spf1 include:_spf.google.com ~all", MICROSOFT, FAIL, "does not include spf.protection"),
        ("v=spf1 include:_spf.google.com +all", GOOGLE, FAIL, "everybody"),
        ("v=spf1 all", OTHER, FAIL, "everybody"),
        ("v=spf1 include:open.test ~all", OTHER, PASS, "1 of 10"),
        ("v=spf1 redirect=open.test", OTHER, FAIL, "everybody"),
        ("v=spf1 redirect=open.test -all", OTHER, PASS, "0 of 10"),
        ("v=spf1 mx ?all", OTHER, WARN, "end it with ~all"),
        ("v=spf1 mx", OTHER, WARN, "end it with ~all"),
        ("v=spf1 include:bare.test -all", OTHER, FAIL, "has no SPF record"),
        ("v=spf1 include:nobody.test -all", OTHER, FAIL, "has no SPF record"),
        ("v=spf1 include:twice.test -all", OTHER, FAIL, "several"),
        ("v=spf1 include:loop.test -all", OTHER, FAIL, "includes itself"),
        ("v=spf1 include:acme.test -all", OTHER, FAIL, "includes itself"),
        ("v=spf1 include:away.test -all", OTHER, WARN, "No name server"),
        ("v=spf1 include:%{d}.spf.test -all", OTHER, PASS, "1 of 10"),
        ("v=spf1 ip4:nonsense -all", OTHER, FAIL, "means nothing: ip4:nonsense"),
        ("v=spf1 include: -all", OTHER, FAIL, "means nothing"),
        ("v=spf1 inlcude:x.test -all", OTHER, FAIL, "means nothing"),
        ("v=spf1 " + "a " * 10 + "-all", OTHER, PASS, "10 of 10"),
        ("v=spf1 " + "a " * 11 + "-all", OTHER, FAIL, "more than 10"),
        ("v=spf1 include:deep.test " + "a " * 3 + "-all", OTHER, PASS, "10 of 10"),
        ("v=spf1 include:deep.test " + "a " * 4 + "-all", OTHER, FAIL, "more than 10"),
        ("v=spf1 include:deep.test include:deep.test -all", OTHER, FAIL, "more than 10"),
    ],
)
def test_an_spf_record(record: str, provider: Provider, status: CheckStatus, words: str) -> None:
    """RFC 7208."""
    check = spf(record, provider=provider)

    assert (check.check, check.status) == ("spf", status)
    assert words in check.detail


@pytest.mark.parametrize(
    ("records", "provider", "value"),
    [
        ([], GOOGLE, "v=spf1 include:_spf.google.com ~all"),
        (["v=spf10 -all", "other"], MICROSOFT, "v=spf1 include:spf.protection.outlook.com ~all"),
        ([], OTHER, "v=spf1 mx ~all"),
        (["v=spf1 mx -all"], GOOGLE, "v=spf1 mx include:_spf.google.com -all"),
        (["v=spf1 mx"], GOOGLE, "v=spf1 mx include:_spf.google.com"),
        (["v=spf1 mx +all"], OTHER, "v=spf1 mx ~all"),
        (["v=spf1 mx ?all"], OTHER, "v=spf1 mx ~all"),
        (["v=spf1 mx"], OTHER, "v=spf1 mx ~all"),
    ],
)
def test_what_spf_record_to_publish(records: list[str], provider: Provider, value: str) -> None:
    """The record that is there, made right, or a first one."""
    assert spf(*records, provider=provider).publish == Publish("acme.test", "TXT", value)


def test_several_spf_records_are_none() -> None:
    """RFC 7208 §4.5."""
    assert (spf("v=spf1 -all", "v=spf1 mx -all").status, spf("v=spf1 -all", "v=spf1").status) == (FAIL, FAIL)


def test_no_answer_is_no_judgement() -> None:
    """Neither of SPF, DKIM, DMARC nor MX."""
    checks = [
        judge_spf("acme.test", {"acme.test": None}, OTHER),
        judge_dkim("acme.test", {"s1": None, "s2": None}, OTHER, is_named=False),
        judge_dmarc("acme.test", {"_dmarc.acme.test": None}),
        judge_mx("acme.test", None, OTHER),
    ]

    assert [check.status for check in checks] == [WARN] * 4
    assert all("No name server answered" in check.detail for check in checks)


def test_planted_records_cost_little() -> None:
    """A megabyte of terms is read; of includes that fan out without end no more than ten are followed."""
    asked = []
    texts: dict[str, list[str] | None] = {
        "acme.test": ["v=spf1 " + " ".join(f"include:{n}.test" for n in range(9))]
    }
    while wanted := wanted_names("acme.test", texts):
        asked += sorted(wanted)
        texts |= {name: ["v=spf1 " + " ".join(f"include:{n}.{name}" for n in range(9))] for name in wanted}
    long = spf("v=spf1 " + "ip4:192.0.2.1 " * 70_000 + "-all")

    assert judge_spf("acme.test", texts, OTHER).status is FAIL
    assert len(asked) <= 10
    assert long.status is PASS


def key(bits: int, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    """A public key as it is published."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=max(bits, 1024)).public_key()
    return b64encode(made.public_bytes(Encoding.DER, form)).decode()


KEY_1024, KEY_2048 = key(1024), key(2048)
KEY_512 = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKNwapOQ6rQJHetP4dZSqKAc6qYzfnGxuEQ9VQRdQ5uZVgjBJlTjZ7jTNZz0"
    "5V9ZSm6S7DmKY1sX8fGqZk1rkRkCAwEAAQ=="
)
ED25519 = b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        (f"v=DKIM1; k=rsa; p={KEY_2048}", PASS, "2048 bits"),
        (f"p={KEY_2048}", PASS, "2048 bits"),
        (f"v=DKIM1; p={KEY_2048[:60]} {KEY_2048[60:]};", PASS, "2048 bits"),
        (f"v=DKIM1; p={KEY_1024}", PASS, "2048 are better"),
        (f"v=DKIM1; p={key(1024, PublicFormat.PKCS1)}", PASS, "1024 bits"),
        (f"v=DKIM1; k=ed25519; p={ED25519}", PASS, "256 bits"),
        (f"v=DKIM1; t=s:y; p={KEY_2048}", WARN, "testing"),
        (f"v=DKIM1; p={KEY_512}", FAIL, "512 bits"),
        ("v=DKIM1; p=", FAIL, "revoked"),
        ("v=DKIM1; p=nonsense", FAIL, "cannot be read"),
        ("v=DKIM1; k=ed25519; p=AAAA", FAIL, "cannot be read"),
        (f"v=DKIM1; k=rsa; p={ED25519}", FAIL, "cannot be read"),
        ("v=DKIM1; k=dsa; p=AAAA", FAIL, "unknown kind"),
        ("v=spf1 -all", FAIL, "has no key"),
        ("v=DKIM2; p=AAAA", FAIL, "has no key"),
        ("v=DKIM1; v=DKIM1; p=AAAA", FAIL, "has no key"),
    ],
    ids=range(16),
)
def test_a_dkim_key(text: str, status: CheckStatus, words: str) -> None:
    """RFC 6376, RFC 8301, RFC 8463."""
    check = judge_dkim("acme.test", {"s1": [text]}, OTHER, is_named=True)

    assert (check.check, check.status) == ("dkim", status)
    assert words in check.detail


def test_one_good_key_is_enough() -> None:
    """Old selectors with revoked keys do no harm."""
    found: dict[str, list[str] | None] = {"s1": ["v=DKIM1; p="], "s2": None, "s3": [f"p={KEY_2048}"]}

    assert judge_dkim("acme.test", found, OTHER, is_named=False).status is PASS


def test_a_key_that_nobody_guessed_is_no_failure() -> None:
    """It may be there under another selector; one that was named is not there."""
    found: dict[str, list[str] | None] = {"google": [], "s1": []}
    guessed = judge_dkim("acme.test", found, GOOGLE, is_named=False)
    named = judge_dkim("acme.test", {"mine": []}, MICROSOFT, is_named=True)

    assert (guessed.status, named.status) == (WARN, FAIL)
    assert "admin console" in guessed.detail
    assert "mine._domainkey.acme.test has no key" in named.detail


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("v=DMARC1; p=none; rua=mailto:x@acme.test", PASS, "says none"),
        ("v=DMARC1;p=Reject;rua=mailto:x@acme.test,mailto:y@other.test!10m;", PASS, "says reject"),
        ("v=DMARC1; p=quarantine", WARN, "add rua"),
        ("v=DMARC1; p=none; rua=https://x.test", WARN, "mailto:"),
        ("v=DMARC1; p=block", FAIL, "no policy"),
        ("v=DMARC1; rua=mailto:x@acme.test", FAIL, "no policy"),
        ("v=DMARC1", FAIL, "no policy"),
        ("p=none; v=DMARC1", FAIL, "no DMARC record"),
        ("v=DMARC1 p=none", FAIL, "cannot be read"),
        ("v=DMARC1; p=none; p=reject", FAIL, "cannot be read"),
        ("v=DMARC1; ; p=none", FAIL, "cannot be read"),
    ],
)
def test_a_dmarc_record(text: str, status: CheckStatus, words: str) -> None:
    """RFC 7489 §6.3."""
    check = judge_dmarc("acme.test", {"_dmarc.acme.test": [text, "something else"]})

    assert (check.check, check.status) == ("dmarc", status)
    assert words in check.detail


def test_a_domain_goes_by_the_policy_above_it() -> None:
    """Its policy for subdomains, if it has one; up to below the last label."""
    texts: dict[str, list[str] | None] = {
        "_dmarc.mail.acme.test": [],
        "_dmarc.acme.test": ["v=DMARC1; p=none; sp=reject; rua=mailto:x@acme.test"],
    }
    check = judge_dmarc("mail.acme.test", texts)

    assert (check.status, "says reject" in check.detail) == (PASS, True)
    assert policy_names("mail.acme.test") == ["_dmarc.mail.acme.test", "_dmarc.acme.test"]
    assert len(policy_names(".".join("abcdefghijklmnop"))) == 8


def test_what_dmarc_record_to_publish() -> None:
    """A first one, or the one that is there with an address for reports."""
    nothing = judge_dmarc("acme.test", {"_dmarc.acme.test": []})
    silent = judge_dmarc("acme.test", {"_dmarc.acme.test": ["v=DMARC1; p=reject;"]})

    first = "v=DMARC1; p=none; rua=mailto:postmaster@acme.test"
    assert (nothing.status, nothing.publish) == (FAIL, Publish("_dmarc.acme.test", "TXT", first))
    more = "v=DMARC1; p=reject; rua=mailto:postmaster@acme.test"
    assert silent.publish == Publish("_dmarc.acme.test", "TXT", more)


@pytest.mark.parametrize(
    ("hosts", "status"),
    [(["a.test", "b.test"], PASS), ([], FAIL), (["."], FAIL), (["acme.test"], WARN)],
)
def test_mx_records(hosts: list[str], status: CheckStatus) -> None:
    """Present, missing, null (RFC 7505), implicit."""
    assert judge_mx("acme.test", hosts, OTHER).status is status


def test_the_worst_check_counts() -> None:
    """Of several."""
    good, odd = judge_mx("a.test", ["b.test"], OTHER), judge_mx("a.test", None, OTHER)
    bad = judge_mx("a.test", [], GOOGLE)

    assert [worst(checks) for checks in ([good], [good, odd], [odd, bad, good], [])] == [
        PASS,
        WARN,
        FAIL,
        PASS,
    ]
    assert bad.publish == Publish("a.test", "MX", "1 smtp.google.com.")


@pytest.mark.parametrize("text", ["", ";", "a", "=b", "a=1;;b=2", "a=1;a=2", "\u00e4=1", "1=2"])
def test_what_is_no_list_of_tags(text: str) -> None:
    """RFC 6376 §3.2."""
    assert not read_tags(text)
