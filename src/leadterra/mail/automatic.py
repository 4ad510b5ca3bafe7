"""Letters that a machine wrote for a person: absences, people who left, receipts. Never raises."""

from dataclasses import dataclass
from datetime import date

from leadterra.mail.finding import Kind
from leadterra.mail.incoming import Incoming


@dataclass(frozen=True, slots=True)
class Automatic:
    """A letter that no person wrote now.

    kind: `out_of_office` or `auto_reply`. return_on: first day back. is_gone: whoever was written to is no
    longer there. referral: the address that somebody else should be written to. evidence: for people.
    """

    kind: Kind
    return_on: date | None = None
    is_gone: bool = False
    referral: str | None = None
    evidence: tuple[str, ...] = ()


def find_automatic(letter: Incoming, received_on: date) -> Automatic | None:
    """Return what kind of automatic answer it is, None if a person wrote it.

    received_on: the day that dates without a year are read from.
    """
    if letter.header("auto-submitted").casefold().startswith("auto-replied"):
        return Automatic(Kind.AUTO_REPLY, evidence=("Auto-Submitted: auto-replied",))
    return None
