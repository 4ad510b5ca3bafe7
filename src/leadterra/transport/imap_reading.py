"""Letters from the selected folder, lowest UID first, each command bounded in what it can cost us.

The first letters at or above a UID are found by their numbers: the newest ones in one question, older ones by
halving, whatever gaps the UIDs have. Contents follow in batches that fit into memory by the sizes that the
server told; its word is not taken for it, a letter longer than asked for breaks the connection. A letter that
the server has and cannot give comes without content, so that nobody waits for it for ever. Raises
MailboxError.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from leadterra.actions.ports import Clock, FetchedLetter, MailboxError, MailboxTrouble
from leadterra.transport.imap_commands import HIGHEST_UID, Text, uid_sets
from leadterra.transport.imap_dialogue import ImapDialogue
from leadterra.transport.imap_responses import Response, Value
from leadterra.transport.imap_wire import Price

MOST_LETTERS = 500
BATCH_LETTERS = 16
BATCH_OCTETS = 1024 * 1024
CALL_OCTETS = 8 * 1024 * 1024
_PER_LETTER = 4096
"""Octets of a response beside the content."""
_MOST_SAME = 8
_ROUNDS = 3
_FETCH = frozenset({"FETCH"})
_MONTHS = {
    name: number for number, name in enumerate(b"JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), 1)
}
_DATE_TIME = re.compile(
    rb" ?([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a letter before its content came."""

    uid: int
    size: int
    received_at: datetime


async def fetch_letters(
    talk: ImapDialogue, clock: Clock, first_uid: int, *, limit: int, max_octets: int
) -> list[FetchedLetter]:
    """See `MailboxSession.fetch`. A letter whose INTERNALDATE cannot be read counts as received now."""
    letters: list[FetchedLetter] = []
    for _ in range(_ROUNDS):
        found = await _list_new(talk, clock, first_uid, min(limit, MOST_LETTERS))
        letters = await _fetch_contents(talk, found, max_octets)
        if letters or not found:
            break
        first_uid = found[-1].uid + 1  # All of these went meanwhile.
    return letters


async def _list_new(talk: ImapDialogue, clock: Clock, first_uid: int, limit: int) -> list[_Known]:
    """The first letters from that UID on, also those that the server has not told of yet."""
    found = await _list_known(talk, clock, first_uid, limit)
    if not found:
        await talk.look()
        found = await _list_known(talk, clock, first_uid, limit) if talk.grown else []
    return found


async def _fetch_contents(
    talk: ImapDialogue, found: Sequence[_Known], max_octets: int
) -> list[FetchedLetter]:
    """As many of them as a call may bring at once."""
    letters: list[FetchedLetter] = []
    taken = 0
    for batch in _batches(found, max_octets):
        fetched = await _fetch_batch(talk, batch, max_octets)
        letters += fetched
        taken += sum(len(letter.content) for letter in fetched)
        if taken >= CALL_OCTETS:
            break
    return letters


async def find_letter(talk: ImapDialogue, message_id: str) -> int | None:
    """See `MailboxSession.find`. The search is the server's, which may know the header from an index, and may
    be wrong: the letter found is asked for its Message-ID.
    """
    wanted = message_id.strip().encode("utf-8", "replace")
    if not wanted or re.search(rb"[\x00-\x1f\x7f]", wanted):
        return None
    charset: list[bytes | Text] = [] if wanted.isascii() else [b"CHARSET", b"UTF-8"]
    price = Price(talk.timeouts.transfer, frozenset({"SEARCH"}))
    found = await talk.require([b"UID", b"SEARCH", *charset, b"HEADER", b"MESSAGE-ID", Text(wanted)], price)
    uids = sorted({uid for response in found for each in response.values if (uid := _uid(each))})
    if not uids:
        return None
    asked = uids[-_MOST_SAME:]
    price = Price(talk.timeouts.transfer, _FETCH)
    headers = await _fetch(talk, asked, b"(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])", price)
    return max((uid for uid, values in headers.items() if wanted in _content(values)), default=None)


async def highest_uid(talk: ImapDialogue) -> int:
    """Of the selected folder; 0 if it is empty. For servers that do not tell UIDNEXT."""
    if not talk.exists:
        return 0
    found = await talk.require([b"UID", b"FETCH", b"*", b"(UID)"], Price(talk.timeouts.command, _FETCH))
    return max((uid for response in found if (uid := _uid(_pairs(response).get("UID")))), default=0)


async def _list_known(talk: ImapDialogue, clock: Clock, first_uid: int, limit: int) -> list[_Known]:
    """The first letters at or above that UID, without their contents."""
    talk.grown = False  # Before it is looked at: what comes meanwhile is news.
    if talk.exists < 1 or limit < 1 or first_uid > HIGHEST_UID:
        return []
    start = max(1, talk.exists - limit + 1)
    newest = await _known_from(talk, clock, start, talk.exists)
    if not newest or newest[-1].uid < first_uid or start == 1 or newest[0].uid < first_uid:
        return [each for each in newest if each.uid >= first_uid]
    start = await _first_number(talk, first_uid, start)
    older = await _known_from(talk, clock, start, start + limit - 1)
    return [each for each in older if each.uid >= first_uid]


