"""The repository as tests of the architecture see it: files, syntax trees and SQL blocks."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "leadterra"
_NOT_OURS = {".git", ".venv", "__pycache__", "node_modules", "dist", "build"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file. name: its path from the repository's root."""

    name: str
    path: Path
    tree: ast.Module
    lines: int

    def functions(self) -> Iterator[Function]:
        """Every function and method, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def where(self, node: ast.stmt | ast.expr) -> str:
        """For a list of offenders."""
        return f"{self.name}:{node.lineno}"


@dataclass(frozen=True, slots=True)
class Block:
    """One named statement of a `.sql` file. sql: without comments. cross_workspace: the reason it gives."""

    name: str
    sql: str
    cross_workspace: str | None


def files() -> Iterator[Path]:
    """Every file of the repository that a person wrote, by the names of directories that tools make."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        made_by_tools = any(part in _NOT_OURS or part.endswith(("_cache", ".egg-info")) for part in parts)
        if path.is_file() and not made_by_tools and ".hypothesis" not in parts:
            yield path


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The Python files below these folders of the repository."""
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")))
    return tuple(_read(path) for path in found if "__pycache__" not in path.parts)


def _read(path: Path) -> Module:
    text = path.read_text()
    return Module(str(path.relative_to(ROOT)), path, ast.parse(text), text.count("\n"))


@cache
def blocks() -> tuple[Block, ...]:
    """Every statement of store/*.sql."""
    found = []
    for path in sorted((PACKAGE / "store").glob("*.sql")):
        for part in re.split(r"(?m)^-- name: *", path.read_text())[1:]:
            name, _, body = part.partition("\n")
            reason = re.search(r"(?m)^-- cross-workspace: *(\S.*)$", body)
            sql = re.sub(r"--.*", "", body).strip()
            found.append(Block(f"{path.name}:{name.strip()}", sql, reason and reason.group(1)))
    return tuple(found)


@cache
def tables() -> dict[str, bool]:
    """The tables that the migrations create; True for a tenant's, which has a workspace_id."""
    text = "".join(path.read_text() for path in sorted((PACKAGE / "store" / "migrations").glob("*.sql")))
    created = re.findall(r"(?ms)^create table (?:if not exists )?(\w+) \((.*?)^\);", text)
    return {name: bool(re.search(r"(?m)^\s*workspace_id uuid not null", body)) for name, body in created}
