"""Fifty real mailboxes, some of which do not exist: everybody ends in the right state, and second steps go to
exactly those who should get them, in the thread.
"""

from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.store.database import Database
from tests.journeys.conftest import User
from tests.support.fleet import Fleet
from tests.support.mail_system import MailSystem
from tests.support.pools import TestPool
from tests.support.village import ANSWERS, Village, arrived, begin, states, today
from tests.support.waiting import eventually


@pytest.fixture
def fleet(fleet_beside_mail: Fleet) -> Fleet:
    """Workers that read real mailboxes."""
    return fleet_beside_mail


async def test_what_comes_back_decides_who_gets_the_next_step(
    user: User, fleet: Fleet, mail: MailSystem, own_database: Database, own_workspace: UUID
) -> None:
    """The states, the threads, the numbers and the mailboxes agree."""
    village = Village(mail)
    campaign = await begin(user, village)
    fleet.start_worker()
    await eventually(lambda: arrived(village, 1), seconds=60, what=f"first steps; {fleet.log()[-2000:]}")
    await village.act(user.api)

    async def is_settled() -> bool:
        stats = await user.stats(campaign)
        held = await away(user, campaign, village)
        return await states(user, campaign) == village.ends and stats["bounced"] == 15 and held

    await eventually(is_settled, seconds=60, what=f"what came back; {fleet.log()[-2000:]}")
    await check_replies(user, campaign)

    fleet.set_now(today() + timedelta(days=3, hours=1))
    await eventually(
        lambda: sent(user, campaign, 72), seconds=60, what=f"second steps; {fleet.log()[-2000:]}"
    )
    fleet.set_now(today() + timedelta(days=9))
    await eventually(lambda: sent(user, campaign, 77), seconds=60, what="second steps to those who are back")
    await eventually(lambda: arrived_again(village), seconds=60, what="second letters")
    await eventually(lambda: bounced(user, campaign, 20), seconds=60, what="the last bounces")
    stats = await user.stats(campaign)
    fleet.drain()

    check_threads(village)
    delivered = sum(len(village.letters(address)) for address in village.everybody)
    numbers = {
        "totalEnrolled": 50,
        "sent": 77,
        "delivered": 57,
        "bounced": 20,
        "replied": 10,
        "unsubscribed": 2,
    }
    assert {name: stats[name] for name in numbers} == numbers
    assert delivered == stats["delivered"] == 57
    finished = dict.fromkeys((*village.full, *village.away, *village.quiet), "finished")
    assert await states(user, campaign) == village.ends | finished
    await TestPool(own_database, own_workspace).check_books(now=today() + timedelta(days=9, hours=1))


def arrived_again(village: Village) -> bool:
    """Whether those who should get a second letter have it."""
    return all(len(village.letters(address)) == 2 for address in (*village.away, *village.quiet))


async def sent(user: User, campaign: str, count: int) -> bool:
    """Whether so many were sent."""
    return int((await user.stats(campaign))["sent"]) == count


async def bounced(user: User, campaign: str, count: int) -> bool:
    """Whether so many came back."""
    return int((await user.stats(campaign))["bounced"]) == count


async def away(user: User, campaign: str, village: Village) -> bool:
    """Whether everybody who is away is put off for a week."""
    found = await user.get("/v1/replies", campaignId=campaign, classification="out_of_office", limit=100)
    return {reply["email"] for reply in found} == set(village.away)


async def check_replies(user: User, campaign: str) -> None:
    """Each answer means what it says, and is shown without what it quotes."""
    meant = {text: meaning for meaning, texts in ANSWERS.items() for text in texts}
    found = await user.get("/v1/replies", campaignId=campaign, limit=100)
    said = {reply["email"]: reply for reply in found if reply["email"] in Village.answering}
    assert {reply["threadSnippet"] for reply in said.values()} == set(meant)
    assert {reply["threadSnippet"]: reply["classification"] for reply in said.values()} == meant
    kinds = Counter(reply["classification"] for reply in found)
    assert (kinds["bounce"], kinds["out_of_office"]) == (15, 5)


def check_threads(village: Village) -> None:
    """Second letters answer the first ones, from the same account; everybody else has one letter."""
    for address in (*village.away, *village.quiet):
        first, second = village.letters(address)
        assert (second["In-Reply-To"], second["Subject"]) == (first["Message-ID"], "Re: Hello Kim")
        assert first["Message-ID"] in second["References"]
        assert second["From"] == first["From"]
    for address in (*village.answering, *village.leaving, *village.angry):
        assert len(village.letters(address)) == 1
