"""A workspace with accounts, a running campaign and leads, in a few words; and questions that tests ask of
it.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import dict_row

from leadterra.actions.claiming import Claim, claim_due_messages
from leadterra.actions.clearing import clear_messages
from leadterra.actions.ports import Attempt
from leadterra.actions.resolving import resolve_message
from leadterra.actions.running import run
from leadterra.actions.settling import Settlement, settle_messages
from leadterra.actions.verifying import Difference, find_differences
from leadterra.domain.outcomes import Accepted, Answer, Command, Ending, Unsendable, Withheld
from leadterra.mail.addresses import suppression_hash
from leadterra.store.claims import ClaimedRow, ClearanceRequest
from leadterra.store.database import Database
from leadterra.store.ids import new_id, new_ids
from tests.support.clock import NOW

_ACCOUNT = """ insert into sender_accounts (workspace_id, id, email, email_key, email_domain, name, status,
daily_limit, smtp_host, smtp_port,
  smtp_security, min_gap_seconds, created_at, updated_at)
values (:w, :id, :email, :email, :domain, :name, :status, :limit, :host, :port, 'none', :gap, :now, :now)
"""
_STEP = """ insert into sequence_steps (workspace_id, id, campaign_id, position, subject, body_html,
body_text, delay_days, thread_reply, updated_at) values (:w, :id, :campaign, :position, :subject, :html, null,
:delay, true, :now)
"""
_LEADS = """ insert into leads (workspace_id, id, email, email_key, email_domain, first_name, created_at,
updated_at) select :w, d.id, d.email, d.email, :domain, 'Ada', :now, :now from unnest(:ids::uuid[],
:emails::text[]) as d (id, email)
"""
_ENROLLMENTS = """ insert into enrollments (workspace_id, id, campaign_id, lead_id, state, due_at, created_at,
updated_at) select :w, d.id, :campaign, d.lead_id, 'waiting', :now, :now, :now from unnest(:ids::uuid[],
:lead_ids::uuid[]) as d (id, lead_id)
"""
LEASE = timedelta(seconds=60)
"""How long the claims of tests are held."""

TAKEN = Accepted(Answer(Command.BODY, 250, "2.0.0", "2.0.0 taken"))
"""The ending of a letter that its server took."""


@dataclass(frozen=True, slots=True)
class Mail:
    """Where accounts submit."""

    host: str = "127.0.0.1"
    port: int = 25


class TestPool:
    """One workspace's pool, built and asked straight in the database, as its own role."""

    __test__ = False

    def __init__(self, database: Database, workspace_id: UUID, mail: Mail | None = None) -> None:
        self.database, self.workspace_id, self.mail = database, workspace_id, mail or Mail()

    async def account(
        self,
        name: str,
        limit: int,
        *,
        status: str = "active",
        gap: float | None = None,
        domain: str = "acme.test",
        now: datetime = NOW,
    ) -> UUID:
        """A sender account <name>@<domain>."""
        account_id = new_id(now)
        await self._do(
            _ACCOUNT,
            id=account_id,
            email=f"{name}@{domain}",
            domain=domain,
            name=name.title(),
            status=status,
            limit=limit,
            host=self.mail.host,
            port=self.mail.port,
            gap=gap,
            now=now,
        )
        return account_id

    async def campaign(
        self, *, steps: int = 1, delay_days: float = 3, status: str = "running", now: datetime = NOW
    ) -> UUID:
        """A campaign whose steps say which one they are."""
        campaign_id = new_id(now)
        await self._do(
            "insert into campaigns (workspace_id, id, name, status, created_at, updated_at, started_at)"
            " values (:w, :id, 'Test', :status, :now, :now, :now)",
            id=campaign_id,
            status=status,
            now=now,
        )
        await self._do(
            "insert into campaign_totals (workspace_id, campaign_id) values (:w, :id)", id=campaign_id
        )
        for position, step_id in enumerate(new_ids(now, steps)):
            await self._do(
                _STEP,
                id=step_id,
                campaign=campaign_id,
                position=position,
                subject="Hello {{ firstName }}" if position == 0 else "",
                html=f"<p>Step {position} for {{{{ email }}}}</p>",
                delay=delay_days if position else 0,
                now=now,
            )
        return campaign_id

    async def leads(
        self,
        campaign_id: UUID,
        count: int,
        *,
        prefix: str = "lead",
        domain: str = "leads.test",
        now: datetime = NOW,
    ) -> list[UUID]:
        """That many leads, enrolled and due now, in order; their enrollments."""
        lead_ids, enrollment_ids = list(new_ids(now, count)), list(new_ids(now, count))
        emails = [f"{prefix}{number:05}@{domain}" for number in range(count)]
        await self._do(_LEADS, ids=lead_ids, emails=emails, domain=domain, now=now)
        await self._do(_ENROLLMENTS, ids=enrollment_ids, lead_ids=lead_ids, campaign=campaign_id, now=now)
        await self._do(
            "update campaign_totals set enrolled = enrolled + :n, open = open + :n"
            " where workspace_id = :w and campaign_id = :c",
            n=count,
            c=campaign_id,
        )
        await self.wake(now)
        return enrollment_ids

    async def wake(self, at: datetime) -> None:
        """Have workers look at the pool from then on."""
        await self._do("update sender_pools set wake_at = least(wake_at, :at) where workspace_id = :w", at=at)

    async def execute(self, sql: str, **parameters: object) -> None:
        """Change something behind the engine's back; `:w` is the workspace."""
        await self._do(sql, **parameters)

    async def ask(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Rows of a question; `:w` is the workspace."""
        async with self.database.unit_of_work(self.workspace_id) as uow:
            return await uow.rows(_named(sql), w=self.workspace_id, **parameters)

    async def records(self, sql: str, **parameters: object) -> list[dict[str, Any]]:
        """The same, by the names of its columns."""
        async with (
            self.database.unit_of_work(self.workspace_id) as uow,
            uow.connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_named(sql), {"w": self.workspace_id, **parameters})
            return await cursor.fetchall()

    async def ledger(self, day: date | None = None) -> dict[str, tuple[int, int, int]]:
        """(sent, uncertain, reserved) by the account's name, of one day or of all."""
        rows = await self.ask(
            "select lower(a.name), sum(l.sent)::int, sum(l.uncertain)::int, sum(l.reserved)::int"
            " from ledger l"
            " join sender_accounts a on a.id = l.sender_account_id"
            " where l.workspace_id = :w and (l.day = :day or :day::date is null) group by a.name",
            day=day,
        )
        return {name: (sent, uncertain, reserved) for name, sent, uncertain, reserved in rows}

    async def states(self, table: str = "enrollments") -> dict[str, int]:
        """How many enrollments, or messages, are in each state."""
        return dict(
            await self.ask(f"select state, count(*)::int from {table} where workspace_id = :w group by state")
        )

    async def totals(self, campaign_id: UUID) -> dict[str, int]:
        """The campaign's totals."""
        names = ("enrolled", "open", "sent", "bounced", "failed", "uncertain")
        rows = await self.ask(
            f"select {', '.join(names)} from campaign_totals where workspace_id = :w and campaign_id = :c",
            c=campaign_id,
        )
        return dict(zip(names, rows[0], strict=True))

    async def claim(self, now: datetime = NOW, *, limit: int = 100, worker: str = "test") -> Claim | None:
        """Take what is due, as a worker would."""
        return await run(
            self.database,
            self.workspace_id,
            lambda uow: claim_due_messages(uow, worker=worker, limit=limit, lease=LEASE, now=now),
        )

    async def must_claim(self, now: datetime = NOW, *, limit: int = 100) -> Claim:
        """The same, where something is due."""
        claim = await self.claim(now, limit=limit)
        assert claim is not None
        return claim

    async def clear(self, claim: Claim, now: datetime = NOW) -> set[UUID]:
        """Ask for all messages of a claim right before DATA; the enrollments that may go."""
        requests = [clearance(claim, row) for row in claim.rows]
        cleared = await run(
            self.database, self.workspace_id, lambda uow: clear_messages(uow, requests, now=now)
        )
        return {enrollment_id for enrollment_id, _, _ in cleared}

    async def settle(
        self,
        claim: Claim,
        ending: Ending | Callable[[ClaimedRow], Ending] = TAKEN,
        now: datetime = NOW,
        *,
        data_at: datetime | None = None,
        finished: bool = True,
    ) -> int:
        """Say what became of all messages of a claim; how many of them it concerned."""
        batch = [
            settlement(claim, row, ending(row) if callable(ending) else ending, now, data_at=data_at)
            for row in claim.rows
        ]
        done = [claim.number] if finished else []
        return await run(
            self.database,
            self.workspace_id,
            lambda uow: settle_messages(uow, batch, now=now, finished_claims=done),
        )

    async def resolve(
        self, message_id: UUID, outcome: Literal["sent", "not_sent"], now: datetime = NOW
    ) -> None:
        """A person says what became of an uncertain message."""
        await run(
            self.database, self.workspace_id, lambda uow: resolve_message(uow, message_id, outcome, now=now)
        )

    async def wake_at(self) -> datetime | None:
        """When the pool wants to be looked at; None if it sleeps."""
        rows = await self.ask("select nullif(wake_at, 'infinity') from sender_pools where workspace_id = :w")
        found: datetime | None = rows[0][0]
        return found

    async def events(self) -> list[tuple[str, dict[str, Any]]]:
        """The log: type and data of each event, in order."""
        rows = await self.ask(
            "select type, payload::text from events where workspace_id = :w order by number"
        )
        return [(kind, json.loads(payload)) for kind, payload in rows]

    async def enrollment(self, enrollment_id: UUID, fields: str = "state") -> Any:
        """One field of an enrollment, or a tuple of several."""
        rows = await self.ask(
            f"select {fields} from enrollments where workspace_id = :w and id = :id", id=enrollment_id
        )
        return rows[0] if "," in fields else rows[0][0]

    async def message(self, enrollment_id: UUID, fields: str = "state") -> Any:
        """One field of an enrollment's only message, or a tuple of several."""
        rows = await self.ask(
            f"select {fields} from messages where workspace_id = :w and enrollment_id = :id", id=enrollment_id
        )
        assert len(rows) == 1
        return rows[0] if "," in fields else rows[0][0]

    async def account_field(self, account_id: UUID, fields: str) -> Any:
        """One field of an account, or a tuple of several."""
        rows = await self.ask(
            f"select {fields} from sender_accounts where workspace_id = :w and id = :id", id=account_id
        )
        return rows[0] if "," in fields else rows[0][0]

    async def change(self, table: str, row_id: UUID, **values: object) -> None:
        """Set fields of one row behind the engine's back, and wake nobody."""
        names = ", ".join(f"{name} = :{name}" for name in values)
        await self._do(
            f"update {table} set {names} where workspace_id = :w and id = :row_id", row_id=row_id, **values
        )

    async def set_caps(self, limit: int) -> None:
        """Give everything that can have a limit this one; what was taken before is not counted."""
        await self._do("update sender_accounts set rolling_limit = :n where workspace_id = :w", n=limit)
        await self._do(
            "update campaigns set daily_limit = :n, new_leads_daily_limit = :n where workspace_id = :w",
            n=limit,
        )
        await self._do(
            "update workspaces set sending_domain_daily_limit = :n, recipient_domain_daily_limit = :n,"
            " recipient_domain_hourly_limit = :n where workspace_id = :w",
            n=limit,
        )

    async def vary(self, now: datetime = NOW) -> None:
        """Give every step a variant."""
        await self._do(
            "insert into step_variants"
            " (workspace_id, id, step_id, position, subject, body_html, weight, updated_at)"
            " select :w, overlay(id::text placing 'f' from 36)::uuid, id, 0, 'Other', 'Other', 1, :now"
            " from sequence_steps where workspace_id = :w",
            now=now,
        )

    async def suppress(self, value: str, kind: Literal["email", "domain"] = "email") -> None:
        """Put an address or domain on the list, and nothing else."""
        await self._do(
            "insert into suppressions (workspace_id, hash, kind, id, reason, source, created_at)"
            " values (:w, :hash, :kind, :id, 'test', 'test', :now)",
            hash=suppression_hash(value),
            kind=kind,
            id=new_id(NOW),
            now=NOW,
        )

    async def differences(self, day: date | None = None, *, now: datetime = NOW) -> list[Difference]:
        """What `leadterra ledger verify` finds."""
        async with self.database.snapshot(self.workspace_id) as uow:
            return [each async for each in find_differences(uow, day=day, now=now)]

    async def check_books(self, *, now: datetime = NOW) -> None:
        """What must be so at any instant: units and totals as messages, attempts and enrollments say, the log
        without a gap.
        """
        assert await self.differences(now=now) == []
        numbers = [
            row[0]
            for row in await self.ask("select number from events where workspace_id = :w order by number")
        ]
        assert numbers == list(range(1, len(numbers) + 1))

    async def _do(self, sql: str, **parameters: object) -> None:
        async with self.database.unit_of_work(self.workspace_id) as uow:
            await uow.execute(_named(sql), w=self.workspace_id, **parameters)


def _named(sql: str) -> str:
    """`:so` to psycopg's spelling, leaving casts alone."""
    return re.sub(r"(?<!:):([a-z_]+)", r"%(\1)s", sql)


def clearance(claim: Claim, row: ClaimedRow) -> ClearanceRequest:
    """What a worker asks right before DATA."""
    assert row.step_id is not None
    return ClearanceRequest(
        row.enrollment_id,
        row.step_id,
        claim.number,
        row.campaign_id,
        row.sender_account_id,
        "Hello",
        suppression_hash(row.email_key),
        suppression_hash(row.email_domain),
    )


def settlement(
    claim: Claim, row: ClaimedRow, ending: Ending, now: datetime = NOW, *, data_at: datetime | None = None
) -> Settlement:
    """What a worker says became of a message; what no server was asked about has none."""
    assert row.step_id is not None
    server = "" if isinstance(ending, Withheld | Unsendable) else "mail.acme.test:25"
    return Settlement(
        row.enrollment_id, row.step_id, claim.number, Attempt(ending, server, now, data_at, now)
    )


def days(count: int, start: datetime = NOW) -> Sequence[datetime]:
    """The same hour on so many days."""
    return [start + timedelta(days=number) for number in range(count)]
