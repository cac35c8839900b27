"""What an operator sees of a service and may do to it: books and ids, never content; each act once and audited."""

from typing import Any

import pytest
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


def all_pages(operator: Client, limit: int) -> list[dict[str, Any]]:
    """Return the dead letters of all pages, as somebody reads who goes on to the end."""
    shown: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        page = operator.get("/v1/operations/dead-letters", query_string=query).json
        assert page["count"] == len(page["items"]) <= limit
        shown += page["items"]
        if (cursor := page["next"]) is None:
            return shown


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

    operator = operator_of(notification)

    listed = next(one for one in all_pages(operator, 200) if one["id"] == str(letter_id))
    answer = operator.get(f"/v1/operations/dead-letters/{letter_id}")

    assert answer.json == listed
    assert (listed["event_id"], listed["reason"]) == (event_id, "unexpected")
    assert "somebody wrote" not in answer.text + str(listed)


def test_pages_of_dead_letters_hold_each_once_and_oldest_first(notification: ServiceUnderTest) -> None:
    ours = [str(buried(notification, str(new_id()))) for _ in range(7)]

    shown = [one["id"] for one in all_pages(operator_of(notification), 3)]

    assert [one for one in shown if one in ours] == ours
    assert len(set(shown)) == len(shown)


def test_what_is_settled_or_set_aside_between_two_pages_moves_no_other_letter(notification: ServiceUnderTest) -> None:
    first, second, third = (str(buried(notification, str(new_id()))) for _ in range(3))
    operator = operator_of(notification)
    following = f"/v1/operations/dead-letters?limit=200&cursor={first}"

    operator.post(f"/v1/operations/dead-letters/{first}/leave-out")
    fourth = str(buried(notification, str(new_id())))
    shown = [one["id"] for one in operator.get(following).json["items"]]

    assert [one for one in shown if one in {first, second, third, fourth}] == [second, third, fourth]
    assert operator.get(f"/v1/operations/dead-letters/{first}").status_code == 404


def test_a_page_of_dead_letters_costs_one_statement_whatever_its_place(notification: ServiceUnderTest) -> None:
    for _ in range(3):
        letter_id = buried(notification, str(new_id()))
    operator = operator_of(notification)

    counts = []
    for query in ({}, {"cursor": str(letter_id)}):
        with notification.counted_statements() as statements:
            operator.get("/v1/operations/dead-letters", query_string=query)
        counts.append(sum("from dead_letter" in " ".join(one.lower().split()) for one in statements))

    assert counts == [1, 1]


@pytest.mark.parametrize("cursor", ["1", "null", "x" * 501, "0190-"])
def test_a_cursor_that_no_page_of_dead_letters_gave_is_refused(notification: ServiceUnderTest, cursor: str) -> None:
    refused = operator_of(notification).get("/v1/operations/dead-letters", query_string={"cursor": cursor})

    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "cursor"


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
