"""Pooled connections that broke, and what the driver raises where SQLAlchemy does not stand between."""

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from shared import audit, replica
from shared.database import Database, UnitOfWork
from shared.driver import LINK, run_directly
from shared.ids import new_id
from shared.principal import Principal
from shared.testing.service_under_test import ServiceUnderTest

BACKEND = text("select pg_backend_pid()")


@pytest.fixture
def database(notification: ServiceUnderTest) -> Iterator[Database]:
    database = Database(notification.config.database_url, pool_size=4)
    yield database
    database.dispose()


@pytest.fixture
def principal(notification: ServiceUnderTest) -> Principal:
    trust = notification.world.trust()
    return Principal(str(new_id()), notification.world.tenant_of(trust), trust)


def _end(service: ServiceUnderTest, backends: list[int]) -> None:
    with psycopg.connect(service.superuser_url, autocommit=True) as superuser:
        superuser.execute("select pg_terminate_backend(pid, 5000) from unnest(%s) as pid", [backends])


def _idle_connections(database: Database, principal: Principal, count: int) -> list[int]:
    """Fill the pool with so many connections that lie idle; return their backends."""
    works = [UnitOfWork(database, principal) for _ in range(count)]
    backends = [int(work.__enter__().session.scalar(BACKEND)) for work in works]
    for work in works:
        work.__exit__(None, None, None)
    return backends


def test_connections_that_broke_while_they_lay_idle_fail_nobody(
    notification: ServiceUnderTest, database: Database, principal: Principal
) -> None:
    broken = _idle_connections(database, principal, 4)
    _end(notification, broken)

    for _ in range(5):
        with UnitOfWork(database, principal) as uow:
            audit.record(uow, "something")
            assert uow.session.scalar(BACKEND) not in broken
            uow.commit()


def test_a_connection_that_breaks_in_the_middle_ends_its_transaction_and_no_other(
    notification: ServiceUnderTest, database: Database, principal: Principal
) -> None:
    with UnitOfWork(database, principal) as uow:
        _end(notification, [uow.session.scalar(BACKEND)])
        with pytest.raises(OperationalError) as lost:
            replica.current_roles(uow)
    with UnitOfWork(database, principal) as uow:
        assert uow.session.scalar(BACKEND)

    assert lost.value.connection_invalidated


def test_a_statement_that_is_refused_comes_out_as_sqlalchemys_error_without_its_values(
    database: Database, principal: Principal
) -> None:
    with UnitOfWork(database, principal) as uow, pytest.raises(DBAPIError) as refused:
        run_directly(uow.session.connection(), "select no_such_function(%(why)s)", {"why": "what somebody wrote"})

    assert "no_such_function" in str(refused.value)
    assert "what somebody wrote" not in str(refused.value)
    assert not refused.value.connection_invalidated


def test_a_statement_given_to_the_driver_is_counted_like_any_other(
    notification: ServiceUnderTest, principal: Principal
) -> None:
    with notification.counted_statements() as statements, notification.unit_of_work(principal) as uow:
        replica.current_roles(uow)
        audit.record(uow, "something")
        uow.commit()

    assert [statement.split()[0] for statement in statements] == ["select", "select", "insert"]


def test_every_connection_gives_up_a_server_that_has_gone(database: Database, principal: Principal) -> None:
    with UnitOfWork(database, principal) as uow:
        driver = uow.session.connection().connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        settings = driver.info.get_parameters()

    assert {name: settings[name] for name in LINK} == {name: str(value) for name, value in LINK.items()}
