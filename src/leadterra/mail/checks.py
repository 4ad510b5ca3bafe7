"""What a check of an account or its domain says: a value. And the check of MX records. Nothing here fails."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from leadterra.domain.provider import Provider

_MX = {Provider.GOOGLE: "1 smtp.google.com."}


class CheckStatus(StrEnum):
    """How a check ended."""

    PASS = "pass"
    WARN = "warn"
    """It works, or could not be told, and somebody should look at it."""
    FAIL = "fail"
    """Letters do not go out, do not come back, or end as spam for this."""


@dataclass(frozen=True, slots=True)
class Publish:
    """A record of the domain name system that would make it right: name, type, value."""

    name: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Check:
    """check: `smtp`, `imap`, `spf`, `dkim`, `dmarc` or `mx`. detail: for people. publish: what to publish,
    None where nothing would help, or only the provider knows it.
    """

    check: str
    status: CheckStatus
    detail: str
    publish: Publish | None = None


def worst(checks: Sequence[Check]) -> CheckStatus:
    """How the worst of them ended."""
    order = (CheckStatus.FAIL, CheckStatus.WARN)
    found = {check.status for check in checks}
    return next((status for status in order if status in found), CheckStatus.PASS)


def passed(check: str, detail: str) -> Check:
    """It is as it should be."""
    return Check(check, CheckStatus.PASS, detail)


def warned(check: str, detail: str, publish: Publish | None = None) -> Check:
    """Somebody should look at it."""
    return Check(check, CheckStatus.WARN, detail, publish)


def failed(check: str, detail: str, publish: Publish | None = None) -> Check:
    """It is not as it should be."""
    return Check(check, CheckStatus.FAIL, detail, publish)


def unanswered(check: str, name: str) -> Check:
    """No name server answered."""
    return warned(check, f"No name server answered for {name}: check again in a while.")


def judge_mx(domain: str, hosts: Sequence[str] | None, provider: Provider) -> Check:
    """Whether answers to the domain find their way. hosts: as of `ports.Resolver.list_mx`."""
    publish = Publish(domain, "MX", _MX[provider]) if provider in _MX else None
    if hosts is None:
        return unanswered("mx", domain)
    if not hosts:
        return failed("mx", f"{domain} has no MX record: nobody can answer.", publish)
    if list(hosts) == ["."]:
        return failed("mx", f"{domain} says that it takes no mail (RFC 7505): nobody can answer.", publish)
    if list(hosts) == [domain]:
        detail = f"{domain} has no MX record; its own address takes its mail (RFC 5321 §5.1)."
        return warned("mx", detail, publish)
    shown = ", ".join(hosts[:5]) + (f" and {len(hosts) - 5} more" if len(hosts) > 5 else "")
    return passed("mx", f"{domain} takes mail at {shown}.")
