"""Whether a database error says that the database is away or was never migrated, and not that the statement
was wrong."""

from psycopg import InterfaceError, OperationalError, errors


def is_unavailable(error: BaseException) -> bool:
    """Connections refused, lost or not to be had in time, a server that stops or starts or has handed its
    part over to another and only reads now; later may help.
    """
    return isinstance(error, OperationalError | InterfaceError | errors.ReadOnlySqlTransaction)


def is_unmigrated(error: BaseException) -> bool:
    """The role or the tables of the program do not exist."""
    return isinstance(error, errors.InvalidParameterValue | errors.UndefinedTable | errors.UndefinedFunction)
