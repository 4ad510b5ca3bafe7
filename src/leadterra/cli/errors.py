"""What can go wrong with a command, as one line for the person who typed it."""

import psycopg
from typer.exceptions import TyperException

from leadterra.domain.errors import LeadterraError, Unacceptable
from leadterra.store.availability import is_unavailable


class CommandError(Exception):
    """A command cannot do what it is asked to. Its text says why, and what would be right."""


def explain(error: BaseException) -> str:
    """The line. Secrets are in none of these errors; the text of an unexpected one is shown as it is."""
    return " ".join(_text_of(error).split())


def _text_of(error: BaseException) -> str:
    if isinstance(error, TyperException):
        # Pydantic, which reads the options of Typer, names the class of its error in front.
        return error.format_message().replace(": Value error, ", ": ")
    if isinstance(error, Unacceptable):
        # A message that repeats its only fault says it once.
        more = (fault for fault in error.faults if fault.message.rstrip(".") not in error.message)
        return " ".join([error.message, *(f"{fault.pointer}: {fault.message}" for fault in more)])
    if isinstance(error, LeadterraError):
        return error.message
    if isinstance(error, psycopg.Error):
        verb = "does not answer" if is_unavailable(error) else "refuses"
        return f"the database {verb}: {error}"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    if type(error).__module__.startswith("leadterra."):
        return str(error)
    return f"internal error, please report it: {type(error).__name__}: {error}"
