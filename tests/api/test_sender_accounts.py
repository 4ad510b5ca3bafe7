"""`/v1/sender-accounts`, field by field."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.domain.api_key import Mode
from leadterra.store.database import Database
from tests.support.api import client, make_key, make_workspace
from tests.support.clock import NOW

ACCOUNT = {"email": "James.Walker@Mail.AcmeCorp.io", "name": "James Walker"}
SMTP = {"host": "smtp.example.com", "username": "james", "password": "correct horse"}


async def create(api: httpx.AsyncClient, **fields: object) -> dict[str, Any]:
    """A new account, as the API shows it."""
    answer = await api.post("/v1/sender-accounts", json=ACCOUNT | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def events(database: Database, workspace: UUID) -> list[str]:
    """The types of the workspace's events, in order."""
    async with database.unit_of_work(workspace) as uow:
        rows = await uow.rows("select type from events where workspace_id = %(workspace_id)s order by number")
    return [row[0] for row in rows]


async def test_a_list_item_has_exactly_four_fields(api: httpx.AsyncClient) -> None:
    """GET /v1/sender-accounts shows id, email, name and status, without pagination."""
    created = await create(api)

    answer = await api.get("/v1/sender-accounts")

    assert answer.json() == {
        "data": [
            {
                "id": created["id"],
                "email": "James.Walker@mail.acmecorp.io",
                "name": "James Walker",
                "status": "active",
            }
        ]
    }


UNTROUBLED: dict[str, object] = {
    "bounceRate": None,
    "bounces": 0,
    "endings": 0,
    "complaintRate": 0.0,
    "complaints": 0,
    "judgedFrom": None,
    "circuit": "closed",
    "failures": 0,
    "restUntil": None,
    "restReason": None,
    "mailbox": {"failures": 0, "nextTryAt": None, "trouble": None, "detail": None},
    "warnings": [],
}
BY_PASSWORD = {
    "type": "password",
    "provider": None,
    "clientId": None,
    "tokenUrl": None,
    "scope": None,
    "hasClientSecret": False,
    "hasRefreshToken": False,
}


async def test_a_new_account_shows_all_its_fields(api: httpx.AsyncClient) -> None:
    """Defaults are filled in, the day's numbers are zero, and the password does not come back."""
    shown = await create(api, smtp=SMTP)

    assert shown.pop("id").startswith("sa_")
    assert shown == {
        "email": "James.Walker@mail.acmecorp.io",
        "name": "James Walker",
        "status": "active",
        "statusReason": None,
        "dailyLimit": 50,
        "sentToday": 0,
        "reservedToday": 0,
        "uncertainToday": 0,
        "remainingToday": 50,
        "health": None,
        "healthDetail": UNTROUBLED,
        "nextSendAt": "2026-03-10T12:00:00Z",
        "smtp": {
            "host": "smtp.example.com",
            "port": 587,
            "security": "starttls",
            "username": "james",
            "hasPassword": True,
        },
        "imap": None,
        "auth": BY_PASSWORD,
        "pacing": {"mode": None, "minGapSeconds": None, "jitter": None},
        "rollingLimit": None,
        "weight": 1.0,
        "tags": [],
        "provider": None,
        "warmup": None,
        "createdAt": "2026-03-10T12:00:00Z",
        "updatedAt": "2026-03-10T12:00:00Z",
    }


async def test_created_says_where_it_is(api: httpx.AsyncClient) -> None:
    """201 has a Location that answers with the same account."""
    answer = await api.post("/v1/sender-accounts", json=ACCOUNT)

    assert (await api.get(answer.headers["location"])).json() == answer.json()


async def test_the_list_is_paged_when_a_limit_is_given(api: httpx.AsyncClient) -> None:
    """Following nextCursor shows every account once, oldest first; those of one batch in its order."""
    emails = [f"sender{number}@example.com" for number in range(5)]
    batch = [{"email": email, "name": "Sender"} for email in emails]
    await api.post("/v1/sender-accounts/bulk", json={"senderAccounts": batch})

    seen: list[str] = []
    parameters: dict[str, str | int] = {"limit": 2}
    while parameters.get("cursor", "") is not None:
        page = (await api.get("/v1/sender-accounts", params=parameters)).json()
        seen += [item["email"] for item in page["data"]]
        parameters["cursor"] = page["pagination"]["nextCursor"]

    assert seen == emails


async def test_the_list_can_be_filtered_by_status(api: httpx.AsyncClient) -> None:
    """?status= keeps only accounts of that status."""
    await create(api)
    await create(api, email="warm@example.com", status="warming")

    answer = await api.get("/v1/sender-accounts", params={"status": "warming"})

    assert [item["email"] for item in answer.json()["data"]] == ["warm@example.com"]


