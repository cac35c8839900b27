"""The published question sets."""

from typing import Any

from sqlalchemy import select

from services.assessment.domain.question_sets import QuestionSet, parse
from services.assessment.models import question_set
from shared.database import UnitOfWork
from shared.problems import NotFound

_parsed: dict[str, QuestionSet] = {}
"""Question sets by id: public, the same for everybody, and never changed once published."""


def all_question_sets(uow: UnitOfWork) -> dict[str, Any]:
    """Every published set without its items, newest first."""
    row = question_set.c
    shown = (row.id, row.version, row.audience, row.title, row.illustrative, row.published_at, row.retired_on)
    found = uow.session.execute(select(*shown).order_by(row.published_at.desc(), row.id)).mappings()
    items = [dict(one) for one in found]
    return {"items": items, "next": None, "count": len(items)}


def question_set_content(uow: UnitOfWork, question_set_id: str) -> dict[str, Any]:
    """One set as it was published. Raises NotFound."""
    return dict(get_question_set(uow, question_set_id).content)


def get_question_set(uow: UnitOfWork, question_set_id: str) -> QuestionSet:
    """One set, for the rules. Raises NotFound."""
    known = _parsed.get(question_set_id)
    if known is None:
        statement = select(question_set.c.content).where(question_set.c.id == question_set_id)
        content = uow.session.execute(statement).scalar()
        if content is None:
            raise NotFound
        known = _parsed[question_set_id] = parse(content)
    return known
