"""Parameters, headers, paths, files and links that mean harm (R13): refused, without a 5xx or a change."""

import gzip
from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio

from leadterra.mail.unsubscribe import sign_token
from tests.support.api import client
from tests.support.hostile import (
    ACCOUNTS,
    CSV,
    LEADS,
    NDJSON,
    PROBLEM,
    WORKSPACE,
    Case,
    Target,
    check_refusal,
    each_case,
    open_target,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target(database_urls: tuple[str, str]) -> AsyncIterator[Target]:
    """A workspace with one of everything."""
    async with open_target(database_urls) as opened:
        yield opened


def get(name: str, path: str, pointer: str | None, status: int = 400) -> Case:
    """A GET that is refused."""
    return Case(name, f"GET {path}", status=status, pointer=pointer)


INJECTION = quote("' or 1=1 --")
QUERIES = [
    get("limit: negative", "/v1/leads?limit=-1", "?limit"),
    get("limit: zero", "/v1/leads?limit=0", "?limit"),
    get("limit: too many", "/v1/leads?limit=1001", "?limit"),
    get("limit: huge", "/v1/leads?limit=" + "9" * 400, "?limit"),
    get("limit: NaN", "/v1/leads?limit=NaN", "?limit"),
    get("limit: hexadecimal", "/v1/leads?limit=0x10", "?limit"),
    get("limit: other digits", "/v1/leads?limit=" + quote("٣"), "?limit"),
    get("limit: injection", f"/v1/leads?limit={INJECTION}", "?limit"),
    get("limit: twice", "/v1/leads?limit=1&limit=2", "?limit"),
    get("limit: empty", "/v1/leads?limit=", "?limit"),
    get("limit: array", "/v1/leads?limit[]=1", "?limit[]"),
    get("cursor: garbage", "/v1/leads?cursor=garbage", "?cursor"),
    get("cursor: NUL", "/v1/leads?cursor=%00", "?cursor"),
    get("cursor: injection", f"/v1/leads?cursor={INJECTION}", "?cursor"),
    get("cursor: beyond all time", "/v1/leads?cursor=" + "f39_" * 8, "?cursor"),
    get("cursor: another script", "/v1/leads?cursor=" + quote("ж" * 32), "?cursor"),
    get("cursor: a kilobyte", "/v1/leads?cursor=" + "A" * 1024, "?cursor"),
    get("cursor: twice", "/v1/messages?cursor=x&cursor=y", "?cursor"),
    get("filter: injection", f"/v1/messages?state={INJECTION}", "?state"),
    get("filter: id by injection", f"/v1/messages?leadId={INJECTION}", "?leadId"),
    get("filter: id of another kind", "/v1/messages?leadId={camp}", "?leadId"),
    get("filter: raw UUID", "/v1/messages?campaignId=019cd79e-4600-7000-8e15-1026d4fd3cc0", "?campaignId"),
    get("filter: unknown status", "/v1/campaigns?status=DRAFT", "?status"),
    get("filter: NUL", "/v1/suppression-list?reason=%00", "?reason"),
    get("filter: not UTF-8", "/v1/suppression-list?reason=%ff", "?"),
    get("filter: surrogate", "/v1/suppression-list?reason=%ed%a0%80", "?"),
    get("filter: address by injection", f"/v1/leads?email={INJECTION}", "?email"),
    get("filter: address with a line break", "/v1/leads?email=a%0d%0a@leads.test", "?email"),
    get("check: address with NUL", "/v1/suppression-list/check?email=a%00@leads.test", "?email"),
    get("check: no address", "/v1/suppression-list/check", "?email"),
    get("check: long address", "/v1/suppression-list/check?email=" + "a" * 5000, "?email"),
    get("unknown parameter", "/v1/leads?admin=true", "?admin"),
    get("parameter in another case", "/v1/leads?Limit=5", "?Limit"),
    get("parameter without a name", "/v1/leads?=5", "?"),
    get("a hundred parameters", "/v1/leads?" + "&".join(f"a{number}=1" for number in range(100)), "?"),
    get("dryRun where nothing changes", "/v1/leads?dryRun=true", "?dryRun"),
    Case("dryRun: neither true nor false", f"{ACCOUNTS}?dryRun=yes", {}, 400, "?dryRun"),
    Case("dryRun: twice", f"{ACCOUNTS}?dryRun=true&dryRun=false", {}, 400, "?dryRun"),
    Case("onInvalid: unknown", f"{LEADS}?onInvalid=ignore", {"leads": [{}]}, 400, "?onInvalid"),
    Case("parameter of another route", f"{ACCOUNTS}?limit=5", {}, 400, "?limit"),
]


def header(name: str, status: int, **headers: str) -> Case:
    """A change of the workspace with those headers."""
    named = {key.replace("_", "-"): text for key, text in headers.items()}
    return Case(name, WORKSPACE, {"name": "changed"}, status, headers=named)


HEADERS = [
    header("type: text", 415, Content_Type="text/plain"),
    header("type: form", 415, Content_Type="application/x-www-form-urlencoded"),
    header("type: multipart", 415, Content_Type="multipart/form-data; boundary=x"),
    header("type: XML", 415, Content_Type="application/xml"),
    header("type: empty", 415, Content_Type=""),
    header("type: CSV where none belongs", 415, Content_Type=CSV),
    header("type: looks like JSON", 415, Content_Type="application/jsonp"),
    header("encoding: gzip", 415, Content_Encoding="gzip"),
    header("encoding: chain", 415, Content_Encoding="identity, gzip"),
    header("encoding: unknown", 415, Content_Encoding="x"),
    header("accept: HTML", 406, Accept="text/html"),
    header("accept: nothing of it", 406, Accept="application/json;q=0"),
    header("accept: ten thousand kinds", 406, Accept="text/html," * 5_000 + "text/html"),
    header("length: huge", 413, Content_Length="9" * 30),
    header("idempotency key: empty", 400, Idempotency_Key=""),
    header("idempotency key: too long", 400, Idempotency_Key="k" * 256),
    header("idempotency key: control character", 400, Idempotency_Key="a\tb"),
    header("idempotency key: escape", 400, Idempotency_Key="a\x1bb"),
    header("key: none", 401, Authorization=""),
    header("key: another scheme", 401, Authorization="Basic YWRtaW46YWRtaW4="),
    header("key: scheme only", 401, Authorization="Bearer"),
    header("key: blank", 401, Authorization="Bearer   "),
    header("key: injection", 401, Authorization="Bearer ' or 1=1 --"),
    header("key: wildcard", 401, Authorization="Bearer sk_test_%"),
    header("key: not base 62", 401, Authorization="Bearer sk_test_" + "!" * 58),
    header("key: long", 401, Authorization="Bearer sk_test_" + "a" * 8_000),
    header("key: control character", 401, Authorization="Bearer sk_test_\x7f"),
    header("method override", 400, X_HTTP_Method_Override="DELETE", Idempotency_Key="k" * 300),
]
GZIPPED = Case(
    "gzip bomb", LEADS, gzip.compress(b" " * 10_000_000), 415, headers={"Content-Encoding": "gzip"}
)


def file(name: str, content: bytes, kind: str = CSV) -> Case:
    """A file that cannot be read at all."""
    return Case(f"{kind}: {name}", LEADS, content, 422, None, {"Content-Type": kind})


FILES = [
    file("empty", b""),
    file("only a byte order mark", b"\xef\xbb\xbf"),
    file("no header", b"a@leads.test,Ada\n"),
    file("another delimiter", b"email|firstName\na@leads.test|Ada\n"),
    file("repeated heading", b"email,note,note\na@leads.test,1,2\n"),
    file("heading repeated in another spelling", b"email,First Name,firstName\na@leads.test,1,2\n"),
    file("repeated headings that are no UTF-8", b"email,\xff,\xff\na@leads.test,1,2\n"),
    file("heading that is no UTF-8", b"email,\xff\na@leads.test,1\n"),
    file("heading with NUL", b"email,a\0b\na@leads.test,1\n"),
    file("heading with an escape", b"email,a\x1bb\na@leads.test,1\n"),
    file("heading with a line break", b'email,"a\nb"\na@leads.test,1\n'),
    file("heading without end", b'email,"' + b"x" * 1_000_000),
    file("a thousand columns", b"email," + b",".join(b"c%d" % number for number in range(1000)) + b"\n"),
    file("UTF-16", "email,note\na@leads.test,x\n".encode("utf-16")),
    file("ZIP", b"PK\x03\x04" + bytes(1000)),
    Case("no type", LEADS, b"email\na@leads.test\n", 415, headers={"Content-Type": "application/csv"}),
    Case("gzipped CSV", LEADS, b"x", 415, headers={"Content-Type": CSV, "Content-Encoding": "gzip"}),
]
ROWS = {
    "NUL": (CSV, b"email,note\na@leads.test,a\0b\n"),
    "escape": (CSV, b"email,note\na@leads.test,a\x1bb\n"),
    "header injection": (CSV, b'email,firstName\na@leads.test,"a\r\nBcc: b@c.test"\n'),
    "address with NUL": (CSV, b"email\na\0@leads.test\n"),
    "address by injection": (CSV, b"email\na@b.test'; drop table leads; --\n"),
    "not UTF-8": (CSV, b"email,note\na@leads.test,\xff\n"),
    "unbalanced quotes": (CSV, b'email,note\na@leads.test,"x\n'),
    "a line of a million characters": (CSV, b"email,note\na@leads.test," + b"x" * 1_000_000 + b"\n"),
    "too many cells": (CSV, b"email\na@leads.test,1,2,3\n"),
    "list": (NDJSON, b"[1]\n"),
    "nested": (NDJSON, b'{"email":"a@b.test","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}\n"),
    "huge int": (NDJSON, b'{"email":"a@b.test","x":' + b"9" * 400 + b"}\n"),
    "number without end": (NDJSON, b'{"email":"a@b.test","x":1e999}\n'),
    "not a number": (NDJSON, b'{"email":"a@b.test","x":NaN}\n'),
    "lone surrogate": (NDJSON, b'{"email":"a@b.test","x":"\\ud800"}\n'),
    "NUL in a name": (NDJSON, b'{"email":"a@b.test","x\\u0000":1}\n'),
    "NUL in a value": (NDJSON, b'{"email":"a@b.test","x":"\\u0000"}\n'),
    "no UTF-8": (NDJSON, b'{"email":"a\xff@b.test"}\n'),
    "two values": (NDJSON, b'{"email":"a@b.test"}{"email":"b@b.test"}\n'),
    "truncated": (NDJSON, b'{"email":"a@b.test"'),
}


@each_case(QUERIES)
async def test_a_hostile_parameter_is_refused(target: Target, case: Case) -> None:
    """And named."""
    await check_refusal(target, case)


@each_case(HEADERS, [GZIPPED])
async def test_a_hostile_header_is_refused(target: Target, case: Case) -> None:
    """By its own status."""
    await check_refusal(target, case)


@each_case(FILES)
async def test_a_file_that_cannot_be_read_is_refused(target: Target, case: Case) -> None:
    """As a whole, before any row of it is taken."""
    await check_refusal(target, case)


@pytest.mark.parametrize("name", ROWS)
async def test_a_row_that_cannot_be_taken_is_reported(target: Target, name: str) -> None:
    """It is counted as invalid, says why, and no lead comes of it."""
    kind, content = ROWS[name]
    path = f"/v1/campaigns/{target.tenant.ids['camp']}/leads/bulk"
    before = target.rows()

    answer = await target.tenant.api.post(path, content=content, headers={"Content-Type": kind})

    report = answer.json()["data"]
    assert (report["enrolled"], report["updated"], report["invalid"]) == (0, 0, 1)
    assert len(report["errors"]) == 1
    assert report["errors"][0]["errors"]
    assert target.changed_since(before, "imports") == []


IDS = {
    "nothing": "",
    "NUL": "%00",
    "trailing NUL": "{lead}%00",
    "dots": "%2e%2e",
    "climbing": "..%2f..%2fetc%2fpasswd",
    "encoded twice": "%252e%252e",
    "surrogate": "lead_%ed%a0%80",
    "not UTF-8": "lead_%ff%fe",
    "long": "lead_" + "a" * 30_000,
    "injection": "lead_" + INJECTION,
    "upper case": "LEAD_01HX3KQP7MBN2VD9CZF6YW4E8R",
    "overflow": "lead_8zzzzzzzzzzzzzzzzzzzzzzzzz",
    "full width": "lead_" + quote("０１ｈｘ３ｋｑｐ７ｍｂｎ２ｖｄ９ｃｚｆ６ｙｗ４ｅ８ｒ"),
    "another kind": "{camp}",
    "raw UUID": "019cd79e-4600-7000-8e15-1026d4fd3cc0",
    "line break": "{lead}%0d%0aSet-Cookie:%20x=1",
    "emoji": quote("💣"),
    "parameters": "{lead};admin=true",
}


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("name", IDS)
async def test_an_id_that_means_harm_leads_nowhere(target: Target, name: str, method: str) -> None:
    """404, as for any that is unknown."""
    body = {"company": "x"} if method == "PATCH" else b""
    await check_refusal(target, Case(name, f"{method} /v1/leads/{IDS[name]}", body, 404))


@pytest.mark.parametrize("method", ["PUT", "POST", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "A" * 300])
async def test_a_method_that_means_harm_is_refused(target: Target, method: str) -> None:
    """405, and nothing is done; an unknown one is no way around the key."""
    await check_refusal(target, Case(method, f"{method} /v1/leads/{{lead}}", {}, 405))


async def test_two_keys_are_no_key(target: Target) -> None:
    """Nobody can say which of them counts."""
    headers = [("Authorization", f"Bearer {target.tenant.key}")] * 2
    async with client(target.equipment) as anybody:
        answer = await anybody.get("/v1/workspace", headers=headers)

    assert answer.status_code == 401


async def test_an_idempotency_key_given_twice_is_refused(target: Target) -> None:
    """And so is one that was used for something else."""
    api, body = target.tenant.api, {"scopes": ["read"]}
    twice = await api.post(
        "/v1/api-keys", json=body, headers=[("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    )
    other = await api.post(
        "/v1/api-keys", json=body, headers={"Idempotency-Key": "the-same-key-everywhere-sent"}
    )

    assert [twice.status_code, other.status_code] == [400, 422]
    assert other.json()["code"] == "idempotency_key_reused"


async def test_the_cursor_of_another_list_only_moves_within_ones_own(target: Target) -> None:
    """It is a place in time and nothing else: every list takes it and shows what is behind it, or nothing."""
    page = await target.tenant.api.get("/v1/messages?limit=1")
    cursor = page.json()["pagination"]["nextCursor"]
    paths = [
        "/v1/leads",
        "/v1/campaigns",
        "/v1/imports",
        "/v1/api-keys",
        "/v1/suppression-list",
        "/v1/sender-accounts",
    ]
    answers = [await target.tenant.api.get(path, params={"cursor": cursor, "limit": "2"}) for path in paths]

    assert {answer.status_code for answer in answers} == {200}


def tokens(target: Target) -> dict[str, str]:
    """Links that are none of ours."""
    tenant = target.tenant
    good = sign_token(tenant.link_secret, tenant.workspace_id, tenant.enrollment_id)
    flipped = good[:-1] + ("A" if good[-1] != "A" else "Q")
    return {
        "empty": "",
        "garbage": "x",
        "cut": good[:-1],
        "longer": good + "A",
        "padded": good + "==",
        "flipped": flipped,
        "lower case": good.lower(),
        "another version": "Ag" + good[2:],
        "NUL": "%00" * 66,
        "climbing": "..%2f..%2fv1%2fleads",
        "long": "A" * 30_000,
        "not UTF-8": "%ff" * 66,
        "markup": quote("<script>alert(1)</script>"),
        "without a signature": good[:44] + "A" * 22,
        "below it": good + "/x",
    }


async def test_a_link_that_is_not_ours_does_nothing(target: Target) -> None:
    """404 pages that repeat nothing of what was asked, by GET and by POST."""
    before = target.rows()
    async with client(target.equipment) as anybody:
        answers = {
            name: [
                await anybody.request(method, f"/u/{token}", content=b"List-Unsubscribe=One-Click")
                for method in ("GET", "POST")
            ]
            for name, token in tokens(target).items()
        }

    assert {
        name: tuple(each.status_code for each in pair) for name, pair in answers.items()
    } == dict.fromkeys(answers, (404, 404))
    assert not any("<script>" in each.text for pair in answers.values() for each in pair)
    assert target.changed_since(before) == []


async def test_a_problem_has_one_shape_everywhere(target: Target) -> None:
    """Also where no route is."""
    answers: list[httpx.Response] = [
        await target.tenant.api.get(path)
        for path in ("/", "/v1", "/v1/leads/", "/v2/leads", "/.env", "/v1/../docs/x", "/%00", "//v1/leads")
    ]

    assert {(answer.status_code, frozenset(answer.json())) for answer in answers} == {
        (404, frozenset(PROBLEM))
    }