async def test_a_second_account_of_the_same_address_is_a_conflict(api: httpx.AsyncClient) -> None:
    """Addresses are compared without regard to case."""
    await create(api)

    answer = await api.post("/v1/sender-accounts", json=ACCOUNT | {"email": "JAMES.walker@mail.acmecorp.IO"})

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


async def test_a_patch_changes_only_what_it_names(api: httpx.AsyncClient) -> None:
    """Within smtp too: a new host keeps port, login and password."""
    account = await create(api, smtp=SMTP, pacing={"minGapSeconds": 9})

    answer = await api.patch(
        f"/v1/sender-accounts/{account['id']}", json={"smtp": {"host": "other.example.com"}}
    )

    changed = account["smtp"] | {"host": "other.example.com"}
    assert answer.json()["data"] == account | {"smtp": changed}


async def test_another_security_brings_its_usual_port(api: httpx.AsyncClient) -> None:
    """tls is 465 unless a port is given."""
    account = await create(api, smtp=SMTP)

    answer = await api.patch(f"/v1/sender-accounts/{account['id']}", json={"smtp": {"security": "tls"}})

    assert answer.json()["data"]["smtp"]["port"] == 465


async def test_null_takes_a_server_or_a_login_away(api: httpx.AsyncClient) -> None:
    """username null forgets the password with it; smtp null the server."""
    account = await create(api, smtp=SMTP)
    path = f"/v1/sender-accounts/{account['id']}"

    without_login = (await api.patch(path, json={"smtp": {"username": None}})).json()["data"]["smtp"]
    without_server = (await api.patch(path, json={"smtp": None})).json()["data"]["smtp"]

    assert (without_login["username"], without_login["hasPassword"], without_server) == (None, False, None)


