"""After a restore: counters are raised to what the topics hold, and groups begin at the first event again."""

import secrets
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from infra.after_restore import raise_counters
from infra.kafka.broker_admin import BrokerAdmin
from infra.kafka.told import Told, read_from_the_first
from infra.kafka.topics import Topic, read_topics
from infra.servers import ConnectionSettings
from shared.testing.service_under_test import ServiceUnderTest


@pytest.fixture
def topic(connections: ConnectionSettings) -> Iterator[Topic]:
    """Return a topic of this test alone."""
    prefix = f"t{secrets.token_hex(4)}-"
    wanted = Topic("impact.measure", "action_plan", ("insight",), 2, -1)
    with BrokerAdmin(connections.kafka.client_options("admin")) as admin:
        admin.make_topics([wanted], prefix)
        yield replace(wanted, name=prefix + wanted.name)
        admin.remove(prefix)


def test_the_highest_number_of_each_thing_is_found(connections: ConnectionSettings, topic: Topic) -> None:
    options = connections.kafka.client_options("admin")
    producer = KafkaProducer(**options)
    for key, version in (("a", 1), ("a", 3), ("b", 2), ("a", 2)):
        headers = [("ce_aggregateversion", str(version).encode()), ("ce_tenantid", b"QX1"), ("ce_orgid", b"RX1")]
        producer.send(topic.name, b"{}", key.encode(), headers=headers)
    producer.send(topic.name, b"no event of ours", b"c")
    producer.close()

    told = read_from_the_first(options, [topic])

    assert told == {(topic.name, "a"): Told(3, "QX1", "RX1"), (topic.name, "b"): Told(2, "QX1", "RX1")}


def test_a_group_is_forgotten_and_one_that_is_not_there_is_no_trouble(
    connections: ConnectionSettings, topic: Topic
) -> None:
    options, group = connections.kafka.client_options("admin"), f"insight.{secrets.token_hex(4)}"
    consumer = KafkaConsumer(**options, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(topic.name, 0)])
    consumer.seek_to_beginning()
    consumer.position(TopicPartition(topic.name, 0))
    consumer.commit()
    consumer.close()

    with BrokerAdmin(options) as admin:
        first, second = admin.forget_groups({group}), admin.forget_groups({group})

    assert (first, second) == ([group], [])


def test_counters_behind_what_was_told_are_raised_and_no_other(
    action_plan: ServiceUnderTest, connections: ConnectionSettings
) -> None:
    topics = read_topics()
    name = next(one.name for one in topics if one.owner == "action_plan")
    dsn = connections.postgres.superuser_dsn(action_plan.superuser_url.rpartition("/")[2])
    told = {(name, key): Told(version, "QX1", "RX1") for key, version in (("behind", 7), ("ahead", 4), ("lost", 2))}
    with psycopg.connect(dsn) as connection:
        connection.execute("delete from action_plan.event_counter where key in ('behind', 'ahead', 'lost')")
        for key, version in (("behind", 3), ("ahead", 9)):
            connection.execute(
                "insert into action_plan.event_counter values (%s, %s, 'QX1', 'RX1', %s)", (name, key, version)
            )

    raised = raise_counters(dsn, topics, told)

    with psycopg.connect(dsn) as connection:
        found = connection.execute(
            "select key, version from action_plan.event_counter where key in ('behind', 'ahead', 'lost')"
        ).fetchall()
    assert raised == 2
    assert dict(found) == {"behind": 7, "ahead": 9, "lost": 2}
