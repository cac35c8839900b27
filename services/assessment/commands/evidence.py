"""Add evidence to an item, take it away, and say whether what was shown last time is still true.

A file arrives in two transactions with the store between them, so that no transaction waits for the store: the first
writes down that a file under this key will come, the second makes it part of the evidence. What never gets that far is
swept by the scheduler (services/assessment/file_work.py); so there is no object without a row, and no visible row
without its object.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update

from services.assessment.commands.steps import check_step, locked_round
from services.assessment.domain.errors import NotValid
from services.assessment.domain.evidence import (
    ARRIVES_WITHIN,
    MOST_PER_ITEM,
    SWEPT_AFTER,
    AnsweredBefore,
    FileState,
    NotReady,
    StillTrue,
    checked_link,
    checked_title,
    safe_file_name,
)
from services.assessment.domain.rounds import Step
from services.assessment.models import evidence, stored_file
from services.assessment.queries.evidence import piece, pieces_of, pieces_on, still_to_confirm
from services.assessment.queries.question_sets import get_question_set
from shared import due_work
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import Conflict, NotFound
from shared.storage import FileStore

SCAN_WORK = "scan-file"
SWEEP_WORK = "sweep-file"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was looked at and is about to be stored."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where evidence belongs: the item, what it shows, and the earlier piece that it replaces."""

    round_id: UUID
    item_id: str
    title: str | None
    replaces: UUID | None = None


def expect_file(uow: UnitOfWork, place: Place, upload: Upload) -> tuple[UUID, str]:
    """Write down that a file will come; return its id and the key to store it under.

    Raises NotFound, NotPossibleNow and NotValid, so that nothing is stored in vain.
    """
    _check_place(uow, place)
    file_id, key = new_id(), FileStore.new_key(uow.principal.tenant_id)
    values = {
        "tenant_id": uow.principal.tenant_id,
        "org_id": uow.principal.org_id,
        "id": file_id,
        "key": key,
        "name": safe_file_name(upload.name),
        "media_type": upload.media_type,
        "size": upload.size,
        "sha256": upload.sha256,
        "state": FileState.ARRIVING,
        "uploaded_by": uow.principal.person_id,
        "uploaded_at": uow.now,
    }
    uow.session.execute(insert(stored_file).values(values))
    due_work.add(uow, SWEEP_WORK, str(file_id), uow.now + SWEPT_AFTER)
    return file_id, key


def add_file(uow: UnitOfWork, place: Place, file_id: UUID) -> UUID:
    """The file is stored: make it evidence, in quarantine until it was checked.

    Raises what `expect_file` raises, and Conflict when the file took so long that it is being swept.
    """
    _check_place(uow, place)
    file = stored_file.c
    statement = (
        update(stored_file)
        .where(
            file.tenant_id == uow.principal.tenant_id,
            file.id == file_id,
            file.state == FileState.ARRIVING,
            file.uploaded_at > uow.now - ARRIVES_WITHIN,
        )
        .values(state=FileState.CHECKING)
    )
    if uow.session.execute(statement.returning(file.id)).first() is None:
        raise Conflict("file-too-slow", "The file took too long to arrive. Add it again.")
    due_work.cancel(uow, SWEEP_WORK, str(file_id))
    due_work.add(uow, SCAN_WORK, str(file_id), uow.now)
    return _insert(uow, place, file_id=file_id)


def add_link(uow: UnitOfWork, place: Place, link: str | None) -> UUID:
    """Add the address of a page. Raises NotFound, NotPossibleNow and NotValid."""
    address = checked_link(link)
    _check_place(uow, place)
    return _insert(uow, place, link=address)


def remove(uow: UnitOfWork, round_id: UUID, evidence_id: UUID) -> None:
    """Take a piece away; its file goes too unless another self-assessment shows it. Raises NotFound, NotPossibleNow."""
    check_step(locked_round(uow, round_id), Step.ADD_EVIDENCE)
    found = piece(uow, round_id, evidence_id)
    this = (evidence.c.tenant_id == uow.principal.tenant_id, evidence.c.id == evidence_id)
    if found.earlier_id is None:
        uow.session.execute(delete(evidence).where(*this))
    else:
        back = _earlier(uow, found.earlier_id)
        dropped = {"answer": StillTrue.DROP, "file_id": back.file_id, "link": back.link, "title": back.title}
        uow.session.execute(update(evidence).where(*this).values(dropped))
    if found.file_id is not None and not _is_shown(uow, found.file_id):
        due_work.add(uow, SWEEP_WORK, str(found.file_id), uow.now)