async def test_pausing_and_activating_are_told_once_each(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """Both are idempotent: the second time nothing changes and no event is written."""
    account = await create(api)
    path = f"/v1/sender-accounts/{account['id']}"

    states = []
    for action in ("pause", "pause", "activate", "activate"):
        shown = (await api.post(f"{path}/{action}")).json()["data"]
        states.append((shown["status"], shown["statusReason"]))

    assert states == [("paused", "Paused by request.")] * 2 + [("active", None)] * 2
    assert await events(database, workspace) == ["sender.paused", "sender.activated"]


async def test_a_removed_account_leaves_no_secret_and_comes_back_with_its_id(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """DELETE leaves a tombstone; creating the address again revives it."""
    account = await create(api, smtp=SMTP)
    path = f"/v1/sender-accounts/{account['id']}"

    removed = await api.delete(path)
    gone = await api.get(path)
    async with database.unit_of_work(workspace) as uow:
        secrets = await uow.rows(
            "select smtp_password, smtp_host from sender_accounts where workspace_id = %(workspace_id)s"
        )
    revived = await create(api, email="james.walker@mail.acmecorp.io")

    assert (removed.status_code, gone.json()["code"]) == (204, "sender_account_not_found")
    assert secrets == [(None, None)]
    assert (revived["id"], revived["smtp"]) == (account["id"], None)


async def test_the_password_is_sealed_at_rest(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """What is stored does not contain the password."""
    await create(api, smtp=SMTP)

    async with database.unit_of_work(workspace) as uow:
        stored = await uow.value(
            "select smtp_password from sender_accounts where workspace_id = %(workspace_id)s"
        )

    assert b"correct horse" not in bytes(stored)


async def test_a_live_workspace_needs_smtp(equipment: Equipment) -> None:
    """In live mode an account without smtp is refused, naming the field."""
    workspace = await make_workspace(equipment.database, Mode.LIVE, now=NOW)
    key = await make_key(equipment.database, workspace, now=NOW)
    async with client(equipment, key) as api:
        answer = await api.post("/v1/sender-accounts", json=ACCOUNT)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/smtp"]


async def test_the_first_account_names_the_message_ids(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """The domain of the first account stays the right side of every Message-ID."""
    await create(api)
    await create(api, email="other@example.com")

    async with database.unit_of_work(workspace) as uow:
        domain = await uow.value(
            "select message_domain from sender_pools where workspace_id = %(workspace_id)s"
        )

    assert domain == "mail.acmecorp.io"


async def test_in_a_batch_each_item_fails_by_itself(api: httpx.AsyncClient) -> None:
    """The good ones are created; the others are listed with pointers into the request."""
    batch = [
        ACCOUNT,
        ACCOUNT,
        {"email": "no address", "name": "x"},
        {"email": "b@example.com"},
        7,
        {"email": "c@example.com", "name": "C", "dailyLimit": 3},
    ]

    answer = await api.post("/v1/sender-accounts/bulk", json={"senderAccounts": batch})

    done = answer.json()["data"]
    assert [item["index"] for item in done["created"]] == [0, 5]
    assert [(item["index"], item["errors"][0]["pointer"]) for item in done["failed"]] == [
        (1, "/senderAccounts/1"),
        (2, "/senderAccounts/2/email"),
        (3, "/senderAccounts/3/name"),
        (4, "/senderAccounts/4"),
    ]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"email": "nobody"}, "/email"),
        ({"email": "a\r\nBcc: x@example.com"}, "/email"),
        ({"email": 5}, "/email"),
        ({"name": ""}, "/name"),
        ({"name": "   "}, "/name"),
        ({"name": "Eve\r\nBcc: all@example.com"}, "/name"),
        ({"name": "Eve\x00"}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": None}, "/name"),
        ({"dailyLimit": 0}, "/dailyLimit"),
        ({"dailyLimit": 100_001}, "/dailyLimit"),
        ({"dailyLimit": "5"}, "/dailyLimit"),
        ({"dailyLimit": 5.0}, "/dailyLimit"),
        ({"dailyLimit": True}, "/dailyLimit"),
        ({"dailyLimit": 10**30}, "/dailyLimit"),
        ({"status": "asleep"}, "/status"),
        ({"status": 1}, "/status"),
        ({"auth": "oauth2"}, "/auth"),
        ({"warmup": {"speed": 1}}, "/warmup/speed"),
        ({"warmup": {"start": 0}}, "/warmup/start"),
        ({"warmup": {"days": 366}}, "/warmup/days"),
        ({"smtp": []}, "/smtp"),
        ({"smtp": {}}, "/smtp/host"),
        ({"smtp": {"host": "mail example.com"}}, "/smtp/host"),
        ({"smtp": {"host": "mail.example.com:25"}}, "/smtp/host"),
        ({"smtp": {"host": "mail\r\n.example.com"}}, "/smtp/host"),
        ({"smtp": {"host": "1.2.3"}}, "/smtp/host"),
        ({"smtp": {"host": "a", "port": 0}}, "/smtp/port"),
        ({"smtp": {"host": "a", "security": "ssl"}}, "/smtp/security"),
        ({"smtp": {"host": "a", "username": "u"}}, "/smtp/password"),
        ({"smtp": {"host": "a", "password": "p"}}, "/smtp/username"),
        ({"smtp": {"host": "a", "token": "t"}}, "/smtp/token"),
        ({"imap": {"host": "a b"}}, "/imap/host"),
        ({"pacing": {"mode": "burst"}}, "/pacing/mode"),
        ({"pacing": {"minGapSeconds": -1}}, "/pacing/minGapSeconds"),
        ({"pacing": {"jitter": 1.01}}, "/pacing/jitter"),
        ({"pacing": []}, "/pacing"),
        ({"rollingLimit": 0}, "/rollingLimit"),
        ({"rollingLimit": 100_001}, "/rollingLimit"),
        ({"rollingLimit": 1.5}, "/rollingLimit"),
        ({"weight": 0}, "/weight"),
        ({"weight": 0.0009}, "/weight"),
        ({"weight": 1000.5}, "/weight"),
        ({"weight": -1}, "/weight"),
        ({"weight": True}, "/weight"),
        ({"weight": None}, "/weight"),
        ({"tags": "vip"}, "/tags"),
        ({"tags": None}, "/tags"),
        ({"tags": ["a", " "]}, "/tags/1"),
        ({"tags": ["a", "x" * 51]}, "/tags/1"),
        ({"tags": ["a\nb"]}, "/tags/0"),
        ({"tags": ["a\u202eb"]}, "/tags/0"),
        ({"tags": [str(number) for number in range(21)]}, "/tags"),
        ({"provider": "gmail"}, "/provider"),
        ({"provider": ""}, "/provider"),
    ],
)
async def test_a_wrong_field_is_named(
    api: httpx.AsyncClient, fields: dict[str, object], pointer: str
) -> None:
    """The answer is a 400 or 422 whose first error points at the field, and no account is created."""
    answer = await api.post("/v1/sender-accounts", json=ACCOUNT | fields)

    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert (await api.get("/v1/sender-accounts")).json() == {"data": []}


@pytest.mark.parametrize(
    ("host", "kept"),
    [
        ("SMTP.Example.COM", "smtp.example.com"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("münchen.example", "xn--mnchen-3ya.example"),
        ("mail.example.com.", "mail.example.com"),
    ],
)
async def test_a_host_is_a_name_or_an_address(api: httpx.AsyncClient, host: str, kept: str) -> None:
    """Names are kept in lower-case ASCII, addresses without brackets."""
    account = await create(api, smtp={"host": host})

    assert account["smtp"]["host"] == kept
