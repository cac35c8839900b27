"""Events set aside: parked ones wait for what must come first, dead letters wait for a person.

A table and not a topic: atomic with the consumer's book-keeping, readable by operators, and replay is calling the
handler again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from shared import audit, inbox
from shared.database import UnitOfWork
from shared.envelope import header_text, text_of
from shared.ids import new_id
from shared.kafka import Record
from shared.mechanism import dead_letter, parked_event
from shared.metrics import DEAD_LETTERS

LONGEST_REASON = 500
AT_A_LOOK = 200
"""Parked events that a consumer tries at once; the next look goes on where this one ended."""
Turn = tuple[str, str, int]
"""Topic, key and version: the order in which parked events are tried."""
AGAIN = "handled-again"
"""Why an event is parked that an operator gave back to its consumer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event is set aside: a word for machines and a sentence for the operator."""

    reason: str
    error: str
    attempts: int = 1


def _place(consumer: str, record: Record) -> dict[str, Any]:
    return {
        "id": new_id(),
        "consumer": consumer,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": text_of(record.key),
        "headers": header_text(record.headers),
        "payload": record.value or b"",
    }


def bury(uow: UnitOfWork, consumer: str, record: Record, refusal: Refusal) -> None:
    """Write a dead letter (once per place in the topic) and its audit row; the caller commits."""
    row = _place(consumer, record) | {
        "reason": refusal.reason,
        "error": refusal.error[:LONGEST_REASON],
        "attempts": refusal.attempts,
        "first_seen": uow.now,
        "last_seen": uow.now,
    }
    statement = insert(dead_letter).values(row)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=["consumer", "topic", "partition", "offset"],
            set_={
                "last_seen": uow.now,
                "attempts": dead_letter.c.attempts + 1,
                "error": refusal.error[:LONGEST_REASON],
                "reason": refusal.reason,
                "resolved_at": None,
                "resolved_by": None,
            },
        )
    )
    audit.record(uow, "event.set-aside", "event", row["headers"].get("ce_id"), outcome=refusal.reason)
    DEAD_LETTERS.labels(refusal.reason).inc()


def park(uow: UnitOfWork, consumer: str, record: Record, *, version: int, reason: str) -> None:
    """Keep an event until what must come first has come; parking twice keeps the first time."""
    row = _place(consumer, record) | {"reason": reason, "aggregate_version": version, "parked_at": uow.now}
    uow.session.execute(insert(parked_event).values(row).on_conflict_do_nothing())


def parked(uow: UnitOfWork, consumer: str, *, after: Turn | None = None) -> list[Row[Any]]:
    """Return parked events that come after a turn, those of one key in order of their version."""
    row = parked_event.c
    order = (row.topic, row.key, row.aggregate_version)
    statement = select(parked_event).where(row.consumer == consumer).order_by(*order).limit(AT_A_LOOK)
    return list(uow.session.execute(statement if after is None else statement.where(tuple_(*order) > after)))


def turn_of(row: Row[Any]) -> Turn:
    """Return where a parked event stands among all."""
    return row.topic, row.key, row.aggregate_version


def unpark(uow: UnitOfWork, row_id: Any) -> None:
    """Remove a parked event that was handled or buried."""
    uow.session.execute(delete(parked_event).where(parked_event.c.id == row_id))


def open_letters(uow: UnitOfWork, consumer: str, limit: int) -> list[Row[Any]]:
    """Return dead letters that nobody has resolved, oldest first."""
    row = dead_letter.c
    statement = select(dead_letter).where(row.consumer == consumer, row.resolved_at.is_(None))
    return list(uow.session.execute(statement.order_by(row.first_seen, row.offset).limit(limit)))


def give_back(uow: UnitOfWork, letter: Row[Any], *, by: str) -> None:
    """Give a dead letter back to its consumer, which handles it within a second or sets it aside again."""
    park(uow, letter.consumer, record_of(letter), version=version_said(letter.headers), reason=AGAIN)
    resolve(uow, letter.id, by=by, at=uow.now)


def leave_out(uow: UnitOfWork, letter: Row[Any], *, by: str) -> None:
    """Let a dead letter's key go on without it: whoever is responsible decided that it can never be handled."""
    version = version_said(letter.headers)
    if inbox.position(uow, letter.consumer, letter.topic, letter.key) + 1 == version:
        inbox.advance(uow, letter.consumer, letter.topic, letter.key, version)
    resolve(uow, letter.id, by=by, at=uow.now, action="event.left-out")


def version_said(headers: Mapping[str, Any]) -> int:
    """Return the version that headers name; 0 for none, or for what no column of ours could hold."""
    said = str(headers.get("ce_aggregateversion", ""))
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def resolve(uow: UnitOfWork, row_id: Any, *, by: str, at: datetime, action: str = "event.replayed") -> None:
    """Mark a dead letter as dealt with and write the audit row."""
    uow.session.execute(update(dead_letter).where(dead_letter.c.id == row_id).values(resolved_at=at, resolved_by=by))
    audit.record(uow, action, "dead_letter", str(row_id))


def record_of(row: Row[Any]) -> Record:
    """Return the record that a parked event or a dead letter was."""
    headers = tuple((name, str(value).encode()) for name, value in row.headers.items())
    return Record(row.topic, row.partition, row.offset, row.key.encode(), row.payload, headers)


TABLES: tuple[Table, ...] = (parked_event, dead_letter)
