"""Evidence as the board reads it, and what of the self-assessment before is still to be confirmed."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select

from services.assessment.domain.evidence import FileState, StillTrue
from services.assessment.domain.rounds import State
from services.assessment.models import evidence, stored_file
from services.assessment.queries.question_sets import get_question_set
from services.assessment.queries.rounds import get_round, result_before
from shared.database import UnitOfWork
from shared.problems import NotFound

FILE = ("name", "media_type", "size", "state", "refused_because")
CHANGEABLE = frozenset({State.DRAFT, State.OPEN, State.CLOSED})
"""While evidence can be added and taken away."""


def evidence_view(uow: UnitOfWork, round_id: UUID, *, keeps: bool) -> dict[str, Any]:
    """All evidence of a round. Raises NotFound.

    `keeps` is for those who add it: they see files that are still checked or were refused, and which pieces of the
    self-assessment before are still to be confirmed. Everybody else sees what can be opened.
    """
    row = get_round(uow, round_id)
    found = pieces_of(uow, round_id)
    changeable = State(row.state) in CHANGEABLE
    asked = still_to_confirm(uow, row, found) if keeps and changeable else []
    items = [piece_view(piece) for piece in found if not was_dropped(piece) and (keeps or _can_be_opened(piece))]
    return {
        "round_id": row.id,
        "changeable": changeable,
        "items": items,
        "still_true": [piece_view(piece) for piece in asked],
        "next": None,
        "count": len(items),
    }


def pieces_of(uow: UnitOfWork, round_id: UUID) -> list[Row[Any]]:
    """Rows of evidence with their file, oldest first; pieces that were dropped are among them."""
    return list(uow.session.execute(_pieces(uow).where(evidence.c.round_id == round_id)))


def piece(uow: UnitOfWork, round_id: UUID, evidence_id: UUID) -> Row[Any]:
    """One piece with its file. Raises NotFound."""
    uow.about("evidence", evidence_id)
    this = (evidence.c.round_id == round_id, evidence.c.id == evidence_id)
    row = uow.session.execute(_pieces(uow).where(*this)).first()
    if row is None or was_dropped(row):
        raise NotFound
    return row


def still_to_confirm(uow: UnitOfWork, row: Row[Any], found: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Pieces of the last signed self-assessment that nobody kept, replaced or dropped in this one yet."""
    before = result_before(uow, row)
    if before is None:
        return []
    answered = {piece.earlier_id for piece in found}
    items = get_question_set(uow, row.question_set_id).items
    return [
        piece
        for piece in pieces_of(uow, before.round_id)
        if not was_dropped(piece) and piece.item_id in items and piece.id not in answered and _can_be_opened(piece)
    ]


def pieces_on(uow: UnitOfWork, round_id: UUID, item_id: str) -> int:
    """How many pieces an item has."""
    this = evidence.c
    statement = select(func.count()).where(
        this.tenant_id == uow.principal.tenant_id,
        this.round_id == round_id,
        this.item_id == item_id,
        this.answer.is_distinct_from(StillTrue.DROP),
    )
    return int(uow.session.execute(statement).scalar_one())


def piece_view(row: Row[Any]) -> dict[str, Any]:
    """One piece as it is shown; the key of its file never leaves the service."""
    columns = row._mapping
    return {
        **{name: columns[name] for name in ("id", "item_id", "title", "link", "added_by", "added_at")},
        "kept": row.answer == StillTrue.KEEP,
        "file": {name: columns[name] for name in FILE} if row.file_id is not None else None,
    }


def _pieces(uow: UnitOfWork) -> Select[Any]:
    file = stored_file.c
    joined = (evidence.c.tenant_id == file.tenant_id) & (evidence.c.file_id == file.id)
    return (
        select(evidence, *(file[name] for name in FILE), file.key)
        .outerjoin(stored_file, joined)
        .where(evidence.c.tenant_id == uow.principal.tenant_id, evidence.c.org_id == uow.principal.org_id)
        .order_by(evidence.c.id)
    )


def was_dropped(row: Row[Any]) -> bool:
    """Tell whether a row only says that an earlier piece is no longer true."""
    return bool(row.answer == StillTrue.DROP)


def _can_be_opened(row: Row[Any]) -> bool:
    return row.file_id is None or row.state == FileState.READY
