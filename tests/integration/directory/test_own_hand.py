"""Going on as the directory itself, and coming back."""

import pytest
from sqlalchemy import select, text

from services.directory.models import appointment
from services.directory.own_hand import own_hand
from shared import audit
from shared.contracts.roles import Role
from shared.mechanism import audit_entry
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.directory.conftest import Register

SETTINGS = text("select current_setting('app.scope'), current_setting('app.org_id'), current_setting('app.person_id')")


def test_afterwards_the_transaction_is_the_callers_again(directory: ServiceUnderTest, register: Register) -> None:
    trust, other = register.trust(), register.trust()
    caller = register.person(trust, Role.ACCESS_MANAGER)
    register.person(other, Role.CHAIR)

    with directory.unit_of_work(caller.principal()) as uow:
        with own_hand(uow, directory.world.tenant_of(other), other):
            inside = tuple(uow.session.execute(SETTINGS).one())
            seen_inside = set(uow.session.execute(select(appointment.c.org_id)).scalars())
        outside = tuple(uow.session.execute(SETTINGS).one())
        seen_outside = set(uow.session.execute(select(appointment.c.org_id)).scalars())

        assert uow.principal == caller.principal()
    assert inside == ("service", other, caller.person_id)
    assert outside == ("org", trust, caller.person_id)
    assert other in seen_inside
    assert seen_outside == {trust}


def test_one_hand_within_another_comes_back_to_the_first(directory: ServiceUnderTest, register: Register) -> None:
    first, second = register.trust(), register.trust()
    caller = register.person(first, Role.ACCESS_MANAGER)

    with directory.unit_of_work(caller.principal()) as uow, own_hand(uow, "ONE", first):
        with own_hand(uow, "TWO", second):
            pass

        assert tuple(uow.session.execute(SETTINGS).one())[:2] == ("service", first)


def test_an_error_undoes_everything_and_leaves_none_of_our_rights(
    directory: ServiceUnderTest, register: Register
) -> None:
    caller = register.person(register.trust(), Role.ACCESS_MANAGER)

    with directory.unit_of_work(caller.principal()) as uow:
        audit.record(uow, "something")
        with pytest.raises(ZeroDivisionError), own_hand(uow, "ONE", "TWO"):
            raise ZeroDivisionError

        assert uow.principal == caller.principal()
        assert uow.session.execute(SETTINGS).one()[0] == "org"
        assert uow.session.execute(select(audit_entry).where(audit_entry.c.action == "something")).all() == []
