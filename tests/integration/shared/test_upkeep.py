"""What an operator does now and then: giving back work that was given up, looking whether the audit trail bears out."""

from datetime import timedelta

from sqlalchemy import select, update

from shared import due_work, upkeep
from shared.ids import new_id
from shared.mechanism import audit_entry
from shared.mechanism import due_work as due_work_table
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.shared.audit_trails import US, lay, tampering


def test_work_that_was_given_up_is_due_again_and_the_act_is_in_the_audit_trail(notification: ServiceUnderTest) -> None:
    kind, row = f"kind{new_id().hex}", due_work_table.c
    with notification.unit_of_work(US) as uow:
        due_work.add(uow, kind, "thing", uow.now - timedelta(days=1))
        given_up = update(due_work_table).where(row.kind == kind).values(failed_at=uow.now, attempts=24)
        work_id = uow.session.execute(given_up.returning(row.id)).scalar_one()
        uow.commit()

    with notification.unit_of_work(US) as uow:
        upkeep.retry_due_work(uow, limit=1000)
        uow.commit()

    with notification.unit_of_work(US) as uow:
        work = uow.session.execute(select(due_work_table).where(row.kind == kind)).one()
        trail = uow.session.scalars(select(audit_entry.c.action).where(audit_entry.c.object_id == str(work_id))).all()
    assert (work.failed_at, work.attempts) == (None, 0)
    assert list(trail) == ["work.given-back"]


def test_a_chain_that_does_not_bear_out_is_named_by_tenant_and_position(notification: ServiceUnderTest) -> None:
    tenant = lay(notification, 3).tenant_id
    with notification.unit_of_work(US) as uow:
        whole = upkeep.broken_chains(uow)

    with tampering(notification) as connection:
        connection.execute(
            "update notification.audit_entry set action = 'harmless' where tenant_id = %s and action = 'deed.1'",
            [tenant],
        )

    assert tenant not in whole
    with notification.unit_of_work(US) as uow:
        assert upkeep.broken_chains(uow)[tenant] == 2
