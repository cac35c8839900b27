"""The table: printed while it grows, and kept with its date in docs/performance.md."""

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.rows import Row

KEPT = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
HEAD = """# How fast it is

Written by `make bench`, which loads a made-up nation ({nation})
and measures on the machine it runs on. Medians unless said otherwise; the load and everything it loads share the same
cores. A goal that was missed says so, with what bounds it.

Measured on {day}, {cores} cores; one of them counted to ten million in Python in {counted:.2f} s, which says how fast
the machine was: figures of days with another speed compare only by their ratio to it.

| what | goal | measured | met | bounded by |
|---|---|---|---|---|
"""


def line_of(row: Row) -> str:
    """One row as a line of the table."""
    met = "" if row.met is None else "yes" if row.met else "**no**"
    return f"| {row.what} | {row.goal} | {row.measured} | {met} | {row.bounded_by} |"


def show(row: Row) -> None:
    """Print a row as soon as it is measured."""
    mark = " " if row.met is None else "+" if row.met else "-"
    print(f"  {mark} {row.what:<48} {row.measured}   (goal: {row.goal})", flush=True)


def counting_seconds() -> float:
    """How long one core takes to count to ten million: the best of five, when nothing else runs."""
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        sum(1 for _ in range(10_000_000))
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def keep(rows: Sequence[Row], nation: str) -> None:
    """Write the table."""
    day = f"{datetime.now(UTC):%d %B %Y}".lstrip("0")
    head = HEAD.format(nation=nation, day=day, cores=os.cpu_count(), counted=counting_seconds())
    KEPT.write_text(head + "\n".join(line_of(row) for row in rows) + "\n", encoding="utf-8")
