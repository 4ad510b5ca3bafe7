"""What must be true of the letters at the mail servers when a storm is over, whatever it did.

Each check returns a `Verdict`; none of them raises for what it finds.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from datetime import date, datetime, timedelta

from chaos.ledgers import Entry
from chaos.mail_servers import Letter
from chaos.register import Kind
from chaos.verdict import Evidence, Verdict
from leadterra.domain.day import day_of

_ROLLING = timedelta(hours=24)
_KEPT = ("sent", "uncertain")


def check_once(evidence: Evidence) -> Verdict:
    """R6: also where the connection was dropped after the dot."""
    verdict = Verdict("no step came twice for a lead")
    by_id = Counter(letter.message_id for letter in evidence.letters)
    by_step = Counter((letter.recipient, letter.campaign, letter.step) for letter in evidence.letters)
    for identifier, count in by_id.items():
        verdict.expect(count == 1, f"{identifier} came {count} times: {_tell(evidence, identifier)}")
    for (recipient, campaign, step), count in by_step.items():
        verdict.expect(count == 1, f"step {step} of {campaign} came {count} times to {recipient}")
    return verdict


def check_accounted(evidence: Evidence) -> Verdict:
    """R6: nothing is lost, and nothing is sent that nobody knows of."""
    verdict = Verdict("every letter is sent or uncertain, and what is sent is a letter at its server")
    arrived = {letter.message_id: letter for letter in evidence.letters}
    for identifier, letter in arrived.items():
        entry = evidence.messages.get(identifier)
        verdict.expect(
            entry is not None and entry.state in _KEPT,
            f"{identifier} to {letter.recipient} is at its server and {entry.state if entry else 'unknown'}"
            f" in the engine; the server {'answered' if letter.is_answered else 'did not answer'}",
        )
        verdict.expect(
            entry is None or entry.cleared_at is not None,
            f"{identifier} is at its server and was never cleared",
        )
    for identifier, entry in evidence.messages.items():
        if entry.state == "sent":
            verdict.expect(identifier in arrived, f"{identifier} to {entry.recipient} is sent, and nowhere")
    return verdict


def check_stops(evidence: Evidence) -> Verdict:
    """R7: what was cleared before may go; nothing is cleared after."""
    verdict = Verdict("stop means stop: nothing was cleared once a campaign, account or lead was stopped")
    for letter, entry in evidence.sent():
        at = entry.cleared_at or letter.at
        keys: list[tuple[Kind, str]] = [
            ("campaign", entry.campaign),
            ("account", letter.sender),
            ("lead", letter.recipient),
            ("recipient domain", entry.recipient_domain),
        ]
        for kind, key in keys:
            stop = evidence.register.forbidding(kind, key, at)
            verdict.expect(
                stop is None,
                f"{letter.message_id} was cleared at {at}, and {stop and (stop.kind, stop.key, stop.since)}",
            )
    return verdict


def check_days(evidence: Evidence) -> Verdict:
    """R2: by the day in which its server was asked to take the letter."""
    verdict = Verdict("no account passed its daily limit, counted at the servers")
    counts = Counter((letter.sender, day_of(letter.at)) for letter in evidence.letters)
    for (account, day), count in counts.items():
        limit = _most_of_day(evidence, "account", account, day)
        verdict.expect(
            limit is not None and count <= limit, f"{account} sent {count} on {day}, its limit was {limit}"
        )
    return verdict


def check_clearances(evidence: Evidence) -> Verdict:
    """R2: also while limits change, by the order in which messages were cleared; those of which nobody knows
    whether they went are among them.
    """
    verdict = Verdict("no message was cleared past a limit that was in force at that moment")
    counts: Counter[tuple[str, str, date]] = Counter()
    for each in evidence.cleared():
        for kind, key in (
            ("account", each.account),
            ("campaign", each.entry.campaign),
            ("workspace", each.entry.workspace),
        ):
            counts[kind, key, day_of(each.at)] += 1
            limit = evidence.register.most(kind, key, each.at, each.until)
            count = counts[kind, key, day_of(each.at)]
            if limit is not None:
                verdict.expect(
                    count <= limit,
                    f"{each.entry.message_id}, cleared at {each.at},"
                    f" was number {count} of {kind} {key}: {limit}",
                )
    return verdict


def check_caps(evidence: Evidence) -> Verdict:
    """R2: caps that never changed; of hours by the clearance, for nobody guards the end of an hour."""
    verdict = Verdict("no cap of a domain, of new leads or of 24 hours was passed")
    sent = evidence.sent()
    for place in evidence.places.values():
        rules, letters = place.draft.rules, [each for each in sent if each[1].workspace == place.name]
        caps: list[tuple[str, int | None, Callable[[Letter, Entry], Hashable]]] = [
            ("sending domain a day", rules.get("sending_domain_daily_limit"), _sending_domain_day),
            ("recipient domain a day", rules.get("recipient_domain_daily_limit"), _recipient_domain_day),
            ("recipient domain an hour", rules.get("recipient_domain_hourly_limit"), _recipient_domain_hour),
        ]
        for name, cap, key_of in caps:
            if cap is not None:
                for key, count in Counter(key_of(*each) for each in letters).items():
                    verdict.expect(count <= cap, f"{place.name}: {count} for {key}, of {cap} for a {name}")
        _check_new_leads(verdict, evidence, place.name)
        if place.draft.rolling_limit is not None:
            _check_rolling(verdict, letters, place.draft.rolling_limit)
    return verdict


def check_threads(evidence: Evidence) -> Verdict:
    """R4: a follow-up answers what its lead was sent before."""
    verdict = Verdict("every follow-up answers a letter of the same lead and campaign")
    for letter in evidence.letters:
        if letter.step:
            before = evidence.messages.get(letter.in_reply_to)
            verdict.expect(
                before is not None
                and (before.recipient, before.campaign) == (letter.recipient, letter.campaign)
                and before.step < letter.step,
                f"{letter.message_id}, step {letter.step} of {letter.campaign}, answers {letter.in_reply_to}",
            )
    return verdict


def _check_new_leads(verdict: Verdict, evidence: Evidence, workspace: str) -> None:
    limits = {
        draft.tag: limit
        for draft in evidence.places[workspace].draft.campaigns
        if (limit := draft.settings.get("new_leads_daily_limit")) is not None
    }
    counts = Counter((letter.campaign, day_of(letter.at)) for letter in evidence.letters if letter.step == 0)
    for (campaign, day), count in counts.items():
        if campaign in limits:
            verdict.expect(
                count <= limits[campaign], f"{campaign}: {count} new leads on {day}, of {limits[campaign]}"
            )


def _check_rolling(verdict: Verdict, letters: list[tuple[Letter, Entry]], limit: int) -> None:
    """In any 24 hours, to the minute: that is how they are counted."""
    instants: defaultdict[str, list[datetime]] = defaultdict(list)
    for letter, entry in letters:
        instants[letter.sender].append((entry.cleared_at or letter.at).replace(second=0, microsecond=0))
    for account, sent in instants.items():
        for place, at in enumerate(sent):
            count = sum(1 for other in sent[: place + 1] if at - other < _ROLLING)
            verdict.expect(count <= limit, f"{account} sent {count} in the 24 hours to {at}, of {limit}")


def _sending_domain_day(letter: Letter, entry: Entry) -> Hashable:
    return entry.sending_domain, day_of(letter.at)


def _recipient_domain_day(letter: Letter, entry: Entry) -> Hashable:
    return entry.recipient_domain, day_of(letter.at)


def _recipient_domain_hour(letter: Letter, entry: Entry) -> Hashable:
    at = entry.cleared_at or letter.at
    return entry.recipient_domain, at.replace(minute=0, second=0, microsecond=0)


def _most_of_day(evidence: Evidence, kind: str, key: str, day: date) -> int | None:
    start = datetime.fromisoformat(f"{day}T00:00:00+00:00")
    return evidence.register.most(kind, key, start, start + timedelta(days=1))


def _tell(evidence: Evidence, identifier: str) -> str:
    letters = [letter for letter in evidence.letters if letter.message_id == identifier]
    entry = evidence.messages.get(identifier)
    history = ", ".join(
        f"{each.at} from {each.sender} ({'' if each.is_answered else 'not '}answered)" for each in letters
    )
    return f"{history}; the engine says {entry.state if entry else 'nothing'}"


CHECKS = (check_once, check_accounted, check_stops, check_days, check_clearances, check_caps, check_threads)
