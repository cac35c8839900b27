"""Never lost, never twice in effect, in order per aggregate, never in another tenant: on the real broker."""

import threading
from typing import Any

import psycopg
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from shared import catalogue, outbox, quarantine
from shared.consumer import Patience, TooManyDeadLetters
from shared.contracts import event_types
from shared.database import UnitOfWork
from shared.envelope import ReceivedEvent
from shared.ids import new_id
from shared.kafka import Record
from shared.mechanism import dead_letter, inbox, parked_event
from shared.outbox import Event, EventTooLarge
from shared.replaying import replay_dead_letters
from tests.integration.shared.event_path import (
    EventPath,
    Handler,
    Running,
    body_of,
    completed,
    effect,
    effect_named,
    headers_of,
    until,
)


def _versions_of(key: str, seen: list[int]) -> Handler:
    """Return a handler that notes the versions of one aggregate, in the order of handling."""

    def note(_: UnitOfWork, event: ReceivedEvent) -> None:
        if event.key == key:
            seen.append(event.aggregate_version)

    return note


def test_a_change_that_fails_after_its_event_was_added_leaves_neither(path: EventPath) -> None:
    key = str(new_id())

    with pytest.raises(RuntimeError), path.publisher.unit_of_work(path.principal()) as uow:  # noqa: PT012
        outbox.add(uow, Event(event_types.ACTION_COMPLETED, key, completed(key)))
        raise RuntimeError("after the change, before the commit")

    assert path.waiting() == 0


def test_an_event_that_breaks_its_contract_stops_the_change(path: EventPath) -> None:
    with path.publisher.unit_of_work(path.principal()) as uow, pytest.raises(catalogue.ContractBroken):
        outbox.add(uow, Event(event_types.ACTION_COMPLETED, "k", {"plan_id": 7}))


def test_an_event_over_the_limit_is_refused_before_it_is_stored(path: EventPath) -> None:
    key = str(new_id())
    data = completed(key) | {"padding": "x" * 300_000}

    with path.publisher.unit_of_work(path.principal()) as uow, pytest.raises(EventTooLarge):
        outbox.add(uow, Event(event_types.ACTION_COMPLETED, key, data))


def test_what_is_sent_twice_has_one_effect_in_each_consumer(path: EventPath) -> None:
    key = str(new_id())
    headers = headers_of(path, key, 1)
    for _ in range(3):
        path.send_raw(key.encode(), body_of(key), headers)

    first = path.loop(effect)
    second = path.loop(effect_named("other effect"), name=path.name + "b")
    until(lambda: bool(path.effects()), first.turn)
    until(lambda: bool(path.effects("other effect")), second.turn)
    for _ in range(3):
        first.turn()
        second.turn()

    assert len(path.effects()) == 1
    assert len(path.effects("other effect")) == 1


def test_concurrent_writers_of_one_aggregate_are_heard_in_order(path: EventPath) -> None:
    key = str(new_id())
    seen: list[int] = []
    writers = [threading.Thread(target=path.add, args=(key, 10)) for _ in range(4)]

    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    path.drain()
    loop = path.loop(_versions_of(key, seen))
    until(lambda: len(seen) >= 40, loop.turn)

    assert seen == list(range(1, 41))


def test_a_relay_woken_after_a_commit_sends_at_once_and_empties_the_outbox(path: EventPath) -> None:
    with Running(lambda stop: path.relay(stop).run()):
        path.add(str(new_id()), 5)

        until(lambda: path.waiting() == 0)


def test_of_two_relays_one_works_and_the_other_takes_over_when_it_is_cut_off(path: EventPath) -> None:
    keys = [str(new_id()) for _ in range(3)]
    seen: dict[str, list[int]] = {key: [] for key in keys}

    def note(_: UnitOfWork, event: ReceivedEvent) -> None:
        if event.key in seen:
            seen[event.key].append(event.aggregate_version)

    loop = path.loop(note)
    with Running(lambda stop: path.relay(stop).run(), lambda stop: path.relay(stop).run()):
        for key in keys:
            path.add(key, 5)
        until(lambda: path.waiting() == 0)
        assert _cut_off_the_working_relay(path) == 1
        for key in keys:
            path.add(key, 5)
        until(lambda: path.waiting() == 0)

    until(lambda: all(len(versions) == 10 for versions in seen.values()), loop.turn)
    assert all(versions == list(range(1, 11)) for versions in seen.values())


