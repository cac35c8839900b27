"""What a fictional board thinks: answers that differ as a real board's would, and are the same at every run."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median_low
from typing import Any

LOWEST, HIGHEST = 1, 5
CANNOT_JUDGE_EVERY = 23
WIDE_EVERY = 4


def level_of(board: int, item: int, person: int) -> int | None:
    """The level this person chooses; None for somebody who does not know enough to say.

    A board has a level of its own on each item; people lie close to it, except on every fourth item, where they differ
    widely, as boards do on the questions that need a discussion.
    """
    if (board * 5 + item * 3 + person * 7) % CANNOT_JUDGE_EVERY == 0:
        return None
    own_level = 2 + (board * 2 + item * 5 + item // 4) % 3
    apart = (item + board) % WIDE_EVERY == 0
    shift = (person * 3 + item) % 5 - 2 if apart else (person + item * 2) % 3 // 2
    return max(LOWEST, min(HIGHEST, own_level + shift))


def answer(board: int, item: int, person: int) -> dict[str, Any]:
    """The answer as the service takes it."""
    level = level_of(board, item, person)
    return {"level": level, "cannot_judge": level is None}


def commonest(counts: dict[str, int]) -> int:
    """The level that most chose; the lower of two that are equal."""
    return min((int(level) for level in counts), key=lambda level: (-counts[str(level)], level))


def overall(levels: Sequence[int]) -> int:
    """The one level a board gives a whole practice in this story: the middle of its items' levels."""
    return median_low(levels)
