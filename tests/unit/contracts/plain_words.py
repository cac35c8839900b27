"""How easy a text is to read, worked out from the lengths of its sentences and words alone."""

import re
from collections.abc import Iterable
from typing import Any

OLDEST_READER = 12.5
"""Reading age in years that the words on pages aim at, with half a year of tolerance of the formula."""


def reading_age(texts: Iterable[str]) -> float:
    """Return the reading age in years by the Automated Readability Index (grade plus five)."""
    joined = [text if text.endswith((".", "?", "!")) else f"{text}." for text in texts]
    words = re.findall(r"[\w'’-]+", " ".join(joined))
    sentences = sum(len(re.findall(r"[.?!:](?=\s|$)", text)) for text in joined)
    letters = sum(len(re.sub(r"\W", "", word)) for word in words)
    grade = 4.71 * letters / len(words) + 0.5 * len(words) / sentences - 21.43
    return grade + 5


def longest_sentence(text: str) -> int:
    """Return the number of words in the longest sentence."""
    return max(len(part.split()) for part in re.split(r"[.?!](?:\s|$)", text))


def texts_in(value: Any) -> list[str]:
    """Return every text in nested data."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts_in(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts_in(part)]
    return [value] if isinstance(value, str) else []
