"""Event to Kafka record and back: CloudEvents 1.0, Kafka protocol binding 1.0.2, binary content mode.

Attributes travel as headers, the value is the data alone, so that id, type and tenant of a record can be read even
when its body cannot. One table maps field and header both ways.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

HEADER_OF = {
    "id": "ce_id",
    "type": "ce_type",
    "source": "ce_source",
    "time": "ce_time",
    "subject": "ce_subject",
    "tenant_id": "ce_tenantid",
    "org_id": "ce_orgid",
    "actor": "ce_actor",
    "partition_key": "ce_partitionkey",
    "aggregate_version": "ce_aggregateversion",
    "trace": "traceparent",
}
NUL, UNREADABLE = "\0", "\ufffd"
SPEC_VERSION = ("ce_specversion", "1.0")


class Unreadable(Exception):
    """A record is not an event of ours: a header is missing or wrong, or the body is not JSON."""


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as a handler sees it; `tenant_id` is the tenant at the time the event was made."""

    id: UUID
    type: str
    topic: str
    key: str
    tenant_id: str
    org_id: str
    aggregate_version: int
    time: datetime
    actor: str | None
    trace: str | None
    data: Mapping[str, Any]


def headers_for(fields: Mapping[str, str | None]) -> list[tuple[str, bytes]]:
    """Return Kafka headers for CloudEvents fields; fields that are None are left out."""
    pairs = [(HEADER_OF[name], value) for name, value in fields.items() if value is not None]
    return [(name, value.encode()) for name, value in [SPEC_VERSION, ("content-type", "application/json"), *pairs]]


def header_text(headers: Iterable[tuple[str, bytes | None]]) -> dict[str, str]:
    """Return headers as text that the database can hold, whatever they hold; used for dead letters as well."""
    return {name.replace(NUL, UNREADABLE): text_of(value) for name, value in headers}


def text_of(value: bytes | None) -> str:
    """Return a record's key or a header's value as text that the database can hold: no column takes a NUL."""
    return (value or b"").decode(errors="replace").replace(NUL, UNREADABLE)


def read_event(topic: str, key: bytes | None, value: bytes | None, headers: Mapping[str, str]) -> ReceivedEvent:
    """Return the event a record carries; raises Unreadable saying what is wrong."""
    try:
        event = ReceivedEvent(
            id=UUID(headers["ce_id"]),
            type=headers["ce_type"],
            topic=topic,
            key=(key or b"").decode(),
            tenant_id=headers["ce_tenantid"],
            org_id=headers["ce_orgid"],
            aggregate_version=int(headers["ce_aggregateversion"]),
            time=datetime.fromisoformat(headers["ce_time"]),
            actor=headers.get("ce_actor"),
            trace=headers.get("traceparent"),
            data=orjson.loads(value or b""),
        )
    except KeyError as error:
        raise Unreadable(f"The header {error.args[0]} is missing.") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise Unreadable(f"The record cannot be read: {error}") from error
    return _consistent(event, headers)


def _consistent(event: ReceivedEvent, headers: Mapping[str, str]) -> ReceivedEvent:
    if not isinstance(event.data, dict):
        raise Unreadable("The body is not a JSON object.")
    if NUL in event.key:
        raise Unreadable("The record key holds a NUL.")
    if not event.key or headers.get("ce_partitionkey") != event.key:
        raise Unreadable("The record key and ce_partitionkey differ.")
    if event.time.tzinfo is None:
        raise Unreadable("ce_time has no offset.")
    return event
