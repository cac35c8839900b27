"""The inbox: a consumer remembers which events it has handled, in the transaction of their effect."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from shared.database import UnitOfWork
from shared.mechanism import inbox, inbox_position


def claim(uow: UnitOfWork, consumer: str, event_id: UUID) -> bool:
    """Record that `consumer` handles `event_id` now; False when it already did.

    Never check first and insert last (two workers can both pass), and never catch the duplicate-key error (it aborts
    the transaction on PostgreSQL).
    """
    statement = insert(inbox).values(consumer=consumer, event_id=event_id, handled_at=uow.now)
    claimed = uow.session.execute(statement.on_conflict_do_nothing().returning(inbox.c.event_id)).first()
    return claimed is not None


def position(uow: UnitOfWork, consumer: str, topic: str, key: str) -> int:
    """Return the version of the last event of this key that was handled; 0 before the first."""
    at = inbox_position
    statement = select(at.c.version).where(at.c.consumer == consumer, at.c.topic == topic, at.c.key == key)
    return int(uow.session.execute(statement).scalar() or 0)


def advance(uow: UnitOfWork, consumer: str, topic: str, key: str, version: int) -> None:
    """Record that all events of this key up to `version` were handled (or ignored as a type nobody here reads)."""
    at = inbox_position
    statement = insert(at).values(consumer=consumer, topic=topic, key=key, version=version)
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=[at.c.consumer, at.c.topic, at.c.key], set_={"version": statement.excluded.version}
        )
    )


def step_over(uow: UnitOfWork, consumer: str, topic: str, key: str, version: int) -> None:
    """Let a key go on after a dead letter that was the next in its line, the very first one too.

    Any other version changes nothing: an old one would turn the line back, an early one would hide those between.
    """
    if version == position(uow, consumer, topic, key) + 1:
        advance(uow, consumer, topic, key, version)
