"""What leaves the organisation when its chair says so, and nothing else.

The preview and the frozen copy for the ICB come from the same function, so what was shown beforehand is what the
other side sees.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from services.assessment.domain.errors import NoAudience
from services.assessment.domain.question_sets import QuestionSet


class Shared(StrEnum):
    """The things that can be shared, each by itself."""

    SUMMARY = "practice_summary"
    COUNTED = "counted"
    PROGRESS = "progress"


def practice_summary(result: Mapping[str, Any], question_set: QuestionSet) -> dict[str, Any]:
    """The five-practice summary of a frozen result: one level a practice, no items, no reasons, no names."""
    return {
        "round_name": result["round"]["name"],
        "question_set_id": result["question_set"]["id"],
        "signed_off_at": result["signed"]["signed_at"],
        "practices": [
            {
                "practice_id": practice["practice_id"],
                "title": practice["title"],
                "level": practice["level"],
                "level_name": question_set.level_names[practice["level"]],
            }
            for practice in result["practices"]
        ],
    }


def require_audience(*, org_id: str, tenant_id: str) -> None:
    """:raises NoAudience: the organisation is the ICB itself."""
    if org_id == tenant_id:
        raise NoAudience("Your organisation has no ICB above it to share this with")
