"""`leadterra demo --once --json` plays the main job and tells in one object what the mail server counted."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import Program


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What it said, and the directory that it left."""
    folder = tmp_path_factory.mktemp("demo")
    with Program(folder) as program:
        said = program.run("demo", "--once", "--json", TMPDIR=str(folder)).json
    (left,) = folder.glob("leadterra-demo-*")
    return said, left


def test_the_quota_holds_and_the_overflow_follows(stage: tuple[dict[str, Any], Path]) -> None:
    """80 of 100 on the first day, 20 after the reset, nobody twice, no account over its limit, nothing from
    the warming one.
    """
    said = dict(stage[0])
    seconds = said.pop("seconds")

    assert said == {
        "sent": 100,
        "perAccount": said["perAccount"],
        "peakRemaining": 80,
        "overflowBeforeReset": 20,
        "sentAfterReset": 20,
        "duplicates": 0,
        "overLimit": 0,
    }
    assert (sum(said["perAccount"].values()), said["perAccount"]["mark.osei@mail.acmecorp.io"]) == (100, 0)
    assert seconds > 0


def test_only_the_letters_stay(stage: tuple[dict[str, Any], Path]) -> None:
    """Every letter is a file; data, logs and clock are gone."""
    left = stage[1]

    assert [path.name for path in left.iterdir()] == ["letters"]
    assert len(list((left / "letters" / "new").glob("*.eml"))) == 100
