"""What a face needs to run actions, as `bootstrap` wires it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from leadterra.actions.access_tokens import AccessTokens
from leadterra.actions.ports import Clock, Greeter, Mailroom, Resolver
from leadterra.config import Settings
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing

_CHECKS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Probes:
    """What accounts are checked with: their mail servers, their mailboxes, their domains.

    turns: so many accounts are checked at one time, the others wait.
    """

    greeter: Greeter
    mailroom: Mailroom
    resolver: Resolver
    tokens: AccessTokens
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_CHECKS_AT_ONCE))


@dataclass(frozen=True, slots=True)
class Equipment:
    """The wired parts that are shared by every request and command of one process.

    database: opened by whoever built it. clock: the only source of the time. key_ring: seals mailbox
    passwords. settings: as read at start. probes: the same ones each time; None where no account can be
    checked, as in a simulation.
    """

    database: Database
    clock: Clock
    key_ring: KeyRing
    settings: Settings
    probes: Callable[[], Probes] | None = None
