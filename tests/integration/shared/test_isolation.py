"""What one principal can never see of another: the database's own rules, asked as the application's own role."""

from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from shared import audit, due_work
from shared.database import BoundSession, NoPrincipal, UnitOfWork
from shared.ids import new_id
from shared.mechanism import audit_entry, outbox
from shared.mechanism import due_work as due_table
from shared.principal import Principal, Scope
from shared.testing.service_under_test import ServiceUnderTest


def _person(service: ServiceUnderTest) -> Principal:
    trust = service.world.trust()
    return Principal(str(new_id()), service.world.tenant_of(trust), trust)


def test_a_transaction_without_a_principal_does_not_begin(notification: ServiceUnderTest) -> None:
    with BoundSession(notification.database.engine, None) as session, pytest.raises(NoPrincipal):
        session.execute(text("select 1"))


@pytest.mark.parametrize("nobody", [None, "somebody", object()])
def test_a_unit_of_work_for_nobody_cannot_be_made(notification: ServiceUnderTest, nobody: object) -> None:
    with pytest.raises(NoPrincipal):
        UnitOfWork(notification.database, nobody)  # type: ignore[arg-type]


def test_a_connection_that_forgot_its_principal_sees_no_row_at_all(notification: ServiceUnderTest) -> None:
    principal = _person(notification)
    with notification.unit_of_work(principal) as uow:
        due_work.add(uow, "test", "thing", uow.now)
        audit.record(uow, "something")
        uow.commit()

    with Session(notification.database.engine) as session:
        seen = [session.execute(select(table)).all() for table in (due_table, audit_entry)]

    assert seen == [[], []]


def test_a_principal_neither_sees_nor_writes_rows_of_another_tenant(notification: ServiceUnderTest) -> None:
    mine, theirs = _person(notification), _person(notification)
    with notification.unit_of_work(theirs) as uow:
        due_work.add(uow, "test", "theirs", uow.now)
        uow.commit()

    with notification.unit_of_work(mine) as uow:
        seen = uow.session.execute(select(due_table).where(due_table.c.object_id == "theirs")).all()
        with pytest.raises(ProgrammingError, match="row-level security"):
            uow.session.execute(
                insert(due_table).values(
                    id=new_id(),
                    tenant_id=theirs.tenant_id,
                    org_id=theirs.org_id,
                    kind="x",
                    object_id="y",
                    due_at=uow.now,
                    data={},
                )
            )

    assert seen == []


def test_the_application_cannot_read_or_change_what_waits_to_be_sent(notification: ServiceUnderTest) -> None:
    for statement in ("select * from outbox", "delete from outbox", "update outbox set topic = 'x'"):
        with notification.unit_of_work(_person(notification)) as uow, pytest.raises(ProgrammingError, match="denied"):
            uow.session.execute(text(statement))
    assert outbox.name == "outbox"


@pytest.mark.parametrize(
    "command", ["update audit_entry set action = 'x'", "delete from audit_entry", "truncate audit_entry"]
)
def test_the_audit_trail_cannot_be_changed_by_the_application(notification: ServiceUnderTest, command: str) -> None:
    with notification.unit_of_work(_person(notification)) as uow, pytest.raises(ProgrammingError, match="denied"):
        uow.session.execute(text(command))


def test_a_private_audit_row_is_seen_by_its_author_alone(notification: ServiceUnderTest) -> None:
    author = _person(notification)
    colleague = Principal(str(new_id()), author.tenant_id, author.org_id)
    with notification.unit_of_work(author) as uow:
        audit.record(uow, "answer.saved", private=True)
        uow.commit()

    def actions(principal: Principal) -> list[str]:
        with notification.unit_of_work(principal) as uow:
            return list(uow.session.scalars(select(audit_entry.c.action)))

    assert actions(author) == ["answer.saved"]
    assert actions(colleague) == []


def test_only_our_own_processes_may_move_rows_to_another_tenant(notification: ServiceUnderTest) -> None:
    principal = _person(notification)
    with (
        notification.unit_of_work(principal) as uow,
        pytest.raises(PermissionError),
        uow.moving_to("ELSEWHERE"),
    ):
        pass
    with notification.unit_of_work(principal) as uow:
        due_work.add(uow, "test", "stays", uow.now)
        uow.session.execute(text("select set_config('app.move_to', 'ELSEWHERE', true)"))
        with pytest.raises(ProgrammingError, match="row-level security"):
            uow.session.execute(text("update due_work set tenant_id = 'ELSEWHERE'"))


def test_when_the_tenant_cannot_be_set_the_request_fails(notification: ServiceUnderTest) -> None:
    """T7: no statement runs for a principal that the database was not told of."""
    nobody = replace(_person(notification), tenant_id="a name that\0 no setting takes")

    with notification.unit_of_work(nobody) as uow:
        for _ in range(2):
            with pytest.raises(DBAPIError):
                uow.session.execute(select(due_table))


def test_when_the_backend_dies_before_the_tenant_is_set_another_takes_its_place(notification: ServiceUnderTest) -> None:
    """T7: the backend dies between checkout and the setting of the tenant."""
    principal = _person(notification)
    with notification.unit_of_work(principal) as uow:
        due_work.add(uow, "test", "mine", uow.now)
        uow.commit()
    with psycopg.connect(notification.superuser_url, autocommit=True) as admin:
        admin.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
            " where usename = 'app_notification' and datname = current_database()"
        )

    with notification.unit_of_work(principal) as uow:
        seen = uow.session.scalars(select(due_table.c.object_id)).all()
        assert uow.session.scalar(text("select current_setting('app.tenant_id')")) == principal.tenant_id

    assert seen == ["mine"]


def test_the_public_scope_sees_nothing_that_belongs_to_anybody(notification: ServiceUnderTest) -> None:
    principal = _person(notification)
    with notification.unit_of_work(principal) as uow:
        due_work.add(uow, "test", "mine", uow.now)
        uow.commit()

    with notification.unit_of_work(Principal.public()) as uow:
        assert uow.session.execute(select(due_table)).all() == []
        assert uow.principal.scope is Scope.PUBLIC
