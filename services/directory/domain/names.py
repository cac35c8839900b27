"""Official names as ODS writes them (capitals) and as a page shows them.

Only the capitals change: no word is added, dropped or spelled differently, so that a name can be
found again in the published register.
"""

import re

_KEPT = {"NHS", "ICB", "UK"}
_SMALL = {"and", "of", "the", "for", "on", "with", "in", "to", "upon"}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


def tidy_name(name: str) -> str:
    """The name with ordinary capitals when it came all in capitals; otherwise with its spaces tidied only."""
    spaced = " ".join(name.split())
    if spaced != spaced.upper():
        return spaced
    return _WORD.sub(_cased, spaced)


def same_name(left: str, right: str) -> bool:
    """Whether two names are the same words: capitals and runs of spaces do not make a new name."""
    return " ".join(left.split()).casefold() == " ".join(right.split()).casefold()


def _cased(match: re.Match[str]) -> str:
    word = match.group()
    if word in _KEPT:
        return word
    lower = word.lower()
    if lower in _SMALL and match.start() > 0:
        return lower
    return lower[0].upper() + lower[1:]