def _cut_off_the_working_relay(path: EventPath) -> int:
    with psycopg.connect(path.publisher.superuser_url, autocommit=True) as connection:
        query = (
            "select count(pg_terminate_backend(l.pid)) from pg_locks l join pg_stat_activity a using (pid)"
            " where l.locktype = 'advisory' and l.granted and a.usename = 'relay_action_plan'"
            " and a.datname = current_database()"
        )
        row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def test_a_poison_record_costs_itself_alone_and_is_kept_with_its_reason(path: EventPath) -> None:
    before, poison, after = (str(new_id()) for _ in range(3))
    path.add(before)
    path.drain()
    path.send_raw(poison.encode(), b"{not json", headers_of(path, poison, 1))
    path.add(after)
    path.drain()

    loop = path.loop(effect)
    until(lambda: len(path.effects()) == 2, loop.turn)
    until(lambda: path.count(dead_letter, consumer=path.name) == 1, loop.turn)

    with path.reader.unit_of_work(path.principal()) as uow:
        letter = uow.session.execute(select(dead_letter).where(dead_letter.c.consumer == path.name)).one()
    assert letter.reason == "unreadable"
    assert letter.key == poison


NUL_IN = {
    "key": lambda key, headers: (key + b"\0", headers | {"ce_partitionkey": key.decode() + "\0"}),
    "id": lambda key, headers: (key, headers | {"ce_id": "\0"}),
    "version": lambda key, headers: (key, headers | {"ce_aggregateversion": "1\0"}),
    "name of a header": lambda key, headers: (b"", headers | {"ce_more\0": "x"}),
}


@pytest.mark.parametrize("place", NUL_IN)
def test_a_sign_that_no_column_holds_costs_its_record_alone(path: EventPath, place: str) -> None:
    poison, after = str(new_id()), str(new_id())
    key, headers = NUL_IN[place](poison.encode(), headers_of(path, poison, 1))
    path.send_raw(key, body_of(poison), headers)
    path.send_raw(after.encode(), body_of(after), headers_of(path, after, 1))

    loop = path.loop(effect)
    until(lambda: len(path.effects()) == 1, loop.turn)

    assert path.count(dead_letter, consumer=path.name, reason="unreadable") == 1


def test_what_cannot_be_set_aside_as_it_is_keeps_its_place_and_content(path: EventPath, monkeypatch: Any) -> None:
    """Whatever else of a record the database may refuse one day: its consumer goes on."""
    monkeypatch.setattr(quarantine, "text_of", lambda value: (value or b"").decode())
    poison, after = str(new_id()), str(new_id())
    path.send_raw(poison.encode() + b"\0", b"{not json", headers_of(path, poison, 1))
    path.send_raw(after.encode(), body_of(after), headers_of(path, after, 1))

    loop = path.loop(effect)
    until(lambda: len(path.effects()) == 1, loop.turn)

    with path.reader.unit_of_work(path.principal()) as uow:
        letter = uow.session.execute(select(dead_letter).where(dead_letter.c.consumer == path.name)).one()
    assert (letter.key, letter.headers, letter.payload) == ("", {}, b"{not json")


def test_nothing_but_poison_stops_the_consumer_loudly(path: EventPath) -> None:
    for _ in range(4):
        path.send_raw(b"k", b"{not json", headers_of(path, "k", 1))

    loop = path.loop(effect, patience=Patience(poll=0.2, dead_letters_in_a_row=3))

    with pytest.raises(TooManyDeadLetters):
        until(lambda: False, loop.turn)


