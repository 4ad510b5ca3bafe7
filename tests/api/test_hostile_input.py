"""Bodies that mean harm (R13): each is refused with a problem that names the place, none is a 5xx, and
nothing changes.
"""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from tests.support.hostile import (
    ACCOUNTS,
    CAMPAIGNS,
    KEYS,
    LEAD,
    LEADS,
    PREVIEW,
    STEPS,
    SUPPRESS,
    WORKSPACE,
    Case,
    Target,
    account,
    campaign,
    check_refusal,
    each_case,
    hours,
    lead,
    open_target,
    schedule,
    server,
)
from tests.support.routes import OPERATIONS, title

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def target(database_urls: tuple[str, str]) -> AsyncIterator[Target]:
    """A workspace with one of everything."""
    async with open_target(database_urls) as opened:
        yield opened


ONE_LINE: dict[str, tuple[str, Callable[[str], object], str]] = {
    "workspace name": (WORKSPACE, lambda text: {"name": text}, "/name"),
    "key label": (KEYS, lambda text: {"scopes": ["read"], "label": text}, "/label"),
    "account name": (ACCOUNTS, lambda text: account(name=text), "/name"),
    "account address": (ACCOUNTS, lambda text: account(email=f"a{text}@acme.test"), "/email"),
    "smtp host": (ACCOUNTS, lambda text: server(host=f"mail{text}.acme.test"), "/smtp/host"),
    "smtp username": (ACCOUNTS, lambda text: server(username=text, password="p"), "/smtp/username"),
    "account tag": (ACCOUNTS, lambda text: account(tags=[text]), "/tags/0"),
    "campaign tag": (CAMPAIGNS, lambda text: {"name": "New", "senderTags": ["a", text]}, "/senderTags/1"),
    "time zone": (CAMPAIGNS, lambda text: schedule(timeZone=f"Europe/{text}"), "/schedule/timeZone"),
    "campaign name": (CAMPAIGNS, lambda text: {"name": text}, "/name"),
    "step subject": (CAMPAIGNS, lambda text: campaign(subject=text), "/sequenceSteps/0/subject"),
    "changed subject": (
        STEPS,
        lambda text: {"sequenceSteps": [{"subject": text, "bodyHtml": "x"}]},
        "/sequenceSteps/0/subject",
    ),
    "lead address": (LEADS, lambda text: lead(email=f"a{text}@leads.test"), "/leads/0/email"),
    "lead first name": (LEADS, lambda text: lead(firstName=text), "/leads/0/firstName"),
    "lead company": (LEADS, lambda text: lead(company=text), "/leads/0/company"),
    "changed job title": (LEAD, lambda text: {"jobTitle": text}, "/jobTitle"),
    "changed address": (LEAD, lambda text: {"email": f"a{text}@leads.test"}, "/email"),
    "suppressed address": (SUPPRESS, lambda text: {"emails": [f"a{text}@leads.test"]}, "/emails/0"),
    "suppressed domain": (SUPPRESS, lambda text: {"domains": [f"a{text}.test"]}, "/domains/0"),
}
BREAKS = {
    "header injection": "x\r\nBcc: victim@example.com",
    "line feed": "x\ny",
    "carriage return": "x\ry",
    "escape": "x\x1b[31my",
    "delete": "x\x7fy",
    "next line": "x\x85y",
    "line separator": "x\u2028y",
}
LINE_BREAKS = [
    Case(f"{what}: {name}", route, make(text), 0, pointer)
    for what, (route, make, pointer) in ONE_LINE.items()
    for name, text in BREAKS.items()
]
CHARACTERS = [
    Case(
        f"{what}: {name}",
        route,
        json.dumps(make("x%y")).replace("%", escape).encode(),
        400,
        place if named else "",
    )
    for what, (route, make, place) in ONE_LINE.items()
    for name, escape, named in (("NUL", r"\u0000", True), ("lone surrogate", r"\ud800", False))
]
CUSTOM_NAMES = [
    Case(f"custom field name: {name}", LEADS, lead(**{f"a{text}b": "x"}), 422, None)
    for name, text in BREAKS.items()
]


