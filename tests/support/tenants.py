"""A workspace with one of everything, and a look at all of its rows from outside of the program.

Everything that a person could have typed into it bears its marker, so that a leak can be seen in any text;
but one lead, one account and one suppressed address are the same in all of them.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString, cast
from uuid import UUID

import httpx
import psycopg
from psycopg import sql

from leadterra.actions.delivery_records import note_complaint
from leadterra.actions.equipment import Equipment
from leadterra.actions.mailbox_health import note_mailbox
from leadterra.actions.ports import MailboxTrouble
from leadterra.actions.providers import claim_unresolved_domains
from leadterra.actions.receiving import Arrival, receive_letter
from leadterra.actions.responding import Draft, respond_to_reply
from leadterra.domain.api_key import Mode
from leadterra.domain.day import day_of
from leadterra.domain.dead_domain import DomainNews
from leadterra.domain.warmup import WarmupRule
from leadterra.mail.finding import Classification, Finding, Kind
from leadterra.mail.incoming import Incoming
from leadterra.mail.letter import Mailbox
from leadterra.store.dead_domains import save_news
from leadterra.store.ids import decode, encode, new_id
from leadterra.store.mailboxes import FolderPlace, save_folders
from leadterra.store.warmup_letters import LetterChange, NewLetter, insert_letters, settle_letters
from leadterra.store.warmups import save_rule
from leadterra.store.workspaces import find_link_secret
from tests.support.api import client, make_key, make_workspace
from tests.support.outreach import shown
from tests.support.source_tree import tables
from tests.support.turns import ACCEPTED, REFUSED, UNCERTAIN, Turns

TENANT_TABLES = tuple(name for name, is_tenant in tables().items() if is_tenant)
IDEMPOTENCY_KEY = "the-same-key-everywhere"
PERSON = "person@leads.test"
"""The lead that is in flight, in every workspace."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
Admin = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Tenant:
    """A workspace with one of everything.

    marker: in every text of it. key: with all scopes. ids: TypeIDs by what they name; those of `PATH_KINDS`
    stand in paths. enrollment_id: of the lead that is in flight. cursors: of the second page of every list,
    by path.
    """

    workspace_id: UUID
    marker: str
    key: str
    api: httpx.AsyncClient
    ids: Mapping[str, str]
    enrollment_id: UUID
    link_secret: bytes
    cursors: dict[str, str] = field(default_factory=dict)

    @property
    def domain(self) -> str:
        """Suppressed in this workspace alone, and without its marker."""
        return f"{self.marker[::-1]}.test"


@asynccontextmanager
async def open_tenant(equipment: Equipment, marker: str) -> AsyncIterator[Tenant]:
    """A new workspace, filled."""
    now = equipment.clock.now()
    workspace_id = await make_workspace(equipment.database, Mode.TEST, now=now)
    key = await make_key(equipment.database, workspace_id, now=now)
    async with client(equipment, key) as api:
        yield await _fill(_Filler(equipment, workspace_id, marker, api), key)


