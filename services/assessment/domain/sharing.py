"""What leaves the organisation when its chair says so, and nothing else.

The preview and the frozen copy for the ICB come from the same function, so what was shown beforehand is what the
other side sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from services.assessment.domain.errors import NoAudience, NotValid
from services.assessment.domain.question_sets import QuestionSet


class Shared(StrEnum):
    """The things that can be shared, each by itself."""

    SUMMARY = "practice_summary"
    COUNTED = "counted"
    PROGRESS = "progress"


class HowMuch(StrEnum):
    """How much of a summary is shown; each shows what the one before shows, and more."""

    PRACTICES = "practice_summary"
    ITEMS = "items"
    REASONS = "items_and_reasons"


HAVE_AN_ICB = frozenset({"trust", "place"})
"""Kinds of self-assessment whose organisation has an ICB above it."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How much the ICB sees, and the last day on which it does (None: until it is stopped)."""

    how_much: HowMuch = HowMuch.PRACTICES
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """When the board's result was first signed, and the day of its newest correction (None: it was never corrected)."""

    first_at: datetime
    corrected_on: date | None = None


def check_terms(terms: Terms, *, today: date) -> None:
    """What is shared is shared for today at least.

    :raises NotValid: the last day has passed.
    """
    if terms.valid_until is not None and terms.valid_until < today:
        raise NotValid("valid_until", "The last day must be today or later")


def practice_summary(
    result: Mapping[str, Any], question_set: QuestionSet, signed: Signed, how_much: HowMuch = HowMuch.PRACTICES
) -> dict[str, Any]:
    """The summary of a frozen result: one level a practice, and as far as the board shows them levels and reasons
    of items; never evidence, views that differed, aims or names.

    A correction keeps the moment at which the board signed: rounds follow each other by it, and the signature in a
    corrected result is that of the correction.
    """
    return {
        "round_name": result["round"]["name"],
        "question_set_id": result["question_set"]["id"],
        "signed_off_at": signed.first_at.isoformat(),
        "corrected_on": signed.corrected_on and signed.corrected_on.isoformat(),
        "practices": [
            {
                "practice_id": practice["practice_id"],
                "title": practice["title"],
                "level": practice["level"],
                "level_name": question_set.level_names[practice["level"]],
                **_items_shown(practice, how_much),
            }
            for practice in result["practices"]
        ],
    }


def _items_shown(practice: Mapping[str, Any], how_much: HowMuch) -> dict[str, Any]:
    if how_much is HowMuch.PRACTICES:
        return {}
    shown = ["item_id", "title", "level", "level_name", *(["reason"] if how_much is HowMuch.REASONS else [])]
    return {"items": [{name: item[name] for name in shown} for item in practice["items"]]}


def require_counted(kind: str) -> None:
    """:raises NoAudience: the national figures are about trusts."""
    if kind != "trust":
        raise NoAudience("The national figures count trusts alone")


def require_audience(kind: str) -> None:
    """:raises NoAudience: a self-assessment of this kind belongs to an organisation with no ICB above it."""
    if kind not in HAVE_AN_ICB:
        raise NoAudience("Your organisation has no ICB above it to share this with")


def require_followed(kind: str | None) -> None:
    """:raises NoAudience: an ICB sees the progress of its trusts alone."""
    if kind != "trust":
        raise NoAudience("Your organisation's progress is shown to nobody: an ICB sees that of its trusts alone")


def require_proposable(kind: str, *, share_summary: bool, share_priorities: bool, count_us: bool) -> None:
    """What a chair could not decide is not proposed either.

    :raises NoAudience: nobody would see it.
    """
    if share_summary:
        require_audience(kind)
    if share_priorities and kind != "trust":
        raise NoAudience("Only a trust's plan can be shared with an ICB")
    if count_us:
        require_counted(kind)
