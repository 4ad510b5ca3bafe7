"""A message is claimed, its recipient given to the server; somebody says stop: no DATA follows (R7)."""

from collections.abc import Awaitable, Callable

import pytest

from tests.journeys.conftest import User
from tests.support.fleet import Fleet
from tests.support.waiting import eventually

Stop = Callable[[User, str, str], Awaitable[object]]


async def _pause_campaign(user: User, campaign: str, lead: str) -> object:
    return await user.post(f"/v1/campaigns/{campaign}/pause")


async def _suppress_address(user: User, campaign: str, lead: str) -> object:
    return await user.post("/v1/suppression-list", {"emails": ["lead00000@leads.test"]})


async def _suppress_domain(user: User, campaign: str, lead: str) -> object:
    return await user.post("/v1/suppression-list", {"domains": ["leads.test"]})


async def _delete_lead(user: User, campaign: str, lead: str) -> object:
    return (await user.api.delete(f"/v1/leads/{lead}")).raise_for_status()


async def _remove_from_campaign(user: User, campaign: str, lead: str) -> object:
    return (await user.api.delete(f"/v1/campaigns/{campaign}/leads/{lead}")).raise_for_status()


async def _delete_campaign(user: User, campaign: str, lead: str) -> object:
    return (await user.api.delete(f"/v1/campaigns/{campaign}")).raise_for_status()


@pytest.mark.parametrize(
    "stop",
    [
        _pause_campaign,
        _suppress_address,
        _suppress_domain,
        _delete_lead,
        _remove_from_campaign,
        _delete_campaign,
    ],
)
async def test_stop_means_stop_while_the_message_is_claimed(user: User, fleet: Fleet, stop: Stop) -> None:
    """The letter does not go out, and its unit comes back."""
    hold = fleet.folder / "hold"
    hold.touch()
    account = await user.account("ada", 10, fleet.mail_server("--hold", str(hold)))
    campaign = await user.campaign(1)
    lead = (await user.get("/v1/leads", email="lead00000@leads.test"))[0]["id"]
    fleet.start_worker()

    async def units() -> tuple[int, int]:
        shown = await user.get(f"/v1/sender-accounts/{account}")
        return shown["reservedToday"], shown["remainingToday"]

    async def is_claimed() -> bool:
        return await units() == (1, 9)

    async def is_returned() -> bool:
        return await units() == (0, 10)

    await eventually(is_claimed, seconds=60, what=f"the message to be claimed; {fleet.log()[-1000:]}")
    await stop(user, campaign, lead)
    hold.unlink()
    await eventually(is_returned, seconds=60, what="the unit to come back")
    fleet.drain()
    assert fleet.arrivals() == []
