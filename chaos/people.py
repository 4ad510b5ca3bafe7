"""The people of a storm: they pause and resume, suppress, change limits, enrol, and resolve what is
uncertain, all through actions, while the machine room burns.

An action is repeated until the database has confirmed it. What an action refuses, because the engine was
faster, is no concern of theirs.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import Literal, TypeVar
from uuid import UUID

from chaos.mail_servers import Mailbag
from chaos.register import Kind, Register
from chaos.world import KEY_RING, Place, World
from leadterra.actions import suppressions
from leadterra.actions.campaigns import change_campaign, pause_campaign, start_campaign
from leadterra.actions.leads import pause_lead, remove_lead_from_campaign, resume_lead
from leadterra.actions.resolving import resolve_message
from leadterra.actions.sender_accounts import (
    AccountChange,
    activate_sender_account,
    change_sender_account,
    pause_sender_account,
    remove_sender_account,
)
from leadterra.actions.workspaces import change_workspace
from leadterra.domain.errors import LeadterraError
from leadterra.mail.threads import message_id
from leadterra.store.availability import is_unavailable
from leadterra.store.database import UnitOfWork

Result = TypeVar("Result")
Action = Callable[[UnitOfWork], Awaitable[object]]
_PATIENCE_SECONDS = 0.1
_FEW_WAIT = 400
_UNCERTAIN = (
    "select m.id, m.enrollment_id, m.step_id, p.message_domain from messages m"
    " join sender_pools p on p.workspace_id = m.workspace_id"
    " where m.workspace_id = %(workspace_id)s and m.state = 'uncertain' order by random() limit 200"
)
_WAITING = (
    "select count(*) from enrollments where workspace_id = %(workspace_id)s and campaign_id = %(campaign_id)s"
    " and state = 'waiting'"
)
_SOME_LEAD = (
    "select l.id, l.email from enrollments e"
    " join leads l on l.workspace_id = e.workspace_id and l.id = e.lead_id"
    " where e.workspace_id = %(workspace_id)s and e.campaign_id = %(campaign_id)s"
    " and e.state in ('waiting', 'sending') order by e.state, random() limit 1"
)


class People:
    """acts: what was done, by kind."""

    def __init__(self, world: World, register: Register, rng: random.Random) -> None:
        self._world, self._register, self._rng = world, register, rng
        self._busy: set[tuple[str, str]] = set()
        self._tasks: set[asyncio.Future[None]] = set()
        self._domains = Counter[str]()
        self.acts: Counter[str] = Counter()

    def begin(self, bag: Mailbag) -> None:
        """Do something, anything, soon."""
        acts: dict[Callable[[Place], Awaitable[None]], int] = {
            self._pause_campaign: 4,
            self._pause_account: 6,
            self._remove_account: 2,
            self._suppress: 6,
            self._suppress_domain: 1,
            self._pause_lead: 5,
            self._remove_lead: 4,
            self._limit_account: 5,
            self._limit_campaign: 3,
            self._limit_workspace: 2,
            self._enroll: 12,
        }
        place = self._rng.choice(list(self._world.places.values()))
        if self._rng.random() < 0.15:
            self._go(self.resolve_arrived(place, bag))
        else:
            [act] = self._rng.choices(list(acts), list(acts.values()))
            self._go(act(place))

    async def rest(self) -> None:
        """Until everything that was begun has been done: what was paused goes on. Cancelled, it gives up what
        is still to be done.
        """
        try:
            while self._tasks:
                done, _ = await asyncio.wait(self._tasks)
                for task in done:
                    task.result()
        finally:
            for task in self._tasks:
                task.cancel()

    async def resolve_arrived(self, place: Place, bag: Mailbag) -> None:
        """Of what is uncertain, say that it was sent where the servers have it."""
        for uncertain, identifier in await self._list_uncertain(place):
            if identifier in bag.message_ids:
                await self._resolve(place, uncertain, "sent")

    async def resolve_missing(self, place: Place, bag: Mailbag) -> None:
        """Of half of what is uncertain and at no server, say that it was not sent. For when nothing is under
        way any more: before, nobody can know.
        """
        for uncertain, identifier in (await self._list_uncertain(place))[::2]:
            if identifier not in bag.message_ids:
                await self._resolve(place, uncertain, "not_sent")

    async def _resolve(self, place: Place, message: UUID, outcome: Literal["sent", "not_sent"]) -> None:
        await self._try(place, lambda uow: resolve_message(uow, message, outcome, now=self._now()))
        self.acts[f"uncertain message resolved: {outcome.replace('_', ' ')}"] += 1

    async def _list_uncertain(self, place: Place) -> list[tuple[UUID, str]]:
        """Some uncertain messages: id and Message-ID."""
        rows = await self._surely(place, lambda uow: uow.rows(_UNCERTAIN))
        return [(row[0], message_id(place.id, row[1], row[2], row[3])) for row in rows]

    # What they do

    async def _pause_campaign(self, place: Place) -> None:
        tag = self._rng.choice(list(place.campaigns))
        campaign_id = place.campaigns[tag]
        await self._stop_for_a_while(
            place,
            ("campaign", tag),
            lambda uow: pause_campaign(uow, campaign_id, now=self._now()),
            lambda uow: start_campaign(uow, campaign_id, now=self._now()),
        )

    async def _pause_account(self, place: Place) -> None:
        address = self._rng.choice(list(place.accounts))
        account_id = place.accounts[address]
        await self._stop_for_a_while(
            place,
            ("account", address),
            lambda uow: pause_sender_account(uow, account_id, now=self._now()),
            lambda uow: activate_sender_account(uow, account_id, now=self._now()),
        )

    async def _remove_account(self, place: Place) -> None:
        """And have it back, with the day's ledger."""
        number = self._rng.randrange(place.draft.accounts)
        address = place.address(number)
        if not self._take("account", address):
            return
        await self._surely(
            place, lambda uow: remove_sender_account(uow, place.accounts[address], now=self._now())
        )
        self._register.stop("account", address, since=self._now())
        await asyncio.sleep(self._rng.uniform(1, 6))
        begun = self._now()
        self._register.resume("account", address, until=begun)
        with suppress(LeadterraError):  # it is there already: an answer was lost
            await self._until_known(lambda: self._world.add_account(place, number))
        self._register.limit("account", address, place.draft.limit, begun=begun, done=self._now())
        self._leave("account", address, "account removed and made again")

    async def _suppress(self, place: Place) -> None:
        _, lead, address = await self._some_lead(place)
        if lead is not None:
            await self._surely(
                place, lambda uow: suppressions.suppress(uow, [address], [], source="chaos", now=self._now())
            )
            self._register.stop("lead", address, since=self._now())
            self.acts["lead suppressed"] += 1

    async def _suppress_domain(self, place: Place) -> None:
        """One domain of a workspace, at most, or soon nobody is left."""
        _, lead, address = await self._some_lead(place)
        if lead is None or self._domains[place.name]:
            return
        self._domains[place.name] += 1
        domain = address.rpartition("@")[2]
        await self._surely(
            place, lambda uow: suppressions.suppress(uow, [], [domain], source="chaos", now=self._now())
        )
        self._register.stop("recipient domain", domain, since=self._now())
        self.acts["domain suppressed"] += 1

    async def _pause_lead(self, place: Place) -> None:
        tag, lead, address = await self._some_lead(place)
        if lead is None:
            return
        campaign_id = place.campaigns[tag]
        await self._stop_for_a_while(
            place,
            ("lead", address),
            lambda uow: pause_lead(uow, campaign_id, lead, now=self._now()),
            lambda uow: resume_lead(uow, campaign_id, lead, now=self._now()),
        )

    async def _remove_lead(self, place: Place) -> None:
        tag, lead, address = await self._some_lead(place)
        if lead is None or not self._take("lead", address):
            return
        campaign_id = place.campaigns[tag]
        if await self._try(
            place, lambda uow: remove_lead_from_campaign(uow, campaign_id, lead, now=self._now())
        ):
            self._register.stop("lead", address, since=self._now())
        self.acts["lead taken out of its campaign"] += 1

    async def _limit_account(self, place: Place) -> None:
        address = self._rng.choice(list(place.accounts))
        limit = max(1, round(place.draft.limit * self._rng.uniform(0.05, 1.3)))
        change = AccountChange({"daily_limit": limit})
        account_id = place.accounts[address]
        await self._limit(
            place,
            ("account", address),
            limit,
            lambda uow: change_sender_account(uow, account_id, change, key_ring=KEY_RING, now=self._now()),
        )

    async def _limit_campaign(self, place: Place) -> None:
        tag = self._rng.choice(list(place.campaigns))
        limit = self._rng.choice([None, self._rng.randint(20, 400)])
        campaign_id = place.campaigns[tag]
        await self._limit(
            place,
            ("campaign", tag),
            limit,
            lambda uow: change_campaign(uow, campaign_id, {"daily_limit": limit}, now=self._now()),
        )

    async def _limit_workspace(self, place: Place) -> None:
        limit = round(place.draft.limit * place.draft.accounts * self._rng.uniform(0.3, 1.1))
        await self._limit(
            place,
            ("workspace", place.name),
            limit,
            lambda uow: change_workspace(uow, {"daily_quota": limit}, now=self._now()),
        )

    async def _enroll(self, place: Place) -> None:
        tag = self._rng.choice(list(place.campaigns))
        if not self._take("enrol", tag):
            return
        campaign_id = place.campaigns[tag]
        [(waiting,)] = await self._surely(place, lambda uow: uow.rows(_WAITING, campaign_id=campaign_id))
        if waiting < _FEW_WAIT:
            await self._until_known(lambda: self._world.enroll(place, tag, 150))
        self._leave("enrol", tag, "leads enrolled" if waiting < _FEW_WAIT else "")

    # How they do it

    async def _stop_for_a_while(
        self, place: Place, what: tuple[Kind, str], stop: Action, resume: Action
    ) -> None:
        if not self._take(*what):
            return
        if await self._try(place, stop):
            self._register.stop(*what, since=self._now())
            await asyncio.sleep(self._rng.uniform(1, 6))
            self._register.resume(*what, until=self._now())
            await self._try(place, resume)
        self._leave(*what, f"{what[0]} paused and resumed")

    async def _limit(self, place: Place, what: tuple[str, str], limit: int | None, action: Action) -> None:
        if not self._take(*what):
            return
        begun = self._now()
        if await self._try(place, action):
            self._register.limit(*what, limit, begun=begun, done=self._now())
        self._leave(*what, f"{what[0]} limit changed")

    async def _some_lead(self, place: Place) -> tuple[str, UUID | None, str]:
        """Somebody to whom something may be on its way: campaign, lead and address."""
        tag = self._rng.choice(list(place.campaigns))
        campaign_id = place.campaigns[tag]
        rows = await self._surely(place, lambda uow: uow.rows(_SOME_LEAD, campaign_id=campaign_id))
        return (tag, *rows[0]) if rows else (tag, None, "")

    async def _try(self, place: Place, action: Action) -> bool:
        """Whether the action was taken, and not refused."""
        try:
            await self._surely(place, action)
        except LeadterraError:
            return False
        return True

    async def _surely(self, place: Place, action: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
        return await self._until_known(lambda: self._world.run(place, action))

    async def _until_known(self, attempt: Callable[[], Awaitable[Result]]) -> Result:
        while True:
            try:
                return await attempt()
            except Exception as error:
                if not is_unavailable(error):
                    raise
            await asyncio.sleep(_PATIENCE_SECONDS)

    def _take(self, kind: str, key: str) -> bool:
        """Two people do not change the same thing at once."""
        if (kind, key) in self._busy:
            return False
        self._busy.add((kind, key))
        return True

    def _leave(self, kind: str, key: str, done: str) -> None:
        self._busy.discard((kind, key))
        if done:
            self.acts[done] += 1

    def _go(self, act: Awaitable[None]) -> None:
        task = asyncio.ensure_future(act)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Future[None]) -> None:
        if not task.cancelled() and task.exception() is None:
            self._tasks.discard(task)

    def _now(self) -> datetime:
        return self._world.timeline.now()
