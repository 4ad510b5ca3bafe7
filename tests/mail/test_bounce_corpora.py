"""Public samples of bounces and complaints are recognised, with the right recipient, hard or soft.

They lie beside the repository where they exist; without them these facts hold of nothing.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

from leadterra.mail.classification import classify
from leadterra.mail.finding import Finding, Kind
from leadterra.mail.reading import read_letter, read_text

CORPORA = Path(__file__).parents[3] / "shared" / "corpora" / "bounces"
DAY = date(2025, 6, 3)


def crisp() -> dict[str, tuple[Finding, dict[str, Any]]]:
    """Bodies of bounces: what we find, and what is expected."""
    return {
        path.stem: (
            classify(read_text(path.read_bytes().decode("utf-8", "replace")), received_on=DAY),
            json.loads((path.parent / "expected" / f"{path.stem}.json").read_text())["data"],
        )
        for path in sorted(CORPORA.glob("crisp/fixtures/*.txt"))
        if path.stem not in {"default", "empty"}
    }


def kumomta() -> dict[str, tuple[Finding, Any]]:
    """Whole reports: what we find, and what is expected."""
    path = CORPORA / "kumomta" / "expected.json"
    expected = json.loads(path.read_text()) if path.is_file() else {}
    return {
        name: (classify(read_letter((path.parent / name).read_bytes()), received_on=DAY), wanted)
        for name, wanted in expected.items()
    }


def test_bodies_of_bounces_are_bounces_of_the_right_recipient() -> None:
    """Each of them, and of nobody else."""
    wrong = {
        name: found.recipients
        for name, (found, wanted) in crisp().items()
        if found.kind is not Kind.BOUNCE
        or [each.address for each in found.recipients] != [wanted["recipient"]]
    }

    assert wrong == {}


def test_codes_are_those_that_the_servers_gave() -> None:
    """But for one that says 511, which its collectors count as 550."""
    wrong = [
        name
        for name, (found, wanted) in crisp().items()
        if (str(found.recipients[0].code or ""), found.recipients[0].status)
        != (wanted["error"]["code"]["basic"] or "", wanted["error"]["code"]["enhanced"])
    ]

    assert wrong in ([], ["550_5_1_1_no_such_recipient_variant_11"])


def test_no_temporary_failure_is_hard_and_no_missing_recipient_is_soft() -> None:
    """Decision record 0023 says why the other permanent codes are not hard."""
    wrong = [
        name
        for name, (found, wanted) in crisp().items()
        for error, hard in [(wanted["error"], found.recipients[0].hard)]
        if (error["temporary"] and hard)
        or (error["permanent"] and error["data"]["type"] == "no_such_recipient" and not hard)
    ]

    assert wrong == []


def test_reports_name_each_recipient_its_status_and_what_became_of_it() -> None:
    """In their order."""
    wrong = {
        name: found.recipients
        for name, (found, wanted) in kumomta().items()
        if isinstance(wanted, list)
        and [(each.address, each.status, each.delayed) for each in found.recipients]
        != [(each["recipient"], each["status"], each["action"] == "delayed") for each in wanted]
    }

    assert wrong == {}


HARD = {"rfc3464/2.eml", "rfc3464/3.eml", "rfc3464/6.eml", "rfc3464/obsolete_arrival_date.eml"}


def test_reports_are_hard_where_an_address_is_dead() -> None:
    """Not where a mailbox is full, or the time was up, although the report says 5.0.0 or failed."""
    hard = {name for name, (found, _) in kumomta().items() if any(each.hard for each in found.recipients)}

    assert hard in (HARD, set())


def test_complaints_name_who_complained() -> None:
    """Where the report does."""
    wrong = {
        name: found
        for name, (found, wanted) in kumomta().items()
        if isinstance(wanted, dict)
        and (found.kind, [each.address for each in found.recipients])
        != (Kind.COMPLAINT, wanted["original_rcpt_to"])
    }

    assert wrong == {}
