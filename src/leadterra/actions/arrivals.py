"""From the octets of a letter in a mailbox to what it is. Pure; whatever the octets, there is an answer."""

from dataclasses import dataclass
from uuid import UUID

from leadterra.actions.ports import FetchedLetter
from leadterra.actions.receiving import Arrival
from leadterra.mail.classification import classify
from leadterra.mail.reading import read_letter


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose mailbox it is. own_addresses: keys of all addresses of the workspace's accounts."""

    account_id: UUID
    own_addresses: frozenset[str]


def read_arrival(fetched: FetchedLetter, addressee: Addressee) -> Arrival:
    """Read and classify it."""
    letter = read_letter(fetched.content)
    finding = classify(letter, received_on=fetched.received_at.date(), own_addresses=addressee.own_addresses)
    return Arrival(addressee.account_id, letter, finding, fetched.received_at)
