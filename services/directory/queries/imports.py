"""Questions about imports of the register."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from services.directory.models import register_import
from shared.database import UnitOfWork
from shared.problems import NotFound

_SHOWN = (
    "id", "file_name", "sha256", "row_count", "report", "uploaded_by", "uploaded_at", "applied_by", "applied_at",
)  # fmt: skip


def import_row(uow: UnitOfWork, import_id: UUID) -> Row[Any]:
    """Return one import without the rows of its file; raises NotFound."""
    columns = [register_import.c[name] for name in _SHOWN]
    row = uow.session.execute(select(*columns).where(register_import.c.id == import_id)).first()
    if row is None:
        raise NotFound
    return row


def import_view(row: Row[Any]) -> dict[str, Any]:
    """Return an import with its report and whether it has been applied."""
    return {**row._mapping, "state": "applied" if row.applied_at else "tried"}
