"""A consumer stays in its group and reads on whatever happens to the topics it reads."""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import pytest
from kafka import KafkaAdminClient

from infra.servers import ConnectionSettings
from shared.config import KafkaConfig
from shared.ids import new_id
from shared.kafka import Consumer
from tests.integration.shared.event_path import TOPIC, until

SHORTER_THAN_A_JOIN = 0.01


@pytest.fixture
def settings(broker: Callable[[Collection[str]], Callable[[str], KafkaConfig]]) -> KafkaConfig:
    """Return how notification reaches a topic of its own."""
    return broker([TOPIC])("notification")


@pytest.fixture
def member(settings: KafkaConfig) -> Iterator[Consumer]:
    """Return a consumer that has joined its group."""
    consumer = Consumer(settings, f"notification.t{new_id().hex[-12:]}", [TOPIC], max_records=50)
    until(lambda: bool(places_of(consumer)), lambda: read(consumer))
    yield consumer
    consumer.close()


def read(consumer: Consumer) -> None:
    consumer.poll(SHORTER_THAN_A_JOIN)


def places_of(consumer: Consumer) -> set[int]:
    return {place.partition for place in consumer._consumer.assignment()}


def grow(member: Consumer, settings: KafkaConfig, servers: ConnectionSettings) -> None:
    """Give the topic two more partitions, let the member learn of it, and wait until it reads them all."""
    wanted = len(places_of(member)) + 2
    admin = KafkaAdminClient(**servers.kafka.client_options("admin"))
    admin.create_partitions({settings.topic_prefix + TOPIC: wanted})
    admin.close()
    member._consumer._client.cluster.request_update()
    until(lambda: len(places_of(member)) == wanted, lambda: read(member))


@pytest.mark.parametrize(("name", "waits"), [(None, False), ("reader-1", True)])
def test_what_a_member_with_a_name_of_its_own_read_waits_for_it(
    settings: KafkaConfig, name: str | None, *, waits: bool
) -> None:
    group = f"notification.t{new_id().hex[-12:]}"
    leaving = Consumer(replace(settings, group_instance_id=name), group, [TOPIC], max_records=50)
    until(lambda: bool(places_of(leaving)), lambda: read(leaving))
    leaving.close()

    other = Consumer(settings, group, [TOPIC], max_records=50)
    deadline = time.monotonic() + 5
    while not places_of(other) and time.monotonic() < deadline:
        other.poll(0.1)

    assert (places_of(other) == set()) is waits
    other.close()


def test_a_topic_that_grew_is_read_whole_by_polls_shorter_than_a_join(
    member: Consumer, settings: KafkaConfig, servers: ConnectionSettings
) -> None:
    before = places_of(member)

    grow(member, settings, servers)

    assert places_of(member) > before


def test_a_member_that_only_waits_needs_next_to_no_processor_time_after_its_topic_grew(
    member: Consumer, settings: KafkaConfig, servers: ConnectionSettings
) -> None:
    grow(member, settings, servers)

    turns, until_then = 0, time.monotonic() + 3
    while time.monotonic() < until_then:
        member.poll(0.5)
        turns += 1

    assert turns <= 8, "polls did not wait for their time"
