"""`leadterra migrate`: bring the database to the present schema."""

import typer

from leadterra.cli.declaring import command
from leadterra.cli.session import Session
from leadterra.cli.storage import reach_database
from leadterra.observability import configure_logging


def declare(commands: typer.Typer) -> None:
    """Add the command."""
    command(commands, lacks=["workspace"])(migrate)


def migrate(session: Session) -> None:
    """Bring the database to the schema of this version.

    Run it before the processes of a new version start. LEADTERRA_ADMIN_DATABASE_URL names a login that may
    create tables and roles; any number of these may run at once.
    """
    settings = session.settings()
    configure_logging(settings.model_copy(update={"log_level": "error"}))
    with reach_database(settings) as storage:
        applied = list(storage.applied)
    session.output.result(
        {"applied": applied},
        f"Applied {', '.join(applied)}." if applied else "Nothing to do: the schema is up to date.",
    )
