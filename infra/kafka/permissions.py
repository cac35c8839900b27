"""What each service's user may do on the broker, derived from the topic files and nothing else.

A service writes the topics it owns, reads those it consumes, and joins consumer groups that begin
with its own name (`<service>.`). Everything not listed here is refused.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from infra.kafka.topics import Topic

Resource = Literal["topic", "group", "cluster"]
Operation = Literal["read", "write", "idempotent_write"]

CLUSTER = "kafka-cluster"


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One user's right to one operation; `is_prefix` covers every name that begins so."""

    user: str
    resource: Resource
    name: str
    operation: Operation
    is_prefix: bool = False


def group_prefix(service: str, prefix: str = "") -> str:
    """What the names of a service's consumer groups begin with."""
    return f"{prefix}{service}."


def permissions_for(topics: Iterable[Topic], prefix: str = "") -> list[Permission]:
    """Every right there is, for topics (and groups) whose names begin with `prefix`."""
    found: set[Permission] = set()
    for topic in topics:
        found.add(Permission(topic.owner, "topic", prefix + topic.name, "write"))
        found.add(Permission(topic.owner, "cluster", CLUSTER, "idempotent_write"))
        for consumer in topic.consumers:
            found.add(Permission(consumer, "topic", prefix + topic.name, "read"))
            found.add(Permission(consumer, "group", group_prefix(consumer, prefix), "read", is_prefix=True))
    return sorted(found)
