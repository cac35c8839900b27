"""The file of national figures: a name that somebody gave is never run as a formula."""

import csv
import io

from services.insight.published import CSV_COLUMNS, as_csv

FORMULA = '=HYPERLINK("http://x.invalid")'
MEASURE = {"code": "m1", "title": FORMULA, "definition": "-1+1"}
ROW = {
    "measure": "m1", "breakdown": "region", "group_code": "Y1", "group_name": FORMULA, "as_at": "2026-11-30",
    "total": 12, "hidden_because": None,
    "cells": [{"value": "1", "title": "@SUM(A1)", "count": 12, "percentage": 100}],
}  # fmt: skip
SET = {
    "number": 1, "revision": 0, "as_at": "2026-11-30", "measures": [MEASURE], "rows": [ROW],
    "how_numbers_are_shown": "Rounded", "fictional": True, "licence": "OGL",
}  # fmt: skip


def test_a_text_that_begins_like_a_formula_is_text_and_a_number_a_number() -> None:
    [line] = list(csv.DictReader(io.StringIO(as_csv(SET))))

    assert list(line) == list(CSV_COLUMNS)
    assert (line["measure_title"], line["group_name"]) == (f"'{FORMULA}", f"'{FORMULA}")
    assert (line["value_title"], line["definition"]) == ("'@SUM(A1)", "'-1+1")
    assert (line["count"], line["percentage"], line["total"]) == ("12", "100", "12")