def _fields(route: str, model: Any, body: dict[str, object]) -> list[Case]:
    found = []
    for name in [info.alias for info in model.model_fields.values()]:
        for kind, wrong in (("list", [[[]]]), ("huge", 10**400), ("text", "x" * 300_000)):
            found.append(Case(f"{route}: {name} is {kind}", route, {**body, name: wrong}, 0, f"/{name}"))
    return found


def _wrong_fields() -> list[Case]:
    """A nested list, an endless number and 300 kB of text in every field of every body."""
    bodies: dict[str, dict[str, object]] = {
        ACCOUNTS: account(),
        CAMPAIGNS: campaign(),
        KEYS: {"scopes": ["read"]},
    }
    found = []
    for operation in OPERATIONS:
        if operation.body and not title(operation).endswith("/bulk"):
            route = title(operation).replace("{camp}/seq", "{draft}/seq")
            found += _fields(route, operation.body, bodies.get(route, {}))
    return found


NESTED = b'{"name": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"
BODIES = [
    Case("empty", WORKSPACE, b"", 400, ""),
    Case("truncated object", WORKSPACE, b'{"name": "x"', 400, ""),
    Case("truncated string", WORKSPACE, b'{"name": "x', 400, ""),
    Case("single quotes", WORKSPACE, b"{'name': 'x'}", 400, ""),
    Case("trailing comma", WORKSPACE, b'{"name": "x",}', 400, ""),
    Case("comment", WORKSPACE, b'{"name": "x" /* y */}', 400, ""),
    Case("two values", WORKSPACE, b'{"name": "x"}{"name": "y"}', 400, ""),
    Case("list for object", WORKSPACE, [], 400, ""),
    Case("null", WORKSPACE, b"null", 400, ""),
    Case("bare text", WORKSPACE, "name", 400, ""),
    Case("bare number", WORKSPACE, 1, 400, ""),
    Case("NaN", WORKSPACE, b'{"dailyQuota": NaN}', 400, ""),
    Case("Infinity", WORKSPACE, b'{"dailyQuota": -Infinity}', 400, ""),
    Case(
        "number without end", WORKSPACE, b'{"pacing": {"minGapSeconds": 1e999}}', 400, "/pacing/minGapSeconds"
    ),
    Case("float for integer", WORKSPACE, b'{"dailyQuota": 1.0}', 400, "/dailyQuota"),
    Case("text for integer", WORKSPACE, {"dailyQuota": "5"}, 400, "/dailyQuota"),
    Case("truth for integer", WORKSPACE, {"dailyQuota": True}, 400, "/dailyQuota"),
    Case("integer beyond 64 bits", WORKSPACE, {"dailyQuota": 2**64}, 400, "/dailyQuota"),
    Case("negative quota", WORKSPACE, {"dailyQuota": -1}, 400, "/dailyQuota"),
    Case("ten thousand digits", WORKSPACE, b'{"dailyQuota": ' + b"9" * 10_000 + b"}", 400, ""),
    Case("nested lists", WORKSPACE, NESTED, 400, ""),
    Case("nested objects", WORKSPACE, b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400, ""),
    Case("nested and truncated", WORKSPACE, b"[" * 1_000_000, 400, ""),
    Case("repeated name", WORKSPACE, b'{"name": "x", "name": "y"}', 400, "/name"),
    Case(
        "repeated name within",
        WORKSPACE,
        b'{"pacing": {"mode": "asap", "mode": "asap"}}',
        400,
        "/pacing/mode",
    ),
    Case("byte order mark", WORKSPACE, b'\xef\xbb\xbf{"name": "x"}', 400, ""),
    Case("UTF-16", WORKSPACE, '{"name": "x"}'.encode("utf-16"), 400, ""),
    Case("UTF-32", WORKSPACE, '{"name": "x"}'.encode("utf-32"), 400, ""),
    Case("invalid UTF-8", WORKSPACE, b'{"name": "\xff"}', 400, ""),
    Case("overlong UTF-8", WORKSPACE, b'{"name": "\xc0\xaf"}', 400, ""),
    Case("surrogate in UTF-8", WORKSPACE, b'{"name": "\xed\xa0\x80"}', 400, ""),
    Case("unknown field", WORKSPACE, {"colour": "red"}, 400, "/colour"),
    Case("field in snake case", WORKSPACE, {"daily_quota": 5}, 400, "/daily_quota"),
    Case("field of a later version", ACCOUNTS, account(warmup={"health": 1}), 400, "/warmup/health"),
    Case("prototype pollution", WORKSPACE, {"__proto__": {"admin": True}}, 400, "/__proto__"),
    Case("mass assignment", WORKSPACE, {"id": "ws_1", "mode": "live"}, 400, "/id"),
    Case("python attribute", WORKSPACE, {"__class__": "x", "model_config": {}}, 400, "/__class__"),
    Case("pointer that needs escaping", WORKSPACE, {"a/b~c": 1}, 400, "/a~1b~0c"),
    Case("ten thousand unknown fields", WORKSPACE, {f"f{number}": 1 for number in range(10_000)}, 400, None),
    Case("body where none belongs", "POST /v1/campaigns/{camp}/pause", {"force": True}, 400, "/force"),
    Case("two million values", LEADS, b'{"leads": [' + b"[]," * 2_000_000 + b"[]]}", 400, None),
    Case("too many leads", LEADS, {"leads": [{}] * 10_001}, 400, "/leads"),
    Case("no leads", LEADS, {"leads": []}, 400, "/leads"),
    Case("lead that is none", LEADS, {"leads": [None]}, 422, "/leads/0"),
    Case("lead without an address", LEADS, {"leads": [{"company": "x"}]}, 422, "/leads/0/email"),
    Case("custom field: huge int", LEADS, lead(size=10**400), 422, "/leads/0/size"),
    Case("custom field: beyond 2^63", LEADS, lead(size=2**63), 422, "/leads/0/size"),
    Case("custom field: list", LEADS, lead(size=[1]), 422, "/leads/0/size"),
    Case("custom fields: list", LEADS, lead(customFields=[1]), 422, "/leads/0/customFields"),
    Case(
        "custom fields: a thousand",
        LEADS,
        lead(**{f"f{number}": 1 for number in range(900)}),
        422,
        "/leads/0/customFields",
    ),
    Case("custom field: too long a name", LEADS, lead(**{"x" * 101: 1}), 422, None),
    Case("custom field: a megabyte", LEADS, lead(size="x" * 2**20), 422, "/leads/0/size"),
    Case("changed custom field: huge int", LEAD, {"size": 10**400}, 422, "/size"),
    Case(
        "preview custom field: huge int",
        PREVIEW,
        {"lead": {"email": "a@b.test", "size": 10**400}},
        422,
        "/lead/size",
    ),
    Case("scope that does not exist", KEYS, {"scopes": ["root"]}, 400, "/scopes/0"),
    Case(
        "expiry before the common era",
        KEYS,
        {"scopes": ["read"], "expiresAt": "-0001-01-01T00:00:00Z"},
        400,
        "/expiresAt",
    ),
    Case(
        "expiry beyond all time",
        KEYS,
        {"scopes": ["read"], "expiresAt": "9999-12-31T23:59:59-23:59"},
        400,
        "/expiresAt",
    ),
    Case("expiry as a number", KEYS, {"scopes": ["read"], "expiresAt": 1e18}, 400, "/expiresAt"),
    Case("outcome by injection", "POST /v1/messages/{msg}/resolve", {"outcome": "sent' --"}, 400, "/outcome"),
    Case("smtp port zero", ACCOUNTS, server(port=0), 400, "/smtp/port"),
    Case("smtp host: URL", ACCOUNTS, server(host="http://mail.test/"), 422, "/smtp/host"),
    Case("smtp host: port", ACCOUNTS, server(host="mail.test:25"), 422, "/smtp/host"),
    Case("smtp host: path", ACCOUNTS, server(host="/var/run/smtp.sock"), 422, "/smtp/host"),
    Case("smtp host: scope with markup", ACCOUNTS, server(host='fe80::1%<a b>"'), 422, "/smtp/host"),
    Case(
        "smtp host: decimal address",
        ACCOUNTS,
        server(host="2130706433") | {"email": "x@acme.test"},
        422,
        "/smtp/host",
    ),
    Case("address with a display name", ACCOUNTS, account(email="A <a@acme.test>"), 422, "/email"),
    Case("two addresses", ACCOUNTS, account(email="a@acme.test,b@acme.test"), 422, "/email"),
    Case(
        "address with a quoted line break",
        ACCOUNTS,
        account(email='"a\r\nRCPT TO:<b@c.test>"@acme.test'),
        422,
        "/email",
    ),
    Case("address by injection", LEADS, lead(email="a@b.test'; drop table leads; --"), 422, "/leads/0/email"),
    Case("address of a literal", LEADS, lead(email="root@[127.0.0.1]"), 422, "/leads/0/email"),
    Case("suppress by wildcard", SUPPRESS, {"domains": ["%"]}, 422, "/domains/0"),
    Case("suppress nobody", SUPPRESS, {}, 0, "/emails"),
    Case(
        "step id by injection",
        STEPS,
        {"sequenceSteps": [{"id": "step_' or 1=1", "subject": "x", "bodyHtml": "x"}]},
        400,
        "/sequenceSteps/0/id",
    ),
    Case(
        "step id of another kind",
        STEPS,
        {"sequenceSteps": [{"id": "camp_01hx3kqp7mbn2vd9czf6yw4e8r", "subject": "x", "bodyHtml": "x"}]},
        400,
        "/sequenceSteps/0/id",
    ),
    Case(
        "twenty-one steps",
        STEPS,
        {"sequenceSteps": [{"subject": "x", "bodyHtml": "x"}] * 21},
        400,
        "/sequenceSteps",
    ),
    Case("delay that is no number", CAMPAIGNS, campaign(delayDays="3"), 400, "/sequenceSteps/0/delayDays"),
    Case("delay of an age", CAMPAIGNS, campaign(delayDays=1e300), 400, "/sequenceSteps/0/delayDays"),
]


