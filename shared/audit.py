"""The audit trail: who did what to which thing, written in the transaction of the deed.

Rows hold ids and words of ours, never values: a hash of a value with few possibilities can be guessed. Rows about a
private act (an answer saved) are visible to their author alone. A sealer (shared/audit_seal.py) chains rows per
tenant within a second: chaining inside the transaction costs two thirds of one tenant's writes.
"""

from collections.abc import Sequence
from typing import Any

from flask import g, has_request_context

from shared.database import UnitOfWork
from shared.driver import run_directly
from shared.ids import new_id
from shared.mechanism import audit_entry

DONE = "done"
ACTING_FOR = "acting-for"
"""Done by somebody who prepares and records for others, such as a secretary."""
COLUMNS = [column.name for column in audit_entry.columns if not column.identity]
EACH = {"id": "each.id", "object_id": "each.object_id"}
"""What differs between the rows of one deed on several things."""
ADD_ROW = (
    f"insert into audit_entry ({', '.join(COLUMNS)})"  # noqa: S608 - names from our own model
    f" values ({', '.join(f'%({name})s' for name in COLUMNS)})"
)
ADD_ROWS = (
    f"insert into audit_entry ({', '.join(COLUMNS)})"  # noqa: S608 - names from our own model
    f" select {', '.join(EACH.get(name, f'%({name})s') for name in COLUMNS)}"
    " from unnest(%(ids)s::uuid[], %(object_ids)s::text[]) with ordinality as each (id, object_id, place)"
    " order by each.place"
)


def record(
    uow: UnitOfWork,
    action: str,
    object_type: str | None = None,
    object_id: str | None = None,
    *,
    outcome: str = DONE,
    private: bool = False,
) -> None:
    """Add one audit row to this transaction, about the principal's organisation."""
    row = _deed(uow, action, object_type, outcome=outcome, private=private)
    run_directly(uow.session.connection(), ADD_ROW, row | {"id": new_id(), "object_id": object_id})


def record_each(
    uow: UnitOfWork,
    action: str,
    object_type: str,
    object_ids: Sequence[str],
    *,
    outcome: str = DONE,
    private: bool = False,
) -> None:
    """Add a row for each thing that one deed was about, in one statement."""
    row = _deed(uow, action, object_type, outcome=outcome, private=private)
    things = {"ids": [new_id() for _ in object_ids], "object_ids": list(object_ids)}
    run_directly(uow.session.connection(), ADD_ROWS, row | things)


def _deed(uow: UnitOfWork, action: str, object_type: str | None, *, outcome: str, private: bool) -> dict[str, Any]:
    principal = uow.principal
    return {
        "at": uow.now,
        "tenant_id": principal.tenant_id,
        "org_id": principal.org_id,
        "person_id": principal.person_id,
        "session_id": principal.session_id,
        "request_id": g.get("request_id") if has_request_context() else None,
        "action": action,
        "object_type": object_type,
        "outcome": outcome,
        "private": private,
    }
