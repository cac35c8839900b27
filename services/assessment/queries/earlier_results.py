"""Earlier self-assessments that were imported, and the history of all results over the years."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from services.assessment.models import earlier_result, round_, signed_result
from shared.clock import local_day
from shared.database import UnitOfWork
from shared.problems import NotFound

COUNTS = earlier_result.c.confirmed_at.is_not(None)


def earlier_view(uow: UnitOfWork, earlier_id: UUID) -> dict[str, Any]:
    """One imported self-assessment. Raises NotFound."""
    statement = select(earlier_result).where(*_mine(uow), earlier_result.c.id == earlier_id)
    row = uow.session.execute(statement).first()
    if row is None:
        raise NotFound
    return {
        "id": row.id,
        "name": row.name,
        "question_set_id": row.question_set_id,
        "agreed_on": row.agreed_on,
        "confirmed": row.confirmed_at is not None,
        "imported_by": row.imported_by,
        "imported_at": row.imported_at,
        "sha256": row.sha256,
        "practices": json.loads(row.content)["practices"],
    }


def earlier_before(uow: UnitOfWork, row: Row[Any]) -> Row[Any] | None:
    """The newest imported self-assessment of the same kind that the board agreed before this round was signed."""
    statement = (
        select(earlier_result)
        .where(*_mine(uow), COUNTS, earlier_result.c.kind == row.kind)
        .order_by(earlier_result.c.agreed_on.desc())
    )
    if row.signed_off_at is not None:
        statement = statement.where(earlier_result.c.agreed_on <= local_day(row.signed_off_at))
    return uow.session.execute(statement.limit(1)).first()


def history(uow: UnitOfWork) -> dict[str, Any]:
    """Every result of the organisation over the years, signed here or imported, the newest first."""
    items = [*_signed(uow), *_imported(uow)]
    items.sort(key=lambda item: item["agreed_on"], reverse=True)
    return {"items": items, "next": None, "count": len(items)}


def _signed(uow: UnitOfWork) -> list[dict[str, Any]]:
    result, of = signed_result.c, round_.c
    newest = (
        select(result.tenant_id, result.round_id, func.max(result.revision).label("revision"))
        .where(result.tenant_id == uow.principal.tenant_id, result.org_id == uow.principal.org_id)
        .group_by(result.tenant_id, result.round_id)
        .subquery()
    )
    statement = (
        select(of.id, of.name, of.question_set_id, of.signed_off_at, result.revision, result.content)
        .join(round_, (of.tenant_id == result.tenant_id) & (of.id == result.round_id))
        .join(
            newest,
            (newest.c.tenant_id == result.tenant_id)
            & (newest.c.round_id == result.round_id)
            & (newest.c.revision == result.revision),
        )
    )
    return [
        {
            "id": row.id,
            "imported": False,
            "name": row.name,
            "question_set_id": row.question_set_id,
            "agreed_on": local_day(row.signed_off_at),
            "revision": row.revision,
            "practices": _levels(row.content),
        }
        for row in uow.session.execute(statement)
    ]


def _imported(uow: UnitOfWork) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "imported": True,
            "name": row.name,
            "question_set_id": row.question_set_id,
            "agreed_on": row.agreed_on,
            "revision": 1,
            "practices": _levels(row.content),
        }
        for row in uow.session.execute(select(earlier_result).where(*_mine(uow), COUNTS))
    ]


def _levels(content: str) -> list[dict[str, Any]]:
    practices = json.loads(content)["practices"]
    return [{name: practice[name] for name in ("practice_id", "title", "level")} for practice in practices]


def _mine(uow: UnitOfWork) -> tuple[Any, Any]:
    return (
        earlier_result.c.tenant_id == uow.principal.tenant_id,
        earlier_result.c.org_id == uow.principal.org_id,
    )
