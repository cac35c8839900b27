"""The transactional outbox: an event is a row written in the transaction of the change it tells about.

The caller has locked the aggregate (or holds its version) before it adds the event, so that the row's number is drawn
under that lock and events of one aggregate leave in the order in which they happened.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import func, insert
from sqlalchemy.dialects.postgresql import insert as upsert

from shared import catalogue
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import event_counter, outbox
from shared.observability import current_traceparent, new_traceparent

LARGEST_EVENT = 256 * 1024
"""Bytes of data an event may have; Kafka's own limit is 1 MiB."""


ADD_ROW = insert(outbox).inline()
NEXT_VERSION = (
    upsert(event_counter)
    .on_conflict_do_update(
        index_elements=[event_counter.c.topic, event_counter.c.key],
        set_={"version": func.coalesce(event_counter.c.version, 0) + 1},
    )
    .returning(event_counter.c.version)
)
"""Draws the next number of a line under the lock of its aggregate; statements are built once, not for each event."""


class EventTooLarge(Exception):
    """The data of an event is over LARGEST_EVENT bytes."""


@dataclass(frozen=True, slots=True)
class Event:
    """A fact to be told.

    `tenant_id` and `org_id` default to the principal's; `actor=False` leaves out who did it (private acts).
    """

    type: str
    key: str
    data: dict[str, Any]
    org_id: str | None = None
    tenant_id: str | None = None
    actor: bool = field(default=True, kw_only=True)


def add(uow: UnitOfWork, event: Event) -> None:
    """Add `event` to the outbox of this transaction.

    Raises ContractBroken or UnknownEventType when it does not fit its contract and EventTooLarge over 256 KiB: a
    wrong event stops the change it tells about, rather than the relay later.
    """
    topic = catalogue.topic_of(event.type)
    data = orjson.loads(orjson.dumps(event.data))
    tenant_id = event.tenant_id or uow.principal.tenant_id
    org_id = event.org_id or uow.principal.org_id
    catalogue.check_event(event.type, event.key, org_id, data)
    if len(orjson.dumps(data)) > LARGEST_EVENT:
        raise EventTooLarge(event.type)
    row = {
        "id": new_id(),
        "tenant_id": tenant_id,
        "org_id": org_id,
        "topic": topic.name,
        "key": event.key,
        "type": event.type,
        "aggregate_version": _next_version(uow, topic.name, event.key, tenant_id, org_id),
        "payload": data,
        "headers": {
            "actor": uow.principal.person_id if event.actor else None,
            "trace": uow.trace or current_traceparent() or new_traceparent(),
            "source": f"/services/{topic.owner}",
        },
        "occurred_at": uow.now,
    }
    uow.session.execute(ADD_ROW, row)
    uow.wake_relay_after_commit()


def _next_version(uow: UnitOfWork, topic: str, key: str, tenant_id: str, org_id: str) -> int:
    first = {"topic": topic, "key": key, "tenant_id": tenant_id, "org_id": org_id, "version": 1}
    return int(uow.session.execute(NEXT_VERSION, first).scalar_one())
