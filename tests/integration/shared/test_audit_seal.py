"""The chain over the audit trail finds what was edited, removed or put in another order."""

import pytest

from shared import audit, audit_seal
from shared.ids import new_id
from shared.principal import Principal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest
from tests.integration.shared.audit_trails import add, lay, seal, tampering


def _trail(service: ServiceUnderTest, length: int) -> Principal:
    principal = lay(service, length)
    return Principal.service(principal.tenant_id, principal.org_id)


def _broken_at(service: ServiceUnderTest, principal: Principal) -> int | None:
    with service.unit_of_work(principal) as uow:
        return audit_seal.first_broken_position(uow, principal.tenant_id)


def test_an_untouched_trail_bears_out(notification: ServiceUnderTest) -> None:
    principal = _trail(notification, 5)

    assert _broken_at(notification, principal) is None


@pytest.mark.parametrize(
    "statement",
    [
        "update notification.audit_entry set action = 'harmless' where tenant_id = %s and action = 'deed.2'",
        "delete from notification.audit_entry where tenant_id = %s and action = 'deed.2'",
        "delete from notification.audit_seal where tenant_id = %s and position = 3",
        "update notification.audit_seal set entry_seq = -entry_seq where tenant_id = %s and position = 3",
    ],
)
def test_the_first_row_that_was_tampered_with_is_named(notification: ServiceUnderTest, statement: str) -> None:
    principal = _trail(notification, 5)

    with tampering(notification) as connection:
        connection.execute(statement.encode(), [principal.tenant_id])

    assert _broken_at(notification, principal) == 3


@pytest.mark.parametrize("broken", [None, 1, 4, 5])
def test_a_trail_of_several_pages_is_followed_from_page_to_page(
    notification: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch, broken: int | None
) -> None:
    principal = _trail(notification, 6)
    monkeypatch.setattr(audit_seal, "BATCH", 2)
    with tampering(notification) as connection:
        tampered = "update notification.audit_entry set action = 'harmless' where tenant_id = %s and action = %s"
        connection.execute(tampered, [principal.tenant_id, f"deed.{(broken or 0) - 1}"])

    assert _broken_at(notification, principal) == broken


def test_rows_written_after_a_seal_go_on_with_the_same_chain(notification: ServiceUnderTest) -> None:
    principal = _trail(notification, 2)

    add(notification, principal, 1)

    assert _broken_at(notification, principal) is None


def test_a_row_committed_after_newer_ones_were_sealed_is_sealed_at_the_next_look_for_late_ones(
    notification: ServiceUnderTest,
) -> None:
    seal(notification)
    trust = notification.world.trust()
    principal = Principal(str(new_id()), notification.world.tenant_of(trust), trust)
    ours = Principal.service("NATIONAL", "NATIONAL")
    with notification.unit_of_work(principal) as slow:
        audit.record(slow, "slow")
        with notification.unit_of_work(principal) as quick:
            audit.record(quick, "quick")
            quick.commit()
        sealed = []
        for late in (False, True):
            with notification.unit_of_work(ours) as uow:
                sealed.append(audit_seal.seal(uow, late=late))
                uow.commit()
        slow.commit()
    for late in (False, True):
        with notification.unit_of_work(ours) as uow:
            sealed.append(audit_seal.seal(uow, late=late))
            uow.commit()

    assert sealed == [1, 0, 0, 1]
    assert _broken_at(notification, Principal.service(principal.tenant_id, principal.org_id)) is None


def test_a_scheduler_looks_for_late_ones_at_its_first_turn_and_then_now_and_then(
    notification: ServiceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []
    monkeypatch.setattr(audit_seal, "seal", lambda _uow, *, late: looks.append(late))
    scheduler = Scheduler(notification.database, {}, stop=lambda: False)

    for _ in range(3):
        scheduler.run_once()

    assert looks == [True, False, False]
