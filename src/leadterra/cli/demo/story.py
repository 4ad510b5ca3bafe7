"""What happens in the demo, act by act, told to whoever looks on.

A pool of two active accounts and a warming one, a two-step campaign, more leads than today's quota. Act one:
the quota is used up to the letter, and the overflow waits. Act two: the clock is moved past midnight, and the
overflow goes out. Act three: the follow-ups fall due. Nobody wants to look on for a day, so the accounts send
as soon as possible instead of spreading their letters. What does not happen in time, or more than it should,
raises `DemoError`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from leadterra.cli.demo.api_client import ApiClient, DemoError
from leadterra.cli.demo.letters import Letter, LetterIndex
from leadterra.cli.demo.stage import Stage
from leadterra.domain.day import next_reset

_DOMAIN = "mail.acmecorp.io"
LIMITS = {f"james.walker@{_DOMAIN}": 50, f"sarah.chen@{_DOMAIN}": 30}
"""The active accounts."""
WARMING = f"mark.osei@{_DOMAIN}"
LEADS = 100
QUOTA = sum(LIMITS.values())

_NAMES = ("Ada", "Björn", "Chloé", "Deniz", "Edsger", "Fatima", "Grace", "Hiroshi", "Ingrid", "João")
_COMPANIES = ("Northwind", "Contoso", "Initech", "Globex", "Umbrella & Sons", "Stark Industries", "Hooli")
_FOLLOW_UP_DAYS = 0.6  # due on the next day, but later than the overflow, which waits for midnight only
_ACT_SECONDS = 40.0
_LOOK_EVERY = 0.1
_STILLNESS = 0.5


@dataclass(frozen=True, slots=True)
class View:
    """The state of things at a moment. day: of the demo's clock. remaining, queued, scheduled: from the API.
    letters: at the mail server.
    """

    act: str
    day: date
    remaining: int
    queued: int
    scheduled: int
    letters: Sequence[Letter]


@dataclass(frozen=True, slots=True)
class Ending:
    """What the demo came to. first_day, second_day: of the demo's clock. overflow, after_reset: letters;
    peak_remaining: from the API.
    """

    first_day: date
    second_day: date
    letters: Sequence[Letter]
    peak_remaining: int
    overflow: int
    after_reset: int


class Story:
    """One performance."""

    def __init__(self, stage: Stage, began_at: datetime, look_on: Callable[[View], None]) -> None:
        """began_at: the demo's time when it begins. look_on: is shown every view."""
        self._stage = stage
        self._api: ApiClient = stage.api()
        self._index = LetterIndex(stage.letters)
        self._look_on = look_on
        self._began_at = began_at
        self._reset = next_reset(began_at)
        self._campaign = ""
        self._peak = 0

    def play(self, *, follow_ups: bool) -> Ending:
        """All acts, the last one if wanted."""
        self._prepare()
        self._api.post(f"/v1/campaigns/{self._campaign}/start")
        self._until("Day 1: the pool sends", QUOTA, lambda view: view.remaining == 0)
        waiting = LEADS - len(self._index.read())
        self._stage.set_now(self._reset + timedelta(seconds=1))
        self._until("Day 2: after the reset, the overflow goes out", LEADS, lambda view: view.queued == 0)
        after_reset = len(self._index.read()) - QUOTA
        if follow_ups:
            self._stage.set_now(self._began_at + timedelta(days=_FOLLOW_UP_DAYS, minutes=10))
            self._until("Day 2: follow-ups, in the same threads", 2 * QUOTA, lambda view: view.remaining == 0)
        return Ending(
            first_day=self._began_at.date(),
            second_day=self._reset.date(),
            letters=self._index.read(),
            peak_remaining=self._peak,
            overflow=waiting,
            after_reset=after_reset,
        )

    def _prepare(self) -> None:
        """Accounts, campaign and leads, as any program would make them."""
        smtp = {"host": "127.0.0.1", "port": self._stage.mail_port, "security": "none"}
        for email, limit in LIMITS.items():
            body = {"email": email, "name": _name_of(email), "dailyLimit": limit, "smtp": smtp}
            self._api.post("/v1/sender-accounts", body | {"pacing": {"mode": "asap"}})
        body = {"email": WARMING, "name": _name_of(WARMING), "status": "warming", "smtp": smtp}
        self._api.post("/v1/sender-accounts", body)
        self._campaign = self._api.post("/v1/campaigns", {"name": "Demo", "sequenceSteps": STEPS})["id"]
        self._api.post(f"/v1/campaigns/{self._campaign}/leads/bulk", {"leads": leads()})

    def _until(self, act: str, letters: int, is_over: Callable[[View], bool]) -> None:
        """Look on until so many letters have arrived and the numbers agree, and then whether it stays so."""
        give_up = time.monotonic() + _ACT_SECONDS
        while not (len((view := self._look(act)).letters) >= letters and is_over(view)):
            if time.monotonic() > give_up:
                raise DemoError(
                    f"{act}: {len(view.letters)} of {letters} letters arrived in {_ACT_SECONDS:.0f} s"
                )
            time.sleep(_LOOK_EVERY)
        time.sleep(_STILLNESS)
        view = self._look(act)
        if len(view.letters) != letters:
            raise DemoError(f"{act}: {len(view.letters)} letters arrived, and {letters} should have")

    def _look(self, act: str) -> View:
        pool = self._api.get("/v1/sender-pools")
        stats = self._api.get(f"/v1/campaigns/{self._campaign}/stats")
        self._peak = max(self._peak, pool["remainingVolume"])
        day = datetime.fromisoformat(pool["resetAt"]).date() - timedelta(days=1)
        view = View(
            act, day, pool["remainingVolume"], stats["queued"], stats["scheduled"], self._index.read()
        )
        self._look_on(view)
        return view


STEPS: list[dict[str, object]] = [
    {
        "subject": "A question about {{ company }}, {{ firstName }}",
        "bodyHtml": "<p>Hi {{ firstName }},</p><p>how does {{ company }} send its letters today?</p>"
        "<p>{{ sender.name }}</p>",
    },
    {
        "bodyHtml": "<p>Hi {{ firstName }},</p><p>did you find a minute for my question?</p>"
        "<p>{{ sender.name }}</p>",
        "delayDays": _FOLLOW_UP_DAYS,
    },
]
"""The campaign: the second step answers in the thread of the first."""


def leads() -> list[dict[str, Any]]:
    """People of whom nobody can be written to by mistake."""
    return [
        {
            "email": f"lead{number:03}@customers.example",
            "firstName": _NAMES[number % len(_NAMES)],
            "company": _COMPANIES[number % len(_COMPANIES)],
        }
        for number in range(1, LEADS + 1)
    ]


def _name_of(email: str) -> str:
    return email.partition("@")[0].replace(".", " ").title()
