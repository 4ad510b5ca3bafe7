"""Mailboxes of one workspace that write to each other, in virtual time.

    circle = await Circle.opened(pool, clock)
    ada = await circle.account("ada", status=Status.WARMING)
    await circle.account("bob")
    await circle.live(days=3)

Accounts are made by the action that the API uses, workers are the real ones, mail servers and mailboxes are
scripted. `circle.spoil` says which letters go wrong, and how.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from leadterra.actions.lettering import LetterWriter
from leadterra.actions.ports import Attempt, MailAccess, MailboxSession, Security, Submission
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import NewAccount, Settings, create_sender_account
from leadterra.actions.warming import WarmupLetter, WarmupRound, claim_warmup_letters
from leadterra.actions.warmup_courses import WarmupState, read_warmup
from leadterra.actions.warmup_letters import LetterSettlement, clear_warmup_letter, settle_warmup_letters
from leadterra.bootstrap import build_scripted_courier
from leadterra.domain.outcomes import Accepted, Answer, Command
from leadterra.domain.sender_account import Protocol, Status
from leadterra.mail.composition import compose
from leadterra.mail.letter import Letter
from leadterra.store.mailboxes import MailboxAccount
from leadterra.store.sealing import KeyRing
from leadterra.transport.scripted_mailboxes import ScriptedMailboxes
from leadterra.workers.sending import Outside, SendingWorker
from leadterra.workers.warming import Measuring, WarmingWorker
from tests.support.clock import ManualClock
from tests.support.pools import TAKEN, TestPool
from tests.support.sending import LIMITS, no_password

ARRIVED = Answer(Command.BODY, 250, "2.0.0", "2.0.0 taken")
RING = KeyRing({"test": bytes(32)})
_SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
"""When circles begin."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a letter. answer: of the server. folder: where it arrives, None for nowhere."""

    answer: Answer = ARRIVED
    folder: str | None = "INBOX"


WELL = Fate()
SPAM = Fate(folder="Junk")
LOST = Fate(folder=None)
REFUSED = Fate(Answer(Command.RCPT, 550, "5.1.1", "no such user"))
TURNED_AWAY = Fate(Answer(Command.MAIL, 421, "4.7.0", "too many connections"))


