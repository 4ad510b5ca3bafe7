"""DMARC (RFC 7489): whether a domain says what to do with letters that fail SPF and DKIM. Nothing here fails.

A domain without a record goes by that of the domain above it, found by walking up, as DMARC's successor does
it, and not by a list of public suffixes that would be out of date.
"""

from collections.abc import Mapping, Sequence

from leadterra.mail.checks import Check, Publish, failed, passed, unanswered, warned
from leadterra.mail.tag_lists import read_tags

_POLICIES = ("none", "quarantine", "reject")
_MOST_NAMES = 8


def policy_names(domain: str) -> list[str]:
    """Where a policy for this domain may stand, the nearest first."""
    labels = domain.split(".")
    above = [".".join(labels[start:]) for start in range(1, len(labels) - 1)]
    return [f"_dmarc.{name}" for name in [domain, *above[-(_MOST_NAMES - 1) :]]]


def judge_dmarc(domain: str, texts: Mapping[str, Sequence[str] | None]) -> Check:
    """What the policy is worth. texts: TXT records of `policy_names`."""
    for name in policy_names(domain):
        found = texts.get(name)
        if found is None:
            return unanswered("dmarc", name)
        records = [text for text in found if text.replace(" ", "").lower().startswith("v=dmarc1")]
        if records:
            return _judge(domain, name, records)
    detail = f"{domain} has no DMARC record; large providers refuse bulk mail of such domains."
    return failed("dmarc", detail, _advice(domain))


def _advice(domain: str) -> Publish:
    return Publish(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=none; rua=mailto:postmaster@{domain}")


def _judge(domain: str, name: str, records: Sequence[str]) -> Check:
    if len(records) > 1:
        return failed("dmarc", f"{name} has {len(records)} records; with more than one, none counts.")
    tags = read_tags(records[0])
    first = next(iter(tags.items()), ("", "")) if tags else ("", "")
    if tags is None or first != ("v", "DMARC1"):
        return failed("dmarc", f"The record of {name} cannot be read: {records[0][:200]}", _advice(domain))
    inherited = name != f"_dmarc.{domain}"
    policy = tags.get("sp", tags.get("p", "")) if inherited else tags.get("p", "")
    if policy.lower() not in _POLICIES:
        detail = f"The record of {name} has no policy: p must be none, quarantine or reject."
        return failed("dmarc", detail, _advice(domain))
    addresses = [each.strip() for each in tags.get("rua", "").split(",") if each.strip()]
    if any(not each.lower().startswith("mailto:") for each in addresses):
        return warned("dmarc", f"The record of {name} sends reports to what is no mailto: address.")
    where = f"{name}, the domain above," if inherited else name
    if not addresses:
        detail = f"{where} says {policy.lower()}, but nobody is told what happens: add rua."
        value = f"{records[0].strip().rstrip(';')}; rua=mailto:postmaster@{name.removeprefix('_dmarc.')}"
        return warned("dmarc", detail, Publish(name, "TXT", value))
    return passed("dmarc", f"{where} says {policy.lower()}, with reports.")
