"""The house has twelve rooms, and everything in them is small, named by its trade and explained."""

import ast
import re

import pytest

from tests.support.source_tree import PACKAGE, Function, Module, modules

TWELVE = {
    "domain",
    "mail",
    "store",
    "actions",
    "transport",
    "workers",
    "api",
    "dashboard",
    "cli",
    "config.py",
    "observability.py",
    "bootstrap.py",
}
FORM = {"__init__.py", "__main__.py", "py.typed"}
NAMELESS = {
    "util",
    "utils",
    "helper",
    "helpers",
    "common",
    "base",
    "manager",
    "managers",
    "service",
    "services",
}
NAMELESS |= {"misc", "data", "info"}

CODE = modules("src", "tests", "tools", "bench", "chaos", "fuzz")
PROGRAM = modules("src")
TESTS = [module for module in modules("tests") if module.path.name.startswith("test_")]


def words(name: str) -> set[str]:
    """`SenderAccount` and `sender_account` are both {sender, account}."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def length(function: Function) -> int:
    """Lines from `def` to the end."""
    return (function.end_lineno or 0) - function.lineno + 1


def positional(function: Function) -> int:
    """Parameters that may be given without their names."""
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def test_there_are_twelve_names_at_the_top() -> None:
    """No thirteenth without a decision record."""
    found = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__"}

    assert found - FORM == TWELVE


def test_no_file_is_longer_than_500_lines() -> None:
    """A second look is due at 300."""
    assert [module.name for module in CODE if module.lines > 500] == []


def test_no_function_is_longer_than_50_lines() -> None:
    """Around 10 is usual."""
    long = [module.where(each) for module in CODE for each in module.functions() if length(each) > 50]

    assert long == []


def test_no_function_takes_more_than_five_positional_parameters() -> None:
    """Beyond that, callers write names."""
    wide = [module.where(each) for module in PROGRAM for each in module.functions() if positional(each) > 5]

    assert wide == []


def test_no_name_says_nothing() -> None:
    """A file, class or function bears a word of the trade."""
    named = [(module.name, module.path.stem) for module in PROGRAM]
    named += [
        (module.where(node), node.name)
        for module in PROGRAM
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef)
    ]

    assert [f"{where} {name}" for where, name in named if words(name) & NAMELESS] == []


def test_no_function_merely_processes_or_handles() -> None:
    """A verb says what is done."""
    vague = [
        module.where(each)
        for module in PROGRAM
        for each in module.functions()
        if each.name.lstrip("_").startswith(("process_", "handle_"))
    ]

    assert vague == []


def test_every_module_opens_with_its_promise() -> None:
    """What it does and how it fails, before the first import."""
    assert [module.name for module in CODE if not ast.get_docstring(module.tree)] == []


def test_everything_public_is_explained() -> None:
    """Public classes, functions and methods have a docstring."""
    bare = [
        f"{module.where(node)} {node.name}"
        for module in PROGRAM
        for node in public(module)
        if not ast.get_docstring(node)
    ]

    assert bare == []


def public(module: Module) -> list[Function | ast.ClassDef]:
    """What others may use: at the top of a module, or of a public class in it."""
    found: list[Function | ast.ClassDef] = []
    for node in module.tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
            inner = node.body if isinstance(node, ast.ClassDef) else []
            found += [each for each in inner if isinstance(each, Function) and not each.name.startswith("_")]
    return found


def test_every_test_states_its_fact() -> None:
    """In its docstring."""
    silent = [
        module.where(each)
        for module in TESTS
        for each in module.functions()
        if each.name.startswith("test_") and not ast.get_docstring(each)
    ]

    assert silent == []


@pytest.mark.parametrize(
    "forbidden",
    [
        r"\bpytest\.(skip|importorskip|xfail|mark\.skip|mark\.skipif|mark\.xfail)\b",
        r"\bunittest\.mock\b|\bmonkeypatch\.setattr\b|\bmocker\b",
        r"\btime\.sleep\(|\basyncio\.sleep\((?!0\))",
    ],
)
def test_no_test_skips_patches_or_sleeps(forbidden: str) -> None:
    """Time and the network come in through the front door; what cannot run here fails here."""
    own = __file__
    guilty = [
        module.name
        for module in TESTS
        if module.path.as_posix() != own and re.search(forbidden, module.path.read_text())
    ]

    assert guilty == []


def test_nothing_is_left_to_do() -> None:
    """A note to oneself belongs into an issue."""
    mark = re.compile(r"\b(?:TO" + "DO|FIX" + "ME|XXX)\b")

    assert [module.name for module in CODE if mark.search(module.path.read_text())] == []
