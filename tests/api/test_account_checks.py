"""`POST /v1/sender-accounts/{id}/verify`."""

import httpx
import pytest

from tests.support.clock import NOW

ACCOUNT = {"email": "ada@acme.test", "name": "Ada"}


async def path_of(api: httpx.AsyncClient) -> str:
    """Where a new account is checked."""
    answer = await api.post("/v1/sender-accounts", json=ACCOUNT)
    return f"{answer.headers['location']}/verify"


async def test_a_report_has_one_entry_a_check(api: httpx.AsyncClient) -> None:
    """Six of them, each with the same four fields; no body is needed."""
    answer = await api.post(await path_of(api))
    report = answer.json()["data"]

    assert answer.status_code == 200
    assert set(report) == {"senderAccountId", "email", "status", "checks"}
    assert (report["email"], report["status"]) == ("ada@acme.test", "fail")
    assert [each["check"] for each in report["checks"]] == ["smtp", "imap", "spf", "dkim", "dmarc", "mx"]
    fields = {frozenset(each) for each in report["checks"]}
    assert fields == {frozenset({"check", "status", "detail", "publish"})}


async def test_a_check_changes_nothing(api: httpx.AsyncClient) -> None:
    """The account is as it was."""
    path = await path_of(api)
    before = (await api.get(path.removesuffix("/verify"))).json()
    await api.post(path)

    assert (await api.get(path.removesuffix("/verify"))).json() == before
    assert before["data"]["updatedAt"] == NOW.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("selector", ["s1", "a.b", "20240101", "x_y-z"])
async def test_a_selector_may_be_named(selector: str, api: httpx.AsyncClient) -> None:
    """One label or several."""
    answer = await api.post(await path_of(api), json={"dkimSelector": selector})

    assert answer.status_code == 200


@pytest.mark.parametrize("selector", ["", ".", "-a", "a-", "a b", "a\n", "\u00e4", "x" * 64, 7, None])
async def test_what_is_no_selector_is_refused(selector: object, api: httpx.AsyncClient) -> None:
    """Nothing is asked for it."""
    answer = await api.post(await path_of(api), json={"dkimSelector": selector})

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/dkimSelector"]


async def test_the_account_of_another_workspace_is_not_there(
    api: httpx.AsyncClient, other_workspace: httpx.AsyncClient
) -> None:
    """404, as for any."""
    answer = await other_workspace.post(await path_of(api))

    assert (answer.status_code, answer.json()["code"]) == (404, "sender_account_not_found")
