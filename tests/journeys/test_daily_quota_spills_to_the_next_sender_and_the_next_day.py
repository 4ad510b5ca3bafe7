"""Two accounts of 50 and 30, a hundred leads: exactly eighty letters today, twenty tomorrow."""

from collections import Counter
from datetime import timedelta

from tests.journeys.conftest import User
from tests.support.clock import NOW
from tests.support.fleet import Fleet, repeated
from tests.support.waiting import eventually


async def test_daily_quota_spills_to_the_next_sender_and_the_next_day(user: User, fleet: Fleet) -> None:
    """The mail server gets 50 and 30 by account; 20 are queued and go out after the reset, oldest first."""
    port = fleet.mail_server()
    await user.account("ada", 50, port)
    await user.account("bob", 30, port)
    campaign = await user.campaign(100)
    fleet.start_worker()

    async def are_sent(count: int) -> bool:
        return int((await user.stats(campaign))["sent"]) >= count

    await eventually(lambda: are_sent(80), seconds=60, what=f"80 sent; {fleet.log()[-1000:]}")
    pool = await user.get("/v1/sender-pools")
    stats = await user.stats(campaign)
    today = Counter(arrival.sender for arrival in fleet.arrivals())
    fleet.set_now(NOW + timedelta(hours=12))
    await eventually(lambda: are_sent(100), seconds=60, what="100 sent")
    fleet.drain()
    arrivals = fleet.arrivals()

    assert today == {"ada@acme.test": 50, "bob@acme.test": 30}
    assert (pool["dailyCapacity"], pool["remainingVolume"], pool["resetAt"]) == (
        80,
        0,
        "2026-03-11T00:00:00Z",
    )
    assert (stats["sent"], stats["queued"], stats["scheduled"]) == (80, 20, 0)
    assert not repeated(arrivals)
    assert sorted(arrival.recipient for arrival in arrivals[80:]) == [
        f"lead{n:05}@leads.test" for n in range(80, 100)
    ]
    assert (await user.get(f"/v1/campaigns/{campaign}"))["status"] == "completed"
