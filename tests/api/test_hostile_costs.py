"""What a hostile caller can make the program spend: memory, time, others' patience, and secrets (R13)."""

import asyncio
import resource
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.support.hostile import CSV, JSON, PATIENCE_SECONDS, Target, open_target
from tests.support.outreach import outreach, shown
from tests.support.tenants import dump

pytestmark = pytest.mark.asyncio(loop_scope="module")

MOST_KIB = 250 * 1024
"""By how much the process may grow for one request."""

LONGEST_PAUSE_SECONDS = 20.0
"""For so long others may wait while one is served; generous, for busy machines."""


WORDS = "{{ firstName | default: 'x' }}" * 2000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target(database_urls: tuple[str, str]) -> AsyncIterator[Target]:
    """A workspace with one of everything."""
    async with open_target(database_urls) as opened:
        yield opened


def peak() -> int:
    """The most memory that the process ever had, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Pauses:
    """The longest time for which the event loop served nobody else, in seconds."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._longest, self._last = 0.0, time.monotonic()
        self._next = self._loop.call_later(0.01, self._tick)

    def _tick(self) -> None:
        now = time.monotonic()
        self._longest, self._last = max(self._longest, now - self._last), now
        self._next = self._loop.call_later(0.01, self._tick)

    def end(self) -> float:
        """Stop watching."""
        self._next.cancel()
        return max(self._longest, time.monotonic() - self._last)


async def chunks(first: bytes, megabytes: int, taken: list[int]) -> AsyncIterator[bytes]:
    """A body that comes in pieces, without a length. taken: how much of it was read."""
    yield first
    for _ in range(megabytes):
        yield bytes([32]) * 1_000_000
        taken.append(1_000_000)


@pytest.mark.parametrize(
    "path", ["/v1/campaigns", "/v1/campaigns/{camp}/leads/bulk", "/v1/campaigns/{camp}/preview"]
)
async def test_a_body_of_50_mb_is_refused_while_it_comes(target: Target, path: str) -> None:
    """413 after 20 MB of it; less is kept in memory than was sent."""
    before, rows, taken = peak(), target.rows(), list[int]()

    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await target.tenant.api.post(
            path.format_map(target.tenant.ids),
            content=chunks(b"{", 50, taken),
            headers={"Content-Type": JSON},
        )

    assert (answer.status_code, answer.json()["code"]) == (413, "payload_too_large")
    assert peak() - before < MOST_KIB
    assert target.changed_since(rows) == []


async def test_a_body_whose_length_is_announced_is_not_read(target: Target) -> None:
    """Not one piece of it."""
    taken: list[int] = []
    headers = {"Content-Type": JSON, "Content-Length": "50000000"}
    answer = await target.tenant.api.post("/v1/campaigns", content=chunks(b"", 50, taken), headers=headers)

    assert (answer.status_code, taken) == (413, [])


async def test_a_file_of_one_endless_line_costs_little(target: Target) -> None:
    """50 MB without a line break are refused as a header that cannot be read, in constant memory."""
    before, rows = peak(), target.rows()

    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await target.tenant.api.post(
            f"/v1/campaigns/{target.tenant.ids['camp']}/leads/bulk",
            content=chunks(b"email,", 50, []),
            headers={"Content-Type": CSV},
        )

    assert answer.status_code == 422
    assert peak() - before < MOST_KIB
    assert target.changed_since(rows) == []