def test_an_event_that_arrives_before_its_predecessor_waits_for_it(path: EventPath) -> None:
    key = str(new_id())
    seen: list[int] = []
    loop = path.loop(_versions_of(key, seen))
    path.send_raw(key.encode(), body_of(key), headers_of(path, key, 2))
    until(lambda: path.count(parked_event, consumer=path.name) == 1, loop.turn)
    assert seen == []

    path.send_raw(key.encode(), body_of(key), headers_of(path, key, 1))

    until(lambda: len(seen) == 2, loop.turn)
    assert seen == [1, 2]
    until(lambda: path.count(parked_event, consumer=path.name) == 0, loop.turn)


def test_many_events_that_wait_in_vain_do_not_hide_one_whose_turn_has_come(
    path: EventPath, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look takes so many parked events; the next one goes on behind them instead of taking the same again."""
    monkeypatch.setattr(quarantine, "AT_A_LOOK", 2)
    in_vain = [str(new_id()) for _ in range(5)]
    key = str(new_id())
    loop = path.loop(effect)
    for waiting in (*in_vain, key):
        path.send_raw(waiting.encode(), body_of(waiting), headers_of(path, waiting, 2))
    until(lambda: path.count(parked_event, consumer=path.name) == 6, loop.turn)

    path.send_raw(key.encode(), body_of(key), headers_of(path, key, 1))
    until(lambda: path.count(inbox, consumer=path.name) == 1, loop.turn)
    looks = [loop.retry_parked() for _ in range(4)]

    assert len(path.effects()) == 2
    assert sum(looks) <= 1


def test_a_parked_event_whose_handler_fails_stops_nobody_and_is_set_aside_in_the_end(path: EventPath) -> None:
    key, other = str(new_id()), str(new_id())

    def handler(uow: UnitOfWork, event: ReceivedEvent) -> None:
        if event.key == key and event.aggregate_version == 2:
            raise RuntimeError("a mistake of ours")
        effect(uow, event)

    loop = path.loop(handler)
    path.send_raw(key.encode(), body_of(key), headers_of(path, key, 2))
    until(lambda: path.count(parked_event, consumer=path.name) == 1, loop.turn)
    path.send_raw(key.encode(), body_of(key), headers_of(path, key, 1))
    path.send_raw(other.encode(), body_of(other), headers_of(path, other, 1))

    until(lambda: path.count(dead_letter, consumer=path.name, key=key) == 1, loop.turn)

    assert len(path.effects()) == 2
    assert path.count(parked_event, consumer=path.name) == 0


def test_a_database_that_is_away_moves_no_offset_and_the_event_is_handled_when_it_is_back(path: EventPath) -> None:
    key = str(new_id())
    away, paused = [True, True, True], list[float | None]()

    def handler(uow: UnitOfWork, event: ReceivedEvent) -> None:
        paused.append(REGISTRY.get_sample_value("consumer_paused"))
        if away:
            away.pop()
            raise OperationalError("select 1", {}, Exception("the server closed the connection"))
        effect(uow, event)

    path.add(key, 3)
    path.drain()
    loop = path.loop(handler)

    until(lambda: len(path.effects()) == 3, loop.turn)
    assert path.count(dead_letter, consumer=path.name) == 0
    assert paused == [0, 1, 1, 1, 0, 0]


def test_an_event_whose_statement_never_ends_in_time_stops_nobody_else_for_long(path: EventPath) -> None:
    slow, after = str(new_id()), str(new_id())

    def handler(uow: UnitOfWork, event: ReceivedEvent) -> None:
        if event.key == slow:
            uow.session.execute(text("set local statement_timeout = 20"))
            uow.session.execute(text("select pg_sleep(5)"))
        effect(uow, event)

    for key in (slow, after):
        path.send_raw(key.encode(), body_of(key), headers_of(path, key, 1))
    loop = path.loop(handler)

    until(lambda: path.count(dead_letter, consumer=path.name, key=slow, reason="unexpected") == 1, loop.turn)
    until(lambda: len(path.effects()) == 1, loop.turn)


def test_an_unexpected_error_is_tried_again_and_then_set_aside_until_it_is_replayed(path: EventPath) -> None:
    key = str(new_id())
    broken = True

    def handler(uow: UnitOfWork, event: ReceivedEvent) -> None:
        if broken:
            raise RuntimeError("a mistake of ours")
        effect(uow, event)

    path.add(key, 2)
    path.drain()
    loop = path.loop(handler)
    until(lambda: path.count(dead_letter, consumer=path.name) == 1, loop.turn)
    assert path.effects() == []

    broken = False
    replayed = replay_dead_letters(loop._handling, limit=10, policy="stop")

    assert replayed == 1
    until(lambda: len(path.effects()) == 2, loop.turn)


def test_an_error_that_passes_leaves_nothing_waiting(path: EventPath) -> None:
    """Else the consumer would take one record after the other from then on, and never many together."""
    failures = [RuntimeError()]

    def handler(uow: UnitOfWork, event: ReceivedEvent) -> None:
        if failures:
            raise failures.pop()
        effect(uow, event)

    path.add(str(new_id()))
    path.drain()
    loop = path.loop(handler)
    until(lambda: len(path.effects()) == 1, loop.turn)

    assert not loop._waits


def test_a_consumer_told_to_stop_in_the_middle_loses_nothing(path: EventPath) -> None:
    for _ in range(20):
        path.add(str(new_id()))
    path.drain()
    first = path.loop(effect, stop=lambda: len(path.effects()) >= 7)
    first.run()
    assert len(path.effects()) >= 7

    second = path.loop(effect)
    until(lambda: len(path.effects()) == 20, second.turn)
    second.turn()

    assert len(set(path.effects())) == 20
    assert len(path.effects()) == 20


def test_two_members_joining_and_leaving_while_events_flow_give_each_event_one_effect(path: EventPath) -> None:
    with Running(
        lambda stop: path.loop(effect, stop=stop).run(),
        lambda stop: path.relay(stop).run(),
    ):
        for _ in range(10):
            path.add(str(new_id()), 3)
        with Running(lambda stop: path.loop(effect, stop=stop).run()):
            for _ in range(10):
                path.add(str(new_id()), 3)
        until(lambda: len(path.effects()) == 60, seconds=40)

    assert len(set(path.effects())) == 60
    assert path.count(inbox, consumer=path.name) == 60


def test_a_batch_with_duplicates_a_gap_and_poison_ends_like_one_by_one(path: EventPath) -> None:
    keys = [str(new_id()) for _ in range(4)]
    for key in keys[:3]:
        path.add(key, 4)
    path.drain()
    twice = headers_of(path, keys[3], 1)
    path.send_raw(keys[3].encode(), body_of(keys[3]), twice)
    path.send_raw(keys[3].encode(), body_of(keys[3]), twice)
    path.send_raw(keys[3].encode(), body_of(keys[3]), headers_of(path, keys[3], 3))
    path.send_raw(b"poison", b"[]", headers_of(path, "poison", 1))

    loop = path.loop(effect, batched=True)
    until(lambda: path.count(dead_letter, consumer=path.name) >= 2, loop.turn, seconds=30)

    assert len(path.effects()) == 13
    assert len(set(path.effects())) == 13


def test_an_idle_consumer_looks_at_its_lag_now_and_then_only(path: EventPath, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, looked = path.loop(effect), []
    monkeypatch.setattr(loop._consumer, "lag", lambda: looked.append(1) or {})

    for _ in range(3):
        loop.turn()

    assert len(looked) == 1


def test_lag_is_what_lies_ahead_of_what_was_read(path: EventPath) -> None:
    key, seen = str(new_id()), list[int]()
    path.add(key, 3)
    path.drain()
    loop, places = path.loop(_versions_of(key, seen)), dict[tuple[str, int], int]()
    polled = loop._consumer.poll

    def poll(timeout: float) -> list[Record]:
        records = polled(timeout)
        places.update(
            {(record.topic, record.partition): record.offset for record in records if record.key == key.encode()}
        )
        return records

    loop._consumer.poll = poll  # type: ignore[method-assign]
    until(lambda: len(seen) == 3, loop.turn)
    ((topic, partition), newest) = places.popitem()
    read = loop._consumer.lag()[topic, partition]
    loop._consumer.seek(topic, partition, newest - 1)

    assert read == 0
    assert loop._consumer.lag()[topic, partition] == 2
