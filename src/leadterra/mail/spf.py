"""SPF (RFC 7208): whether a domain says who may send for it, and whether its provider may.

`wanted_names` says which names have to be asked about; once it says none, `judge_spf` judges. Both follow at
most as many includes as a receiver would, so that no records, however planted, make them long. Nothing here
fails.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadterra.domain.provider import Provider
from leadterra.mail.checks import Check, Publish, failed, passed, unanswered, warned

Texts = Mapping[str, Sequence[str] | None]
"""TXT records by name, lower case without a final dot; None where no name server answered."""

MOST_LOOKUPS = 10
"""RFC 7208 §4.6.4: a receiver that would have to ask more gives up, and the record is worth nothing."""

_INCLUDES = {Provider.GOOGLE: "_spf.google.com", Provider.MICROSOFT: "spf.protection.outlook.com"}
_ASKING = re.compile(r"(?:a|mx|ptr|exists)(?:[:/].*)?", re.IGNORECASE)
_SILENT = re.compile(r"(?:ip4|ip6):[0-9a-f.:]+(?:/\d{1,3})?|all", re.IGNORECASE)
_MODIFIER = re.compile(r"[a-z][a-z0-9_.-]*=.*", re.IGNORECASE)


def wanted_names(domain: str, texts: Texts) -> set[str]:
    """Names whose TXT records have to be asked for still; none once they are too many."""
    walk = _walk(domain, texts)
    return walk.unknown if walk.lookups <= MOST_LOOKUPS else set()


def judge_spf(domain: str, texts: Texts, provider: Provider) -> Check:
    """What the domain's record is worth. provider: whose servers send for it."""
    found = texts.get(domain)
    if found is None:
        return unanswered("spf", domain)
    records = _records(found)
    include = _INCLUDES.get(provider)
    if not records:
        value = f"v=spf1 {f'include:{include}' if include else 'mx'} ~all"
        return failed("spf", f"{domain} has no SPF record.", Publish(domain, "TXT", value))
    if len(records) > 1:
        detail = f"{domain} has {len(records)} SPF records; with more than one, none counts: join them."
        return failed("spf", detail)
    walk = _walk(domain, texts)
    if walk.faults:
        return failed("spf", walk.faults[0])
    if walk.lookups > MOST_LOOKUPS:
        detail = f"The record needs more than {MOST_LOOKUPS} look-ups, and then it does not count."
        return failed("spf", detail)
    if walk.unanswered:
        return unanswered("spf", walk.unanswered[0])
    return _judge_content(domain, records[0], walk, include)


def _judge_content(domain: str, record: str, walk: "_Walk", include: str | None) -> Check:
    """Of a record that counts."""
    if walk.all == "+":
        detail = "The record lets everybody send (+all): it protects nobody, and filters know that."
        value = re.sub(r"(?i)(?<=\s)\+?all(?=\s|$)", "~all", record)
        return failed("spf", detail, Publish(domain, "TXT", value))
    if include and include not in walk.names:
        detail = f"The record does not include {include}: letters by this provider fail SPF."
        return failed("spf", detail, Publish(domain, "TXT", _with_include(record, include)))
    counted = f"{walk.lookups} of {MOST_LOOKUPS} look-ups"
    if walk.all in ("", "?"):
        detail = f"Found ({counted}), but it says nothing of servers that it does not name: end it with ~all."
        value = record if walk.all == "" else re.sub(r"(?i)\s\?all(?=\s|$)", "", record)
        return warned("spf", detail, Publish(domain, "TXT", f"{value} ~all"))
    known = f", {include} among them" if include else ""
    return passed("spf", f"Found, {counted}{known}.")


def _with_include(record: str, include: str) -> str:
    """The record with this include, before the term that ends it."""
    terms = record.split()
    at = next((place for place, term in enumerate(terms) if _ends(term)), len(terms))
    return " ".join([*terms[:at], f"include:{include}", *terms[at:]])


def _ends(term: str) -> bool:
    return term.lower().lstrip("+-~?") == "all" or term.lower().startswith("redirect=")


@dataclass(slots=True)
class _Walk:
    """names: all that were looked into. unknown: those that have to be asked about first. unanswered: those
    without an answer. faults: what makes the record worthless. lookups: as a receiver counts them, up to one
    too many. all: the qualifier of `all` as it holds for the domain; empty if there is none.
    """

    names: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    unanswered: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    lookups: int = 0
    all: str = ""


def _walk(domain: str, texts: Texts) -> _Walk:
    walk = _Walk()
    _enter(domain, texts, walk, (), is_own=True)
    return walk


def _enter(name: str, texts: Texts, walk: _Walk, path: tuple[str, ...], *, is_own: bool) -> None:
    """Look into the record of one name. is_own: its `all` is the domain's."""
    walk.names.add(name)
    if name in path:
        walk.faults.append(f"The record of {name} includes itself.")
        return
    if name not in texts:
        walk.unknown.add(name)
        return
    found = texts[name]
    if found is None:
        walk.unanswered.append(name)
        return
    records = _records(found)
    if len(records) != 1:
        if path:
            what = "no SPF record" if not records else "several SPF records"
            walk.faults.append(f"The record refers to {name}, which has {what}.")
        return
    terms = records[0].split()[1:]
    if any(term.lower().lstrip("+-~?") == "all" for term in terms):
        # RFC 7208 §6.1: then a redirection is ignored.
        terms = [term for term in terms if not term.lower().startswith("redirect=")]
    for term in terms:
        _take_term(term, texts, walk, (*path, name), is_own=is_own)
        if walk.lookups > MOST_LOOKUPS:
            return


def _take_term(term: str, texts: Texts, walk: _Walk, path: tuple[str, ...], *, is_own: bool) -> None:
    bare = term[1:] if term[0] in "+-~?" else term
    kind, _, target = bare.partition("=" if bare.lower().startswith("redirect=") else ":")
    kind, target = kind.lower(), target.rstrip(".").lower()
    if kind in ("include", "redirect") and target:
        walk.lookups += 1
        # A name with a macro (RFC 7208 §7) is another one for every letter.
        if walk.lookups <= MOST_LOOKUPS and "%" not in target:
            _enter(target, texts, walk, path, is_own=is_own and kind == "redirect")
    elif _ASKING.fullmatch(bare):
        walk.lookups += 1
    elif _SILENT.fullmatch(bare):
        if kind == "all" and is_own:
            walk.all = term[0] if term[0] in "+-~?" else "+"
    elif not _MODIFIER.fullmatch(bare):
        walk.faults.append(f"The record of {path[-1]} has a term that means nothing: {term[:100]}")


def _records(texts: Sequence[str]) -> list[str]:
    """RFC 7208 §4.5: the version is a word of its own."""
    return [text for text in texts if text[:7].lower() in ("v=spf1", "v=spf1 ")]
