"""What a person's reply means, by rules that can be read. Never raises."""

from dataclasses import dataclass

from leadterra.mail.finding import Classification


@dataclass(frozen=True, slots=True)
class Intent:
    """What a reply means.

    referral: an address that somebody else should be written to. evidence: the words that decided, for
    people.
    """

    classification: Classification
    referral: str | None = None
    evidence: tuple[str, ...] = ()


def judge_intent(new_text: str, subject: str) -> Intent:
    """Return what the new text of a reply means; `other` where it cannot be told."""
    if new_text.strip().casefold() in {"stop", "unsubscribe"} or subject.strip().casefold() == "unsubscribe":
        return Intent(Classification.UNSUBSCRIBE, evidence=("asks to stop",))
    return Intent(Classification.OTHER)
