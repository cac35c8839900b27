"""Statements that every request sends, given to the driver as they are.

SQLAlchemy's share of a statement (its key, its context, its result) costs as much Python as the driver's. For the
statements that are the same in every request (who asks, what they may do, the audit row) that was 11 % of the web
process. What the driver raises comes out as SQLAlchemy's error, and whoever listens to the engine's statements (tests
that count them, the bench) hears of these too.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def run_directly(connection: Connection, statement: str, parameters: Mapping[str, Any]) -> psycopg.Cursor[Any]:
    """Run a statement with `%(name)s` parameters in the connection's transaction; return the cursor with its rows.

    Raises sqlalchemy.exc.DBAPIError like SQLAlchemy itself; a connection that broke is then invalidated.
    """
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]
    cursor = driver.cursor()
    told = connection.dispatch
    try:
        told.before_cursor_execute(connection, cursor, statement, parameters, None, False)
        cursor.execute(statement.encode(), parameters)
        told.after_cursor_execute(connection, cursor, statement, parameters, None, False)
    except psycopg.Error as error:
        raise _as_sqlalchemy_says_it(connection, driver, statement, error) from error
    return cursor


def _as_sqlalchemy_says_it(
    connection: Connection, driver: psycopg.Connection[Any], statement: str, error: psycopg.Error
) -> DBAPIError | BaseException:
    broken = driver.closed
    if broken:
        connection.invalidate(error)
    return DBAPIError.instance(
        statement,
        None,
        error,
        psycopg.Error,
        hide_parameters=True,
        connection_invalidated=broken,
        dialect=connection.dialect,
    )
