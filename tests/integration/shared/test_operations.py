"""What an operator sees of a service and may do to it: books and ids, never content; each act once and audited."""

from typing import Any

from sqlalchemy import select

from shared import progress, quarantine
from shared.contracts.roles import Role
from shared.database import UnitOfWork
from shared.envelope import ReceivedEvent
from shared.ids import new_id
from shared.kafka import Record
from shared.mechanism import audit_entry, dead_letter, parked_event
from shared.principal import Principal
from shared.quarantine import Refusal
from shared.testing.service_under_test import Client, ServiceUnderTest
from tests.integration.shared.event_path import EventPath, effect, until

US = Principal.service("NATIONAL", "NATIONAL")
SECRET = b'{"note": "what somebody wrote"}'


def operator_of(service: ServiceUnderTest) -> Client:
    return service.client(service.world.national(Role.OPERATOR))


def buried(service: ServiceUnderTest, event_id: str) -> Any:
    headers = (("ce_id", event_id.encode()), ("ce_type", b"impact.x.v1"), ("ce_aggregateversion", b"7"))
    record = Record("impact.assessment", 1, int(new_id().int % 10**9), b"key", SECRET, headers)
    with service.unit_of_work(US) as uow:
        quarantine.bury(uow, service.name, record, Refusal("unexpected", "KeyError: what somebody wrote"))
        uow.commit()
    with service.unit_of_work(US) as uow:
        return uow.session.scalar(select(dead_letter.c.id).where(dead_letter.c.offset == record.offset))


def test_the_books_say_how_far_each_process_is(notification: ServiceUnderTest) -> None:
    with notification.unit_of_work(US) as uow:
        progress.report(uow, "consumer", [progress.Progress("impact.measure 0", 12)])
        uow.commit()
        progress.report(uow, "consumer", [progress.Progress("impact.measure 0", 3)])
        uow.commit()

    books = operator_of(notification).get("/v1/operations").json

    said = [(one["process"], one["part"], one["waiting"]) for one in books["processes"]]
    assert ("consumer", "impact.measure 0", 3) in said
    assert ("consumer", "impact.measure 0", 12) not in said


def test_a_dead_letter_is_shown_from_outside_only(notification: ServiceUnderTest) -> None:
    event_id = str(new_id())
    letter_id = buried(notification, event_id)

    answer = operator_of(notification).get("/v1/operations/dead-letters")

    shown = next(one for one in answer.json["items"] if one["id"] == str(letter_id))
    assert (shown["event_id"], shown["reason"]) == (event_id, "unexpected")
    assert "somebody wrote" not in answer.text


def test_a_letter_is_given_back_once_and_the_act_is_audited(notification: ServiceUnderTest) -> None:
    letter_id = buried(notification, str(new_id()))
    operator = operator_of(notification)

    first = operator.post(f"/v1/operations/dead-letters/{letter_id}/again")
    second = operator.post(f"/v1/operations/dead-letters/{letter_id}/again")
    unknown = operator.post(f"/v1/operations/dead-letters/{new_id()}/again")

    assert (first.status_code, second.status_code, unknown.status_code) == (200, 409, 404)
    with notification.unit_of_work(US) as uow:
        waiting = select(parked_event.c.reason).where(parked_event.c.offset == first.json["offset"])
        trail = select(audit_entry.c.action).where(audit_entry.c.object_id == str(letter_id))
        assert uow.session.scalar(waiting) == quarantine.AGAIN
        assert set(uow.session.scalars(trail)) == {"event.replayed", "operations.handle-again"}


def test_a_letter_that_is_left_out_is_settled_without_an_effect(notification: ServiceUnderTest) -> None:
    letter_id = buried(notification, str(new_id()))

    answer = operator_of(notification).post(f"/v1/operations/dead-letters/{letter_id}/leave-out")

    assert answer.status_code == 200
    with notification.unit_of_work(US) as uow:
        assert uow.session.scalar(select(dead_letter.c.resolved_by).where(dead_letter.c.id == letter_id))
        assert not uow.session.scalar(select(parked_event.c.id).where(parked_event.c.offset == answer.json["offset"]))


def test_an_event_and_a_request_are_found_by_their_ids(notification: ServiceUnderTest) -> None:
    event_id = str(new_id())
    buried(notification, event_id)
    operator = operator_of(notification)
    reference = operator.get("/v1/operations").headers["X-Request-Id"]

    event = operator.get(f"/v1/operations/traces?id={event_id}").json["items"]
    request = operator.get(f"/v1/operations/traces?id={reference}").json["items"]
    nothing = operator.get(f"/v1/operations/traces?id={new_id()}").json["items"]

    assert [(one["what"], one["of"]) for one in event] == [("dead letter", "notification")]
    assert [(one["what"], one["of"]) for one in request] == [("operations.read", "done")]
    assert nothing == []


def test_a_letter_given_back_takes_effect_with_what_waited_behind_it(path: EventPath) -> None:
    broken = True

    def handler(uow: UnitOfWork, event: ReceivedEvent) -> None:
        if broken:
            raise RuntimeError("a mistake of ours")
        effect(uow, event)

    path.add(str(new_id()), 2)
    path.drain()
    loop = path.loop(handler)
    until(lambda: path.count(dead_letter, consumer=path.name) == 1, loop.turn)
    broken = False

    with loop._handling.service_unit() as uow:
        (letter,) = quarantine.open_letters(uow, path.name, 10)
        quarantine.give_back(uow, letter, by="operator")
        uow.commit()

    until(lambda: len(path.effects()) == 2, loop.turn)


def test_a_letter_that_its_key_has_gone_past_still_takes_effect_and_only_once(path: EventPath) -> None:
    broken = True

    def handler(uow: UnitOfWork, event: ReceivedEvent) -> None:
        if broken:
            raise RuntimeError("a mistake of ours")
        effect(uow, event)

    path.add(str(new_id()), 1)
    path.drain()
    loop = path.loop(handler)
    until(lambda: path.count(dead_letter, consumer=path.name) == 1, loop.turn)
    broken = False

    with loop._handling.service_unit() as uow:
        (letter,) = quarantine.open_letters(uow, path.name, 10)
        quarantine.leave_out(uow, letter, by="operator")
        uow.commit()
    record = quarantine.record_of(letter)
    as_duplicate = loop._handling.handle(record)
    first, second = loop._handling.handle(record, again=True), loop._handling.handle(record, again=True)

    assert [outcome.value for outcome in (as_duplicate, first, second)] == ["duplicate", "handled", "duplicate"]
    assert len(path.effects()) == 1


def test_a_letter_given_back_that_fails_again_comes_back_open(path: EventPath) -> None:
    def handler(uow: UnitOfWork, event: ReceivedEvent) -> None:
        raise RuntimeError("a mistake of ours")

    path.add(str(new_id()), 1)
    path.drain()
    loop = path.loop(handler)
    until(lambda: path.count(dead_letter, consumer=path.name) == 1, loop.turn)
    with loop._handling.service_unit() as uow:
        (letter,) = quarantine.open_letters(uow, path.name, 10)
        quarantine.give_back(uow, letter, by="operator")
        uow.commit()
    with loop._handling.service_unit() as uow:
        between = quarantine.open_letters(uow, path.name, 10)

    until(lambda: path.count(parked_event, consumer=path.name) == 0, loop.turn)

    with loop._handling.service_unit() as uow:
        assert (len(between), len(quarantine.open_letters(uow, path.name, 10))) == (0, 1)
