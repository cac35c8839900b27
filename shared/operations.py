"""What an operator sees of a service and may do to it: books and ids, never content."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from shared import quarantine
from shared.database import UnitOfWork
from shared.mechanism import (
    audit_entry,
    dead_letter,
    due_work,
    inbox,
    inbox_position,
    parked_event,
    progress_report,
)
from shared.problems import Conflict, NotFound
from shared.request_and_reply import cursor_after, last_shown

LONGEST_LIST = 100
SHOWN = ("id", "consumer", "topic", "partition", "offset", "reason", "attempts", "first_seen", "last_seen")
"""What is said of a dead letter, beside the id and the type of its event."""


def books(uow: UnitOfWork) -> dict[str, Any]:
    """Return how much waits where. Needs the service scope."""
    letters = (
        select(dead_letter.c.consumer, dead_letter.c.reason, func.count().label("open"))
        .where(dead_letter.c.resolved_at.is_(None))
        .group_by(dead_letter.c.consumer, dead_letter.c.reason)
        .order_by(dead_letter.c.consumer, dead_letter.c.reason)
    )
    failed = select(func.count()).where(due_work.c.failed_at.is_not(None))
    overdue = select(func.count()).where(due_work.c.due_at <= uow.now, due_work.c.failed_at.is_(None))
    processes = select(progress_report).order_by(progress_report.c.process, progress_report.c.part)
    return {
        "due_work": uow.session.scalar(overdue),
        "due_work_failed": uow.session.scalar(failed),
        "parked": uow.session.scalar(select(func.count()).select_from(parked_event)),
        "dead_letters": [dict(row) for row in uow.session.execute(letters).mappings()],
        "positions": uow.session.scalar(select(func.count()).select_from(inbox_position)),
        "processes": [dict(row) for row in uow.session.execute(processes).mappings()],
    }


def open_letters(uow: UnitOfWork, *, cursor: str | None, limit: int) -> dict[str, Any]:
    """Return a page of the dead letters that nobody has resolved, oldest first, without what is in them.

    The cursor is the last id shown: ids grow with time, and a letter that comes back keeps its own. Raises Invalid for
    a cursor that is none.
    """
    statement = _open_ones().order_by(dead_letter.c.id).limit(limit)
    if cursor:
        statement = statement.where(dead_letter.c.id > last_shown(cursor))
    items = [_outside_of(letter) for letter in uow.session.execute(statement)]
    return {"items": items, "next": cursor_after(items, limit, "id"), "count": len(items)}


def open_letter(uow: UnitOfWork, letter_id: UUID) -> dict[str, Any]:
    """Return one dead letter that nobody has resolved, without what is in it; raises NotFound."""
    found = uow.session.execute(_open_ones().where(dead_letter.c.id == letter_id)).first()
    if found is None:
        raise NotFound
    return _outside_of(found)


def _open_ones() -> Select[Any]:
    row = dead_letter.c
    return select(*(row[name] for name in SHOWN), row.headers).where(row.resolved_at.is_(None))


def _outside_of(letter: Row[Any]) -> dict[str, Any]:
    return {name: getattr(letter, name) for name in SHOWN} | {
        "event_id": letter.headers.get("ce_id"),
        "event_type": letter.headers.get("ce_type"),
    }


def settle(uow: UnitOfWork, letter_id: UUID, how: str, *, by: str) -> dict[str, Any]:
    """Give a dead letter back to its consumer (`again`) or leave its event out (`leave-out`).

    Raises NotFound, and Conflict when somebody settled it first. Needs the service scope; the caller commits.
    """
    found = uow.session.execute(select(dead_letter).where(dead_letter.c.id == letter_id).with_for_update()).first()
    if found is None:
        raise NotFound
    if found.resolved_at is not None:
        raise Conflict("already-settled", "Somebody has settled this dead letter before.")
    settled = quarantine.give_back if how == "again" else quarantine.leave_out
    settled(uow, found, by=by)
    return _outside_of(found)


def traces_of(uow: UnitOfWork, wanted: str) -> list[dict[str, Any]]:
    """Return where an event is, or what was done under a request's reference; private acts are left out."""
    return [*_places_of_event(uow, wanted), *_acts_of_request(uow, wanted)]


def _places_of_event(uow: UnitOfWork, wanted: str) -> list[dict[str, Any]]:
    try:
        event_id = UUID(wanted)
    except ValueError:
        return []
    handled = select(inbox.c.consumer, inbox.c.handled_at).where(inbox.c.event_id == event_id)
    found = [{"what": "handled", "of": row.consumer, "at": row.handled_at} for row in uow.session.execute(handled)]
    for table, what, at in ((parked_event, "parked", "parked_at"), (dead_letter, "dead letter", "last_seen")):
        rows = uow.session.execute(select(table).where(table.c.headers["ce_id"].astext == str(event_id)))
        found += [{"what": _state_of(row, what), "of": row.consumer, "at": getattr(row, at)} for row in rows]
    return found


def _state_of(row: Row[Any], what: str) -> str:
    return f"{what}, settled" if getattr(row, "resolved_at", None) else what


def _acts_of_request(uow: UnitOfWork, wanted: str) -> list[dict[str, Any]]:
    row = audit_entry.c
    acts = select(row.action, row.outcome, row.at).where(row.request_id == wanted, row.private.is_(False))
    return [
        {"what": act.action, "of": act.outcome, "at": act.at}
        for act in uow.session.execute(acts.order_by(row.seq).limit(LONGEST_LIST))
    ]
