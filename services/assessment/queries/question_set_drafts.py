"""The national team's work on the next versions."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from services.assessment.domain.question_set_changes import changes_between
from services.assessment.domain.question_set_drafts import DraftState
from services.assessment.domain.question_sets import QuestionSet, parse
from services.assessment.models import question_set_draft
from services.assessment.queries.question_sets import get_question_set, newest_for
from shared.database import UnitOfWork
from shared.problems import NotFound

AT_WORK = (DraftState.DRAFT.value, DraftState.SENT.value)


def drafts_at_work(uow: UnitOfWork) -> dict[str, Any]:
    """Drafts and what waits for approval, newest first."""
    row = question_set_draft.c
    statement = select(question_set_draft).where(row.state.in_(AT_WORK)).order_by(row.created_at.desc(), row.id)
    items = [_shown(found) for found in uow.session.execute(statement)]
    return {"items": items, "next": None, "count": len(items)}


def draft_view(uow: UnitOfWork, draft_id: UUID) -> dict[str, Any]:
    """One draft with its content and what it changes. Raises NotFound."""
    row = draft_row(uow, draft_id)
    drafted = parse(row.content)
    older = _compared_with(uow, drafted)
    changes = changes_between(older.content if older else None, row.content, drafted.links)
    return {
        **_shown(row),
        "compared_with": older.id if older else None,
        "changes": changes,
        "content": row.content,
        "may_decide": row.state == DraftState.SENT and uow.principal.person_id not in row.worked_on_by,
    }


def draft_row(uow: UnitOfWork, draft_id: UUID) -> Row[Any]:
    """The row of a draft. Raises NotFound."""
    row = uow.session.execute(select(question_set_draft).where(question_set_draft.c.id == draft_id)).first()
    if row is None:
        raise NotFound
    return row


def _compared_with(uow: UnitOfWork, drafted: QuestionSet) -> QuestionSet | None:
    """The version it replaces, or the newest for its audience."""
    if drafted.replaces:
        return get_question_set(uow, drafted.replaces)
    newest = newest_for(uow, drafted.audience)
    return None if newest is None or newest.id == drafted.id else newest


def _shown(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "question_set_id": row.question_set_id,
        "state": row.state,
        "title": row.content["title"],
        "version": row.content["version"],
        "audience": row.content["audience"],
        "file_name": row.file_name,
        "created_by": row.created_by,
        "created_at": row.created_at,
        "sent_by": row.sent_by,
        "sent_at": row.sent_at,
        "note": row.note,
        "decided_by": row.decided_by,
        "decided_at": row.decided_at,
    }