RULES = [
    Case("jitter beyond one", WORKSPACE, {"pacing": {"jitter": 1.0000001}}, 400, "/pacing/jitter"),
    Case("jitter without end", WORKSPACE, b'{"pacing": {"jitter": 1e999}}', 400, "/pacing/jitter"),
    Case("gap of an age", WORKSPACE, {"pacing": {"minGapSeconds": 1e300}}, 400, "/pacing/minGapSeconds"),
    Case("gap as text", ACCOUNTS, account(pacing={"minGapSeconds": "20"}), 400, "/pacing/minGapSeconds"),
    Case("pacing by injection", ACCOUNTS, account(pacing={"mode": "asap' --"}), 400, "/pacing/mode"),
    Case("pacing of another kind", ACCOUNTS, account(pacing={"burst": True}), 400, "/pacing/burst"),
    Case("share as truth", WORKSPACE, {"firstStepShare": True}, 400, "/firstStepShare"),
    Case("share below nothing", WORKSPACE, {"firstStepShare": -0.1}, 400, "/firstStepShare"),
    Case("matching as text", WORKSPACE, {"providerMatching": "false"}, 400, "/providerMatching"),
    Case("weight of nothing", ACCOUNTS, account(weight=0), 400, "/weight"),
    Case("weight below nothing", ACCOUNTS, account(weight=-1), 400, "/weight"),
    Case("weight too small to count", CAMPAIGNS, {"name": "New", "weight": 1e-320}, 400, "/weight"),
    Case("weight as truth", ACCOUNTS, account(weight=True), 400, "/weight"),
    Case("weight as text", CAMPAIGNS, {"name": "New", "weight": "1"}, 400, "/weight"),
    Case("weight beyond measure", CAMPAIGNS, {"name": "New", "weight": 1e308}, 400, "/weight"),
    Case("weight without end", CAMPAIGNS, b'{"name": "New", "weight": 1e999}', 400, "/weight"),
    Case("weight that is no number", CAMPAIGNS, b'{"name": "New", "weight": NaN}', 400, ""),
    *(
        Case(f"{name}: {kind}", route, {**body, name: wrong}, 400, f"/{name}")
        for route, body, names in (
            (
                WORKSPACE,
                {},
                ("sendingDomainDailyLimit", "recipientDomainDailyLimit", "recipientDomainHourlyLimit"),
            ),
            (ACCOUNTS, account(), ("rollingLimit",)),
            (CAMPAIGNS, {"name": "New"}, ("newLeadsDailyLimit",)),
            ("PATCH /v1/campaigns/{camp}", {}, ("dailyLimit",)),
        )
        for name in names
        for kind, wrong in (
            ("nothing", 0),
            ("below nothing", -1),
            ("a part", 1.5),
            ("huge", 10**12),
            ("truth", True),
            ("text", "5"),
        )
    ),
    Case("twenty-one tags", ACCOUNTS, account(tags=[f"t{number}" for number in range(21)]), 400, "/tags"),
    Case("a million tags", ACCOUNTS, account(tags=["t"] * 900_000), 400, "/tags"),
    Case("tag of a megabyte", ACCOUNTS, account(tags=["x" * 2**20]), 400, "/tags/0"),
    Case("tag of fifty-one", ACCOUNTS, account(tags=["x" * 51]), 400, "/tags/0"),
    Case("tag that grows", ACCOUNTS, account(tags=["\u0130" * 50]), 400, "/tags/0"),
    Case("tag that nobody sees", ACCOUNTS, account(tags=["\u200b"]), 400, "/tags/0"),
    Case("tag that turns the line", ACCOUNTS, account(tags=["vip\u202e"]), 400, "/tags/0"),
    Case("tag of blanks", ACCOUNTS, account(tags=[" \u2003 "]), 400, "/tags/0"),
    Case("tag that is none", ACCOUNTS, account(tags=[None]), 400, "/tags/0"),
    Case("tags as text", CAMPAIGNS, {"name": "New", "senderTags": "vip"}, 400, "/senderTags"),
    Case("provider by injection", ACCOUNTS, account(provider="google' or '1'='1"), 400, "/provider"),
    Case("time zone: path", CAMPAIGNS, schedule(timeZone="../../../etc/passwd"), 422, "/schedule/timeZone"),
    Case(
        "time zone: absolute path", CAMPAIGNS, schedule(timeZone="/etc/localtime"), 422, "/schedule/timeZone"
    ),
    Case("time zone: of the machine", CAMPAIGNS, schedule(timeZone="localtime"), 422, "/schedule/timeZone"),
    Case("time zone: folder", CAMPAIGNS, schedule(timeZone="Europe"), 422, "/schedule/timeZone"),
    Case("time zone: other case", CAMPAIGNS, schedule(timeZone="europe/berlin"), 422, "/schedule/timeZone"),
    Case("time zone: NUL", CAMPAIGNS, schedule(timeZone="UTC\0"), 400, "/schedule/timeZone"),
    Case("time zone: a megabyte", CAMPAIGNS, schedule(timeZone="U" * 2**20), 400, "/schedule/timeZone"),
    Case("time zone: empty", CAMPAIGNS, schedule(timeZone=""), 400, "/schedule/timeZone"),
    Case("lead zone as a number", CAMPAIGNS, schedule(useLeadTimeZone=1), 400, "/schedule/useLeadTimeZone"),
    Case("hour twenty-five", CAMPAIGNS, hours("25:00", "26:00"), 400, "/schedule/hours/from"),
    Case("minute sixty", CAMPAIGNS, hours("09:00", "16:60"), 400, "/schedule/hours/to"),
    Case("hour of one digit", CAMPAIGNS, hours("9:00", "17:00"), 400, "/schedule/hours/from"),
    Case("hours with seconds", CAMPAIGNS, hours("09:00:00", "17:00"), 400, "/schedule/hours/from"),
    Case("hours with a line break", CAMPAIGNS, hours("09:00", "17:00\n"), 400, "/schedule/hours/to"),
    Case("hours of other digits", CAMPAIGNS, hours("٠٩:٠٠", "17:00"), 400, "/schedule/hours/from"),
    Case("hours as a list", CAMPAIGNS, schedule(hours=["09:00", "17:00"]), 400, "/schedule/hours"),
    Case("no days", CAMPAIGNS, schedule(days=[]), 400, "/schedule/days"),
    Case("eight days", CAMPAIGNS, schedule(days=["mon"] * 8), 400, "/schedule/days"),
    Case("a day twice", CAMPAIGNS, schedule(days=["mon", "mon"]), 422, "/schedule/days/1"),
    Case("a day in capitals", CAMPAIGNS, schedule(days=["MON"]), 400, "/schedule/days/0"),
    Case(
        "ten thousand holidays",
        CAMPAIGNS,
        schedule(holidays=["2026-01-01"] * 10_000),
        400,
        "/schedule/holidays",
    ),
    Case(
        "a holiday that never was", CAMPAIGNS, schedule(holidays=["2026-02-29"]), 400, "/schedule/holidays/0"
    ),
    Case("a year of five digits", CAMPAIGNS, schedule(startOn="12026-01-01"), 400, "/schedule/startOn"),
    Case("an instant for a date", CAMPAIGNS, schedule(endOn="2026-01-01T00:00:00Z"), 400, "/schedule/endOn"),
    Case(
        "an end before the start",
        CAMPAIGNS,
        schedule(startOn="2026-01-02", endOn="2026-01-01"),
        422,
        "/schedule/endOn",
    ),
    Case("a schedule as a list", "PATCH /v1/campaigns/{camp}", {"schedule": []}, 400, "/schedule"),
    Case(
        "wait for ever",
        CAMPAIGNS,
        {"name": "New", "senderLossPolicy": {"action": "wait", "waitDays": 1e9}},
        400,
        "/senderLossPolicy/waitDays",
    ),
    Case(
        "wait backwards",
        CAMPAIGNS,
        {"name": "New", "senderLossPolicy": {"action": "wait", "waitDays": -1}},
        400,
        "/senderLossPolicy/waitDays",
    ),
    Case(
        "no policy",
        "PATCH /v1/campaigns/{camp}",
        {"senderLossPolicy": None},
        400,
        "/senderLossPolicy",
    ),
    Case(
        "choice by injection", CAMPAIGNS, {"name": "New", "variantChoice": "bandit;"}, 400, "/variantChoice"
    ),
]


