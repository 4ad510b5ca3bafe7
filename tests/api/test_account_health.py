"""The health of a sender account, as the API shows it (R9)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx

from leadterra.actions.mailbox_health import note_mailbox
from leadterra.actions.ports import MailboxTrouble
from leadterra.domain.outcomes import Answer, Command, Deferred, Scope
from leadterra.store.database import Database
from leadterra.store.ids import decode
from tests.support.clock import NOW
from tests.support.turns import ACCEPTED, REFUSED, Turns

NO_SERVER = Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "refused"))
DAILY = Deferred(Scope.ACCOUNT, Answer(Command.MAIL, 550, "5.4.5", "daily quota exceeded"), daily=True)


async def sending(api: httpx.AsyncClient, leads: int = 100) -> str:
    """An account, and a running campaign with so many leads; the account's path."""
    body = {"email": "ada@acme.test", "name": "Ada", "dailyLimit": 1000, "smtp": {"host": "mail.acme.test"}}
    account = (await api.post("/v1/sender-accounts", json=body)).json()["data"]["id"]
    step = {"subject": "Hello", "bodyHtml": "<p>Hello</p>"}
    made = await api.post("/v1/campaigns", json={"name": "Test", "sequenceSteps": [step]})
    campaign = made.json()["data"]["id"]
    people = [{"email": f"lead{number}@leads.test"} for number in range(leads)]
    await api.post(f"/v1/campaigns/{campaign}/leads/bulk", json={"leads": people})
    await api.post(f"/v1/campaigns/{campaign}/start")
    return f"/v1/sender-accounts/{account}"


async def shown(api: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """The data of an answer."""
    answer = await api.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def test_health_is_a_number_once_twenty_messages_have_ended(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """Null before; with 2 of 50 bounced 4 %, so 0.6, and a warning that the account's explanation repeats."""
    path, turns = await sending(api), Turns(database, workspace)
    await turns.send(NOW, ACCEPTED, limit=19)
    assert (await shown(api, path))["health"] is None
    await turns.send(NOW, ACCEPTED, limit=29)
    await turns.send(NOW, REFUSED, limit=2)
    found = await shown(api, path)
    detail = found["healthDetail"]
    assert found["health"] == 0.6
    assert (detail["bounceRate"], detail["bounces"], detail["endings"]) == (0.04, 2, 50)
    assert detail["warnings"] == ["bounce_rate"]
    gates = (await shown(api, f"{path}/explain"))["gates"]
    [active] = [gate for gate in gates if gate["gate"] == "no_active_account"]
    assert (active["pass"], "2 of 50 messages came back" in active["detail"]) == (True, True)


async def test_a_pause_for_bounces_says_what_to_do(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """Status, reason, explanation; activating it begins anew."""
    path, turns = await sending(api), Turns(database, workspace)
    await turns.send(NOW, REFUSED, limit=20)
    found = await shown(api, path)
    assert (found["status"], found["statusReason"], found["health"]) == ("paused", "bounce_rate", 0.0)
    gates = (await shown(api, f"{path}/explain"))["gates"]
    assert "too many of its messages came back" in gates[0]["detail"]
    await api.post(f"{path}/activate")
    found = await shown(api, path)
    assert (found["status"], found["statusReason"], found["health"]) == ("active", None, None)
    assert found["healthDetail"]["judgedFrom"] == "2026-03-10T12:00:00Z"


async def test_a_server_that_is_away_is_seen(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """The circuit is open, until when, and in which words."""
    path, turns = await sending(api), Turns(database, workspace)
    await turns.send(NOW, NO_SERVER, limit=3)
    detail = (await shown(api, path))["healthDetail"]
    assert detail["warnings"] == ["connection"]
    assert [detail[name] for name in ("circuit", "failures", "restUntil", "restReason")] == [
        "open",
        1,
        "2026-03-10T12:00:30Z",
        "CONNECT:  refused",
    ]


async def test_a_used_up_quota_of_the_provider_is_no_failure(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """The account rests until midnight, and its explanation says why."""
    path, turns = await sending(api), Turns(database, workspace)
    await turns.send(NOW, DAILY, limit=3)
    detail = (await shown(api, path))["healthDetail"]
    assert (detail["circuit"], detail["restReason"], detail["warnings"]) == ("closed", "provider_quota", [])
    gates = (await shown(api, f"{path}/explain"))["gates"]
    [resting] = [gate for gate in gates if gate["gate"] == "account_resting"]
    assert "its provider's quota for the day is used up" in resting["detail"]


async def test_a_mailbox_that_cannot_be_read_is_seen(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """Apart from the circuit, which is closed."""
    path = await sending(api)
    account = decode("sa", path.rpartition("/")[2])
    async with database.unit_of_work(workspace) as uow:
        await note_mailbox(uow, account, MailboxTrouble.SERVER, "BYE", now=NOW - timedelta(seconds=5))
    detail = (await shown(api, path))["healthDetail"]
    assert detail["mailbox"] == {
        "failures": 1,
        "nextTryAt": "2026-03-10T12:00:55Z",
        "trouble": "server",
        "detail": "BYE",
    }
    assert (detail["circuit"], detail["warnings"]) == ("closed", ["mailbox"])


async def test_a_new_password_activates_what_a_refused_login_had_paused(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """Three refusals, an hour apart, pause it; a patch of the password is all that a person has to do."""
    path = await sending(api)
    account = decode("sa", path.rpartition("/")[2])
    imap = {"host": "mail.acme.test", "username": "ada", "password": "wrong"}
    await api.patch(path, json={"imap": imap})
    for number in range(3):
        async with database.unit_of_work(workspace) as uow:
            at = NOW + timedelta(hours=number)
            await note_mailbox(uow, account, MailboxTrouble.LOGIN, "AUTHENTICATIONFAILED", now=at)
    found = await shown(api, path)
    assert (found["status"], found["statusReason"]) == ("paused", "auth_failed")
    answer = await api.patch(path, json={"imap": {"password": "right"}})
    found = answer.json()["data"]
    assert (found["status"], found["statusReason"], found["healthDetail"]["warnings"]) == ("active", None, [])
