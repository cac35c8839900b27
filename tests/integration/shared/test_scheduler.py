"""Due work is carried out once it is due, tried again when it fails, and never doubled."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

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


def _ask(service: ServiceUnderTest, principal: Principal, kind: str, at: datetime, what: str = "thing") -> None:
    with service.unit_of_work(principal) as uow:
        due_work.add(uow, kind, what, at)
        uow.commit()


def _scheduler(service: ServiceUnderTest, clock: FrozenClock, **handlers: Any) -> Scheduler:
    return Scheduler(service.database, handlers, stop=lambda: False, clock=clock)


def _left(service: ServiceUnderTest, principal: Principal) -> list[Any]:
    with service.unit_of_work(principal) as uow:
        rows = select(table).where(table.c.tenant_id == principal.tenant_id).order_by(table.c.due_at)
        return list(uow.session.execute(rows))


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


def test_work_whose_statement_never_ends_in_time_is_counted_and_keeps_no_other_work_waiting(
    notification: ServiceUnderTest,
) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    slow, kind = f"slow{new_id().hex}", f"kind{new_id().hex}"

    def never_in_time(uow: UnitOfWork, _: Work) -> None:
        uow.session.execute(text("set local statement_timeout = 20"))
        uow.session.execute(text("select pg_sleep(5)"))

    _ask(notification, principal, slow, NOON - timedelta(hours=1))
    _ask(notification, principal, kind, NOON)
    _scheduler(notification, clock, **{slow: never_in_time, kind: _note}).run_once()

    assert _done(notification, principal) == 1
    assert [(work.kind, work.attempts) for work in _left(notification, principal)] == [(slow, 1)]


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


def test_what_a_turn_has_no_time_for_is_given_back_as_due_as_it_was(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind, beats = f"kind{new_id().hex}", []
    for minutes in (3, 2, 1):
        _ask(notification, principal, kind, NOON - timedelta(minutes=minutes), f"thing {minutes}")
    scheduler = _scheduler(notification, clock, **{kind: _note})
    scheduler.on_turn = lambda: beats.append("beat")

    assert scheduler.run_once(within=0) == 1
    assert [row.due_at for row in _left(notification, principal)] == [
        NOON - timedelta(minutes=2),
        NOON - timedelta(minutes=1),
    ]
    assert scheduler.run_once() == 2
    assert beats == ["beat"] * 3


def test_what_was_asked_for_anew_while_it_was_leased_keeps_its_new_time(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind, next_week = f"kind{new_id().hex}", NOON + timedelta(days=7)
    _ask(notification, principal, kind, NOON - timedelta(minutes=2), "first")
    _ask(notification, principal, kind, NOON - timedelta(minutes=1), "second")

    def ask_for_the_second_anew(uow: UnitOfWork, _: Work) -> None:
        due_work.add(uow, kind, "second", next_week)

    _scheduler(notification, clock, **{kind: ask_for_the_second_anew}).run_once(within=0)

    assert [row.due_at for row in _left(notification, principal)] == [next_week]


def test_work_asked_for_anew_before_it_is_begun_waits_for_its_new_time(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind, next_week = f"kind{new_id().hex}", NOON + timedelta(days=7)
    _ask(notification, principal, kind, NOON - timedelta(minutes=2), "first")
    _ask(notification, principal, kind, NOON - timedelta(minutes=1), "second")

    def postpone_the_second(uow: UnitOfWork, work: Work) -> None:
        audit.record(uow, "done")
        if work.object_id == "first":
            due_work.add(uow, kind, "second", next_week)

    _scheduler(notification, clock, **{kind: postpone_the_second}).run_once()

    assert _done(notification, principal) == 1
    assert [row.due_at for row in _left(notification, principal)] == [next_week]


def test_work_that_fails_while_it_is_asked_for_anew_keeps_its_new_time(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind, next_week = f"kind{new_id().hex}", NOON + timedelta(days=7)
    _ask(notification, principal, kind, NOON)

    class PostponedAndFailing(Outside):
        def act(self, prepared: str) -> str:
            _ask(notification, principal, kind, next_week)
            raise RuntimeError

    _scheduler(notification, clock, **{kind: PostponedAndFailing()}).run_once()

    assert [(row.due_at, row.attempts) for row in _left(notification, principal)] == [(next_week, 0)]


def test_what_is_asked_for_anew_while_it_is_done_is_done_again_and_adds_to_what_was_wanted(
    notification: ServiceUnderTest,
) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind = f"kind{new_id().hex}"
    seen: list[dict[str, Any]] = []

    class AskedAnew(Outside):
        def act(self, prepared: str) -> str:
            if not seen:
                with notification.unit_of_work(principal) as uow:
                    due_work.add(uow, kind, "thing", NOON, {"second": True})
                    uow.commit()
            return super().act(prepared)

        def record(self, uow: UnitOfWork, work: Work, prepared: str, result: str) -> None:
            seen.append(dict(work.data))
            super().record(uow, work, prepared, result)

    with notification.unit_of_work(principal) as uow:
        due_work.add(uow, kind, "thing", NOON, {"first": True})
        uow.commit()
    scheduler = _scheduler(notification, clock, **{kind: AskedAnew()})

    assert [scheduler.run_once(), scheduler.run_once(), scheduler.run_once()] == [1, 1, 0]
    assert seen == [{"first": True}, {"first": True, "second": True}]
    assert _done(notification, principal) == 2


def test_a_scheduler_that_is_stopped_gives_back_what_it_has_not_begun(notification: ServiceUnderTest) -> None:
    principal, clock = _principal(notification), FrozenClock(NOON)
    kind = f"kind{new_id().hex}"
    _ask(notification, principal, kind, NOON)

    Scheduler(notification.database, {kind: _note}, stop=lambda: True, clock=clock).run_once()

    assert [row.due_at for row in _left(notification, principal)] == [NOON]
