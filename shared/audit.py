"""The audit trail: who did what to which thing, written in the transaction of the deed.

Rows hold ids and words of ours, never values: a hash of a value with few possibilities can be guessed. Rows about a
private act (an answer saved) are visible to their author alone. A sealer (shared/audit_seal.py) chains rows per
tenant within a second: chaining inside the transaction costs two thirds of one tenant's writes.
"""

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
ADD_ROW = (
    f"insert into audit_entry ({', '.join(COLUMNS)})"  # noqa: S608 - names from our own model
    f" values ({', '.join(f'%({name})s' for name in COLUMNS)})"
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
    principal = uow.principal
    row: dict[str, Any] = {
        "id": new_id(),
        "at": uow.now,
        "tenant_id": principal.tenant_id,
        "org_id": principal.org_id,
        "person_id": principal.person_id,
        "session_id": principal.session_id,
        "request_id": g.get("request_id") if has_request_context() else None,
        "action": action,
        "object_type": object_type,
        "object_id": object_id,
        "outcome": outcome,
        "private": private,
    }
    run_directly(uow.session.connection(), ADD_ROW, row)
