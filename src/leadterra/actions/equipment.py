"""What a face needs to run actions, as `bootstrap` wires it."""

from dataclasses import dataclass

from leadterra.actions.ports import Clock
from leadterra.config import Settings
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing


@dataclass(frozen=True, slots=True)
class Equipment:
    """The wired parts that are shared by every request and command of one process.

    database: opened by whoever built it. clock: the only source of the time. key_ring: seals mailbox
    passwords. settings: as read at start.
    """

    database: Database
    clock: Clock
    key_ring: KeyRing
    settings: Settings