@dataclass
class Circle:
    """See above. letters: those that a server took, in order, with the instant. checks: what checks find
    wrong, by account; an account that is not there passes.
    """

    pool: TestPool
    clock: ManualClock
    spoil: Callable[[Letter, datetime], Fate] = lambda letter, now: WELL
    letters: list[tuple[datetime, Letter]] = field(default_factory=list)
    checks: dict[UUID, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mailboxes = ScriptedMailboxes(self.clock)
        self.courier = build_scripted_courier(self.clock, self)

    async def account(
        self,
        name: str,
        limit: int = 50,
        *,
        status: Status = Status.ACTIVE,
        imap: bool = True,
        domain: str = "acme.test",
    ) -> UUID:
        """An account <name>@<domain> with a mailbox."""
        email = f"{name}@{domain}"
        servers: dict[Protocol, Any] = {
            Protocol.SMTP: {"host": "smtp.test", "port": 25, "security": Security.NONE}
        }
        if imap:
            self.mailboxes.mailbox(email)
            servers[Protocol.IMAP] = {"host": "imap.test", "port": 143, "security": Security.NONE}
            servers[Protocol.IMAP] |= {"username": email, "password": "secret"}
        new = NewAccount(email, name.title(), status, servers, Settings(daily_limit=limit))
        made = await run(
            self.pool.database,
            self.pool.workspace_id,
            lambda uow: create_sender_account(uow, new, key_ring=RING, now=self.clock.now()),
        )
        return made.id

    def worker(self) -> WarmingWorker:
        """One that warms up."""
        return WarmingWorker(self._outside(), Measuring(self._open, self._check))

    async def _open(self, workspace_id: UUID, account: MailboxAccount) -> MailboxSession:
        username = account.imap_username or account.email
        access = MailAccess(
            account.id, account.imap_host, account.imap_port, Security.NONE, username, "secret"
        )
        return await self.mailboxes.open(access)

    def sender(self) -> SendingWorker:
        """One that sends campaigns."""
        return SendingWorker("sender", self._outside(), LetterWriter("http://mail.test"), LIMITS)

    async def live(self, *, days: float = 0, until: datetime | None = None) -> None:
        """Go through everything that becomes due up to then, instant by instant."""
        end = until or self.clock.now() + timedelta(days=days)
        warming, sending = self.worker(), self.sender()
        while (at := await self._next_instant()) is not None and at < end:
            self.clock.set(max(at, self.clock.now()))
            await warming.turn()
            if await self._wake_at() <= self.clock.now():
                await sending.turn()
            if await self._next_instant() == at:
                self.clock.set(self.clock.now() + _SECOND)
        self.clock.set(end)

    async def state(self, account_id: UUID) -> WarmupState:
        """How an account's warm-up stands."""
        async with self.pool.database.unit_of_work(self.pool.workspace_id) as uow:
            found = await read_warmup(uow, account_id, now=self.clock.now())
        assert found is not None
        return found

    async def counts(self, day: datetime | None = None) -> dict[str, int]:
        """Warm-up letters by state, of a day or of all."""
        rows = await self.pool.ask(
            "select state, count(*)::int from warmup_letters"
            " where workspace_id = :w and (:day::date is null or day = :day) group by state",
            day=day.date() if day else None,
        )
        return dict(rows)

    async def placements(self) -> dict[str | None, int]:
        """Warm-up letters by where they were found."""
        return dict(
            await self.pool.ask(
                "select placement, count(*)::int from warmup_letters where workspace_id = :w"
                " group by placement"
            )
        )

    def answer(self, submission: Submission, letter: Letter) -> Answer:
        """As the script of the mail servers."""
        return self.spoil(letter, self.clock.now()).answer

    def ended(self, submission: Submission, letter: Letter, attempt: Attempt) -> None:
        """What was taken arrives."""
        if not isinstance(attempt.ending, Accepted):
            return
        self.letters.append((self.clock.now(), letter))
        folder = self.spoil(letter, self.clock.now()).folder
        if folder and letter.warmup_mark:
            self.mailboxes.mailbox(letter.recipient.address).deliver(compose(letter).content, folder)

    def _outside(self) -> Outside:
        return Outside(self.pool.database, self.clock, self.courier, no_password)

    async def _check(self, workspace_id: UUID, account_id: UUID) -> str | None:
        return self.checks.get(account_id)

    async def _wake_at(self) -> datetime:
        return await self.pool.wake_at() or datetime.max.replace(tzinfo=UTC)

    async def _next_instant(self) -> datetime | None:
        rows = await self.pool.ask(
            "select least((select min(due_at) from warmups where workspace_id = :w),"
            " (select min(look_at) from warmup_letters where workspace_id = :w),"
            " (select wake_at from sender_pools where workspace_id = :w)) as at"
            " where least((select min(due_at) from warmups where workspace_id = :w),"
            " (select min(look_at) from warmup_letters where workspace_id = :w),"
            " (select wake_at from sender_pools where workspace_id = :w)) < 'infinity'"
        )
        return rows[0][0] if rows else None


async def act(circle: Circle, action: Any) -> Any:
    """Run an action in the circle's workspace."""
    return await run(circle.pool.database, circle.pool.workspace_id, action)


async def claim(circle: Circle, lease: timedelta = HOUR) -> WarmupRound:
    """The letters that may go now."""
    found: WarmupRound | None = await act(
        circle, lambda uow: claim_warmup_letters(uow, limit=50, lease=lease, now=circle.clock.now())
    )
    assert found is not None
    return found


async def first_letter(circle: Circle, lease: timedelta = HOUR) -> WarmupLetter:
    """The first letter of the only warming account, claimed when it is due."""
    await claim(circle)
    rows = await circle.pool.ask("select min(due_at) from warmups where workspace_id = :w")
    circle.clock.set(rows[0][0])
    (letter,) = (await claim(circle, lease)).letters
    return letter


async def clear(circle: Circle, letter: WarmupLetter) -> bool:
    """Whether it may go."""
    found: bool = await act(
        circle,
        lambda uow: clear_warmup_letter(uow, letter.occasion.letter_id, letter.fence, now=circle.clock.now()),
    )
    return found


async def settle(circle: Circle, letter: WarmupLetter, ending: Any = TAKEN) -> int:
    """Say what became of it."""
    now = circle.clock.now()
    batch = [
        LetterSettlement(
            letter.occasion.letter_id, letter.fence, Attempt(ending, "smtp.test:25", now, now, now)
        )
    ]
    found: int = await act(circle, lambda uow: settle_warmup_letters(uow, batch, now=now))
    return found


async def books(circle: Circle) -> None:
    """They are exact."""
    await circle.pool.check_books(now=circle.clock.now())