@dataclass(frozen=True, slots=True)
class _Filler:
    equipment: Equipment
    workspace_id: UUID
    marker: str
    api: httpx.AsyncClient

    async def send(self, method: str, path: str, body: object, **headers: str) -> dict[str, Any]:
        """The data of the answer."""
        return shown(await self.api.request(method, path, json=body, headers=headers))

    async def campaign(self, name: str) -> dict[str, Any]:
        """With two steps."""
        first = {
            "subject": f"{self.marker} {{{{ firstName }}}}",
            "bodyHtml": f"<p>{self.marker}</p>",
            "bodyText": self.marker,
            "variants": [{"subject": self.marker, "bodyHtml": f"<p>{self.marker} or else</p>"}],
        }
        body = {
            "name": f"{self.marker} {name}",
            "sequenceSteps": [first, {"bodyHtml": f"<p>{self.marker} again</p>"}],
        }
        return await self.send(
            "POST", "/v1/campaigns", body, **{"Idempotency-Key": f"{IDEMPOTENCY_KEY}-{name}"}
        )

    async def account(self, name: str, *, by_token: bool = False) -> str:
        """With servers, and passwords or a grant."""
        server = {"host": f"{self.marker}.test", "security": "none", "username": self.marker}
        grant = {
            "type": "oauth2",
            "provider": "custom",
            "clientId": self.marker,
            "clientSecret": self.marker,
            "refreshToken": self.marker,
            "tokenUrl": f"https://{self.marker}.test/token",
        }
        if not by_token:
            server["password"] = self.marker
        body = {
            "email": f"{name}@acme.test",
            "name": f"{self.marker} {name}",
            "smtp": server,
            "imap": server,
            "auth": grant if by_token else "password",
        }
        made = await self.send("POST", "/v1/sender-accounts", body)
        return cast("str", made["id"])

    async def leads(self, campaign: str) -> None:
        """Four by JSON, two by files; the files' ids are shown by `/v1/imports`."""
        people = [self._person(f"{self.marker}-{number}@leads.test") for number in range(3)]
        path = f"/v1/campaigns/{campaign}/leads/bulk"
        await self.send("POST", path, {"leads": [*people, self._person(PERSON)]})
        for number in (3, 4):
            rows = f"email,company,note\n{self.marker}-{number}@leads.test,{self.marker},{self.marker}\n"
            answer = await self.api.post(path, content=rows, headers={"Content-Type": "text/csv"})
            assert answer.is_success, answer.text

    def _person(self, email: str) -> dict[str, object]:
        known = dict.fromkeys(("firstName", "lastName", "company", "jobTitle"), self.marker)
        return {
            "email": email,
            **known,
            "customFields": {self.marker: self.marker},
        }


async def _fill(filler: _Filler, key: str) -> Tenant:
    settings = {
        "name": filler.marker,
        "postalAddress": filler.marker,
        "dailyQuota": 50,
        "sendingDomainDailyLimit": 40,
    }
    await filler.send("PATCH", "/v1/workspace", settings)
    accounts = [await filler.account("one"), await filler.account("two", by_token=True)]
    campaign, draft = await filler.campaign("sent"), await filler.campaign("draft")
    await filler.leads(campaign["id"])
    listed = {
        "emails": [f"{filler.marker}-x@leads.test", "gone@leads.test"],
        "domains": [f"{filler.marker[::-1]}.test"],
    }
    await filler.send("POST", "/v1/suppression-list", listed)
    await filler.send("POST", "/v1/api-keys", {"label": filler.marker, "scopes": ["read"]})
    await filler.send("POST", f"/v1/campaigns/{campaign['id']}/start", None)
    enrollment_id = await _converse(filler)
    await _ask_for_providers(filler)
    await _be_in_trouble(filler, decode("sa", accounts[1]), enrollment_id)
    await _hear(filler)
    await _warm_up(filler, [decode("sa", account) for account in accounts])
    ids = await _ids(filler, campaign["id"]) | {
        "sa": accounts[0],
        "camp": campaign["id"],
        "draft": draft["id"],
    }
    ids["step"] = draft["sequenceSteps"][0]["id"]
    async with filler.equipment.database.unit_of_work(filler.workspace_id) as uow:
        secret = await find_link_secret(uow)
    assert secret is not None
    return Tenant(filler.workspace_id, filler.marker, key, filler.api, ids, enrollment_id, secret)


async def _converse(filler: _Filler) -> UUID:
    """One message each that was taken, refused and is uncertain; one in flight, and the rest is due."""
    turns, now = Turns(filler.equipment.database, filler.workspace_id), filler.equipment.clock.now()
    for ending in (ACCEPTED, REFUSED, UNCERTAIN):
        assert await turns.send(now, ending, limit=1) == 1
    claim = await turns.claim(now, limit=1)
    assert claim is not None
    return claim.rows[0].enrollment_id


async def _ask_for_providers(filler: _Filler) -> None:
    """The domains of leads and accounts are on the list of those to ask DNS about."""
    async with filler.equipment.database.unit_of_work(filler.workspace_id) as uow:
        await claim_unresolved_domains(uow, UUID(int=0), now=filler.equipment.clock.now())


