"""Whatever comes back, in whatever order, and whatever people do meanwhile: the books are right."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Literal
from uuid import UUID

import pytest

from leadterra.actions.leads import erase_lead, pause_lead, remove_lead_from_campaign, resume_lead
from leadterra.actions.replies import correct_reply
from leadterra.actions.running import run
from leadterra.actions.unsubscribing import unsubscribe_lead
from leadterra.domain.errors import InvalidState, NotFound
from leadterra.domain.outcomes import Answer, Command, Deferred, Ending, Refused, Scope, Uncertain
from leadterra.mail.finding import Classification, Finding
from leadterra.mail.incoming import Incoming
from leadterra.store.database import Database, UnitOfWork
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool
from tests.support.returning import (
    AUTOMATIC,
    AWAY_SOMEHOW,
    GONE,
    REPLY,
    UNSUBSCRIBE,
    Mailroom,
    complaint,
    failed,
)

_ANSWER = Answer(Command.BODY, 550, "5.1.1", "no")
_ENDINGS: list[Ending] = [
    *[TAKEN] * 4,
    Uncertain(_ANSWER),
    Refused(Scope.RECIPIENT, _ANSWER),
    Deferred(Scope.RECIPIENT, Answer(Command.BODY, 450, "4.2.0", "later")),
]
_DONE = (NotFound, InvalidState)


class Life:
    """A workspace in which anything happens: two campaigns with the same leads, and two accounts."""

    def __init__(self, pool: TestPool, seed: int) -> None:
        self.pool, self.dice, self.now = pool, Random(seed), NOW
        self.letters: list[tuple[Incoming, Finding]] = []

    async def begin(self) -> None:
        """Before anything was sent."""
        pool = self.pool
        self.mailrooms = [Mailroom(pool, await pool.account(name, 1000)) for name in ("ada", "bob")]
        stop = self.dice.choice(["campaign", "workspace"])
        await pool.execute("update workspaces set stop_on_reply = :s where workspace_id = :w", s=stop)
        await pool.execute("update sender_pools set message_domain = 'acme.test' where workspace_id = :w")
        first, second = await pool.campaign(steps=3), await pool.campaign(steps=2)
        if self.dice.random() < 0.5:
            await pool.vary()
            await pool.set_caps(1000)
        await pool.leads(first, 4)
        await pool.execute(
            "insert into enrollments"
            " (workspace_id, id, campaign_id, lead_id, state, due_at, created_at, updated_at)"
            " select :w, overlay(id::text placing '7fff' from 15)::uuid, :c, lead_id, 'waiting', :now, :now,"
            " :now from enrollments where workspace_id = :w",
            c=second,
            now=NOW,
        )
        await pool.execute(
            "update campaign_totals set enrolled = 4, open = 4 where workspace_id = :w and campaign_id = :c",
            c=second,
        )

    async def step(self) -> None:
        """Something happens."""
        happens = self.dice.choice(
            [self.send, self.send, self.answer, self.answer, self.answer, self.repeat, self.act, self.resolve]
        )
        await happens()
        self.now += timedelta(hours=self.dice.choice([0, 1, 30, 80]))
        await self.pool.wake(self.now)

    async def send(self) -> None:
        """What is due, in part; letters may come before the worker says what became of its messages."""
        claim = await self.pool.claim(self.now, limit=self.dice.choice([1, 3, 100]))
        if claim is None:
            return
        await self.pool.clear(claim, self.now)
        if self.dice.random() < 0.4:
            await self.answer()
        endings = {row.enrollment_id: self.dice.choice(_ENDINGS) for row in claim.rows}
        await self.pool.settle(claim, lambda row: endings[row.enrollment_id], now=self.now, data_at=self.now)

    async def answer(self) -> None:
        """A letter about any message."""
        rows = await self.pool.ask(
            "select m.enrollment_id, l.email from messages m join leads l on l.id = m.lead_id"
            " where m.workspace_id = :w order by m.id"
        )
        if not rows:
            return
        enrollment, email = self.dice.choice(rows)
        finding = self.dice.choice(
            [
                *(REPLY, UNSUBSCRIBE, AWAY_SOMEHOW, AUTOMATIC, GONE, complaint(email)),
                *(failed(email, hard=True), failed(email, hard=False), failed(email, hard=False)),
            ]
        )
        mailroom = self.dice.choice(self.mailrooms)
        known = [await mailroom.message_id(enrollment)] if self.dice.random() < 0.7 else []
        letter = replace(
            mailroom.letter(email, references=known), message_id=f"<{self.dice.random()}@x.test>"
        )
        self.letters.append((letter, finding))
        await mailroom.take(letter, finding, now=self.now)

    async def repeat(self) -> None:
        """A letter that was read before changes nothing."""
        if self.letters:
            letter, finding = self.dice.choice(self.letters)
            mailroom = self.dice.choice(self.mailrooms)
            await mailroom.take(letter, finding, now=self.now)

    async def act(self) -> None:
        """Somebody does something to a lead."""
        rows = await self.pool.ask(
            "select id, campaign_id, lead_id from enrollments where workspace_id = :w order by id"
        )
        part = self.dice.choice(rows)
        what = self.dice.choice(["pause", "resume", "resume", "remove", "erase", "unsubscribe", "correct"])
        with suppress(*_DONE):
            await run(self.pool.database, self.pool.workspace_id, lambda uow: self._do(uow, what, part))

    async def _do(self, uow: UnitOfWork, what: str, part: tuple[UUID, UUID, UUID]) -> None:
        now, (enrollment, campaign, lead) = self.now, part
        if what == "pause":
            await pause_lead(uow, campaign, lead, now=now)
        elif what == "resume":
            await resume_lead(uow, campaign, lead, now=now)
        elif what == "remove":
            await remove_lead_from_campaign(uow, campaign, lead, now=now)
        elif what == "erase" and self.dice.random() < 0.3:
            await erase_lead(uow, lead, now=now)
        elif what == "unsubscribe":
            await unsubscribe_lead(uow, enrollment, source="page", now=now)
        elif what == "correct":
            rows = await uow.rows("select id from replies order by id")
            if rows:
                await correct_reply(uow, self.dice.choice(rows)[0], Classification.UNSUBSCRIBE, now=now)

    async def resolve(self) -> None:
        """Somebody says what became of an uncertain message."""
        rows = await self.pool.ask(
            "select id from messages where workspace_id = :w and state = 'uncertain' order by id"
        )
        if rows:
            outcome: Literal["sent", "not_sent"] = "sent" if self.dice.random() < 0.5 else "not_sent"
            with suppress(*_DONE):
                await self.pool.resolve(self.dice.choice(rows)[0], outcome, self.now)

    async def check(self) -> None:
        """Every book, and what `ledger verify` does not compare."""
        await self.pool.check_books(now=self.now)
        asked = await self.pool.ask(
            "select t.replied, t.unsubscribed,"
            " (select count(distinct r.enrollment_id) from replies r"
            " where r.campaign_id = t.campaign_id and r.kind = 'reply'),"
            " (select count(*) from enrollments e"
            " where e.campaign_id = t.campaign_id and e.unsubscribed_at is not null)"
            " from campaign_totals t where t.workspace_id = :w"
        )
        assert all((replied, gone) == (answered, left) for replied, gone, answered, left in asked), asked
        assert await self.pool.ask(
            "select (select coalesce(sum(replied), 0)::int from ledger where workspace_id = :w)"
            " = (select sum(replied)::int from campaign_totals where workspace_id = :w)"
        ) == [(True,)]
        open_though_suppressed = await self.pool.ask(
            "select l.email from enrollments e join leads l on l.id = e.lead_id"
            " join suppressions s on s.value = l.email"
            " where e.workspace_id = :w and e.state in ('waiting', 'sending', 'held', 'paused', 'uncertain')"
        )
        assert open_though_suppressed == []


@pytest.mark.parametrize("seed", range(6))
async def test_the_books_are_right_after_any_mixture(database: Database, workspace: UUID, seed: int) -> None:
    """Letters of any kind, new and known, between sends, answers of servers, and what people do."""
    life = Life(TestPool(database, workspace), seed)
    await life.begin()
    for _ in range(25):
        await life.step()
        await life.check()
