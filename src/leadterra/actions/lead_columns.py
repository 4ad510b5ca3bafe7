"""Rows of a CSV file as leads: what its columns mean, and how their cells are read.

Nearly all rows of a large file are plain: every cell there, printable, an ordinary address. Those are read by
the block, a column at a time, which costs a third of reading them one by one; a block with anything else
in it is read row by row. Both ways give the same rows. What cannot be taken comes back as a `RejectedRow`;
nothing is raised.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from leadterra.actions.lead_rows import (
    FIELDS,
    TIME_ZONE,
    GatheredFields,
    Known,
    LeadRow,
    RejectedRow,
    as_known,
)
from leadterra.domain.errors import Fault
from leadterra.domain.lead import (
    CUSTOM_VALUE_LENGTH,
    FIELD_LENGTH,
    FieldValue,
    fault_of_custom_key,
    fault_of_custom_value,
    fault_of_time_zone,
)
from leadterra.mail.addresses import Address, InvalidAddress, parse_address

_PLAIN_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
# Together so short that no limit of an address can be met; longer ones are checked as a whole.
_LONGEST_PLAIN_LOCAL_PART = 64
_LONGEST_PLAIN_DOMAIN = 100
_KNOWN_DOMAINS = 10_000


@dataclass(frozen=True, slots=True)
class LeadColumns:
    """What the columns of a CSV file mean.

    width: how many there are. email: index of the address. known: index and place in `FIELDS`. custom:
    index and name. nameless: those without a heading; their cells must be empty.
    """

    width: int
    email: int
    known: tuple[tuple[int, int], ...]
    custom: tuple[tuple[int, str], ...]
    nameless: tuple[int, ...]

    def read_block(self, first: int, rows: Sequence[Sequence[str]]) -> Sequence[LeadRow | RejectedRow]:
        """Leads from consecutive rows. first: the number of the first."""
        return self._read_plain(first, rows) or [
            self.read(number, row) for number, row in enumerate(rows, first)
        ]

    def read(self, number: int, cells: Sequence[str]) -> LeadRow | RejectedRow:
        """A lead from a row.

        An empty cell is a field that was not given; cells missing at the end are empty.
        """
        cells = [*cells, *("",) * (self.width - len(cells))]
        email = cells[self.email]
        if len(cells) > self.width or any(cells[index].strip() for index in self.nameless):
            message = (
                f"the row has {len(cells)} cells, and the header names {self.width - len(self.nameless)}"
            )
            return RejectedRow(number, email[:254], [Fault("", "wrong_length", message)])
        gathered = self._gather(cells)
        try:
            address = parse_address(email)
        except InvalidAddress as error:
            return RejectedRow(
                number, email[:254], [Fault("/email", "invalid_email", error.reason), *gathered.faults]
            )
        if gathered.faults:
            return RejectedRow(number, address.display, gathered.faults)
        known = as_known(gathered.known)
        return LeadRow(
            number, address.display, address.key, address.domain, gathered.given, known, gathered.custom
        )

    def _gather(self, cells: Sequence[str]) -> GatheredFields:
        gathered = GatheredFields()
        for index, place in self.known:
            if text := cells[index].strip():
                gathered.take_known(place, text)
        for index, name in self.custom:
            if cells[index]:
                gathered.take_custom(name, cells[index])
        return gathered

    def _read_plain(self, first: int, rows: Sequence[Sequence[str]]) -> Sequence[LeadRow] | None:
        """The same of rows that are all plain; None if one is not."""
        if any(len(row) != self.width for row in rows):
            return None
        columns = list(zip(*rows, strict=True))
        if not columns or any(map(str.strip, (cell for index in self.nameless for cell in columns[index]))):
            return None
        addresses = _read_plain_addresses(columns[self.email])
        known = self._read_plain_known(columns, len(rows))
        custom = self._read_plain_custom(columns, len(rows))
        if addresses is None or known is None or custom is None:
            return None
        numbers = range(first, first + len(rows))
        return list(map(LeadRow, numbers, *addresses, *known, custom))

    def _read_plain_known(
        self, columns: Sequence[Sequence[str]], count: int
    ) -> tuple[Iterable[int], Iterable[Known]] | None:
        """Which of `FIELDS` are given, and their values, row by row."""
        given: list[int] = [0] * count
        values: list[Sequence[str | None]] = [[None] * count] * len(FIELDS)
        for index, place in self.known:
            texts = list(map(str.strip, columns[index]))
            if not _are_plain(texts, FIELD_LENGTH):
                return None
            if place == TIME_ZONE and any(map(fault_of_time_zone, set(texts))):
                return None
            bit = 1 << place
            given = [bits | bit if text else bits for bits, text in zip(given, texts, strict=True)]
            values[place] = [text or None for text in texts]
        one, two, three, four, five = values
        return given, zip(one, two, three, four, five, strict=True)

    def _read_plain_custom(
        self, columns: Sequence[Sequence[str]], count: int
    ) -> Iterable[Mapping[str, FieldValue]] | None:
        """The custom fields, row by row."""
        found: list[dict[str, FieldValue]] = [{} for _ in range(count)]
        for index, name in self.custom:
            texts = columns[index]
            if not _are_plain(texts, CUSTOM_VALUE_LENGTH) and any(map(fault_of_custom_value, texts)):
                return None
            if fault_of_custom_key(name):
                return None
            for fields, text in zip(found, texts, strict=True):
                if text:
                    fields[name] = text
        return found


def _are_plain(texts: Sequence[str], longest: int) -> bool:
    return "".join(texts).isprintable() and max(map(len, texts)) <= longest


def _read_plain_addresses(texts: Sequence[str]) -> tuple[list[str], list[str], list[str]] | None:
    """What to show, what to compare, and the domains; None if one is no address."""
    shown, keys, domains = list[str](), list[str](), list[str]()
    for text in texts:
        local, _, raw_domain = text.partition("@")
        domain = _plain_domain(raw_domain)
        if domain and len(local) <= _LONGEST_PLAIN_LOCAL_PART and _PLAIN_LOCAL_PART.fullmatch(local):
            shown.append(f"{local}@{domain}")
            keys.append(f"{local.lower()}@{domain}")
        elif address := _find_address(text):
            shown.append(address.display)
            keys.append(address.key)
            domain = address.domain
        else:
            return None
        domains.append(domain)
    return shown, keys, domains


@lru_cache(maxsize=_KNOWN_DOMAINS)
def _plain_domain(domain: str) -> str:
    """The domain as it is shown and compared, both alike, behind every plain local part; "" if there is no
    saying.
    """
    address = _find_address(f"a@{domain}")
    if len(domain) > _LONGEST_PLAIN_DOMAIN or address is None:
        return ""
    return address.domain if address.display == f"a@{address.domain}" and domain.isascii() else ""


def _find_address(text: str) -> Address | None:
    try:
        return parse_address(text)
    except InvalidAddress:
        return None
