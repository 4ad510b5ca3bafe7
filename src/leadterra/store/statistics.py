"""What the planner knows of tables that grow fast."""

from leadterra.store.database import Transaction
from leadterra.store.statements import load

_SQL = load("statistics")


async def refresh_statistics(transaction: Transaction) -> None:
    """Look again at tables that have doubled since they were looked at. Cheap where none has."""
    await transaction.execute(_SQL["refresh_statistics"])
