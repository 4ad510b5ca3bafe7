"""Fifty people with mailboxes, or without, who do with a first letter what people do: the cast of journeys
through real mail servers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx

from tests.support.dovecot import Vacation
from tests.support.mail_system import MailSystem
from tests.support.people import answer, complaint

DOMAIN = "people.test"
AWAY = Vacation("I am out of the office. I will read your message when I return.", subject="Out of office")
ANSWERS = {
    "interested": [
        "Sounds good, tell me more.",
        "Yes, let's talk on Thursday at 10?",
        "How much does it cost?",
    ],
    "not_interested": ["No thanks, we are not interested.", "We already use another product. Not for us."],
    "referral": ["Please contact my colleague jane@people.test, she is in charge of this."],
    "other": ["Hm.", "Who are you?", "I have forwarded it.", "Thanks."],
}
"""What ten people answer, by what it means."""


def _numbered(name: str, count: int) -> list[str]:
    return [f"{name}{number}@{DOMAIN}" for number in range(count)]


STEPS = [
    {"subject": "Hello {{ firstName }}", "bodyHtml": "<p>Would you like to see what we do?</p>"},
    {"bodyHtml": "<p>Did you see my letter?</p>", "delayDays": 3},
]


@dataclass(frozen=True, slots=True)
class Village:
    """Who there is. gone: have no mailbox. full: whose mailbox takes nothing more. away: whose responder
    answers. answering: with what they say. leaving: unsubscribe by one click. angry: say that it is spam.
    quiet: say nothing.
    """

    mail: MailSystem

    gone: ClassVar[Sequence[str]] = _numbered("gone", 10)
    full: ClassVar[Sequence[str]] = _numbered("full", 5)
    away: ClassVar[Sequence[str]] = _numbered("away", 5)
    answering: ClassVar[Mapping[str, str]] = dict(
        zip(_numbered("answering", 10), [text for texts in ANSWERS.values() for text in texts], strict=True)
    )
    leaving: ClassVar[Sequence[str]] = _numbered("leaving", 2)
    angry: ClassVar[Sequence[str]] = _numbered("angry", 1)
    quiet: ClassVar[Sequence[str]] = _numbered("quiet", 17)

    @property
    def everybody(self) -> list[str]:
        """All fifty."""
        return [
            *self.gone,
            *self.full,
            *self.away,
            *self.answering,
            *self.leaving,
            *self.angry,
            *self.quiet,
        ]

    def move_in(self) -> None:
        """Give everybody a mailbox who has one."""
        for address in (*self.answering, *self.leaving, *self.angry, *self.quiet):
            self.mail.add_person(address)
        for address in self.full:
            self.mail.add_person(address, quota=1)
        for address in self.away:
            self.mail.add_person(address, vacation=AWAY)

    @property
    def ends(self) -> dict[str, str]:
        """Where everybody stands once the first step has been answered."""
        goes_on = dict.fromkeys((*self.full, *self.away, *self.quiet), "waiting")
        return {address: state for state, people in STATES.items() for address in people} | goes_on

    def letters(self, address: str) -> list[EmailMessage]:
        """What somebody was sent; those without a mailbox nothing."""
        return [] if address in self.gone else self.mail.letters(address)

    async def act(self, browser: httpx.AsyncClient) -> None:
        """Those who do something by themselves do it, on the first letter that they have."""
        for address, text in self.answering.items():
            self.mail.send(answer(self.letters(address)[0], text))
        for address in self.leaving:
            link = self.letters(address)[0]["List-Unsubscribe"].strip("<>")
            page = await browser.post(urlsplit(link).path, data={"List-Unsubscribe": "One-Click"})
            assert page.is_success, page.text
        for address in self.angry:
            self.mail.send(complaint(self.letters(address)[0]))


STATES = {
    "bounced": Village.gone,
    "replied": list(Village.answering),
    "unsubscribed": Village.leaving,
    "suppressed": Village.angry,
}
"""Whose part in the campaign ends after the first step, and how."""


def today() -> datetime:
    """Noon."""
    return datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


async def begin(user: Any, village: Village) -> str:
    """Six accounts, and a campaign to everybody; its id."""
    village.move_in()
    for number in range(6):
        body = village.mail.add_sender_account(f"sender{number}@acme.test", dailyLimit=20)
        await user.post("/v1/sender-accounts", body)
    campaign: str = (await user.post("/v1/campaigns", {"name": "Village", "sequenceSteps": STEPS}))["id"]
    people = [{"email": address, "firstName": "Kim"} for address in village.everybody]
    await user.post(f"/v1/campaigns/{campaign}/leads/bulk", {"leads": people})
    await user.post(f"/v1/campaigns/{campaign}/start")
    return campaign


async def states(user: Any, campaign: str) -> dict[str, str]:
    """Where everybody stands, by address."""
    found = await user.get(f"/v1/campaigns/{campaign}/leads", limit=100)
    return {lead["email"]: lead["state"] for lead in found}


def arrived(village: Village, count: int) -> bool:
    """Whether everybody whose mailbox takes letters has so many."""
    people = (*village.away, *village.answering, *village.leaving, *village.angry, *village.quiet)
    return all(len(village.letters(address)) >= count for address in people)
