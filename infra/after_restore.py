"""After a restore: the database learns how far the topics are, and everything is read again from the first event.

`python -m infra.after_restore`, with the settings of the bootstrap and while no process of the product runs. An owner
whose counters lie behind its own events would number the next ones with numbers that consumers know already, and they
would be skipped; and offsets of groups lie ahead of the restored inboxes. May be run again.
"""

import os
from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql

from infra.kafka.__main__ import administrator
from infra.kafka.broker_admin import BrokerAdmin
from infra.kafka.told import Line, Told, read_from_the_first
from infra.kafka.topics import Topic, read_topics
from infra.postgres.connection import from_environment

RAISE = """
    insert into {}.event_counter as own (topic, key, tenant_id, org_id, version) values (%s, %s, %s, %s, %s)
    on conflict (topic, key) do update set version = excluded.version where own.version < excluded.version
"""


def raise_counters(superuser_dsn: str, topics: Iterable[Topic], told: Mapping[Line, Told]) -> int:
    """Bring the owners' counters up to what was told; returns how many were behind."""
    owner_of = {topic.name: topic.owner for topic in topics}
    behind = 0
    with psycopg.connect(superuser_dsn) as connection:
        for (topic, key), last in sorted(told.items()):
            statement = sql.SQL(RAISE).format(sql.Identifier(owner_of[topic]))
            values = (topic, key, last.tenant_id, last.org_id, last.version)
            behind += connection.execute(statement, values).rowcount
    return behind


def main(values: Mapping[str, str]) -> None:
    """Do both, and say how much there was to do."""
    topics, broker = read_topics(), administrator(values)
    told = read_from_the_first(broker, topics)
    behind = raise_counters(from_environment(values).superuser_dsn(), topics, told)
    print(f"{len(told)} things were told of; the counters of {behind} were behind and are raised.")
    with BrokerAdmin(broker) as admin:
        forgotten = admin.forget_groups({f"{service}.main" for topic in topics for service in topic.consumers})
    print(f"Will be read from the first event: {', '.join(forgotten) or 'everything already'}.")


if __name__ == "__main__":
    main(os.environ)