async def _be_in_trouble(filler: _Filler, account_id: UUID, enrollment_id: UUID) -> None:
    """An account whose mailbox does not answer, a complaint about it, and a domain that takes no mail."""
    now = filler.equipment.clock.now()
    async with filler.equipment.database.unit_of_work(filler.workspace_id) as uow:
        await note_mailbox(uow, account_id, MailboxTrouble.SERVER, filler.marker, now=now)
        await note_complaint(uow, account_id, None, None, now=now)
        news = DomainNews(True, now, enrollment_id)
        await save_news(uow, f"gone.{filler.marker}.test", news, reason=filler.marker)


async def _hear(filler: _Filler) -> None:
    """An answer of the lead that was sent to first, what a person said to it, and how far the mailbox that it
    came to was read.
    """
    found = (await filler.api.get("/v1/messages?state=sent")).json()["data"][0]
    account_id, now = decode("sa", found["senderAccountId"]), filler.equipment.clock.now()
    lead = (await filler.api.get(f"/v1/leads/{found['leadId']}")).json()["data"]
    sender = Mailbox(filler.marker, lead["email"])
    letter = Incoming(sender=sender, message_id=f"<{filler.marker}@leads.test>", subject=filler.marker)
    meaning = Finding(Kind.REPLY, Classification.OTHER, new_text=filler.marker, quoted_text=filler.marker)
    arrival = Arrival(account_id, letter, meaning, now)
    async with filler.equipment.database.unit_of_work(filler.workspace_id) as uow:
        reply_id = await receive_letter(uow, arrival, now=now)
        assert reply_id is not None
        await respond_to_reply(uow, reply_id, Draft(filler.marker, None, filler.marker), now=now)
        await save_folders(uow, [(account_id, FolderPlace(filler.marker, 1, 1))])


async def _warm_up(filler: _Filler, accounts: Sequence[UUID]) -> None:
    """Settings of a warm-up, and a letter between the accounts that was not sent."""
    now, letter_id = filler.equipment.clock.now(), new_id(filler.equipment.clock.now())
    async with filler.equipment.database.unit_of_work(filler.workspace_id) as uow:
        await uow.lock_pool()
        await save_rule(uow, accounts[0], WarmupRule())
        letters = [NewLetter(letter_id, accounts[0], accounts[1], 1)]
        await insert_letters(uow, letters, day=day_of(now), lease_until=now, now=now)
        await settle_letters(uow, [LetterChange(letter_id, "cancelled", filler.marker, None, True)], now=now)


async def _ids(filler: _Filler, campaign: str) -> dict[str, str]:
    async def first(path: str) -> dict[str, Any]:
        return cast("dict[str, Any]", (await filler.api.get(path)).json()["data"][0])

    lead = await first(f"/v1/leads?email={PERSON}")
    uncertain = await first(f"/v1/messages?state=uncertain&campaignId={campaign}")
    keys = (await filler.api.get("/v1/api-keys")).json()["data"]
    return {
        "lead": lead["id"],
        "msg": uncertain["id"],
        "key": next(key["id"] for key in keys if key["label"] == filler.marker),
        "imp": (await first("/v1/imports"))["id"],
        "rpl": (await first("/v1/replies"))["id"],
    }


def dump(admin: Admin, workspace_id: UUID) -> list[tuple[str, str]]:
    """Every row of a workspace as text, with the name of its table, in order."""
    each: LiteralString = "select {name}, t::text from {table} t where workspace_id = {id}"
    parts = [
        sql.SQL(each).format(name=sql.Literal(name), table=sql.Identifier(name), id=sql.Literal(workspace_id))
        for name in TENANT_TABLES
    ]
    return cast(
        "list[tuple[str, str]]",
        admin.execute(sql.SQL(" union all ").join(parts) + sql.SQL(" order by 1, 2")).fetchall(),
    )


def ids_in(rows: list[tuple[str, str]]) -> set[str]:
    """The TypeIDs, without their prefixes, of every UUID in a dump."""
    return {encode("ws", UUID(text)).removeprefix("ws_") for _, row in rows for text in _UUID.findall(row)}