async def _first_number(talk: ImapDialogue, uid: int, high: int) -> int:
    """The lowest number of a letter with that UID or a higher one; `high` is the number of such a letter."""
    low = 1
    while low < high:
        middle = (low + high) // 2
        found = await talk.require([b"FETCH", b"%d" % middle, b"(UID)"], Price(talk.timeouts.command, _FETCH))
        uids = [
            each for each in (_uid(_pairs(one).get("UID")) for one in found if one.number == middle) if each
        ]
        if not uids:
            raise talk.broken("A letter went while it was looked for.")
        low, high = (low, middle) if uids[0] >= uid else (middle + 1, high)
    return low


async def _known_from(talk: ImapDialogue, clock: Clock, first: int, last: int) -> list[_Known]:
    """Letters by their numbers, in the order of their UIDs."""
    letters = b"%d:%d" % (first, last)
    found = await talk.require(
        [b"FETCH", letters, b"(UID RFC822.SIZE INTERNALDATE)"], Price(talk.timeouts.transfer, _FETCH)
    )
    known: dict[int, _Known] = {}
    for response in found:
        values = _pairs(response)
        uid = _uid(values.get("UID"))
        if uid and "RFC822.SIZE" in values and first <= (response.number or 0) <= last:
            received_at = read_date_time(values.get("INTERNALDATE")) or clock.now()
            known[uid] = _Known(uid, _number(values["RFC822.SIZE"]), received_at)
    return [known[uid] for uid in sorted(known)]


def _batches(known: Sequence[_Known], max_octets: int) -> Iterator[list[_Known]]:
    """In their order, so many at once as may be in memory together."""
    batch: list[_Known] = []
    octets = 0
    for each in known:
        size = min(each.size, max_octets)
        if batch and (octets + size > BATCH_OCTETS or len(batch) == BATCH_LETTERS):
            yield batch
            batch, octets = [], 0
        batch.append(each)
        octets += size
    if batch:
        yield batch


async def _fetch_batch(talk: ImapDialogue, batch: Sequence[_Known], max_octets: int) -> list[FetchedLetter]:
    """The contents. If the server refuses all for one of them, each is asked for alone."""
    item = b"(UID BODY.PEEK[]<0.%d>)" % max_octets
    budget = len(batch) * (max_octets + _PER_LETTER) + _PER_LETTER
    price = Price(talk.timeouts.transfer, _FETCH, max_octets + _PER_LETTER, budget)
    try:
        found = await _fetch(talk, [each.uid for each in batch], item, price)
    except MailboxError as error:
        if error.trouble is not MailboxTrouble.FOLDER:
            raise
        if len(batch) == 1:
            return [_letter(batch[0], b"")]
        alone = [await _fetch_batch(talk, [each], max_octets) for each in batch]
        return [letter for letters in alone for letter in letters]
    contents = {uid: _content(values) for uid, values in found.items() if _has_content(values)}
    if any(len(content) > max_octets for content in contents.values()):
        raise talk.broken("The server sends more than it was asked for.")
    return [_letter(each, contents[each.uid]) for each in batch if each.uid in contents]


async def _fetch(
    talk: ImapDialogue, uids: Sequence[int], item: bytes, price: Price
) -> dict[int, dict[str, Value]]:
    """What the server tells of these letters, by UID."""
    asked = frozenset(uids)
    answers: dict[int, dict[str, Value]] = {}
    for uid_set in uid_sets(uids):
        for response in await talk.require([b"UID", b"FETCH", uid_set, item], price):
            values = _pairs(response)
            uid = _uid(values.get("UID"))
            if uid in asked:
                # What changes meanwhile is told as FETCH too: both are about this letter.
                answers.setdefault(uid, {}).update(values)
    return answers


def _letter(known: _Known, content: bytes) -> FetchedLetter:
    return FetchedLetter(known.uid, max(known.size, len(content)), known.received_at, content)


def read_date_time(value: Value) -> datetime | None:
    """An instant in UTC from INTERNALDATE (RFC 9051 §9, date-time); None if it is none."""
    found = _DATE_TIME.fullmatch(value) if isinstance(value, bytes) else None
    month = _MONTHS.get(found[2].upper()) if found else None
    if found is None or month is None:
        return None
    offset = timedelta(hours=int(found[8]), minutes=int(found[9])) * (-1 if found[7] == b"-" else 1)
    try:
        # :60 is a leap second.
        moment = datetime(
            int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), min(int(found[6]), 59)
        )
        return moment.replace(tzinfo=timezone(offset)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _pairs(response: Response) -> dict[str, Value]:
    """What a FETCH response says, by item in upper case; empty if it is out of order."""
    if len(response.values) != 1 or not isinstance(response.values[0], list):
        return {}
    items = response.values[0]
    pairs = zip(items[::2], items[1::2], strict=False)
    return {name.upper(): value for name, value in pairs if isinstance(name, str)}


def _content(values: dict[str, Value]) -> bytes:
    body = next((value for name, value in values.items() if name.startswith("BODY[")), None)
    return body if isinstance(body, bytes) else b""


def _has_content(values: dict[str, Value]) -> bool:
    return any(name.startswith("BODY[") for name in values)


def _number(value: Value) -> int:
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,19}", value) else 0


def _uid(value: Value) -> int:
    """A UID; 0 if it is none."""
    number = _number(value)
    return number if number <= HIGHEST_UID else 0