TEMPLATES = [
    Case(f"template: {name}", CAMPAIGNS, campaign(bodyHtml=source), 0, "/sequenceSteps/0/bodyHtml")
    for name, source in {
        "more than 256 KiB": "x" * (256 * 1024 + 1),
        "more Liquid than 64 KiB": "{{ firstName }}" * 10_000,
        "unclosed tag": "{% if firstName %}",
        "unclosed output": "{{ firstName",
        "unclosed comment": "{% comment %}" * 100,
        "nested to death": "{% if a %}" * 5_000 + "{% endif %}" * 5_000,
        "nested loops": "{% for a in (1..9) %}" * 100 + "{% endfor %}" * 100,
        "unknown tag": "{% shell 'id' %}",
        "file inclusion": "{% include '/etc/passwd' %}",
        "file rendering": "{% render '../../secrets' %}",
        "unknown filter": "{{ firstName | system }}",
        "expression without end": "{{ a" + " | upcase" * 5_000 + " }}",
        "condition without end": "{% if a" + " and a" * 5_000 + " %}{% endif %}",
        "index without end": "{{ a" + "[0" * 5_000 + "]" * 5_000 + " }}",
        "end without a start": "{% endif %}",
        "NUL": "a\x00b",
        "escape": "a\x1bb",
    }.items()
]


@each_case(LINE_BREAKS, CHARACTERS, CUSTOM_NAMES)
async def test_a_control_character_is_refused(target: Target, case: Case) -> None:
    """In every text of one line; so no text begins a header (RFC 5322 §2.2)."""
    await check_refusal(target, case)


@each_case(_wrong_fields())
async def test_a_field_of_the_wrong_kind_is_named(target: Target, case: Case) -> None:
    """Every field of every body."""
    await check_refusal(target, case)


@each_case(BODIES, RULES, TEMPLATES)
async def test_a_hostile_body_is_refused(target: Target, case: Case) -> None:
    """And the place in it is named."""
    await check_refusal(target, case)
