"""The published question sets."""

from typing import Any

from sqlalchemy import exists, select

from services.assessment.domain.question_set_versions import links_to
from services.assessment.domain.question_sets import QuestionSet, parse
from services.assessment.models import question_set
from shared.database import UnitOfWork
from shared.problems import NotFound

_parsed: dict[str, QuestionSet] = {}
"""Question sets by id: public, the same for everybody, and never changed once published."""


ROW = question_set.c
SUMMARY = (
    ROW.id,
    ROW.version,
    ROW.audience,
    ROW.title,
    ROW.illustrative,
    ROW.published_at,
    ROW.retired_on,
    ROW.replaced_by,
    *(ROW.content[name].astext.label(name) for name in ("effective_from", "effective_to", "replaces")),
)


def all_question_sets(uow: UnitOfWork) -> dict[str, Any]:
    """Every published set without its items, newest first."""
    found = uow.session.execute(select(*SUMMARY).order_by(ROW.published_at.desc(), ROW.id)).mappings()
    items = [dict(one) for one in found]
    return {"items": items, "next": None, "count": len(items)}


def question_set_summary(uow: UnitOfWork, question_set_id: str) -> dict[str, Any]:
    """One published set without its items. Raises NotFound."""
    found = uow.session.execute(select(*SUMMARY).where(ROW.id == question_set_id)).mappings().first()
    if found is None:
        raise NotFound
    return dict(found)


def is_published(uow: UnitOfWork, question_set_id: str) -> bool:
    """Tell whether a set of this id is published, in use or retired."""
    return question_set_id in _parsed or bool(
        uow.session.execute(select(exists().where(question_set.c.id == question_set_id))).scalar()
    )


def newest_for(uow: UnitOfWork, audience: str) -> QuestionSet | None:
    """The set published last for an audience."""
    row = question_set.c
    statement = select(row.id).where(row.audience == audience).order_by(row.published_at.desc(), row.id).limit(1)
    found = uow.session.execute(statement).scalar()
    return get_question_set(uow, found) if found else None


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


def mapping_between(uow: UnitOfWork, newer_id: str, older_id: str) -> dict[str, dict[str, Any]]:
    """For each item of the newer set: the item it was in the older one, and whether the two may be compared.

    Both sets are kept in memory once read, so that asking costs no statement. Raises NotFound.
    """
    newer, older = get_question_set(uow, newer_id), get_question_set(uow, older_id)
    found = links_to(newer, older, lambda set_id: get_question_set(uow, set_id))
    return {
        item_id: {"from": link.from_item, "comparable": link.comparable, "reason": link.reason}
        for item_id, link in found.items()
    }