@pytest.mark.parametrize(
    "value",
    [b"[]", b"{}", b'""', b"1", b"1.5", b'{"a":1}', b"[[[[[[[]]]]]]]", b'{"email":1}'],
    ids=bytes.decode,
)
async def test_many_small_values_cost_little(target: Target, value: bytes) -> None:
    """19 MB of the smallest values there are: refused in time and memory."""
    body = b'{"leads": [' + b",".join([value] * (19_000_000 // (len(value) + 1))) + b"]}"
    before, pauses = peak(), Pauses()

    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await target.tenant.api.post(
            f"/v1/campaigns/{target.tenant.ids['camp']}/leads/bulk",
            content=body,
            headers={"Content-Type": JSON},
        )

    assert answer.status_code == 400
    assert (peak() - before < MOST_KIB, pauses.end() < LONGEST_PAUSE_SECONDS) == (True, True)


BOMBS = {
    "loop": "{% for a in (1..100000000) %}x{% endfor %}",
    "loops in loops": "{% for a in (1..1000) %}" * 10 + "x" + "{% endfor %}" * 10,
    "range as text": "{{ (1..100000000) | join: '' }}",
    "range by a field": "{% for a in (1..size) %}x{% endfor %}",
    "doubling": "{% assign x = 'aaaaaaaaaa' %}" + "{% assign x = x | append: x %}" * 40 + "{{ x }}",
    "doubling by capture": "{% assign x = 'aaaa' %}"
    + "{% capture x %}{{ x }}{{ x }}{% endcapture %}" * 40
    + "{{ x }}",
    "replace": "{% assign x = 'a' | replace: 'a', 'aaaaaaaaaaaaaaaa' %}" * 3
    + "{{ x | replace: '', x | replace: 'a', x }}",
    "split and join": "{{ text | split: '' | join: text | split: '' | join: text }}",
    "huge number": "{{ 9999999999 | times: 9999999999 | times: size | times: size }}",
    "power": "{% assign x = 9 %}" + "{% assign x = x | times: x %}" * 60 + "{{ x }}",
    "long output": "{% for a in (1..20000) %}" + "x" * 1000 + "{% endfor %}",
    "deep conditions": "{% if a %}" * 19 + "x" + "{% endif %}" * 19,
    "url decoding": "{{ '%00%0d%0aBcc: b@c.test' | url_decode }}",
    "date": "{{ 'now' | date: '%999999999d' }}",
    "truncation": "{{ text | truncate: 99999999999999999999 }}",
    "slice": "{{ text | slice: -99999999999999999999, 99999999999999999999 }}",
    "sort": "{{ text | split: '' | sort | uniq | reverse | join: '' }}" * 50,
    "increments": "{% increment a %}" * 4000,
}


@pytest.mark.parametrize("name", BOMBS)
@pytest.mark.parametrize("part", ["subject", "bodyHtml", "bodyText"])
async def test_a_template_bomb_costs_little(target: Target, name: str, part: str) -> None:
    """It is refused when it is saved, or its preview says why it cannot be rendered, or it makes little."""
    api, before, pauses = target.tenant.api, peak(), Pauses()
    step = {"subject": "Hello", "bodyHtml": "<p>Hi</p>", part: BOMBS[name]}
    person = {"email": "a@leads.test", "size": 2**62, "text": "x" * 10_000}

    async with asyncio.timeout(PATIENCE_SECONDS):
        made = await api.post("/v1/campaigns", json={"name": "Bomb", "sequenceSteps": [step]})
        if made.status_code == 201:
            path = f"/v1/campaigns/{made.json()['data']['id']}"
            (preview,) = shown(await api.post(f"{path}/preview", json={"lead": person}))["steps"]
            await api.delete(path)
            lines = [preview["subject"], *(header["value"] for header in preview["headers"])]
            assert preview["error"] or len(preview["html"] + preview["text"]) < 2**21
            assert not any(character in line for line in lines for character in "\r\n\0")

    assert made.status_code in (201, 400, 422)
    assert (peak() - before < MOST_KIB, pauses.end() < LONGEST_PAUSE_SECONDS) == (True, True)


@pytest.mark.parametrize("source", [WORDS, "<p>" * 80_000], ids=["Liquid", "HTML"])
async def test_heavy_templates_do_not_hold_up_other_callers(target: Target, source: str) -> None:
    """While steps as heavy as one may be are compiled and rendered, others are served."""
    api = target.tenant.api
    steps = [{"subject": "Hello", "bodyHtml": source}] * 4

    made, served = await beside(api, "/v1/campaigns", {"name": "Heavy", "sequenceSteps": steps})
    found = [served]
    if made.status_code == 201:
        path = f"/v1/campaigns/{made.json()['data']['id']}"
        found.append((await beside(api, f"{path}/preview", {"lead": {"email": "a@leads.test"}}))[1])
        await api.delete(path)

    assert min(found) >= 3


async def beside(api: httpx.AsyncClient, path: str, body: object) -> tuple[httpx.Response, int]:
    """The answer to a heavy request, and how many light ones were answered while it was worked on."""
    heavy, served = asyncio.create_task(api.post(path, json=body)), 0
    while not heavy.done():
        await api.get("/healthz")
        await asyncio.sleep(0)
        served += 1
    return await heavy, served


async def statuses(*requests: asyncio.Task[httpx.Response]) -> list[int]:
    """Of requests that are asked at once."""
    return sorted(answer.status_code for answer in await asyncio.gather(*requests))


async def test_two_leads_cannot_be_given_one_address_at_once(target: Target) -> None:
    """One gets it; the others are told that it is taken."""
    api = target.tenant.api
    plan = await outreach(api)
    emails = [f"twin{number}@leads.test" for number in range(6)]
    await plan.enroll(*emails)
    paths = [f"/v1/leads/{(await plan.lead(email))['id']}" for email in emails]

    found = await statuses(
        *(asyncio.create_task(api.patch(path, json={"email": "one@leads.test"})) for path in paths)
    )

    assert found == [200] + [409] * 5


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/sender-accounts", {"email": "race@acme.test", "name": "Race"}),
        ("/v1/sender-accounts/bulk", {"senderAccounts": [{"email": "race2@acme.test", "name": "Race"}] * 3}),
        ("/v1/campaigns/{camp}/leads/bulk", {"leads": [{"email": f"r{n}@leads.test"} for n in range(50)]}),
        ("/v1/suppression-list", {"emails": [f"r{n}@leads.test" for n in range(50)]}),
        ("/v1/campaigns/{camp}/pause", {}),
        ("/v1/campaigns/{camp}/start", {}),
        ("/v1/messages/{msg}/resolve", {"outcome": "sent"}),
    ],
)
async def test_the_same_request_many_times_at_once_is_no_error_of_ours(
    target: Target, path: str, body: dict[str, object]
) -> None:
    """Each is answered, none with a 5xx."""
    where = path.format_map(target.tenant.ids)
    found = await statuses(*(asyncio.create_task(target.tenant.api.post(where, json=body)) for _ in range(8)))

    assert all(status < 500 for status in found)
    assert any(status < 300 for status in found)


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "once"}], ids=["plain", "idempotent"])
async def test_a_secret_is_nowhere_stored_in_plain_text(target: Target, headers: dict[str, str]) -> None:
    """Neither a new key nor a mailbox password can be found in any row, as text or as octets."""
    api = target.tenant.api
    made = shown(await api.post("/v1/api-keys", json={"scopes": ["read"]}, headers=headers))
    server = {"host": "mail.test", "security": "none", "username": "u", "password": "correct-horse-battery"}
    body = {"email": f"sealed{len(headers)}@acme.test", "name": "Sealed", "smtp": server}
    await api.post(
        "/v1/sender-accounts", json=body, headers={key: f"{text}-more" for key, text in headers.items()}
    )

    stored = "\n".join(row for _, row in dump(target.admin, target.tenant.workspace_id))
    secrets = [made["key"], made["key"][-20:], "correct-horse-battery"]
    assert [secret for secret in secrets if secret in stored or secret.encode().hex() in stored] == []
