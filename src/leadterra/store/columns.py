"""Rows as columns: a batch goes to PostgreSQL as one array a field, whatever its length."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def columns_of(rows: "Sequence[DataclassInstance]") -> dict[str, list[object]]:
    """One list a field of the rows' dataclass, by its name: the parameters of a statement with `unnest`. At
    least one row.
    """
    return {field.name: list(map(attrgetter(field.name), rows)) for field in fields(rows[0])}
