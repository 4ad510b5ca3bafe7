"""The server takes the letter and closes the connection without a word: nobody can know, so nobody sends it
again.
"""

from datetime import timedelta

from tests.journeys.conftest import User
from tests.support.clock import NOW
from tests.support.fleet import Fleet, repeated
from tests.support.waiting import eventually


async def test_a_server_that_closes_without_an_answer_leaves_uncertain_messages(
    user: User, fleet: Fleet
) -> None:
    """Uncertain, listed, not sent again on that day or the next, its unit kept; a person may settle it."""
    account = await user.account("ada", 10, fleet.mail_server("--silent-every", "1"))
    campaign = await user.campaign(
        3, steps=[{"subject": "Hi", "bodyHtml": "<p>Hi</p>"}, {"bodyHtml": "<p>Again</p>"}]
    )
    fleet.start_worker()

    async def are_uncertain() -> bool:
        return int((await user.stats(campaign))["uncertain"]) == 3

    await eventually(are_uncertain, seconds=60, what=f"3 uncertain; {fleet.log()[-1000:]}")
    listed = await user.get("/v1/messages", state="uncertain")
    today = await user.get(f"/v1/sender-accounts/{account}")
    fleet.set_now(NOW + timedelta(days=5))
    await user.post(f"/v1/messages/{listed[0]['id']}/resolve", {"outcome": "sent"})
    await user.post(f"/v1/messages/{listed[1]['id']}/resolve", {"outcome": "not_sent"})
    await eventually(
        are_uncertain_again(user, campaign), seconds=60, what="the one not sent to be tried again"
    )
    fleet.drain()
    arrivals = fleet.arrivals()

    assert len(listed) == 3
    assert (today["sentToday"], today["uncertainToday"], today["remainingToday"]) == (0, 3, 7)
    assert list(repeated(arrivals).values()) == [2], "only the one that a person declared not sent"
    assert (await user.stats(campaign))["sent"] == 1


def are_uncertain_again(user: User, campaign: str):  # type: ignore[no-untyped-def]
    """Two: the one never touched, and the one tried again."""

    async def ask() -> bool:
        return int((await user.stats(campaign))["uncertain"]) == 2

    return ask
