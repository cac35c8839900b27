"""The file of an earlier self-assessment: an empty one to fill in; a filled one is read, or refused whole."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import xlsxwriter
from openpyxl import load_workbook

from services.assessment.domain.earlier import COLUMNS, Fault, Row, template_rows
from services.assessment.domain.question_sets import QuestionSet
from services.assessment.result_files import XLSX, ResultFile
from services.assessment.safe_archive import UnsafeWorkbook, check_archive
from shared.csv_files import csv_of
from shared.problems import NotFound, Problem

LARGEST_FILE: Final = 1_000_000
"""Bytes; a filled file has about 20,000."""
MOST_ROWS: Final = 500
SHEET: Final = "Earlier self-assessment"
ZIP: Final = b"PK\x03\x04"


def refused(faults: Sequence[str]) -> Problem:
    """The answer to a file of which nothing is used; every fault names its cell."""
    errors = [{"field": "file", "message": fault} for fault in faults]
    return Problem("earlier-result-refused", 422, "Check the file", faults[0], errors=errors)


def refused_cells(faults: Sequence[Fault]) -> Problem:
    """The same for cells that do not fit."""
    return refused([fault.words for fault in faults])


def template(question_set: QuestionSet, kind: str) -> ResultFile:
    """An empty file for a question set. Raises NotFound for a kind that there is not."""
    name = f"earlier-self-assessment-{question_set.id}.{kind}"
    if kind == "csv":
        content = csv_of(template_rows(question_set)).encode("utf-8")
        return ResultFile(name, "text/csv; charset=utf-8; header=present", content)
    if kind == "xlsx":
        return ResultFile(name, XLSX, _workbook(question_set))
    raise NotFound


def _workbook(question_set: QuestionSet) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet, wrapped = book.add_worksheet(SHEET), book.add_format({"text_wrap": True, "valign": "top"})
        for place, width in enumerate((24, 60, 24, 40, 40)):
            sheet.set_column(place, place, width, wrapped)
        for line, row in enumerate(template_rows(question_set)):
            for place, cell in enumerate(row):
                if cell:
                    sheet.write_string(line, place, cell)
    return out.getvalue()


def read_rows(content: bytes, file_name: str) -> list[Row]:
    """The rows of a filled file that are not empty, each with its number. Raises Problem naming what is wrong."""
    if len(content) > LARGEST_FILE:
        raise refused([f"The file is larger than {LARGEST_FILE:,} bytes"])
    ending = file_name.rsplit(".", 1)[-1].lower()
    if ending not in ("xlsx", "csv") or (ending == "xlsx") != content.startswith(ZIP):
        raise refused(["The file is not what its name says. Use .xlsx, or .csv in UTF-8"])
    table = list(_workbook_rows(content) if ending == "xlsx" else _csv_rows(content))
    if not table or table[0][: len(COLUMNS)] != list(COLUMNS):
        raise refused([f"Row 1: the headings must be {', '.join(COLUMNS)}"])
    if len(table) > MOST_ROWS:
        raise refused([f"The file has more than {MOST_ROWS} rows"])
    rows = [(number, _cells(row)) for number, row in enumerate(table[1:], start=2) if any(row)]
    return [(number, cells) for number, cells in rows if cells["Id"] or cells["Value"]]


def _cells(row: Sequence[str]) -> dict[str, str]:
    padded = [*row, *[""] * len(COLUMNS)][: len(COLUMNS)]
    return {name: cell.strip() for name, cell in zip(COLUMNS, padded, strict=True)}


def _csv_rows(content: bytes) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
    except UnicodeDecodeError as error:
        raise refused(["The file is not in UTF-8. Save it again in that encoding"]) from error
    except csv.Error as error:
        raise refused(["The file is not CSV with commas and quotes (RFC 4180)"]) from error


def _workbook_rows(content: bytes) -> Iterator[list[str]]:
    try:
        check_archive(content)
        sheet = load_workbook(io.BytesIO(content), read_only=True, keep_links=False).worksheets[0]
        cells = list(sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=len(COLUMNS)))
    except UnsafeWorkbook as error:
        raise refused([str(error)]) from error
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError) as error:
        # What openpyxl raises for a workbook whose parts do not fit together is not one exception.
        raise refused(["The workbook cannot be read. Save it again as .xlsx"]) from error
    faults = [
        Fault(number, column, _NOT_TEXT)
        for number, row in enumerate(cells, start=1)
        for column, cell in zip(COLUMNS, row, strict=False)
        if _is_active(cell)
    ]
    if faults:
        raise refused_cells(faults)
    for row in cells:
        yield [_text(cell.value) for cell in row]


_NOT_TEXT: Final = "This is a formula or an error. Write the value itself"


def _is_active(cell: Any) -> bool:
    return cell.value is not None and cell.data_type in {"f", "e"}


def _text(value: Any) -> str:
    """What a cell says: a date as YYYY-MM-DD, a whole number without decimals."""
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat())[:10]
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
