"""Questions to the domain name system: which hosts take a domain's mail, what texts a name has.

Never raises for what a name, a server or a network does: a domain that cannot exist has no hosts, and where
nobody answers within the time allowed, that is the answer. Nothing is kept; whoever asks keeps the answers.
Each domain is asked about in a thread: uvloop can hang when a loop that had datagrams is closed.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from dns.exception import DNSException
from dns.name import IDNA_2008_UTS_46, Name, from_text, root
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TXT import TXT
from dns.resolver import NXDOMAIN, YXDOMAIN, Answer, Resolver

_PATIENCE_SECONDS = 5.0
_AT_ONCE = 10
"""Domains that are asked about at one time; the others wait."""


class DnsResolver:
    """Asks the system's name servers, or one that is named."""

    def __init__(
        self, nameserver: tuple[str, int] | None = None, *, patience: float = _PATIENCE_SECONDS
    ) -> None:
        """nameserver: IP address and port, None for the system's. patience: seconds for all questions about
        one domain.
        """
        self._nameserver = nameserver
        self._patience = patience
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="dns")

    async def list_mx(self, domain: str) -> list[str] | None:
        """See `actions.ports.Resolver`. domain: in IDNA form, or in any script."""
        return await self._ask(domain, self._list_mx)

    async def list_txt(self, name: str) -> list[str] | None:
        """See `actions.ports.Resolver`. name: as a domain of `list_mx`."""
        return await self._ask(name, self._list_txt)

    async def _ask(self, text: str, question: Callable[[Name], list[str]]) -> list[str] | None:
        try:
            name = from_text(text, idna_codec=IDNA_2008_UTS_46)
        except (DNSException, UnicodeError):
            return []
        if name == root:
            return []
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, question, name)
        except (NXDOMAIN, YXDOMAIN):
            return []
        except (DNSException, OSError):
            return None

    def _list_txt(self, name: Name) -> list[str]:
        """In an order of their own. RFC 7208 §3.3: strings are joined without anything between them."""
        questions = _Questions(self._open(), time.monotonic() + self._patience)
        records = [
            b"".join(record.strings).decode("utf-8", "replace")
            for record in questions.ask(name, "TXT").rrset or ()
            if isinstance(record, TXT)
        ]
        return sorted(records)

    def _list_mx(self, name: Name) -> list[str]:
        """The order among equals is no promise of the servers'; by name it is the same every time."""
        questions = _Questions(self._open(), time.monotonic() + self._patience)
        exchanges = [
            (record.preference, record.exchange.to_text(omit_final_dot=True).lower())
            for record in questions.ask(name, "MX").rrset or ()
            if isinstance(record, MX)
        ]
        if exchanges:
            return [host for _, host in sorted(exchanges)]
        # The domain itself may be a host: then it is its own mail server (RFC 5321 §5.1).
        is_host = any(questions.ask(name, kind).rrset for kind in ("A", "AAAA"))
        return [name.to_text(omit_final_dot=True)] if is_host else []

    def _open(self) -> Resolver:
        """A resolver as the system is configured now: it changes with the network that a machine is in.

        Raises `dns.resolver.NoResolverConfiguration`, an answer like none.
        """
        system = Resolver(configure=self._nameserver is None)
        if self._nameserver:
            address, system.port = self._nameserver
            system.nameservers = [address]
        return system


class _Questions:
    """All questions about one domain, up to an instant."""

    def __init__(self, system: Resolver, until: float) -> None:
        self._system, self._until = system, until

    def ask(self, name: Name, kind: str) -> Answer:
        """Raises `DNSException` where there is no answer, also in time."""
        left = max(self._until - time.monotonic(), 0.001)
        return self._system.resolve(name, kind, search=False, raise_on_no_answer=False, lifetime=left)
