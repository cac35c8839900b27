"""Rows of one table as a single value of a statement about another.

A page that shows a thing with all its parts then takes one statement: each further one costs the web process more
Python than the database needs to answer it, and so does each row that the driver unpacks by itself.
"""

from typing import Any

from sqlalchemy import JSON, ScalarSelect, Select, func, literal_column, select


def rows_as_json(statement: Select[*tuple[Any, ...]]) -> ScalarSelect[Any]:
    """Return the rows of `statement`, in its order, as a list of objects by column name; none is an empty list.

    JSON knows no instants: they come as ISO 8601 text.
    """
    rows = statement.subquery()
    listed = func.json_agg(func.row_to_json(rows.table_valued()))
    return select(func.coalesce(listed, literal_column("'[]'::json"), type_=JSON)).scalar_subquery()
