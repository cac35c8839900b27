"""A board member asks about an item of a signed result; whoever runs the self-assessment answers."""

from uuid import UUID

from sqlalchemy import insert, select, update

from services.assessment import events
from services.assessment.commands.steps import locked_round
from services.assessment.domain.errors import NotPossibleNow, NotSignedOff
from services.assessment.domain.rounds import State
from services.assessment.domain.texts import required_text
from services.assessment.models import item_question
from services.assessment.queries.question_sets import get_question_set
from shared import outbox
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.ids import new_id
from shared.problems import NotFound


def ask(uow: UnitOfWork, round_id: UUID, item_id: str, *, question: str) -> UUID:
    """Ask about one item. Raises NotFound, NotSignedOff, and NotValid for an empty question or a foreign item."""
    row = locked_round(uow, round_id, shared=True)
    if row.state != State.SIGNED_OFF:
        raise NotSignedOff("Questions are asked about a signed result. Before that, talk in the board's discussion")
    get_question_set(uow, row.question_set_id).require_item(item_id)
    question_id = new_id()
    statement = insert(item_question).values(
        tenant_id=row.tenant_id,
        org_id=row.org_id,
        id=question_id,
        round_id=round_id,
        item_id=item_id,
        question=required_text("question", question, "Write your question"),
        asked_by=uow.principal.person_id,
        asked_at=uow.now,
    )
    uow.session.execute(statement)
    outbox.add(uow, events.item_asked_about(row, item_id, question_id, local_day(uow.now)))
    return question_id


def answer(uow: UnitOfWork, round_id: UUID, question_id: UUID, *, text: str) -> None:
    """Answer a question once. Raises NotFound, NotPossibleNow when it is answered already, and NotValid."""
    row = locked_round(uow, round_id, shared=True)
    mine = (item_question.c.tenant_id == row.tenant_id, item_question.c.id == question_id)
    found = uow.session.execute(
        select(item_question).where(*mine, item_question.c.round_id == round_id).with_for_update()
    ).first()
    if found is None:
        raise NotFound
    if found.answer is not None:
        raise NotPossibleNow("This question has been answered")
    values = {
        "answer": required_text("text", text, "Write your answer"),
        "answered_by": uow.principal.person_id,
        "answered_at": uow.now,
    }
    uow.session.execute(update(item_question).where(*mine).values(**values))
    outbox.add(uow, events.item_question_answered(row, found, local_day(uow.now)))
