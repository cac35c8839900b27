"""A trust moves to another ICB while one of its people saves: nothing stays behind under the old tenant."""

import threading

from planning_trusts import PlanningTrust, found_trust
from sqlalchemy import select

from shared import due_work
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import due_work as due_work_table
from shared.principal import Principal
from shared.rekeying import rekey_organisation
from shared.testing.service_under_test import ServiceUnderTest


def rows_of(trust: PlanningTrust, tenant: str, mark: str) -> list[str]:
    """Return the pieces of due work with this mark under a tenant."""
    with trust.service.unit_of_work(Principal.service(tenant, trust.org)) as uow:
        row = due_work_table.c
        found = select(row.object_id).where(row.tenant_id == tenant, row.object_id == mark)
        return list(uow.session.execute(found).scalars())


def move(trust: PlanningTrust, to: str) -> None:
    """Give every row of the trust to another tenant."""
    with trust.service.unit_of_work(Principal.service(trust.tenant, trust.org)) as uow:
        rekey_organisation(uow, trust.org, trust.tenant, to)
        uow.commit()


def ask_for_work(uow: UnitOfWork, mark: str) -> None:
    """Write something for the tenant as this transaction knows it."""
    due_work.add(uow, "action-due-soon", mark, uow.now)


def test_a_move_waits_for_what_is_being_saved_and_takes_it_along(action_plan: ServiceUnderTest) -> None:
    trust, mark = found_trust(action_plan), str(new_id())
    other = action_plan.world.tenant()
    moving = threading.Thread(target=move, args=(trust, other))

    with action_plan.unit_of_work(trust.lead.principal()) as uow:
        ask_for_work(uow, mark)
        moving.start()
        moving.join(timeout=1)
        assert moving.is_alive(), "the move did not wait"
        uow.commit()
    moving.join(timeout=20)

    assert not moving.is_alive()
    assert rows_of(trust, other, mark) == [mark]
    assert rows_of(trust, trust.tenant, mark) == []
