"""What explain says comes true: a month of the production engine in virtual time, with a pool of unlike
accounts and three unlike campaigns. Whenever something goes out, what was said of that lead at the instant
before is compared with what happened; and what was said of others, days ahead, is remembered until then.
"""

import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from uuid import UUID

from leadterra.actions.explaining import explain_lead
from leadterra.cli.simulation.run import Simulation
from leadterra.cli.simulation.servers import Conversation
from leadterra.store.database import UnitOfWork
from tests.support.simulating import Theatre, plan_of

LEADS = {"One": 650, "Two": 200, "Three": 250}
COMPARED = 1000
ODDS = 0.85
"""That a message is compared, if none of its lead was before; so that some are follow-ups."""

FAR_AHEAD = 60

ACCOUNTS: list[dict[str, object]] = [
    {"prefix": "plain", "count": 3, "dailyLimit": 16},
    {"prefix": "heavy", "count": 2, "dailyLimit": 9, "weight": 2.0, "rollingLimit": 8},
    {"prefix": "quick", "count": 2, "dailyLimit": 15, "pacing": {"mode": "asap", "minGapSeconds": 600}},
    {
        "prefix": "slow",
        "count": 2,
        "dailyLimit": 7,
        "pacing": {"minGapSeconds": 1800, "jitter": 0.9},
        "tags": ["east"],
    },
    {"prefix": "free", "count": 1, "dailyLimit": 20, "pacing": {"mode": "asap"}, "tags": ["east"]},
]
WORKING_DAYS = ["mon", "tue", "wed", "thu", "fri"]
CAMPAIGNS: list[dict[str, object]] = [
    {
        "name": "One",
        "leads": LEADS["One"],
        "weight": 3,
        "leadTimeZones": ["America/New_York", "Asia/Tokyo", "Europe/Berlin"],
        "schedule": {
            "timeZone": "Europe/Berlin",
            "useLeadTimeZone": True,
            "days": WORKING_DAYS,
            "hours": {"from": "09:00", "to": "17:00"},
        },
        "sequenceSteps": [
            {"subject": "Hello"},
            {"delayDays": 3, "delayUnit": "business"},
        ],
    },
    {
        "name": "Two",
        "leads": LEADS["Two"],
        "newLeadsDailyLimit": 11,
        "dailyLimit": 18,
        "schedule": {
            "timeZone": "America/New_York",
            "days": WORKING_DAYS,
            "hours": {"from": "22:00", "to": "03:00"},
        },
        "sequenceSteps": [
            {"subject": "Hello"},
            {"delayDays": 1, "delayUnit": "business"},
            {"delayDays": 4},
        ],
    },
    {
        "name": "Three",
        "leads": LEADS["Three"],
        "weight": 0.5,
        "senderTags": ["east"],
        "sequenceSteps": [{"subject": "Hello"}, {"delayDays": 2.5}],
    },
]
_LEADS = """select l.email, e.campaign_id, e.lead_id, e.state from enrollments e
join leads l on l.workspace_id = e.workspace_id and l.id = e.lead_id
where e.workspace_id = %(workspace_id)s order by l.email"""

Told = tuple[datetime | None, UUID | None]


class Audience:
    """Somebody who asks at each instant, and remembers what was said."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation, self.dice = simulation, random.Random(3)
        self.parts: dict[str, tuple[UUID, UUID]] = {}
        self.compared: dict[str, tuple[Told, Told]] = {}
        self.far_ahead: list[tuple[str, Told, Told]] = []
        self._pending: dict[str, Told] = {}

    async def step(self) -> bool:
        """Play an instant; then ask, of the moment before it, about those that were sent something in it."""
        asked_at = self.simulation.now
        before: list[UnitOfWork] = []
        seen = len(self.simulation.servers.conversations)
        async with AsyncExitStack() as open_snapshots:

            async def look(simulation: Simulation) -> None:
                uow = await open_snapshots.enter_async_context(simulation.stage.reading())
                before.append(uow)
                waiting = await self._meet(uow)
                if len(self.far_ahead) + len(self._pending) < FAR_AHEAD and self.dice.random() < 0.1:
                    await self._ask_far_ahead(uow, waiting, asked_at)

            goes_on = await self.simulation.step(look)
            for letter in self.simulation.servers.conversations[seen:]:
                await self._compare(letter, before[0], asked_at)
        return goes_on

    async def _meet(self, uow: UnitOfWork) -> list[str]:
        """Everybody who waits."""
        rows = await uow.rows(_LEADS)
        self.parts = {email: (campaign_id, lead_id) for email, campaign_id, lead_id, _ in rows}
        return [row[0] for row in rows if row[3] == "waiting"]

    async def _ask_far_ahead(self, uow: UnitOfWork, waiting: list[str], now: datetime) -> None:
        lead = self.dice.choice(waiting) if waiting else None
        if lead is not None and lead not in self._pending:
            self._pending[lead] = await self._ask(uow, lead, now)

    async def _compare(self, letter: Conversation, before: UnitOfWork, asked_at: datetime) -> None:
        happened = (letter.at, self.simulation.stage.accounts[letter.sender])
        if (said := self._pending.pop(letter.recipient, None)) is not None:
            self.far_ahead.append((letter.recipient, said, happened))
        if letter.recipient not in self.compared and self.dice.random() < ODDS:
            said = await self._ask(before, letter.recipient, asked_at)
            self.compared[letter.recipient] = (said, happened)

    async def _ask(self, uow: UnitOfWork, lead: str, now: datetime) -> Told:
        found = await explain_lead(uow, *self.parts[lead], now=now)
        return found.next_send_at, found.sender_account_id


async def test_what_explain_says_comes_true(
    make_database: Callable[[str], tuple[str, str]], worker_id: str
) -> None:
    """Time and account of the next message of a thousand leads, told one moment before, and of others days
    before, are those of the engine.
    """
    plan = plan_of(
        days=30, workspace={"mode": "live", "dailyQuota": 100}, accounts=ACCOUNTS, campaigns=CAMPAIGNS
    )
    async with Theatre.opened(make_database, worker_id) as theatre:
        audience = Audience(await theatre.stage(plan))
        while await audience.step():
            pass
    assert len(audience.compared) >= COMPARED
    assert len(audience.far_ahead) > FAR_AHEAD / 2
    assert [each for each in audience.compared.items() if each[1][0] != each[1][1]] == []
    assert [each for each in audience.far_ahead if each[1] != each[2]] == []
