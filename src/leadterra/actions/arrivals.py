"""From the octets of a letter in a mailbox to what it is. Pure; whatever the octets, there is an answer."""

from dataclasses import dataclass, field
from uuid import UUID

from leadterra.actions.ports import FetchedLetter
from leadterra.actions.receiving import Arrival
from leadterra.mail.classification import classify
from leadterra.mail.reading import read_letter
from leadterra.mail.warmup import without_forged_mark


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose mailbox it is. own_addresses: keys of all addresses of the workspace's accounts. secret: what the
    workspace marks its warm-up letters with.
    """

    account_id: UUID
    own_addresses: frozenset[str]
    secret: bytes = field(default=b"", repr=False)


def read_arrival(fetched: FetchedLetter, addressee: Addressee) -> Arrival:
    """Read and classify it."""
    letter = without_forged_mark(read_letter(fetched.content), addressee.secret)
    finding = classify(letter, received_on=fetched.received_at.date(), own_addresses=addressee.own_addresses)
    return Arrival(addressee.account_id, letter, finding, fetched.received_at)
