"""What a scheduler measures is what is there: each alert's gauge rises with its trouble and falls when it is over."""

import time
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, update

from shared import audit, due_work, metrics, quarantine
from shared.ids import new_id
from shared.kafka import Record
from shared.measuring import Measuring
from shared.mechanism import audit_entry, audit_seal, dead_letter
from shared.mechanism import due_work as due_work_table
from shared.principal import Principal
from shared.quarantine import Refusal
from shared.scheduler import Scheduler
from shared.testing.service_under_test import ServiceUnderTest

US = Principal.service("NATIONAL", "NATIONAL")


def measured(service: ServiceUnderTest) -> dict[str, float]:
    with service.unit_of_work(US) as uow:
        Measuring().measure(uow)
    gauges = {
        "due": metrics.DUE_LATE,
        "given up": metrics.DUE_FAILED,
        "letters": metrics.DEAD_LETTERS_OPEN,
        "parked": metrics.PARKED,
        "unsealed": metrics.UNSEALED_AGE,
        "xmin": metrics.XMIN_AGE,
    }
    return {name: next(iter(gauge.collect())).samples[0].value for name, gauge in gauges.items()}


def record() -> Record:
    headers = (("ce_id", str(new_id()).encode()), ("ce_aggregateversion", b"2"))
    return Record("impact.assessment", 0, int(new_id().int % 10**9), b"key", b"{}", headers)


def test_due_work_is_late_from_its_time_on_and_counted_when_given_up(notification: ServiceUnderTest) -> None:
    kind = f"kind{new_id().hex}"
    with notification.unit_of_work(US) as uow:
        due_work.add(uow, kind, "thing", uow.now - timedelta(seconds=700))
        uow.commit()
    late = measured(notification)

    with notification.unit_of_work(US) as uow:
        uow.session.execute(update(due_work_table).where(due_work_table.c.kind == kind).values(failed_at=uow.now))
        uow.commit()
    given_up = measured(notification)

    assert late["due"] >= 700
    assert given_up["due"] < late["due"]
    assert given_up["given up"] == late["given up"] + 1


def test_dead_letters_and_parked_events_are_counted_until_they_are_settled(notification: ServiceUnderTest) -> None:
    before = measured(notification)
    with notification.unit_of_work(US) as uow:
        quarantine.bury(uow, "notification", record(), Refusal("unexpected", "KeyError"))
        quarantine.park(uow, "notification", record(), version=2, reason="gap")
        uow.commit()
    during = measured(notification)
    with notification.unit_of_work(US) as uow:
        letter = quarantine.open_letters(uow, "notification", 1000)[-1]
        quarantine.resolve(uow, letter.id, by="operator", at=uow.now)
        uow.commit()

    assert during["letters"] == before["letters"] + 1
    assert during["parked"] == before["parked"] + 1
    assert measured(notification)["letters"] == before["letters"]
    with notification.unit_of_work(US) as uow:
        assert uow.session.scalar(select(dead_letter.c.resolved_by).where(dead_letter.c.id == letter.id)) == "operator"


def test_an_audit_row_counts_until_it_is_sealed(notification: ServiceUnderTest) -> None:
    scheduler = Scheduler(notification.database, {}, stop=lambda: False)
    while scheduler.run_once():
        pass
    with notification.unit_of_work(US) as uow:
        audit.record(uow, "deed")
        uow.commit()
    time.sleep(0.05)

    unsealed = measured(notification)["unsealed"]
    while _unsealed(notification):
        scheduler.run_once()

    assert unsealed > 0
    assert measured(notification)["unsealed"] == 0


def _unsealed(service: ServiceUnderTest) -> bool:
    with service.unit_of_work(US) as uow:
        rows = select(audit_entry.c.seq).outerjoin(audit_seal, audit_seal.c.entry_seq == audit_entry.c.seq)
        return uow.session.execute(rows.where(audit_seal.c.entry_seq.is_(None)).limit(1)).first() is not None


def test_an_old_transaction_is_noticed_and_ending_it_is_the_cure(notification: ServiceUnderTest) -> None:
    database = notification.superuser_url
    with psycopg.connect(database) as forgotten, psycopg.connect(database, autocommit=True) as superuser:
        forgotten.execute("set transaction isolation level repeatable read")
        forgotten.execute("select 1")
        held_by = forgotten.info.backend_pid
        for _ in range(5):
            superuser.execute("select pg_current_xact_id()")
        held = superuser.execute("select age(backend_xmin) from pg_stat_activity where pid = %s", [held_by]).fetchone()

        seen = measured(notification)["xmin"]
        superuser.execute("select pg_terminate_backend(%s)", [held_by])

        assert held is not None
        assert held[0] >= 5
        assert seen >= held[0]
        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("select 1")
