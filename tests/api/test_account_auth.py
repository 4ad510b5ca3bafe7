"""`auth` of `/v1/sender-accounts`: passwords or OAuth 2.0."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.domain.api_key import Mode
from leadterra.store.database import Database
from tests.support.api import client, make_key, make_workspace
from tests.support.clock import NOW

PATH = "/v1/sender-accounts"
SMTP = {"host": "smtp.gmail.com", "username": "ada@acme.test"}
GOOGLE = {
    "type": "oauth2",
    "provider": "google",
    "clientId": "our.apps",
    "clientSecret": "hush-secret",
    "refreshToken": "hush-refresh",
}
CUSTOM = GOOGLE | {"provider": "custom", "tokenUrl": "https://login.acme.test/token"}
SHOWN = {
    "type": "oauth2",
    "provider": "google",
    "clientId": "our.apps",
    "tokenUrl": "https://oauth2.googleapis.com/token",
    "scope": None,
    "hasClientSecret": True,
    "hasRefreshToken": True,
}


async def create(api: httpx.AsyncClient, **fields: object) -> httpx.Response:
    """Ask for a new account."""
    return await api.post(PATH, json={"email": "ada@acme.test", "name": "Ada", "smtp": SMTP, **fields})


async def created(api: httpx.AsyncClient, **fields: object) -> dict[str, Any]:
    """A new account, as the API shows it."""
    answer = await create(api, **fields)
    assert answer.status_code == 201, answer.text
    assert "hush" not in answer.text
    return answer.json()["data"]


async def changed(api: httpx.AsyncClient, account: dict[str, Any], **fields: object) -> httpx.Response:
    """Ask for a change."""
    answer = await api.patch(f"{PATH}/{account['id']}", json=fields)
    assert "hush" not in answer.text
    return answer


def faults(answer: httpx.Response) -> list[tuple[str, str]]:
    """Where, and what, in order."""
    return sorted((error["pointer"], error["code"]) for error in answer.json()["errors"])


async def secrets(database: Database, workspace: UUID) -> list[tuple[Any, ...]]:
    """Everything that is stored of grants and passwords."""
    async with database.unit_of_work(workspace) as uow:
        return await uow.rows(
            "select g.client_secret, g.refresh_token, a.smtp_password from sender_accounts a"
            " left join oauth_grants g on g.account_id = a.id and g.workspace_id = a.workspace_id"
            " where a.workspace_id = %(workspace_id)s"
        )


async def test_google_needs_no_address(api: httpx.AsyncClient, database: Database, workspace: UUID) -> None:
    """Its own is filled in; the secrets are stored sealed and never shown."""
    account = await created(api, auth=GOOGLE)
    [(secret, refresh, password)] = await secrets(database, workspace)

    assert account["auth"] == SHOWN
    assert account["smtp"]["hasPassword"] is False
    assert (await api.get(f"{PATH}/{account['id']}")).json()["data"] == account
    assert (b"hush" in secret, b"hush" in refresh, password) == (False, False, None)


async def test_microsoft_asks_for_its_mail_scopes(api: httpx.AsyncClient) -> None:
    """Without them it would issue tokens for another service; a public client has no secret."""
    auth = {"type": "oauth2", "provider": "microsoft", "clientId": "c", "refreshToken": "hush"}
    account = await created(api, auth=auth)

    assert account["auth"]["tokenUrl"] == "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    assert "SMTP.Send" in account["auth"]["scope"]
    assert "IMAP.AccessAsUser.All" in account["auth"]["scope"]
    assert account["auth"]["hasClientSecret"] is False


@pytest.mark.parametrize("auth", ["password", {"type": "password"}])
async def test_passwords_can_be_said(auth: object, api: httpx.AsyncClient) -> None:
    """As a word or as an object; it is the default."""
    account = await created(api, smtp=SMTP | {"password": "hush"}, auth=auth)

    assert account["auth"]["type"] == "password"
    assert account["smtp"]["hasPassword"] is True


@pytest.mark.parametrize(
    ("auth", "status", "expected"),
    [
        ("oauth2", 400, [("/auth", "wrong_type")]),
        ("token", 400, [("/auth", "wrong_type")]),
        (None, 400, [("/auth", "wrong_type")]),
        ({"type": "basic"}, 400, [("/auth/type", "not_allowed")]),
        ({"provider": "google"}, 400, [("/auth/type", "required")]),
        ({"type": "password", "clientId": "x"}, 400, [("/auth/clientId", "not_allowed")]),
        (
            {"type": "oauth2"},
            422,
            [
                ("/auth/clientId", "required"),
                ("/auth/provider", "required"),
                ("/auth/refreshToken", "required"),
            ],
        ),
        (GOOGLE | {"provider": "custom"}, 422, [("/auth/tokenUrl", "required")]),
        (GOOGLE | {"password": "x"}, 400, [("/auth/password", "unknown_field")]),
        (GOOGLE | {"provider": "yahoo"}, 400, [("/auth/provider", "not_allowed")]),
        (GOOGLE | {"refreshToken": "a\nb"}, 400, [("/auth/refreshToken", "control_character")]),
    ],
    ids=str,
)
async def test_what_is_missing_or_wrong_is_named(
    auth: object, status: int, expected: list[tuple[str, str]], api: httpx.AsyncClient
) -> None:
    """Field by field, and nothing is created."""
    answer = await create(api, auth=auth)

    assert (answer.status_code, faults(answer)) == (status, expected)
    assert (await api.get(PATH)).json()["data"] == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://login.acme.test/token", "ftp://login.acme.test/", "login.acme.test/token", "https://", ""),
        *("https://user:word@login.acme.test/", "https://login.acme.test/#part", "https://a b.test/"),
        *("https://login.acme.test:0/", "https://login.acme.test:99999/", "https://login.acme.test/\u00e4"),
        *("https://login.acme.test\\@127.0.0.1/", "http://127.0.0.1.acme.test/", "https://[::1"),
        *("https://login.acme.test/\n", "http://10.0.0.1/", "javascript:alert(1)", "https://login..test/"),
    ],
)
async def test_secrets_go_to_https_addresses_alone(url: str, api: httpx.AsyncClient) -> None:
    """Whatever stands in the way of reading it as one is refused."""
    answer = await create(api, auth=CUSTOM | {"tokenUrl": url})

    assert (answer.status_code, faults(answer)) == (422, [("/auth/tokenUrl", "invalid_url")])


@pytest.mark.parametrize("mode", list(Mode))
async def test_http_is_for_this_machine_in_test_mode(mode: Mode, equipment: Equipment) -> None:
    """A live workspace has no token server here."""
    workspace = await make_workspace(equipment.database, mode, now=NOW)
    async with client(equipment, await make_key(equipment.database, workspace, now=NOW)) as api:
        answer = await create(api, auth=CUSTOM | {"tokenUrl": "http://127.0.0.1:8080/token"})

    assert answer.status_code == (201 if mode is Mode.TEST else 422)


async def test_a_new_consent_changes_the_refresh_token_alone(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """What is not given stays."""
    account = await created(api, auth=GOOGLE)
    [before] = await secrets(database, workspace)
    answer = await changed(api, account, auth={"type": "oauth2", "refreshToken": "hush-hush"})
    [after] = await secrets(database, workspace)

    assert answer.json()["data"]["auth"] == SHOWN
    assert (before[0] == after[0], before[1] == after[1]) == (True, False)


@pytest.mark.parametrize(
    "change", [{"provider": "microsoft"}, {"tokenUrl": "https://other.test/"}], ids=["provider", "tokenUrl"]
)
async def test_stored_secrets_are_sent_to_no_other_address(
    change: dict[str, str], api: httpx.AsyncClient
) -> None:
    """Who may change the address cannot read the secrets by it."""
    account = await created(api, auth=GOOGLE)
    answer = await changed(api, account, auth={"type": "oauth2", **change})

    assert faults(answer) == [("/auth/clientSecret", "required"), ("/auth/refreshToken", "required")]
    given = {"type": "oauth2", **change, "refreshToken": "hush-other", "clientSecret": None}
    moved = (await changed(api, account, auth=given)).json()["data"]["auth"]
    assert moved["hasClientSecret"] is False
    assert moved["tokenUrl"] != SHOWN["tokenUrl"]


async def test_an_account_without_passwords_takes_none(api: httpx.AsyncClient) -> None:
    """Neither with its grant nor later."""
    answer = await create(api, smtp=SMTP | {"password": "hush"}, auth=GOOGLE)
    account = await created(api, auth=GOOGLE)
    later = await changed(api, account, imap={"host": "imap.gmail.com", "password": "hush"})

    assert faults(answer) == [("/smtp/password", "not_allowed")]
    assert faults(later) == [("/imap/password", "not_allowed")]


async def test_passwords_are_forgotten_with_the_first_grant(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """And have to be given to go back, for each server with a username; then the grant is forgotten."""
    login = SMTP | {"password": "hush"}
    account = await created(api, smtp=login, imap=login)
    shown = (await changed(api, account, auth=GOOGLE)).json()["data"]
    assert (shown["smtp"]["hasPassword"], shown["imap"]["hasPassword"]) == (False, False)

    refused = await changed(api, account, auth="password", smtp={"password": "hush"})
    assert faults(refused) == [("/imap/password", "required")]

    back = {"password": "hush"}
    shown = (await changed(api, account, auth="password", smtp=back, imap=back)).json()["data"]
    assert (shown["smtp"]["hasPassword"], shown["imap"]["hasPassword"]) == (True, True)
    assert shown["auth"]["type"] == "password"
    [(secret, refresh, _)] = await secrets(database, workspace)
    assert (secret, refresh) == (None, None)


async def test_a_removed_account_leaves_no_secret(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """Its tombstone has no grant, and who lives again under the same address begins without."""
    account = await created(api, auth=GOOGLE)
    await api.delete(f"{PATH}/{account['id']}")
    assert await secrets(database, workspace) == [(None, None, None)]

    revived = await created(api, smtp=None)
    assert (revived["id"], revived["auth"]["type"]) == (account["id"], "password")


async def test_a_dry_run_gives_nothing(api: httpx.AsyncClient, database: Database, workspace: UUID) -> None:
    """The answer is what would be."""
    account = await created(api, smtp=None)
    answer = await api.patch(f"{PATH}/{account['id']}?dryRun=true", json={"auth": GOOGLE})

    assert answer.json()["data"]["auth"] == SHOWN
    assert await secrets(database, workspace) == [(None, None, None)]
