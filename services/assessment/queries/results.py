"""The signed result and what moved since the one before."""

import json
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.assessment.domain import results
from services.assessment.domain.errors import NotSignedOff
from services.assessment.domain.question_sets import QuestionSet
from services.assessment.queries.discussion import agreements, practice_levels
from services.assessment.queries.rounds import get_round, latest_result, result_before
from shared.database import UnitOfWork


def result_view(uow: UnitOfWork, round_id: UUID) -> dict[str, Any]:
    """The frozen result, its hash, and the movement in words. Raises NotFound and NotSignedOff."""
    row = get_round(uow, round_id)
    stored = latest_result(uow, round_id)
    if stored is None:
        raise NotSignedOff("This self-assessment has no signed result yet")
    content = json.loads(stored.content)
    before = result_before(uow, row)
    earlier = json.loads(before.content) if before is not None else None
    return {
        "round_id": row.id,
        "revision": stored.revision,
        "sha256": stored.sha256,
        "canonical": stored.content,
        "result": content,
        "movement": {
            "previous_round_id": before.round_id if before is not None else None,
            "previous_round_name": before.name if before is not None else None,
            "question_set_changed": before is not None and before.question_set_id != row.question_set_id,
            "items": results.movement(
                results.levels_by_item(content), results.levels_by_item(earlier) if earlier else {}
            ),
            "practices": results.movement(
                results.levels_by_practice(content), results.levels_by_practice(earlier) if earlier else {}
            ),
        },
    }


def levels_for_the_plan(uow: UnitOfWork, row: Row[Any], question_set: QuestionSet) -> dict[str, Any]:
    """Agreed levels and aims with the levels before, as action plans are drafted from them.

    Levels before are given only where they were agreed on the same question set.
    """
    before = result_before(uow, row)
    comparable = before if before is not None and before.question_set_id == row.question_set_id else None
    earlier = results.levels_by_item(json.loads(comparable.content)) if comparable is not None else {}
    agreed = agreements(uow, row.id)
    overall = practice_levels(uow, row.id)
    return {
        "items": [
            {
                "item_id": item_id,
                "practice_id": question_set.practice_of[item_id],
                "level": agreed[item_id]["level"],
                "aim_level": agreed[item_id]["aim_level"],
                "previous_level": earlier.get(item_id),
            }
            for item_id in question_set.items
        ],
        "practices": [
            {"practice_id": practice_id, "level": overall[practice_id].level} for practice_id in question_set.practices
        ],
        "previous_round_id": str(comparable.round_id) if comparable is not None else None,
    }
