"""The inbox: a consumer remembers which events it has handled, in the transaction of their effect."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from shared.database import UnitOfWork
from shared.mechanism import inbox, inbox_position

Line = tuple[str, str]
"""Topic and key: the events of one line follow one another without a gap."""
POSITIONS = text(
    "select p.topic, p.key, p.version from inbox_position p"
    " join unnest(cast(:topics as text[]), cast(:keys as text[])) as line (topic, key)"
    "  on p.topic = line.topic and p.key = line.key where p.consumer = :consumer"
)
CLAIM_ALL = text(
    "insert into inbox (consumer, event_id, handled_at)"
    " select :consumer, id, :now from unnest(cast(:ids as uuid[])) as id on conflict do nothing"
)
ADVANCE_ALL = text(
    "insert into inbox_position (consumer, topic, key, version) select :consumer, topic, key, version"
    " from unnest(cast(:topics as text[]), cast(:keys as text[]), cast(:versions as int[]))"
    " as line (topic, key, version)"
    " on conflict (consumer, topic, key) do update set version = excluded.version"
)


CLAIM = insert(inbox).on_conflict_do_nothing().returning(inbox.c.event_id)
_advanced = insert(inbox_position)
ADVANCE = _advanced.on_conflict_do_update(
    index_elements=[inbox_position.c.consumer, inbox_position.c.topic, inbox_position.c.key],
    set_={"version": _advanced.excluded.version},
)
POSITION = text("select version from inbox_position where consumer = :consumer and topic = :topic and key = :key")


def claim(uow: UnitOfWork, consumer: str, event_id: UUID) -> bool:
    """Record that `consumer` handles `event_id` now; False when it already did.

    Never check first and insert last (two workers can both pass), and never catch the duplicate-key error (it aborts
    the transaction on PostgreSQL).
    """
    about = {"consumer": consumer, "event_id": event_id, "handled_at": uow.now}
    return uow.session.execute(CLAIM, about).first() is not None


def position(uow: UnitOfWork, consumer: str, topic: str, key: str) -> int:
    """Return the version of the last event of this key that was handled; 0 before the first."""
    line = {"consumer": consumer, "topic": topic, "key": key}
    return int(uow.session.execute(POSITION, line).scalar() or 0)


def advance(uow: UnitOfWork, consumer: str, topic: str, key: str, version: int) -> None:
    """Record that all events of this key up to `version` were handled (or ignored as a type nobody here reads)."""
    reached = {"consumer": consumer, "topic": topic, "key": key, "version": version}
    uow.session.execute(ADVANCE, reached)


def step_over(uow: UnitOfWork, consumer: str, topic: str, key: str, version: int) -> None:
    """Let a key go on after a dead letter that was the next in its line, the very first one too.

    Any other version changes nothing: an old one would turn the line back, an early one would hide those between.
    """
    if version == position(uow, consumer, topic, key) + 1:
        advance(uow, consumer, topic, key, version)


def positions(uow: UnitOfWork, consumer: str, lines: Collection[Line]) -> dict[Line, int]:
    """Return the positions of many lines; one that never began is missing."""
    asked = {"topics": [topic for topic, _ in lines], "keys": [key for _, key in lines], "consumer": consumer}
    return {(row.topic, row.key): row.version for row in uow.session.execute(POSITIONS, asked)}


def claim_all(uow: UnitOfWork, consumer: str, event_ids: Sequence[UUID]) -> int:
    """Claim many events in one statement; return how many of them nobody had claimed."""
    about = {"consumer": consumer, "ids": list(event_ids), "now": uow.now}
    return uow.session.execute(CLAIM_ALL, about).rowcount


def advance_all(uow: UnitOfWork, consumer: str, reached: Mapping[Line, int]) -> None:
    """Record the new positions of many lines in one statement."""
    about = {"consumer": consumer, "versions": list(reached.values())}
    places = {"topics": [topic for topic, _ in reached], "keys": [key for _, key in reached]}
    uow.session.execute(ADVANCE_ALL, about | places)
