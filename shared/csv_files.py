"""Tables as CSV that is safe to open: a cell that a spreadsheet would run as a formula is text.

People wrote some of these texts, and the file is opened on somebody else's machine.
"""

import csv
import io
from collections.abc import Iterable
from typing import Final

RUNS_AS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = str | int | float | None


def csv_of(rows: Iterable[Iterable[Cell]]) -> str:
    """The rows by RFC 4180: CRLF, quotes where they are needed; the first row is the header."""
    out = io.StringIO()
    csv.writer(out).writerows([as_no_formula(cell) for cell in row] for row in rows)
    return out.getvalue()


def as_no_formula(value: Cell) -> Cell:
    """The value with an apostrophe in front where a spreadsheet would run it; a number stays a number."""
    if isinstance(value, str) and value.startswith(RUNS_AS_A_FORMULA):
        return f"'{value}"
    return value
