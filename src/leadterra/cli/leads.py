"""`leadterra leads`: bring leads into a campaign from a file."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from leadterra.actions.lead_files import Format, LeadFile
from leadterra.actions.lead_imports import ImportResult, Watch, import_leads
from leadterra.actions.lead_rows import RejectedRow
from leadterra.cli.campaigns import Wanted, find_campaign
from leadterra.cli.declaring import database_command, group
from leadterra.cli.errors import CommandError
from leadterra.cli.output import Output, table
from leadterra.cli.row_report import RowReport, open_report
from leadterra.cli.session import Access
from leadterra.store.ids import encode
from leadterra.store.imports import Import

commands = group("Leads: the people that campaigns write to.")

_BLOCK = 1 << 20
_SHOWN_REJECTIONS = 20


@database_command(commands, "import")
async def import_file(
    access: Access,
    campaign: Wanted,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv", help="One lead a row below a header, or FILE.ndjson with an object a line."
        ),
    ],
    *,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Write there what became of each row."),
    ] = None,
) -> None:
    """Import leads into a campaign: up to a million, in constant memory.

    The header names the columns: email, firstName, lastName, company, jobTitle, timeZone (an IANA name); any
    other column is a custom field. Interrupted at any point, the same command goes on where it stopped and
    ends with the same result. Rows that cannot be taken are reported and stop nothing; exit code 1 if none
    could be taken.
    """
    workspace = await access.workspace()
    campaign_id = await access.run(workspace.id, lambda uow: find_campaign(uow, campaign))
    with ExitStack() as opened:
        stream = opened.enter_context(file.open("rb"))
        if not stream.seekable():
            raise CommandError(f"{file}: must be a file, for it is read more than once")
        rows = opened.enter_context(open_report(report)) if report else None
        show = opened.enter_context(_show_progress(access.output, stream))
        following = _Following(show, rows)
        result = await following.run(
            import_leads(
                access.equipment.database,
                workspace.id,
                campaign_id,
                LeadFile(stream, _format_of(file), file.name),
                clock=access.equipment.clock,
                watch=Watch(following.progress, rows.add if rows else None),
            ),
            access.output,
        )
    access.output.result(_as_json(result), _as_table(result))
    if not result.progress.rows_read - result.progress.invalid and result.progress.invalid:
        raise typer.Exit(1)


class _Following:
    """Hears how far the import is, and says so when it is interrupted."""

    def __init__(self, show: Callable[[int], None], report: RowReport | None) -> None:
        self._show = show
        self._report = report
        self._done = 0

    def progress(self, progress: Import) -> None:
        """A chunk more is committed."""
        self._done = progress.rows_read
        if self._report:
            self._report.flush()
        self._show(progress.rows_read)

    async def run(self, work: Awaitable[ImportResult], output: Output) -> ImportResult:
        """The result, unless Ctrl+C or SIGTERM comes first."""
        try:
            return await work
        except asyncio.CancelledError:
            output.note(
                f"Interrupted after row {self._done}. Nothing is lost: the same command goes on from there."
            )
            raise


@contextmanager
def _show_progress(output: Output, stream: IO[bytes]) -> Iterator[Callable[[int], None]]:
    """A bar, if somebody looks."""
    if not output.notes.is_terminal:
        yield lambda rows_read: None
        return
    columns = (TextColumn("Leads"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=output.notes, transient=True) as bar:
        task = bar.add_task("", total=_count_rows(stream))
        yield lambda rows_read: bar.update(task, completed=rows_read)


def _count_rows(stream: IO[bytes]) -> int:
    """About: blank lines count, and so do line breaks within cells."""
    return max(1, sum(block.count(b"\n") for block in iter(lambda: stream.read(_BLOCK), b"")) - 1)


def _format_of(file: Path) -> Format:
    return "ndjson" if file.suffix.lower() in {".ndjson", ".jsonl"} else "csv"


def _as_json(result: ImportResult) -> dict[str, object]:
    done = result.progress
    return {
        "importId": encode("imp", done.id),
        "campaignId": encode("camp", done.campaign_id),
        "rows": done.rows_read,
        "enrolled": done.enrolled,
        "updated": done.updated,
        "skipped": done.skipped,
        "invalid": done.invalid,
        "resumedAtRow": result.resumed_at,
        "rejected": [
            {"row": row.number, "email": row.email, "reason": _reason(row)} for row in result.rejected
        ],
    }


def _as_table(result: ImportResult) -> RenderableType:
    done = result.progress
    resumed = f", of which an earlier run had settled {result.resumed_at}" if result.resumed_at else ""
    summary = (
        f"{done.rows_read} rows{resumed}: {done.enrolled} enrolled, {done.updated} updated, "
        f"{done.skipped} skipped (suppressed), {done.invalid} invalid."
    )
    if not result.rejected:
        return summary
    rejected = table("Row", "Address", "Reason", numbers=["Row"])
    for row in result.rejected[:_SHOWN_REJECTIONS]:
        rejected.add_row(str(row.number), row.email or "", _reason(row))
    more = " The first of them; --report FILE.csv tells all." if done.invalid > _SHOWN_REJECTIONS else ""
    return Group(rejected, summary + more)


def _reason(row: RejectedRow) -> str:
    return "; ".join(
        f"{fault.pointer[1:]}: {fault.message}" if fault.pointer else fault.message for fault in row.faults
    )
