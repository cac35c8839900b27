"""One person's private answer to one item."""

from dataclasses import dataclass

from services.assessment.domain.errors import NotValid
from services.assessment.domain.texts import checked_text

LOWEST_LEVEL = 1
HIGHEST_LEVEL = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """A level from 1 to 5, or *I do not know enough to say*; why and evidence stay private unless offered."""

    level: int | None
    cannot_judge: bool
    why: str
    evidence: str
    offered: bool


def checked_level(field: str, level: int) -> int:
    """The level itself.

    :raises NotValid: it is not one of the five.
    """
    if not LOWEST_LEVEL <= level <= HIGHEST_LEVEL:
        raise NotValid(field, f"Choose a level from {LOWEST_LEVEL} to {HIGHEST_LEVEL}")
    return level


def checked_answer(
    *, level: int | None, cannot_judge: bool, why: str | None, evidence: str | None, offered: bool
) -> Answer:
    """An answer that says exactly one thing.

    :raises NotValid: both or neither of level and *do not know* are given, the level is not one of the five,
        or a text is too long.
    """
    if level is not None and cannot_judge:
        raise NotValid("level", "Choose a level, or say that you do not know enough, not both")
    if level is None and not cannot_judge:
        raise NotValid("level", "Choose a level, or say that you do not know enough")
    if level is not None:
        checked_level("level", level)
    return Answer(
        level=level,
        cannot_judge=cannot_judge,
        why=checked_text("why", why),
        evidence=checked_text("evidence", evidence),
        offered=offered,
    )
