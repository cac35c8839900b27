"""The signed result: frozen, and provable.

What the board signed is kept as canonical JSON (keys sorted, no blanks, UTF-8) with its SHA-256, so that anybody
holding the text can recompute the hash. Neither tenant nor hidden ranges are in it: an organisation that moves to
another ICB keeps the same result.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.assessment.domain.agreements import Agreement
from services.assessment.domain.question_sets import QuestionSet

FIRST_REVISION = 1
"""What the board signed; each correction is the next."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, in which role, when, the meeting that decided, and who recorded it for them (None: nobody)."""

    person_id: str
    role: str
    signed_at: datetime
    meeting_on: date
    minute: str
    recorded_by: str | None = None


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What identifies the round that the result belongs to."""

    round_id: str
    org_id: str
    name: str
    invited: int
    finished: int


def frozen_content(
    facts: RoundFacts,
    question_set: QuestionSet,
    agreements: Mapping[str, Agreement],
    practice_levels: Mapping[str, int],
    signature: Signature,
) -> dict[str, Any]:
    """Everything the board signs, as plain values in the order of the question set."""
    return {
        "round": {"id": facts.round_id, "org_id": facts.org_id, "name": facts.name},
        "question_set": {"id": question_set.id, "version": question_set.version, "audience": question_set.audience},
        "took_part": {"invited": facts.invited, "finished": facts.finished},
        "practices": [
            {
                "practice_id": practice_id,
                "title": title,
                "level": practice_levels[practice_id],
                "items": [
                    agreed_item(question_set, item_id, agreements[item_id])
                    for item_id in question_set.items
                    if question_set.practice_of[item_id] == practice_id
                ],
            }
            for practice_id, title in question_set.practices.items()
        ],
        "signed": signature_content(signature),
    }


def signature_content(signature: Signature) -> dict[str, Any]:
    """A signature as it stands in a frozen content."""
    return {
        "person_id": signature.person_id,
        "role": signature.role,
        "signed_at": signature.signed_at.isoformat(),
        "meeting_on": signature.meeting_on.isoformat(),
        "minute": signature.minute,
        "recorded_by": signature.recorded_by,
    }


def agreed_item(question_set: QuestionSet, item_id: str, agreement: Agreement) -> dict[str, Any]:
    """One agreed item as it stands in a frozen content."""
    return {
        "item_id": item_id,
        "title": question_set.items[item_id],
        "level": agreement.level,
        "level_name": question_set.level_names[agreement.level],
        "reason": agreement.reason,
        "evidence": agreement.evidence,
        "differed": agreement.differed,
        "aim_level": agreement.aim_level,
    }


def canonical(content: Mapping[str, Any]) -> str:
    """The one text that stands for ``content``: equal contents give equal texts."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def fingerprint(canonical_text: str) -> str:
    """SHA-256 of the text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(canonical_text.encode("utf-8")).hexdigest()


def levels_by_item(content: Mapping[str, Any]) -> dict[str, int]:
    """Agreed level by item id, out of a frozen content."""
    return {item["item_id"]: item["level"] for practice in content["practices"] for item in practice["items"]}


def levels_by_practice(content: Mapping[str, Any]) -> dict[str, int]:
    """Overall level by practice id, out of a frozen content."""
    return {practice["practice_id"]: practice["level"] for practice in content["practices"]}
