"""domain and mail read no clock, roll no dice, wait for nothing (R12). Imports are held by import-linter."""

import ast
import sys

from tests.support.source_tree import Module, modules

DOMAIN = modules("src/leadterra/domain")
PURE = DOMAIN + modules("src/leadterra/mail")
CLOCK_AND_DICE = {
    "now",
    "utcnow",
    "today",
    "monotonic",
    "perf_counter",
    "time_ns",
    "make_msgid",
    "localtime",
    "uuid1",
    "uuid4",
    "uuid6",
    "uuid7",
    "urandom",
    "token_bytes",
    "token_hex",
    "token_urlsafe",
}
DOORS = {"open", "print", "input", "exec", "eval", "__import__"}


def called(node: ast.Call) -> str:
    """The name of what is called, with a dot before that of a method."""
    function = node.func
    return f".{function.attr}" if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def imported(module: Module) -> set[str]:
    """The names of modules that this one imports, with their first part only."""
    found: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_domain_imports_the_standard_library_only() -> None:
    """What is true about sending needs nobody's framework."""
    allowed = sys.stdlib_module_names | {"leadterra"}

    assert {module.name: rest for module in DOMAIN if (rest := imported(module) - allowed)} == {}


def test_nothing_pure_awaits() -> None:
    """A rule is a function, not a conversation."""
    waits = ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith

    assert [m.where(node) for m in PURE for node in ast.walk(m.tree) if isinstance(node, waits)] == []


def test_nothing_pure_reads_a_clock_or_rolls_dice() -> None:
    """`now` and `rng` are arguments."""
    assert calls_to(CLOCK_AND_DICE) == []


def test_nothing_pure_opens_a_door() -> None:
    """No files, no terminal."""
    assert [found for found in calls_to(DOORS) if "." not in found.split()[1]] == []


def calls_to(names: set[str]) -> list[str]:
    """Where a pure module calls one of these."""
    return [
        f"{module.where(node)} {called(node)}"
        for module in PURE
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and called(node).lstrip(".") in names
    ]
