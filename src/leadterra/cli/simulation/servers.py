"""The mail servers of a plan, and what they saw: every number of a report that is about letters was counted
here, by nothing that the engine said.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from leadterra.actions.ports import Attempt, Clock, Submission
from leadterra.cli.simulation.chance import chance
from leadterra.cli.simulation.plan import Plan, ServerTable
from leadterra.domain.day import day_of
from leadterra.domain.judgement import parse_enhanced
from leadterra.domain.outcomes import (
    Accepted,
    Answer,
    Command,
    Deferred,
    Ending,
    Refused,
    Scope,
    Uncertain,
)
from leadterra.mail.letter import Letter

HOST = "{}.simulation.example"
"""The host of the server of that name."""

Outcome = Literal["accepted", "uncertain", "bounced", "refused", "deferred", "withheld"]
ARRIVED = ("accepted", "uncertain")
"""Outcomes with which the letter is at its recipient's."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """One attempt, as its server saw it. sender, recipient: addresses. is_first: the recipient had no letter
    before.
    """

    at: datetime
    sender: str
    recipient: str
    message_id: str
    outcome: Outcome
    is_first: bool

    @property
    def day(self) -> date:
        """The UTC day."""
        return day_of(self.at)

    @property
    def has_arrived(self) -> bool:
        """Whether the letter is at its recipient's."""
        return self.outcome in ARRIVED


class MailServers:
    """All servers of a plan. See `transport.scripted.Script`."""

    def __init__(self, plan: Plan, clock: Clock, seed: int) -> None:
        self._servers = {HOST.format(server.name): server for server in plan.servers}
        self._outages = plan.simulation.outages
        self._clock, self._seed = clock, seed
        self._attempts: Counter[str] = Counter()
        self._arrivals: Counter[str] = Counter()
        self._callers: set[tuple[str, str]] = set()
        self.conversations: list[Conversation] = []
        self.arrived: Callable[[Conversation], None] = lambda conversation: None
        """Told of each letter that has arrived."""

    def answer(self, submission: Submission, letter: Letter) -> Answer:
        """See `Script`."""
        server = self._servers[submission.host]
        now, recipient = self._clock.now(), letter.recipient.address
        if any(span.covers(now) for span in (*self._outages, *server.outages)):
            return Answer(Command.CONNECT, None, None, "connection refused")
        self._attempts[letter.message_id] += 1
        if chance(self._seed, "bounce", recipient) < server.bounce:
            return _said(Command.RCPT, 550, "5.1.1 no such user")
        if self._greylists(server, letter):
            return _said(Command.RCPT, 450, "4.7.1 greylisted, come back later")
        throw = chance(self._seed, "attempt", letter.message_id, self._attempts[letter.message_id])
        if throw < server.defer:
            return _said(Command.RCPT, 450, "4.2.0 not now")
        if throw >= 1 - server.uncertain:
            return Answer(Command.BODY, None, None, "the connection was closed without an answer")
        return _said(Command.BODY, 250, "2.0.0 taken")

    def ended(self, submission: Submission, letter: Letter, attempt: Attempt) -> None:
        """See `Script`."""
        recipient = letter.recipient.address
        conversation = Conversation(
            at=self._clock.now(),
            sender=letter.sender.address,
            recipient=recipient,
            message_id=letter.message_id,
            outcome=_outcome_of(attempt.ending),
            is_first=not self._arrivals[recipient],
        )
        self.conversations.append(conversation)
        if conversation.has_arrived:
            self._arrivals[recipient] += 1
            self.arrived(conversation)

    def _greylists(self, server: ServerTable, letter: Letter) -> bool:
        """The first time that this sender writes to this recipient."""
        pair = (letter.sender.address, letter.recipient.address)
        is_new = pair not in self._callers
        self._callers.add(pair)
        return is_new and chance(self._seed, "greylist", letter.recipient.address) < server.greylist


def count_duplicates(conversations: Iterable[Conversation]) -> int:
    """Letters that their recipients had before."""
    ids = Counter(each.message_id for each in conversations if each.has_arrived)
    return sum(ids.values()) - len(ids)


def count_arrivals(conversations: Iterable[Conversation]) -> Counter[tuple[date, str]]:
    """Letters that arrived, by day and sender."""
    return Counter((each.day, each.sender) for each in conversations if each.has_arrived)


def _said(command: Command, code: int, text: str) -> Answer:
    return Answer(command, code, parse_enhanced(text), text)


def _outcome_of(ending: Ending) -> Outcome:
    match ending:
        case Accepted():
            return "accepted"
        case Uncertain():
            return "uncertain"
        case Refused(scope=Scope.RECIPIENT):
            return "bounced"
        case Refused():
            return "refused"
        case Deferred():
            return "deferred"
        case _:
            return "withheld"
