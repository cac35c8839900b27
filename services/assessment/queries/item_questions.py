"""Questions about the items of a signed result, with their answers."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.assessment.models import item_question
from services.assessment.queries.rounds import get_round
from shared.database import UnitOfWork

SHOWN = (
    item_question.c.id,
    item_question.c.item_id,
    item_question.c.question,
    item_question.c.asked_by,
    item_question.c.asked_at,
    item_question.c.answer,
    item_question.c.answered_by,
    item_question.c.answered_at,
)


def questions_about(uow: UnitOfWork, round_id: UUID) -> dict[str, Any]:
    """What was asked about a result, the oldest first. Raises NotFound."""
    get_round(uow, round_id)
    column = item_question.c
    statement = (
        select(*SHOWN)
        .where(column.tenant_id == uow.principal.tenant_id, column.round_id == round_id)
        .order_by(column.asked_at, column.id)
    )
    items = [dict(row) for row in uow.session.execute(statement).mappings()]
    return {"items": items, "next": None, "count": len(items)}
