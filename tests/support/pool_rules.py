"""The rules of caps and gates once more, from the rows themselves and as plainly as can be: what the engine's
own books and plan are held against.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from leadterra.domain.day import is_closing
from tests.support.pools import TestPool

DAY = timedelta(days=1)
_LETTERS = """
select m.enrollment_id, m.campaign_id, m.sender_account_id as account_id, a.email_domain as sending_domain,
  l.email_domain as recipient_domain, m.step_position, m.state, m.day, m.claimed_at, m.data_at, m.fence
from messages m
join sender_accounts a on a.id = m.sender_account_id
join leads l on l.id = m.lead_id
where m.workspace_id = :w and m.state in ('sending', 'sent', 'uncertain', 'bounced')
"""
_WAITING = """
select e.id, e.campaign_id, e.position, e.due_at, e.sender_account_id as account_id, l.email_domain as domain
from enrollments e
join leads l on l.id = e.lead_id
join campaigns c on c.id = e.campaign_id
where e.workspace_id = :w and e.state = 'waiting' and c.status = 'running'
"""
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit, and which messages count against it."""

    name: str
    limit: int
    counts: Callable[[Row], bool]


class PoolRules:
    """A workspace as its rows are at an instant."""

    def __init__(self, now: datetime, tables: dict[str, list[Row]]) -> None:
        self.now, self.letters, self.waiting = now, tables["letters"], tables["waiting"]
        self.accounts = {row["id"]: row for row in tables["accounts"]}
        self.campaigns = {row["id"]: row for row in tables["campaigns"]}
        self.workspace = tables["workspaces"][0]

    @classmethod
    async def read(cls, pool: TestPool, now: datetime) -> "PoolRules":
        """All rows that matter."""
        own = ("select * from {} where workspace_id = :w", "sender_accounts", "campaigns", "workspaces")
        queries = {"letters": _LETTERS, "waiting": _WAITING, "accounts": own[0].format(own[1])}
        queries |= {name: own[0].format(name) for name in own[2:]}
        return cls(now, {name: await pool.records(query) for name, query in queries.items()})

    def caps(self, account: UUID, campaign: UUID, domain: str, *, is_first: bool) -> Iterator[Cap]:
        """All that a message counts against now, where a limit is set."""
        sender, owner, pool = self.accounts[account], self.campaigns[campaign], self.workspace
        now = self.now
        hour = now.replace(minute=0, second=0, microsecond=0)
        sending = sender["email_domain"]
        of_day: list[tuple[str, int | None, Callable[[Row], bool]]] = [
            ("account", sender["daily_limit"], lambda m: m["account_id"] == account),
            ("workspace", pool["daily_quota"], lambda m: True),
            ("sending domain", pool["sending_domain_daily_limit"], lambda m: m["sending_domain"] == sending),
            ("domain", pool["recipient_domain_daily_limit"], lambda m: m["recipient_domain"] == domain),
            ("campaign", owner["daily_limit"], lambda m: m["campaign_id"] == campaign),
        ]
        if is_first:
            of_day += [
                (
                    "new leads",
                    owner["new_leads_daily_limit"],
                    lambda m: m["campaign_id"] == campaign and m["step_position"] == 0,
                )
            ]
        for name, limit, counts in of_day:
            if limit is not None:
                yield Cap(name, limit, _of_day(now, counts))
        if (limit := pool["recipient_domain_hourly_limit"]) is not None:
            yield Cap("hour", limit, lambda m: m["claimed_at"] >= hour and m["recipient_domain"] == domain)
        if (limit := sender["rolling_limit"]) is not None:
            yield Cap("24 hours", limit, lambda m: m["account_id"] == account and _counts_at(m) > now - DAY)

    def passed(self, fence: int) -> list[tuple[str, int, int]]:
        """Caps that were passed by what that claim took just now: (name, limit, taken)."""
        found = set()
        for m in self.letters:
            if m["fence"] == fence:
                is_first = m["step_position"] == 0
                for cap in self.caps(
                    m["account_id"], m["campaign_id"], m["recipient_domain"], is_first=is_first
                ):
                    taken = sum(map(cap.counts, self.letters))
                    if taken > cap.limit:
                        found.add((cap.name, cap.limit, taken))
        return sorted(found)

    def could_go(self) -> list[tuple[UUID, UUID]]:
        """Messages that wait though all their gates are open: (enrollment, account)."""
        if is_closing(self.now):
            return []
        return [
            (row["id"], account)
            for row in self.waiting
            if row["due_at"] <= self.now and self._is_in_window(self.campaigns[row["campaign_id"]])
            for account in self._accounts_for(row)
            if self._is_free(self.accounts[account])
            and all(
                sum(map(cap.counts, self.letters)) < cap.limit
                for cap in self.caps(account, row["campaign_id"], row["domain"], is_first=not row["position"])
            )
        ]

    def _is_in_window(self, campaign: Row) -> bool:
        """For schedules with a zone and hours that do not go over midnight, on working days."""
        schedule = campaign["schedule"]
        if schedule is None:
            return True
        local = self.now.astimezone(ZoneInfo(schedule["timeZone"]))
        hours = schedule["hours"]
        return local.weekday() < 5 and hours["from"] <= f"{local:%H:%M}" < hours["to"]

    def _accounts_for(self, row: Row) -> list[UUID]:
        """Its own while that is active; else those that its campaign allows."""
        own, campaign = self.accounts.get(row["account_id"]), self.campaigns[row["campaign_id"]]
        if own and own["status"] == "active":
            return [own["id"]]
        if own and row["position"] and campaign["sender_loss"] == "wait":
            patience = campaign["sender_loss_wait_days"] * DAY
            if max(row["due_at"], own["lost_at"]) + patience > self.now:
                return []
        tags = set(campaign["sender_tags"])
        return [
            key
            for key, each in self.accounts.items()
            if each["status"] == "active" and (not tags or tags & set(each["tags"]))
        ]

    def _is_free(self, account: Row) -> bool:
        """Not resting nor spaced. Of one that spreads it is not said here when its turn is."""
        if account["pacing_mode"] == "spread":
            return False
        is_flying = any(m["account_id"] == account["id"] and m["state"] == "sending" for m in self.letters)
        if is_flying and (account["min_gap_seconds"] or account["failures"]):
            return False
        instants = (account["rest_until"], account["next_send_at"])
        return all(at is None or at <= self.now for at in instants)


def _of_day(now: datetime, counts: Callable[[Row], bool]) -> Callable[[Row], bool]:
    """Only messages of that UTC day."""
    return lambda m: m["day"] == now.date() and counts(m)


def _counts_at(letter: Row) -> datetime:
    """Since when a message is one of its account's last 24 hours."""
    found: datetime = (
        letter["claimed_at"] if letter["state"] == "sending" else letter["data_at"] or letter["claimed_at"]
    )
    return found.astimezone(UTC)
