"""The warm-up of accounts over HTTP: set with the account, changed, shown, and what it does to the pool."""

import httpx

SMTP = {"host": "smtp.example.com", "username": "james", "password": "hush"}
ACCOUNTS = "/v1/sender-accounts"


async def create(api: httpx.AsyncClient, name: str = "james", **fields: object) -> dict[str, object]:
    """An account that warms up, as the answer shows it."""
    body = {"email": f"{name}@acme.test", "name": name, "smtp": SMTP, "status": "warming", **fields}
    answer = await api.post(ACCOUNTS, json=body)
    assert answer.status_code == 201, answer.text
    shown: dict[str, object] = answer.json()["data"]
    return shown


async def test_an_account_that_warms_up_shows_its_ramp(api: httpx.AsyncClient) -> None:
    """From the first moment on: today's limit, where it ends, and the day of graduation to expect."""
    shown = await create(api)
    assert (shown["dailyLimit"], shown["remainingToday"]) == (50, 5)
    assert shown["warmup"] == {
        "state": "warming",
        "start": 5,
        "step": 2,
        "days": 14,
        "limit": 5,
        "target": 50,
        "cleanDays": 0,
        "frozenBy": None,
        "reputation": {
            "value": 1.0,
            "placement": None,
            "bounces": 1.0,
            "errors": 1.0,
            "measured": 0,
            "letters": 0,
        },
        "lettersToday": 0,
        "checkFailure": None,
        "startedAt": "2026-03-10T12:00:00Z",
        "graduatedAt": None,
        "graduationExpectedOn": "2026-03-24",
    }


async def test_the_ramp_may_be_another(api: httpx.AsyncClient) -> None:
    """What is left out is as usual; null goes back to it."""
    warmup = (await create(api, warmup={"start": 3, "days": 7}))["warmup"]
    assert isinstance(warmup, dict)
    assert (warmup["limit"], warmup["step"], warmup["days"]) == (3, 2, 7)
    assert warmup["graduationExpectedOn"] == "2026-03-17"


async def test_a_change_counts_from_now_on(api: httpx.AsyncClient) -> None:
    """A new start, as long as there was no clean day."""
    shown = await create(api)
    patch = {"warmup": {"start": 10, "step": None}}
    changed = (await api.patch(f"{ACCOUNTS}/{shown['id']}", json=patch)).json()["data"]["warmup"]
    assert (changed["limit"], changed["step"]) == (10, 2)


async def test_settings_may_be_kept_before_it_begins(api: httpx.AsyncClient) -> None:
    """An active account has no ramp."""
    shown = await create(api, status="active", warmup={"start": 3})
    warmup = shown["warmup"]
    assert isinstance(warmup, dict)
    assert (warmup["state"], warmup["limit"], shown["remainingToday"]) == ("not_started", 50, 50)
    turned = await api.patch(f"{ACCOUNTS}/{shown['id']}", json={"status": "warming"})
    assert turned.json()["data"]["warmup"]["limit"] == 3


async def test_it_is_in_no_capacity_until_it_is_active(api: httpx.AsyncClient) -> None:
    """Activated by hand the whole daily limit holds at once."""
    shown = await create(api)
    before = (await api.get("/v1/sender-pools")).json()["data"]
    activated = (await api.post(f"{ACCOUNTS}/{shown['id']}/activate")).json()["data"]
    after = (await api.get("/v1/sender-pools")).json()["data"]
    assert [each["dailyCapacity"] for each in (before, after)] == [0, 50]
    assert (activated["status"], activated["remainingToday"]) == ("active", 50)


async def test_accounts_created_together_warm_up_as_each_says(api: httpx.AsyncClient) -> None:
    """Item by item."""
    items = [
        {
            "email": f"{name}@acme.test",
            "name": name,
            "smtp": SMTP,
            "status": "warming",
            "warmup": {"start": start},
        }
        for name, start in (("ada", 2), ("bob", 4))
    ]
    answer = await api.post(f"{ACCOUNTS}/bulk", json={"senderAccounts": items})
    limits = [
        (await api.get(f"{ACCOUNTS}/{made['id']}")).json()["data"]["warmup"]["limit"]
        for made in answer.json()["data"]["created"]
    ]
    assert limits == [2, 4]


async def test_a_dry_run_begins_nothing(api: httpx.AsyncClient) -> None:
    """It shows what would be."""
    shown = await create(api, status="active")
    path = f"{ACCOUNTS}/{shown['id']}"
    would_be = await api.patch(f"{path}?dryRun=true", json={"status": "warming"})
    assert would_be.json()["data"]["warmup"]["limit"] == 5
    assert (await api.get(path)).json()["data"]["warmup"] is None
