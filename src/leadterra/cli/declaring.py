"""How a command is declared: what it asks for itself, and what every command takes.

A command is a function of a `Session`, or of an `Access` where it acts on the database; its other parameters,
all by name, are its own options. `--data-dir`, `--workspace` and `--json` are added here, and may stand
before the command's name as well. A command that can do nothing with one of them lacks it, and refuses it
with `CommandError`.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Collection, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Concatenate, Literal, ParamSpec, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from leadterra.cli.errors import CommandError
from leadterra.cli.output import Output
from leadterra.cli.session import Access, Session, open_access
from leadterra.cli.storage import reach_database
from leadterra.config import Settings
from leadterra.observability import configure_logging

Own = ParamSpec("Own")
Parameter = TypeVar("Parameter")
Lacking = Collection[Literal["data_dir", "workspace"]]
"""Options of all commands that a command does without."""

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir",
        metavar="DIR",
        help="Where the embedded database and the sealing keys live.",
        show_default="~/.local/share/leadterra",
    ),
]
WorkspaceName = Annotated[
    str | None,
    typer.Option(
        "--workspace",
        metavar="NAME",
        help="The workspace to act on, by name or id.",
        show_default="the only one, or the one called 'default'",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object or one a line.")]


@dataclass(frozen=True, slots=True)
class Given:
    """What was said before the command's name."""

    data_dir: Path | None = None
    workspace: str | None = None
    as_json: bool = False


class _Command(TyperCommand):
    """A command whose help shows a flag as what it is."""

    def get_params(self, ctx: Any) -> Any:
        """Its options and arguments."""
        return _bare_flags(super().get_params(ctx))


class _Group(TyperGroup):
    """The same for a set of commands."""

    def get_params(self, ctx: Any) -> Any:
        """Its options."""
        return _bare_flags(super().get_params(ctx))


def _bare_flags(parameters: list[Parameter]) -> list[Parameter]:
    """Typer would write <bool> behind a flag, as if it took a value."""
    for each in parameters:
        if isinstance(each, TyperOption) and each.is_flag:
            each.metavar = ""
    return parameters


def group(explanation: str) -> typer.Typer:
    """An empty set of commands. Without a command it shows its help."""
    commands = typer.Typer(cls=_Group, help=explanation, add_completion=False, pretty_exceptions_enable=False)

    @commands.callback(invoke_without_command=True)
    def show_help(context: typer.Context) -> None:
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    return commands


def command(
    commands: typer.Typer, name: str | None = None, *, lacks: Lacking = ()
) -> Callable[[Callable[Concatenate[Session, Own], None]], None]:
    """Declare a command that does everything itself."""

    def declare(function: Callable[Concatenate[Session, Own], None]) -> None:
        def call(session: Session, own: dict[str, Any]) -> None:
            function(session, **own)  # type: ignore[call-arg]

        _add(commands, name or _name_of(function), function, call, lacks=lacks)

    return declare


def database_command(
    commands: typer.Typer, name: str | None = None, *, lacks: Lacking = ()
) -> Callable[[Callable[Concatenate[Access, Own], Coroutine[Any, Any, None]]], None]:
    """Declare a command that acts on the database: reached, with the present schema, and open."""

    def declare(function: Callable[Concatenate[Access, Own], Coroutine[Any, Any, None]]) -> None:
        def call(session: Session, own: dict[str, Any]) -> None:
            settings = session.settings()
            configure_logging(settings.model_copy(update={"log_level": "error"}))
            with reach_database(settings) as storage:
                asyncio.run(_with_access(session, storage.settings, lambda access: function(access, **own)))  # type: ignore[call-arg]

        _add(commands, name or _name_of(function), function, call, lacks=lacks)

    return declare


async def _with_access(
    session: Session, settings: Settings, work: Callable[[Access], Awaitable[None]]
) -> None:
    async with open_access(session, settings) as access:
        await work(access)


def _add(
    commands: typer.Typer,
    name: str,
    function: Callable[..., object],
    call: Callable[[Session, dict[str, Any]], None],
    *,
    lacks: Lacking,
) -> None:
    """Give Typer a function that has the options of all commands beside its own."""

    def invoke(*, context: typer.Context, **given: Any) -> None:
        before: Given = context.obj or Given()
        for option in lacks:
            if getattr(before, option) is not None:
                raise CommandError(
                    f"--{option.replace('_', '-')}: `{context.info_name}` takes no such option"
                )
        session = Session(
            data_dir=given.pop("data_dir", None) or before.data_dir,
            workspace=given.pop("workspace", None) or before.workspace,
            output=Output(given.pop("as_json") or before.as_json),
        )
        call(session, given)

    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    shared = [each for each in _SHARED if each.name not in lacks]
    invoke.__signature__ = inspect.Signature([*own, *shared])  # type: ignore[attr-defined]
    invoke.__annotations__ = {each.name: each.annotation for each in (*own, *shared)}
    commands.command(name, cls=_Command, help=_help_of(function))(invoke)


_SHARED = [
    inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
    for name, kind, default in (
        ("context", typer.Context, inspect.Parameter.empty),
        ("data_dir", DataDir, None),
        ("workspace", WorkspaceName, None),
        ("as_json", AsJson, False),
    )
]
"""What every command takes."""


def _name_of(function: Callable[..., object]) -> str:
    return function.__name__.replace("_", "-")


def _help_of(function: Callable[..., object]) -> str:
    """Its docstring, a paragraph a line: the terminal decides where lines break."""
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
