"""Years of self-assessments in the assessment service's tables: signed ones, one being answered, one in discussion."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from services.assessment import models
from services.assessment.domain.agreements import Agreement
from services.assessment.domain.results import RoundFacts, Signature, canonical, fingerprint, frozen_content
from shared.ids import new_id
from tests.bench.nation import NOW, QUESTION_SET, Nation, Trust, days_ago, put

DISCUSSING = 1
"""Which trust is in its board discussion: everybody of its board has answered and the ranges are stored."""
LONG_HISTORY = 2
"""Which trust has many self-assessments behind it."""


@dataclass(frozen=True, slots=True)
class Past:
    """One round to be written."""

    trust: Trust
    id: UUID
    state: str
    began: datetime

    @property
    def owner(self) -> dict[str, Any]:
        """The columns that each of its rows begins with."""
        return {"tenant_id": self.trust.tenant, "org_id": self.trust.code, "round_id": self.id}


def load_rounds(connection: Connection, nation: Nation) -> None:
    """Write every round of every trust with what hangs on it."""
    rounds = list(_rounds(nation))
    put(connection, models.round_, (_round_row(each) for each in rounds))
    put(connection, models.respondent, (row for each in rounds for row in _respondents(each)))
    signed = [each for each in rounds if each.state == "signed_off"]
    put(connection, models.agreement, (row for each in signed for row in _agreements(each, nation)))
    put(connection, models.practice_level, (row for each in signed for row in _practice_levels(each, nation)))
    put(connection, models.signed_result, (_signed(each, nation) for each in signed))
    current = [each for each in rounds if each.state in {"open", "closed"}]
    put(connection, models.answer_box, (each.owner for each in current))
    put(connection, models.answer, (row for each in current for row in _answers(each, nation)))
    discussed = [each for each in rounds if each.state == "closed"]
    put(connection, models.item_range, (row for each in discussed for row in _ranges(each, nation)))


def _rounds(nation: Nation) -> Iterator[Past]:
    for number, trust in enumerate(nation.trusts):
        past = nation.size.long_history if number == LONG_HISTORY else nation.size.years
        for year in range(past, 0, -1):
            began = days_ago(365 * year if past == nation.size.years else 20 * year + 60)
            yield Past(trust, new_id(), "signed_off", began)
        yield Past(trust, trust.open_round, "closed" if number == DISCUSSING else "open", days_ago(10))


def _round_row(past: Past) -> dict[str, Any]:
    over = past.state == "signed_off"
    ended = past.began + timedelta(days=30)
    return {
        "tenant_id": past.trust.tenant,
        "org_id": past.trust.code,
        "id": past.id,
        "question_set_id": QUESTION_SET,
        "kind": "trust",
        "name": f"Self-assessment of {past.began:%B %Y}",
        "state": past.state,
        "version": 1,
        "closes_on": ended.date() if over else (NOW + timedelta(days=20)).date(),
        "created_by": past.trust.lead.person_id,
        "created_at": past.began,
        "opened_at": past.began,
        "closed_at": ended if over or past.state == "closed" else None,
        "agreed_at": ended if over else None,
        "signed_off_at": ended if over else None,
    }


def _respondents(past: Past) -> Iterator[dict[str, Any]]:
    for number, person_id in enumerate(past.trust.people[2:]):
        yield past.owner | {
            "person_id": person_id,
            "executive": number % 2 == 0,
            "finished": past.state != "open",
            "removed": False,
            "invited_at": past.began,
        }


def level_of(*parts: object) -> int:
    """A level from 1 to 5 that is the same in every run."""
    return 1 + sum(str(parts).encode()) % 5


def _agreements(past: Past, nation: Nation) -> Iterator[dict[str, Any]]:
    for item_id in nation.questions.items:
        level = level_of(past.trust.code, past.began.year, item_id)
        yield past.owner | {
            "item_id": item_id,
            "level": level,
            "reason": "What the board said about it. " * 6,
            "aim_level": min(5, level + 1),
            "recorded_by": past.trust.lead.person_id,
            "recorded_at": past.began,
            "version": 1,
        }


def _practice_levels(past: Past, nation: Nation) -> Iterator[dict[str, Any]]:
    for practice_id in nation.questions.practices:
        level = level_of(past.trust.code, past.began.year, practice_id)
        yield past.owner | {
            "practice_id": practice_id,
            "level": level,
            "recorded_by": past.trust.lead.person_id,
            "recorded_at": past.began,
            "version": 1,
        }


def _signed(past: Past, nation: Nation) -> dict[str, Any]:
    signed_at = past.began + timedelta(days=30)
    chair = past.trust.chair.person_id
    agreed = {
        row["item_id"]: Agreement(level=row["level"], reason=row["reason"], evidence="", differed="", aim_level=None)
        for row in _agreements(past, nation)
    }
    overall = {row["practice_id"]: row["level"] for row in _practice_levels(past, nation)}
    board = len(past.trust.people) - 2
    facts = RoundFacts(str(past.id), past.trust.code, f"Self-assessment of {past.began:%B %Y}", board, board)
    signature = Signature(chair, "chair", signed_at, signed_at.date(), "")
    content = canonical(frozen_content(facts, nation.questions, agreed, overall, signature))
    return past.owner | {
        "revision": 1,
        "content": content,
        "sha256": fingerprint(content),
        "signed_by": chair,
        "signed_as": "chair",
        "signed_at": signed_at,
        "meeting_on": signed_at.date(),
    }


def _answers(past: Past, nation: Nation) -> Iterator[dict[str, Any]]:
    for person_id in past.trust.people[2:]:
        for item_id in nation.questions.items:
            yield past.owner | {
                "person_id": person_id,
                "item_id": item_id,
                "level": level_of(person_id, item_id),
                "why": "What this person thinks of it. " * 4,
                "version": 1,
                "saved_at": past.began,
            }


def _ranges(past: Past, nation: Nation) -> Iterator[dict[str, Any]]:
    for item_id in nation.questions.items:
        given = [level_of(person_id, item_id) for person_id in past.trust.people[2:]]
        yield past.owner | {
            "item_id": item_id,
            "seen_in": 1,
            "shown": True,
            "level_counts": [given.count(level) for level in range(1, 6)],
            "cannot_judge": 0,
        }
