"""Which errors mean that the database is away, as PostgreSQL and the driver really say them."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from shared import due_work
from shared.driver import is_away
from shared.ids import new_id
from shared.mechanism import due_work as table
from shared.principal import Principal
from shared.problems import from_database
from shared.scheduler import Scheduler
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
def test_an_error_about_the_database_says_so_and_asks_a_caller_to_come_back(
    notification: ServiceUnderTest, what: str
) -> None:
    error = error_of(notification, ABOUT_THE_DATABASE[what])

    assert is_away(error)
    assert from_database(error).status == 503


def test_a_scheduler_waits_while_the_database_is_read_alone_as_after_a_failover(notification: ServiceUnderTest) -> None:
    reading, turns = error_of(notification, ABOUT_THE_DATABASE["reads only"]), []

    def handler(*_: object) -> None:
        raise reading

    trust = notification.world.trust()
    asked = Principal(str(new_id()), notification.world.tenant_of(trust), trust)
    kind = f"kind{new_id().hex}"
    with notification.unit_of_work(asked) as uow:
        due_work.add(uow, kind, "thing", uow.now)
        uow.commit()
    scheduler = Scheduler(notification.database, {kind: handler}, stop=lambda: len(turns) > 1, interval=0)
    scheduler.on_turn = lambda: turns.append(None)

    scheduler.run()

    with notification.unit_of_work(asked) as uow:
        left = uow.session.execute(select(table.c.attempts, table.c.failed_at).where(table.c.kind == kind)).all()
    assert left == [(0, None)]


def test_nobody_at_the_address_and_a_pool_without_a_connection_left_are_a_database_that_is_away() -> None:
    nowhere = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing", poolclass=NullPool)

    with pytest.raises(DBAPIError) as raised:
        nowhere.connect()

    assert is_away(raised.value)
    assert is_away(PoolTimeout())
    assert not is_away(RuntimeError())
