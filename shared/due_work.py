"""Work that falls due: reminders, intents to mail, intents to provision. One table a service, drained by its scheduler.

An intent is written in the transaction of its cause and carried out later by a handler that is safe to repeat.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from shared.database import UnitOfWork
from shared.ids import new_id
from shared.mechanism import due_work


def add(
    uow: UnitOfWork,
    kind: str,
    object_id: str,
    due_at: datetime,
    data: dict[str, Any] | None = None,
    *,
    org_id: str | None = None,
) -> None:
    """Ask for `kind` of work on `object_id` at `due_at`; it moves with `org_id`, the principal's own by default.

    Asking again moves the time and adds to the data: what an earlier request wanted besides is still wanted. While a
    piece is carried out, asking again makes it due once more.
    """
    statement = insert(due_work).values(
        id=new_id(),
        tenant_id=uow.principal.tenant_id,
        org_id=org_id or uow.principal.org_id,
        kind=kind,
        object_id=object_id,
        due_at=due_at,
        data=data or {},
    )
    uow.session.execute(
        statement.on_conflict_do_update(
            index_elements=[due_work.c.tenant_id, due_work.c.kind, due_work.c.object_id],
            set_={
                "due_at": statement.excluded.due_at,
                "data": due_work.c.data.op("||")(statement.excluded.data),
                "attempts": 0,
                "failed_at": None,
                "last_error": None,
            },
        )
    )


def cancel(uow: UnitOfWork, kind: str, object_id: str) -> None:
    """Take back work that is no longer wanted; nothing happens when there is none."""
    work = due_work.c
    uow.session.execute(
        delete(due_work).where(
            work.tenant_id == uow.principal.tenant_id, work.kind == kind, work.object_id == object_id
        )
    )
