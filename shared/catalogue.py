"""The contracts as the code reads them: topics with their owner and readers, and the schema of each event type."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import yaml
from jsonschema_rs import Draft202012Validator

CONTRACTS = Path(__file__).resolve().parent / "contracts"


class UnknownEventType(Exception):
    """No topic file lists this event type."""


class ContractBroken(Exception):
    """The data of an event does not match the schema of its type, or names something else than its envelope does."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic: the only service that may publish on it, and the services that read it."""

    name: str
    owner: str
    consumers: tuple[str, ...]
    partitions: int
    types: tuple[str, ...]
    tenantless: bool
    park_followers: bool
    """After a dead letter, later events of the same key are set aside too (order matters for their effect)."""
    key_fields: tuple[str, ...] = ()
    """Fields of the data of which one is the key."""


@cache
def topics() -> dict[str, Topic]:
    """Return all topics by name."""
    found = {}
    for path in sorted((CONTRACTS / "topics").glob("*.yaml")):
        data = yaml.safe_load(path.read_text())
        found[data["topic"]] = Topic(
            name=data["topic"],
            owner=data["owner"],
            consumers=tuple(data["consumers"]),
            partitions=data["partitions"],
            types=tuple(data["types"]),
            tenantless=data["tenantless"],
            park_followers=data["dead_letter"]["rule"] == "park-key",
            key_fields=tuple(data["key_fields"]),
        )
    return found


@cache
def topic_of(event_type: str) -> Topic:
    """Return the topic that carries `event_type`; raises UnknownEventType."""
    for topic in topics().values():
        if event_type in topic.types:
            return topic
    raise UnknownEventType(event_type)


@cache
def topics_read_by(service: str) -> tuple[Topic, ...]:
    """Return the topics that list `service` as a reader."""
    return tuple(topic for topic in topics().values() if service in topic.consumers or "all" in topic.consumers)


@cache
def _validator(event_type: str) -> Draft202012Validator:
    path = CONTRACTS / "events" / f"{event_type}.schema.json"
    if not path.is_file():
        raise UnknownEventType(event_type)
    return Draft202012Validator(orjson.loads(path.read_bytes()), validate_formats=True, mask="what it holds")


def check(event_type: str, data: dict[str, Any]) -> None:
    """Check `data` against the schema of `event_type`.

    Raises ContractBroken naming the first place that is wrong, UnknownEventType when there is no schema.
    """
    error = next(_validator(event_type).iter_errors(data), None)
    if error is not None:
        place = "/".join(str(part) for part in error.instance_path) or "data"
        raise ContractBroken(f"{event_type}: {place}: {error.message}")


def check_event(event_type: str, key: str, org_id: str, data: dict[str, Any]) -> None:
    """Check the data as `check` does, and that it is about the thing and the organisation that the envelope names.

    A row is written where the data says, in the tenant that the envelope says: both must mean the same. Where an event
    may have no tenant, its data names an organisation in a meaning of its own.
    """
    check(event_type, data)
    topic = topic_of(event_type)
    if key not in [str(data[name]) for name in topic.key_fields if name in data]:
        raise ContractBroken(f"{event_type}: the data names another thing than the key")
    if not topic.tenantless and data.get("org_id", org_id) != org_id:
        raise ContractBroken(f"{event_type}: the data names another organisation than the envelope")
