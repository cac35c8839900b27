"""Due work is carried out once it is due, tried again when it fails, and never doubled."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from shared import audit, due_work
from shared.clock import FrozenClock
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import audit_entry
from shared.mechanism import due_work as table
from shared.principal import Principal
from shared.scheduler import ATTEMPTS, Scheduler, WillNeverWork, Work
from shared.testing.service_under_test import ServiceUnderTest

NOON = datetime(2027, 3, 28, 12, tzinfo=UTC)


def _principal(service: ServiceUnderTest) -> Principal:
    trust = service.world.trust()
    return Principal(str(new_id()), service.world.tenant_of(trust), trust)


def _ask(service: ServiceUnderTest, principal: Principal, kind: str, at: datetime) -> None:
    with service.unit_of_work(principal) as uow:
        due_work.add(uow, kind, "thing", at)
        uow.commit()


def _scheduler(service: ServiceUnderTest, clock: FrozenClock, **handlers: Any) -> Scheduler:
    return Scheduler(service.database, handlers, stop=lambda: False, clock=clock)


def _left(service: ServiceUnderTest, principal: Principal) -> list[Any]:
    with service.unit_of_work(principal) as uow:
        return list(uow.session.execute(select(table).where(table.c.tenant_id == principal.tenant_id)))


def _done(service: ServiceUnderTest, principal: Principal) -> int:
    with service.unit_of_work(Principal.service(principal.tenant_id, principal.org_id)) as uow:
        rows = select(audit_entry.c.seq).where(audit_entry.c.org_id == principal.org_id, audit_entry.c.action == "done")
        return len(uow.session.execute(rows).all())


def _note(uow: UnitOfWork, _: Work) -> None:
    audit.record(uow, "done")


def test_work_is_done_when_it_is_due_and_not_before(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind = f"kind{new_id().hex}"
    _ask(notification, principal, kind, NOON + timedelta(minutes=5))
    scheduler = _scheduler(notification, clock, **{kind: _note})

    assert scheduler.run_once() == 0
    clock.advance(timedelta(minutes=6))
    assert scheduler.run_once() == 1

    assert _done(notification, principal) == 1
    assert _left(notification, principal) == []


def test_asking_again_moves_the_time_instead_of_doubling_the_work(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind = f"kind{new_id().hex}"
    _ask(notification, principal, kind, NOON)
    _ask(notification, principal, kind, NOON + timedelta(days=1))
    scheduler = _scheduler(notification, clock, **{kind: _note})

    assert scheduler.run_once() == 0
    clock.advance(timedelta(days=2))
    scheduler.run_once()

    assert _done(notification, principal) == 1


def test_work_that_was_taken_back_is_not_done(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind = f"kind{new_id().hex}"
    _ask(notification, principal, kind, NOON)
    with notification.unit_of_work(principal) as uow:
        due_work.cancel(uow, kind, "thing")
        uow.commit()

    assert _scheduler(notification, clock, **{kind: _note}).run_once() == 0


def test_work_that_fails_leaves_no_half_effect_and_is_tried_again_later(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind = f"kind{new_id().hex}"
    failing = [True]

    def handler(uow: UnitOfWork, work: Work) -> None:
        _note(uow, work)
        if failing:
            failing.pop()
            raise RuntimeError("once")

    _ask(notification, principal, kind, NOON)
    scheduler = _scheduler(notification, clock, **{kind: handler})
    scheduler.run_once()
    assert _done(notification, principal) == 0
    assert _left(notification, principal)[0].attempts == 1

    clock.advance(timedelta(minutes=1))
    scheduler.run_once()

    assert _done(notification, principal) == 1


def test_work_that_can_never_succeed_is_marked_for_an_operator(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind = f"kind{new_id().hex}"

    def handler(_: UnitOfWork, __: Work) -> None:
        raise WillNeverWork("the address does not exist")

    _ask(notification, principal, kind, NOON)
    _scheduler(notification, clock, **{kind: handler}).run_once()

    assert _left(notification, principal)[0].failed_at is not None


def test_work_is_given_up_after_its_last_try_and_shown(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind = f"kind{new_id().hex}"

    def handler(_: UnitOfWork, __: Work) -> None:
        raise RuntimeError("always")

    _ask(notification, principal, kind, NOON)
    scheduler = _scheduler(notification, clock, **{kind: handler})
    for _ in range(ATTEMPTS):
        scheduler.run_once()
        clock.advance(timedelta(hours=1))

    left = _left(notification, principal)[0]
    assert (left.attempts, left.failed_at is not None) == (ATTEMPTS, True)


class Outside:
    """Work with an effect outside the database."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def prepare(self, uow: UnitOfWork, work: Work) -> str:
        """Read what is needed."""
        return work.object_id

    def act(self, prepared: str) -> str:
        """Call the outside."""
        self.calls.append(prepared)
        return "reference"

    def record(self, uow: UnitOfWork, work: Work, prepared: str, result: str) -> None:
        """Write down what came of it."""
        audit.record(uow, "done", result)


def test_outside_work_is_leased_acted_on_without_a_transaction_and_recorded(notification: ServiceUnderTest) -> None:
    principal, clock, outside = _principal(notification), FrozenClock(NOON), Outside()
    kind = f"kind{new_id().hex}"
    _ask(notification, principal, kind, NOON)

    _scheduler(notification, clock, **{kind: outside}).run_once()

    assert outside.calls == ["thing"]
    assert _done(notification, principal) == 1
    assert _left(notification, principal) == []
