"""Which errors mean that the database is away, as PostgreSQL and the driver really say them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from shared.driver import is_away
from shared.testing.service_under_test import ServiceUnderTest

ABOUT_THE_STATEMENT = {
    "too slow": "set local statement_timeout = 10; select pg_sleep(2)",
    "a lock is taken": "set local lock_timeout = 10; select pg_advisory_xact_lock(4711)",
    "no such table": "select * from nowhere",
    "a number too large": "select 99999999999::int",
    "refused by a rule": "do $$ begin raise exception 'no' using errcode = 'insufficient_privilege'; end $$",
    "a deadlock": "do $$ begin raise exception 'both wait' using errcode = 'deadlock_detected'; end $$",
}
ABOUT_THE_DATABASE = {
    "cut off": "select pg_terminate_backend(pg_backend_pid())",
    "shut down": "do $$ begin raise exception 'down' using errcode = 'admin_shutdown'; end $$",
    "starting": "do $$ begin raise exception 'wait' using errcode = 'cannot_connect_now'; end $$",
    "full": "do $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$",
    "too many": "do $$ begin raise exception 'no more' using errcode = 'too_many_connections'; end $$",
    "reads only": "set local transaction_read_only = on; create table t ()",
}


@contextmanager
def holding_a_lock(service: ServiceUnderTest) -> Iterator[None]:
    with service.database.engine.begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(4711)"))
        yield


def error_of(service: ServiceUnderTest, statements: str) -> DBAPIError:
    *before, refused = statements.split("; ") if statements.startswith("set") else [statements]
    with service.database.engine.connect() as connection:
        for statement in before:
            connection.execute(text(statement))
        with pytest.raises(DBAPIError) as raised:
            connection.execute(text(refused))
    return raised.value


@pytest.mark.parametrize("what", ABOUT_THE_STATEMENT)
def test_an_error_about_the_statement_does_not_say_that_the_database_is_away(
    notification: ServiceUnderTest, what: str
) -> None:
    with holding_a_lock(notification):
        assert not is_away(error_of(notification, ABOUT_THE_STATEMENT[what]))


@pytest.mark.parametrize("what", ABOUT_THE_DATABASE)
def test_an_error_about_the_database_says_so(notification: ServiceUnderTest, what: str) -> None:
    assert is_away(error_of(notification, ABOUT_THE_DATABASE[what]))


def test_nobody_at_the_address_and_a_pool_without_a_connection_left_are_a_database_that_is_away() -> None:
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", poolclass=NullPool)

    with pytest.raises(DBAPIError) as raised:
        nowhere.connect()

    assert is_away(raised.value)
    assert is_away(PoolTimeout())
    assert not is_away(RuntimeError())
