"""The signed result, its corrections, and what moved since the one before."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, exists, select

from services.assessment.domain import movement
from services.assessment.domain.corrections import what_changed
from services.assessment.domain.errors import NotSignedOff
from services.assessment.domain.movement import Link, Links
from services.assessment.domain.question_sets import QuestionSet
from services.assessment.domain.results import levels_by_item
from services.assessment.models import signed_result
from services.assessment.queries.discussion import agreements, practice_levels
from services.assessment.queries.earlier_results import earlier_before
from services.assessment.queries.question_sets import mapping_between
from services.assessment.queries.rounds import get_round, result_before
from shared.catalogue import topic_of
from shared.clock import local_day
from shared.contracts import event_types
from shared.database import UnitOfWork
from shared.mechanism import event_counter
from shared.problems import NotFound


def result_view(uow: UnitOfWork, round_id: UUID, revision: int | None = None) -> dict[str, Any]:
    """A frozen result, its hash and the movement in words: the newest version, or the one that `revision` names.

    Raises NotFound and NotSignedOff.
    """
    row = get_round(uow, round_id)
    versions = signed_versions(uow, round_id)
    if not versions:
        raise NotSignedOff("This self-assessment has no signed result yet")
    stored = versions[-1] if revision is None else next((one for one in versions if one.revision == revision), None)
    if stored is None:
        raise NotFound
    content = json.loads(stored.content)
    return {
        "round_id": row.id,
        "revision": stored.revision,
        "sha256": stored.sha256,
        "canonical": stored.content,
        "result": content,
        "versions": _versions(versions),
        "movement": _movement(uow, row, content),
    }


def levels_were_told(uow: UnitOfWork, round_id: UUID) -> bool:
    """Whether levels of a round ever left for the plan: they may have been taken back since, and agreed_at with them.

    The line of the round's results has a number from its first event on.
    """
    line = event_counter.c
    mine = (line.tenant_id == uow.principal.tenant_id, line.org_id == uow.principal.org_id)
    topic = topic_of(event_types.RESULT_AGREED).name
    told = exists().where(*mine, line.topic == topic, line.key == str(round_id))
    return bool(uow.session.execute(select(told)).scalar_one())


def signed_versions(uow: UnitOfWork, round_id: UUID) -> Sequence[Row[Any]]:
    """Every version that was signed, the first one first."""
    result = signed_result.c
    statement = (
        select(signed_result)
        .where(result.tenant_id == uow.principal.tenant_id, result.round_id == round_id)
        .order_by(result.revision)
    )
    return uow.session.execute(statement).all()


def _versions(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    contents = [json.loads(row.content) for row in rows]
    return [
        {
            "revision": row.revision,
            "signed_at": row.signed_at,
            "signed_by": row.signed_by,
            "signed_as": row.signed_as,
            "meeting_on": row.meeting_on,
            "sha256": row.sha256,
            "reason": content.get("correction", {}).get("reason"),
            "changes": what_changed(contents[place - 1], content) if place else [],
        }
        for place, (row, content) in enumerate(zip(rows, contents, strict=True))
    ]


def _movement(uow: UnitOfWork, row: Row[Any], content: dict[str, Any]) -> dict[str, Any]:
    before = before_or_imported(uow, row)
    earlier = json.loads(before.content) if before is not None else None
    links = None if before is None else links_between(uow, row.question_set_id, before.question_set_id)
    return {
        "previous_round_id": getattr(before, "round_id", None),
        "previous_round_name": before.name if before is not None else None,
        "previous_imported": before is not None and not hasattr(before, "round_id"),
        "question_set_changed": before is not None and before.question_set_id != row.question_set_id,
        "items": movement.item_movement(content, earlier, links),
        "practices": movement.practice_movement(content, earlier, links),
    }


def before_or_imported(uow: UnitOfWork, row: Row[Any]) -> Row[Any] | None:
    """The last result before this one: signed here, or done elsewhere and imported, whichever is later."""
    signed, imported = result_before(uow, row), earlier_before(uow, row)
    if signed is None or imported is None:
        return imported if signed is None else signed
    return imported if imported.agreed_on > local_day(signed.signed_off_at) else signed


def links_between(uow: UnitOfWork, newer: str, older: str) -> Links | None:
    """Which items of two question sets may be compared; None for one and the same set, where all may."""
    if newer == older:
        return None
    found = mapping_between(uow, newer, older)
    return {
        item_id: Link(link["from"], comparable=link["comparable"], reason=link["reason"])
        for item_id, link in found.items()
    }


def levels_for_the_plan(uow: UnitOfWork, row: Row[Any], question_set: QuestionSet) -> dict[str, Any]:
    """Agreed levels and aims with the levels before, as action plans are drafted from them.

    Levels before are given only where they were agreed on the same question set.
    """
    agreed = agreements(uow, row.id)
    overall = practice_levels(uow, row.id)
    items = [
        {
            "item_id": item_id,
            "practice_id": question_set.practice_of[item_id],
            "level": agreed[item_id]["level"],
            "aim_level": agreed[item_id]["aim_level"],
        }
        for item_id in question_set.items
    ]
    practices = [
        {"practice_id": practice_id, "level": overall[practice_id].level} for practice_id in question_set.practices
    ]
    return _with_levels_before(uow, row, items, practices)


def levels_of_content(uow: UnitOfWork, row: Row[Any], content: dict[str, Any]) -> dict[str, Any]:
    """The same of a frozen result, as a correction tells it."""
    items = [
        {
            "item_id": item["item_id"],
            "practice_id": practice["practice_id"],
            "level": item["level"],
            "aim_level": item["aim_level"],
        }
        for practice in content["practices"]
        for item in practice["items"]
    ]
    practices = [{"practice_id": each["practice_id"], "level": each["level"]} for each in content["practices"]]
    return _with_levels_before(uow, row, items, practices)


def _with_levels_before(
    uow: UnitOfWork, row: Row[Any], items: list[dict[str, Any]], practices: list[dict[str, Any]]
) -> dict[str, Any]:
    before = result_before(uow, row)
    comparable = before if before is not None and before.question_set_id == row.question_set_id else None
    earlier = levels_by_item(json.loads(comparable.content)) if comparable is not None else {}
    return {
        "items": [item | {"previous_level": earlier.get(item["item_id"])} for item in items],
        "practices": practices,
        "previous_round_id": str(comparable.round_id) if comparable is not None else None,
    }
