"""What the scheduler does with files: scan what is in quarantine, sweep what nobody shows.

Both are work outside the database: no transaction waits for the store or the scanner, and both are safe to repeat.
"""

import hashlib
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update

from services.assessment.commands.evidence import SWEEP_WORK
from services.assessment.domain.evidence import FileState
from services.assessment.models import evidence, stored_file
from shared import audit, due_work
from shared.database import UnitOfWork
from shared.scanning import Scanner
from shared.scheduler import Work
from shared.storage import FileMissing, FileStore

PIECE = 256 * 1024
DAMAGED = "damaged"
UNSAFE = "unsafe"
"""Why a file was refused, as a word of ours; what exactly a scanner found is the operator's to know, not a row's."""


@dataclass(frozen=True, slots=True)
class ScanFile:
    """Outside work: look at one file in quarantine."""

    files: FileStore
    scanner: Scanner

    def prepare(self, uow: UnitOfWork, work: Work) -> Row[Any] | None:
        """Read which object it is; None when it was taken away or looked at meanwhile."""
        row = _file(uow, work)
        return row if row is not None and row.state == FileState.CHECKING else None

    def act(self, prepared: Row[Any]) -> str | None:
        """Fetch and scan; return why it is refused. Raises FilesAway and ScannerAway for another try."""
        try:
            with self.files.fetched(prepared.key) as file:
                if _sha256(file) != prepared.sha256:
                    return DAMAGED
                return UNSAFE if self.scanner.scan(file) else None
        except FileMissing:
            return DAMAGED

    def record(self, uow: UnitOfWork, work: Work, prepared: Row[Any], result: str | None) -> None:
        """Open the quarantine, or refuse the file and have its content removed."""
        state = FileState.REFUSED if result else FileState.READY
        statement = (
            update(stored_file)
            .where(*_this(uow, prepared.id), stored_file.c.state == FileState.CHECKING)
            .values(state=state, refused_because=result, checked_at=uow.now)
        )
        uow.session.execute(statement)
        audit.record(uow, f"file.{state}", "file", work.object_id)
        if result:
            due_work.add(uow, SWEEP_WORK, work.object_id, uow.now)


@dataclass(frozen=True, slots=True)
class SweepFile:
    """Outside work: remove an object that never became evidence, was refused, or is shown nowhere any more."""

    files: FileStore

    def prepare(self, uow: UnitOfWork, work: Work) -> Row[Any] | None:
        """Read which object it is; None when it is in use."""
        row = _file(uow, work)
        if row is None:
            return None
        unwanted = row.state in {FileState.ARRIVING, FileState.REFUSED} or not _is_shown(uow, row.id)
        return row if unwanted else None

    def act(self, prepared: Row[Any]) -> None:
        """Remove the object; raises FilesAway for another try."""
        self.files.delete(prepared.key)

    def record(self, uow: UnitOfWork, work: Work, prepared: Row[Any], result: None) -> None:
        """Forget the file; a refused one that is still listed keeps its row, which says why."""
        if not _is_shown(uow, prepared.id):
            uow.session.execute(delete(stored_file).where(*_this(uow, prepared.id)))
        audit.record(uow, "file.removed", "file", work.object_id)


def _file(uow: UnitOfWork, work: Work) -> Row[Any] | None:
    return uow.session.execute(select(stored_file).where(*_this(uow, UUID(work.object_id)))).first()


def _this(uow: UnitOfWork, file_id: UUID) -> tuple[Any, ...]:
    return (stored_file.c.tenant_id == uow.principal.tenant_id, stored_file.c.id == file_id)


def _is_shown(uow: UnitOfWork, file_id: UUID) -> bool:
    this = evidence.c
    statement = select(this.id).where(this.tenant_id == uow.principal.tenant_id, this.file_id == file_id)
    return uow.session.execute(statement.limit(1)).first() is not None


def _sha256(file: IO[bytes]) -> str:
    found = hashlib.sha256()
    while piece := file.read(PIECE):
        found.update(piece)
    return found.hexdigest()
