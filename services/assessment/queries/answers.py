"""A person's own answers. No other query of this service touches the table of answers."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.assessment.domain.errors import NotInvited
from services.assessment.models import answer, respondent
from services.assessment.queries.rounds import get_round
from shared.database import UnitOfWork

SHOWN = (
    answer.c.item_id,
    answer.c.level,
    answer.c.cannot_judge,
    answer.c.why,
    answer.c.evidence,
    answer.c.offered,
    answer.c.version,
    answer.c.saved_at,
)


def my_answers(uow: UnitOfWork, round_id: UUID) -> dict[str, Any]:
    """What the person answered so far. Raises NotFound, and NotInvited for somebody who was not asked."""
    get_round(uow, round_id)
    me = respondent.c
    invited = uow.session.execute(
        select(me.finished).where(
            me.tenant_id == uow.principal.tenant_id,
            me.round_id == round_id,
            me.person_id == uow.principal.person_id,
            me.removed.is_(False),
        )
    ).first()
    if invited is None:
        raise NotInvited("You were not asked to answer this self-assessment")
    rows = uow.session.execute(select(*SHOWN).where(*_mine(uow, round_id)).order_by(answer.c.item_id)).mappings()
    items = [dict(row) for row in rows]
    return {"items": items, "count": len(items), "finished": invited.finished}


def my_answer(uow: UnitOfWork, round_id: UUID, item_id: str) -> dict[str, Any] | None:
    """The person's own answer to one item, or None."""
    found = uow.session.execute(select(*SHOWN).where(*_mine(uow, round_id), answer.c.item_id == item_id))
    row = found.mappings().first()
    return dict(row) if row is not None else None


def _mine(uow: UnitOfWork, round_id: UUID) -> tuple[Any, ...]:
    return (
        answer.c.tenant_id == uow.principal.tenant_id,
        answer.c.round_id == round_id,
        answer.c.person_id == uow.principal.person_id,
    )
