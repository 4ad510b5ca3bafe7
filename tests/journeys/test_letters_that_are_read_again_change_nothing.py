"""Real letters that came back, delivered twice, out of order, and read across kills of the reader: everybody
ends as if each had been read once, in order.
"""

import imaplib
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from random import Random
from uuid import UUID

import pytest

from leadterra.store.database import Database
from tests.journeys.conftest import User
from tests.support.fleet import Fleet
from tests.support.mail_system import PASSWORD, MailSystem
from tests.support.pools import TestPool
from tests.support.village import Village, arrived, begin, states, today
from tests.support.waiting import eventually

SENDERS = [f"sender{number}@acme.test" for number in range(6)]
CAME = 10 + 5 + 5 + 10 + 1
"""Letters that come back: those that could not be delivered, of responders, of people, and a complaint."""


@pytest.fixture
def fleet(fleet_beside_mail: Fleet) -> Fleet:
    """Workers that read real mailboxes."""
    return fleet_beside_mail


async def test_letters_that_are_read_again_change_nothing(
    user: User, fleet: Fleet, mail: MailSystem, own_database: Database, own_workspace: UUID
) -> None:
    """All letters in one order after another, each twice, while readers are killed."""
    village = Village(mail)
    campaign = await begin(user, village)
    fleet.start_worker(mailboxes_per_process=0)
    await eventually(lambda: arrived(village, 1), seconds=60, what=f"first steps; {fleet.log()[-2000:]}")
    await village.act(user.api)
    await eventually(lambda: len(came(mail)) == CAME, seconds=60, what="all that comes back")
    shuffle(mail, Random(5))
    fleet.drain()
    fleet.workers.clear()

    fleet.start_worker()
    for _ in range(3):
        await eventually(await growth(own_database, own_workspace), seconds=60, what="letters to be read")
        fleet.kill_worker(0)
    await eventually(lambda: is_settled(user, campaign, village), seconds=90, what=fleet.log()[-2000:])
    await eventually(
        lambda: are_read(own_database, own_workspace), seconds=60, what="every letter to be read"
    )
    fleet.drain()

    stats = await user.stats(campaign)
    assert (stats["sent"], stats["bounced"], stats["replied"], stats["unsubscribed"]) == (50, 15, 10, 2)
    found = await user.get("/v1/replies", limit=100)
    assert Counter(reply["classification"] == "bounce" for reply in found) == {True: 15, False: CAME - 15}
    pool = TestPool(own_database, own_workspace)
    events = Counter(kind for kind, _ in await pool.events())
    assert (events["message.bounced"], events["reply.received"], events["lead.unsubscribed"]) == (15, 15, 2)
    await pool.check_books(now=today())


def came(mail: MailSystem) -> list[tuple[str, bytes]]:
    """What lies in the senders' mailboxes: whose, and the letter."""
    return [(sender, letter) for sender in SENDERS for letter in mail.dovecot.contents(sender)]


def shuffle(mail: MailSystem, rng: Random) -> None:
    """Take every letter out of the senders' mailboxes, and put each back twice, in another order."""
    letters = came(mail) * 2
    for sender in SENDERS:
        empty(mail, sender)
    rng.shuffle(letters)
    for sender, letter in letters:
        mail.dovecot.deliver(letter, sender)


def empty(mail: MailSystem, address: str) -> None:
    """Delete all that is in an inbox, as a person does."""
    context = ssl.create_default_context(cafile=str(mail.certificates))
    with imaplib.IMAP4("127.0.0.1", mail.dovecot.ports.imap) as client:
        client.starttls(context)
        client.login(address, PASSWORD)
        client.select("INBOX")
        client.store("1:*", "+FLAGS", "\\Deleted")
        client.expunge()


async def count(database: Database, workspace: UUID) -> int:
    """Letters that were written down."""
    rows = await TestPool(database, workspace).ask(
        "select count(*)::int from replies where workspace_id = :w"
    )
    return int(rows[0][0])


async def growth(database: Database, workspace: UUID) -> Callable[[], Awaitable[bool]]:
    """Asks whether more of them were written down since, or all are."""
    before = await count(database, workspace)

    async def ask() -> bool:
        found = await count(database, workspace)
        return found > before or found == CAME

    return ask


async def are_read(database: Database, workspace: UUID) -> bool:
    """Whether every inbox was read to its end."""
    rows = await TestPool(database, workspace).ask(
        "select count(*)::int from mailbox_folders f"
        " join mailboxes m on m.sender_account_id = f.sender_account_id where f.workspace_id = :w"
        " and f.name = 'INBOX' and m.read_at is not null"
    )
    return int(rows[0][0]) == len(SENDERS)


async def is_settled(user: User, campaign: str, village: Village) -> bool:
    """Whether everybody stands where they should."""
    stats = await user.stats(campaign)
    return await states(user, campaign) == village.ends and stats["bounced"] == 15
