"""Rows as columns: a batch goes to PostgreSQL as one array a field, whatever its length."""

from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def columns_of(rows: "Sequence[DataclassInstance] | Sequence[NamedTuple]") -> dict[str, list[object]]:
    """One list a field of the rows' class, by its name: the parameters of a statement with `unnest`. At least
    one row.
    """
    first = rows[0]
    if isinstance(first, tuple):
        return dict(zip(first._fields, map(list, zip(*rows, strict=True)), strict=True))
    return {field.name: list(map(attrgetter(field.name), rows)) for field in fields(first)}
