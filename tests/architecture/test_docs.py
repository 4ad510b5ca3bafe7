"""The documents say what is: their links lead somewhere, their tests exist, their lists are complete."""

import re
from pathlib import Path

import pytest

from leadterra.config import Settings, variable
from leadterra.mail.template_filters import FILTERS

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    """A link to a file of the repository names one that is there."""
    targets = re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text())
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_names_what_enforces_it(decision: Path) -> None:
    """Its last line says *Enforced by:* and names tests that exist."""
    last = decision.read_text().strip().split("\n\n")[-1]
    tests = re.findall(r"`(tests/[^`]+)`", last)
    assert last.startswith("*Enforced by:*")
    assert tests
    assert [test for test in tests if not (ROOT / test).exists()] == []


def test_every_setting_is_in_the_reference() -> None:
    """docs/reference/settings.md has each variable, with its description."""
    text = (ROOT / "docs/reference/settings.md").read_text()
    missing = [
        name
        for name, field in Settings.model_fields.items()
        if f"`{variable(name)}` | {field.description} |" not in text
    ]
    assert missing == []


def test_every_filter_is_in_the_reference() -> None:
    """docs/reference/templates.md has each filter of the dialect."""
    text = (ROOT / "docs/reference/templates.md").read_text()
    assert [name for name in FILTERS if f"`{name}`" not in text] == []


def test_every_target_of_the_makefile_that_is_documented_exists() -> None:
    """What README and CONTRIBUTING tell people to make can be made."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for name in ("README.md", "CONTRIBUTING.md")
        for target in re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / name).read_text(), re.MULTILINE)
    }
    assert named - targets == set()
