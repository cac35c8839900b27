"""Events taken together leave what they leave one by one, in few statements; one that cannot go along costs itself."""

import random
from collections.abc import Iterable

import pytest
from recorded_story import Recorder, code, interleaved, story

from services.insight.handlers import together
from services.insight.rebuild import PATIENCE, Rebuild
from shared.batches import Batches
from shared.consumer import ConsumerLoop
from shared.handling import DIRECTORY_TOPIC, EventHandling
from shared.ids import new_id
from shared.inbox import position
from shared.kafka import Record
from shared.mechanism import parked_event
from shared.testing.service_under_test import ServiceUnderTest

STATEMENTS_OF_A_BATCH = 9
"""Hold in place, tenants, positions, claim, advance, and one for each kind of change."""


def in_polls(records: list[Record], seed: int) -> Iterable[list[Record]]:
    """Cut the records as polls of any size would."""
    dice = random.Random(seed)
    at = 0
    while at < len(records):
        size = dice.randint(1, 25)
        yield records[at : at + size]
        at += size


def apply_polls(handling: EventHandling, polls: Iterable[list[Record]]) -> None:
    """Handle polled records as the consumer of a projection does."""
    batches = Batches(handling, together)
    loop = ConsumerLoop(handling, None, stop=lambda: False, patience=PATIENCE)  # type: ignore[arg-type]
    for poll in polls:
        for record in [each for each in poll if each.topic == DIRECTORY_TOPIC]:
            handling.handle(record)
        for record in batches.handle([each for each in poll if each.topic != DIRECTORY_TOPIC]):
            handling.handle(record)
        loop.retry_parked()
    while loop.retry_parked():
        pass


@pytest.mark.parametrize("seed", range(4))
def test_polls_of_any_size_leave_what_one_by_one_leaves(
    insight: ServiceUnderTest, live: EventHandling, rebuild: Rebuild, seed: int
) -> None:
    records = story(insight)
    for record in records:
        live.handle(record)

    apply_polls(rebuild.handling, in_polls(interleaved(records, seed), seed))
    comparison = rebuild.compare()

    assert comparison.fresh == comparison.live


def known_trust(insight: ServiceUnderTest, live: EventHandling) -> Recorder:
    """Return a trust of an ICB, both known, about which nothing else was told."""
    recorder = Recorder(insight, code(), tenant=code())
    recorder.registered()
    live.handle(recorder.records.pop())
    return recorder


def test_many_events_of_a_tenant_cost_as_many_statements_as_two(
    insight: ServiceUnderTest, live: EventHandling, emptied: None
) -> None:
    trust = known_trust(insight, live)
    for _ in range(20):
        trust.all_stages()
        trust.plan_drafted()
        trust.plan_approved()
        trust.round_id, trust.plan_id = str(new_id()), str(new_id())

    with insight.counted_statements() as statements:
        left = Batches(live, together).handle(trust.records)

    assert left == []
    assert len(trust.records) > 100
    assert len(statements) <= STATEMENTS_OF_A_BATCH, statements


def test_an_event_that_came_too_early_is_parked_and_the_others_are_applied(
    insight: ServiceUnderTest, live: EventHandling, emptied: None
) -> None:
    trust = known_trust(insight, live)
    trust.all_stages()
    trust.plan_drafted()
    missing = trust.records.pop(1)

    left = Batches(live, together).handle(trust.records)

    assert left == []
    with live.service_unit(trust.tenant, trust.org) as uow:
        rounds = position(uow, "insight", missing.topic, trust.round_id)
        plans = position(uow, "insight", "impact.action-plan", trust.plan_id)
        waiting = len(uow.session.execute(parked_event.select()).all())
    assert (rounds, plans) == (1, 1)
    assert waiting == len([each for each in trust.records if each.key == missing.key]) - 1


def test_a_tenant_whose_event_cannot_be_read_is_taken_one_by_one_and_no_other(
    insight: ServiceUnderTest, live: EventHandling, emptied: None
) -> None:
    good, bad = known_trust(insight, live), known_trust(insight, live)
    good.all_stages()
    bad.all_stages()
    last = bad.records[-1]
    spoilt = Record(last.topic, last.partition, last.offset, last.key, b"[]", last.headers)

    left = Batches(live, together).handle([*good.records, *bad.records[:-1], spoilt])

    assert left == [*bad.records[:-1], spoilt]
