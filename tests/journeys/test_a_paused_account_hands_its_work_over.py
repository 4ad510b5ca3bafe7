"""An account is paused half-way: its work goes out through the others, without interruption."""

from collections import Counter
from datetime import timedelta

from tests.journeys.conftest import User
from tests.support.clock import NOW
from tests.support.fleet import Fleet, repeated
from tests.support.waiting import eventually

TWO_STEPS = [{"subject": "Hi", "bodyHtml": "<p>Hi</p>"}, {"bodyHtml": "<p>Did you see it?</p>"}]


async def test_a_paused_account_hands_its_work_over(user: User, fleet: Fleet) -> None:
    """Follow-ups of the paused account come from the other one; a warming account never sends."""
    port = fleet.mail_server()
    ada = await user.account("ada", 100, port)
    await user.account("bob", 100, port)
    await user.account("eve", 100, port, status="warming")
    campaign = await user.campaign(40, steps=TWO_STEPS)
    fleet.start_worker()

    async def are_sent(count: int) -> bool:
        return int((await user.stats(campaign))["sent"]) >= count

    await eventually(lambda: are_sent(40), seconds=60, what=f"first steps; {fleet.log()[-1000:]}")
    first = Counter(arrival.sender for arrival in fleet.arrivals())
    await user.post(f"/v1/sender-accounts/{ada}/pause")
    fleet.set_now(NOW + timedelta(days=3, minutes=5))
    await eventually(lambda: are_sent(80), seconds=60, what="follow-ups")
    fleet.drain()
    arrivals = fleet.arrivals()

    assert first == {"ada@acme.test": 20, "bob@acme.test": 20}
    assert Counter(arrival.sender for arrival in arrivals[40:]) == {"bob@acme.test": 40}
    assert not repeated(arrivals)
    assert (await user.get(f"/v1/campaigns/{campaign}"))["status"] == "completed"
