"""A signed result as a file: CSV, XLSX or JSON, with its definitions."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
import xlsxwriter

from services.assessment.domain.export import COLUMNS, Cell, definitions, rows
from shared.csv_files import csv_of
from shared.problems import NotFound

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDE: Final = {"item", "practice", "reason", "evidence", "views_that_differed", "definition", "movement"}


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file to hand out."""

    name: str
    content_type: str
    content: bytes


def result_file(view: Mapping[str, Any], kind: str) -> ResultFile:
    """The result as a file of this kind. Raises NotFound for a kind that there is not."""
    if kind not in MAKERS:
        raise NotFound
    content_type, ending, make = MAKERS[kind]
    about = view["result"]["round"]["org_id"].lower()
    day = view["result"]["signed"]["signed_at"][:10]
    return ResultFile(f"self-assessment-{about}-{day}-{kind}.{ending}", content_type, make(view))


def _csv(view: Mapping[str, Any]) -> bytes:
    return _csv_of(list(COLUMNS), rows(view))


def _definitions(_: Mapping[str, Any]) -> bytes:
    return _csv_of(["column", "definition"], definitions())


def _csv_of(columns: Sequence[str], table: Sequence[Mapping[str, Cell]]) -> bytes:
    return csv_of([columns, *([row[name] for name in columns] for row in table)]).encode("utf-8")


def _json(view: Mapping[str, Any]) -> bytes:
    return orjson.dumps(
        {"definitions": dict(COLUMNS), "rows": rows(view), "sha256": view["sha256"], "signed": view["result"]},
        option=orjson.OPT_INDENT_2,
    )


def _xlsx(view: Mapping[str, Any]) -> bytes:
    """Every text is written as text: nothing in the workbook is ever a formula or a link."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        _sheet(book, "Result", list(COLUMNS), rows(view))
        _sheet(book, "Definitions", ["column", "definition"], definitions())
    return out.getvalue()


def _sheet(book: Any, name: str, columns: Sequence[str], table: Sequence[Mapping[str, Cell]]) -> None:
    sheet, bold = book.add_worksheet(name), book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.freeze_panes(1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, 40 if column in WIDE else 14, wrapped)
        sheet.write_string(0, place, column, bold)
    for line, row in enumerate(table, start=1):
        for place, column in enumerate(columns):
            value = row[column]
            if isinstance(value, int):
                sheet.write_number(line, place, value)
            elif value:
                sheet.write_string(line, place, value)


MAKERS: Final[Mapping[str, tuple[str, str, Callable[[Mapping[str, Any]], bytes]]]] = {
    "csv": ("text/csv; charset=utf-8; header=present", "csv", _csv),
    "definitions": ("text/csv; charset=utf-8; header=present", "csv", _definitions),
    "json": ("application/json", "json", _json),
    "xlsx": (XLSX, "xlsx", _xlsx),
}