def answer_still_true(uow: UnitOfWork, round_id: UUID, earlier_id: UUID, answer: StillTrue) -> None:
    """Keep an earlier piece for this self-assessment, or drop it.

    Raises NotFound for a piece that is not asked about, NotPossibleNow, and AnsweredBefore.
    """
    row = locked_round(uow, round_id)
    check_step(row, Step.ADD_EVIDENCE)
    found = _asked_about(uow, row, earlier_id)
    place = Place(round_id, found.item_id, found.title, replaces=earlier_id)
    if answer is StillTrue.KEEP:
        _check_room(uow, place)
    _insert(uow, place, answer=answer, file_id=found.file_id, link=found.link)


def openable_file(uow: UnitOfWork, round_id: UUID, evidence_id: UUID) -> Row[Any]:
    """The file of a piece, for a link to it. Raises NotFound, and NotReady unless it was found clean."""
    found = piece(uow, round_id, evidence_id)
    if found.file_id is None:
        raise NotFound
    if found.state != FileState.READY:
        raise NotReady("This file can be opened once it was checked and found clean")
    return found


def _check_place(uow: UnitOfWork, place: Place) -> None:
    checked_title(place.title)
    row = locked_round(uow, place.round_id)
    check_step(row, Step.ADD_EVIDENCE)
    get_question_set(uow, row.question_set_id).require_item(place.item_id)
    _check_room(uow, place)
    if place.replaces is not None and _asked_about(uow, row, place.replaces).item_id != place.item_id:
        raise NotFound


def _check_room(uow: UnitOfWork, place: Place) -> None:
    if pieces_on(uow, place.round_id, place.item_id) >= MOST_PER_ITEM:
        raise NotValid("item_id", f"An item can have {MOST_PER_ITEM} pieces of evidence. Remove one first")


def _asked_about(uow: UnitOfWork, row: Row[Any], earlier_id: UUID) -> Row[Any]:
    """The earlier piece that is still to be confirmed."""
    found = pieces_of(uow, row.id)
    if earlier_id in {one.earlier_id for one in found}:
        raise AnsweredBefore("Somebody answered this already")
    asked = next((one for one in still_to_confirm(uow, row, found) if one.id == earlier_id), None)
    if asked is None:
        raise NotFound
    return asked


def _insert(
    uow: UnitOfWork,
    place: Place,
    *,
    answer: StillTrue = StillTrue.REPLACE,
    file_id: UUID | None = None,
    link: str | None = None,
) -> UUID:
    evidence_id = new_id()
    uow.about("evidence", evidence_id)
    values = {
        "tenant_id": uow.principal.tenant_id,
        "org_id": uow.principal.org_id,
        "id": evidence_id,
        "round_id": place.round_id,
        "item_id": place.item_id,
        "title": checked_title(place.title),
        "link": link,
        "file_id": file_id,
        "earlier_id": place.replaces,
        "answer": answer if place.replaces is not None else None,
        "added_by": uow.principal.person_id,
        "added_at": uow.now,
    }
    uow.session.execute(insert(evidence).values(values))
    return evidence_id


def _earlier(uow: UnitOfWork, earlier_id: UUID) -> Row[Any, Any, Any]:
    this = evidence.c
    statement = select(this.title, this.link, this.file_id)
    return uow.session.execute(statement.where(this.tenant_id == uow.principal.tenant_id, this.id == earlier_id)).one()


def _is_shown(uow: UnitOfWork, file_id: UUID) -> bool:
    this = evidence.c
    statement = select(func.count()).where(this.tenant_id == uow.principal.tenant_id, this.file_id == file_id)
    return bool(uow.session.execute(statement).scalar_one())
