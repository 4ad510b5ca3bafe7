"""The repository works on any machine, behind any mirror, and its lists agree with each other."""

import os
import re
import tomllib

import pytest

from tests.support.source_tree import ROOT, files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
REQUIREMENTS = ROOT / "requirements"
BINARY = {".png", ".gif", ".ico", ".woff2", ".gz", ".zip", ".eml"}

# In pieces, for this file is searched too.
THIS_MACHINE = re.compile(r"(?<![\w.~<>-])/(?:ho" + r"me|ro" + r"ot|wo" + r"rk|Us" + r"ers)/\w")
REGISTRY = re.compile(
    r"py" + r"pi\.org|python" + r"hosted|npm" + r"js\.org|crat" + r"es\.io|deb" + r"ian\.org"
)


def texts() -> list[tuple[str, str]]:
    """Every file that a person wrote, by name."""
    readable = (path for path in files() if path.suffix not in BINARY)
    return [(str(path.relative_to(ROOT)), path.read_text(errors="replace")) for path in readable]


def package(requirement: str) -> str:
    """`psycopg[binary,pool]>=3.3; …` is psycopg."""
    found = re.match(r"[\w.-]+", requirement)
    return found.group().lower() if found else ""


def requirements(name: str) -> list[str]:
    """The lines of a requirements file that are not options or comments."""
    lines = (REQUIREMENTS / name).read_text().splitlines()
    return [line for line in lines if line and line[0].isalnum()]


def test_no_file_names_a_directory_of_one_machine() -> None:
    """What works here works elsewhere."""
    assert [name for name, text in texts() if THIS_MACHINE.search(text)] == []


def test_no_file_names_a_package_registry() -> None:
    """Whoever installs chooses the mirror."""
    assert [name for name, text in texts() if REGISTRY.search(text)] == []


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt", "bench.txt", "fuzz.txt"])
def test_requirements_name_no_address(name: str) -> None:
    """Neither an index, nor a file, nor a repository."""
    text = (REQUIREMENTS / name).read_text()

    assert re.findall(r"\S*://\S*|--(?:extra-)?index-url|--find-links|--trusted-host| @ |-e ", text) == []


@pytest.mark.parametrize("name", ["runtime.txt", "dev.txt", "bench.txt", "fuzz.txt"])
def test_everything_installed_is_pinned_with_its_hash(name: str) -> None:
    """Nothing that was not tested gets in."""
    entries = re.split(r"(?m)^(?=[a-z0-9])", (REQUIREMENTS / name).read_text())[1:]

    assert entries != []
    assert [e for e in entries if not re.match(r"[\w.-]+==[\w.]+ ", e) or "--hash=sha256:" not in e] == []


def test_the_programs_dependencies_are_listed_once_in_two_places() -> None:
    """pyproject.toml says what the package needs, requirements/runtime.in what is pinned for it."""
    declared = {package(each) for each in PROJECT["project"]["dependencies"]}

    assert declared == {package(each) for each in requirements("runtime.in")}


@pytest.mark.parametrize("name", ["runtime", "dev", "bench", "fuzz"])
def test_what_is_asked_for_is_pinned(name: str) -> None:
    """`make requirements` was run after the last change."""
    pinned = {package(each) for each in requirements(f"{name}.txt")}

    assert {package(each) for each in requirements(f"{name}.in")} - pinned == set()


def test_tests_run_with_the_versions_that_users_get() -> None:
    """The development pins are the runtime pins and more."""
    assert set(requirements("runtime.txt")) - set(requirements("dev.txt")) == set()


def test_the_builds_backend_is_pinned() -> None:
    """The package itself is installed without asking a registry."""
    backend = {package(each) for each in PROJECT["build-system"]["requires"]}

    assert backend <= {package(each) for each in requirements("dev.txt")}


def test_the_licence_is_apache_2() -> None:
    """All of it."""
    text = (ROOT / "LICENSE").read_text()

    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert ("Version 2.0, January 2004" in text, "END OF TERMS AND CONDITIONS" in text) == (True, True)


def test_one_version_is_told_everywhere() -> None:
    """The package's and the build's."""
    text = (ROOT / "src" / "leadterra" / "__init__.py").read_text()

    assert f'__version__ = "{PROJECT["project"]["version"]}"' in text


@pytest.mark.parametrize("target", ["setup", "demo", "up", "test", "lint", "format", "requirements"])
def test_make_knows_the_commands_that_the_documents_name(target: str) -> None:
    """One word each."""
    assert re.search(rf"(?m)^{target}:", (ROOT / "Makefile").read_text())


@pytest.mark.parametrize(
    "script",
    [
        *(".ci/run", "tools/apt-install", "tools/bench-peers", "tools/fuzz-place", "tools/make-venv"),
        *("tools/pin-requirements", "tools/system-packages"),
    ],
)
def test_scripts_can_be_run(script: str) -> None:
    """As they are, after a clone."""
    assert os.access(ROOT / script, os.X_OK)
