"""Reads a question set out of a workbook: its cells as the format's fields, each remembering where it stood."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from services.assessment.domain.question_set_rules import Path
from services.assessment.question_set_files import layout
from services.assessment.question_set_files.hostile import check_archive
from services.assessment.question_set_files.refusal import QuestionSetRefused, Where

MOST_ROWS = 501
"""Of one sheet, its headings among them."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a sheet: its number, and texts by heading."""

    number: int
    cells: Mapping[str, Any]

    def text(self, heading: str) -> Any:
        """What stands in a cell; None when it is empty."""
        return self.cells.get(heading)


@dataclass
class Places:
    """Where each field stood."""

    found: dict[Path, dict[str, Any]] = field(default_factory=dict)

    def note(self, path: Path, sheet: str, row: int, heading: str) -> None:
        """Remember a place; a column is told by its letter and its heading."""
        letter = get_column_letter(layout.COLUMNS[sheet].index(heading) + 1)
        self.found[path] = {"sheet": sheet, "row": row, "column": f"{letter} ({heading})"}

    def of(self, path: Path) -> Mapping[str, Any]:
        """The place of a path, or of the nearest field around it."""
        while path and path not in self.found:
            path = path[:-1]
        return self.found.get(path, {})


def read(content: bytes) -> tuple[dict[str, Any], Where]:
    """The question set, and how to tell places. Raises QuestionSetRefused."""
    check_archive(content)
    sheets = _sheets(content)
    places = Places()
    raw = _about(sheets[layout.ABOUT], places)
    raw["practices"] = _practices(sheets, places)
    raw["glossary"] = _glossary(sheets.get(layout.GLOSSARY, []), places)
    if mapping := _mapping(sheets.get(layout.MAPPING, []), places):
        raw["mapping"] = mapping
    return raw, places.of


def _sheets(content: bytes) -> dict[str, list[Row]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        names = set(book.sheetnames)
        missing = [name for name in layout.COLUMNS if name not in names and name not in layout.OPTIONAL]
        if missing:
            raise QuestionSetRefused.whole(f"The workbook has no sheet called {missing[0]}")
        unknown = sorted(names - layout.COLUMNS.keys())
        if unknown:
            raise QuestionSetRefused.whole("Remove this sheet: a question set has none of this name", sheet=unknown[0])
        return {name: list(_rows(book[name], name)) for name in layout.COLUMNS if name in names}
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError) as error:
        # What openpyxl raises for a workbook whose parts do not fit together is not one exception.
        raise QuestionSetRefused.whole("The workbook cannot be read. Save it again as .xlsx") from error


def _rows(sheet: Any, name: str) -> Iterator[Row]:
    headings = layout.COLUMNS[name]
    cells = sheet.iter_rows(min_row=1, max_row=MOST_ROWS + 1, max_col=len(headings) + 1)
    number = 0
    for number, row in enumerate(cells, start=1):
        values = [_value(cell, name, number) for cell in row]
        if number == 1:
            _check_headings(values, name)
        elif any(value is not None for value in values):
            if number > MOST_ROWS or (len(values) > len(headings) and values[len(headings)] is not None):
                raise QuestionSetRefused.whole(
                    "Something stands outside the columns and rows that are read. Remove it", sheet=name, row=number
                )
            yield Row(number, dict(zip(headings, values, strict=False)))
    if number == 0:
        _check_headings([], name)


def _check_headings(values: list[Any], name: str) -> None:
    for column, heading in enumerate(layout.COLUMNS[name]):
        if column >= len(values) or values[column] != heading:
            place = {"sheet": name, "row": 1, "column": get_column_letter(column + 1)}
            raise QuestionSetRefused.whole(f"The heading here must be {heading}", **place)


def _value(cell: Any, sheet: str, row: int) -> Any:
    """A cell's text. A formula is refused: what it shows depends on the program that shows it."""
    value = cell.value
    if cell.data_type == "f" or (value is not None and cell.data_type == "e"):
        what = "a formula" if cell.data_type == "f" else "an error"
        column = get_column_letter(cell.column)
        raise QuestionSetRefused.whole(
            f"This cell holds {what}. Type the text itself", sheet=sheet, row=row, column=column
        )
    if isinstance(value, datetime | date):
        return value.date().isoformat() if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, bool):
        return layout.YES if value else layout.NO
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return None if value is None or not str(value).strip() else str(value).replace("\r\n", "\n")


def _about(rows: list[Row], places: Places) -> dict[str, Any]:
    raw: dict[str, Any] = {"apart_from_capability": {}}
    for row in rows:
        name, value = str(row.text("Field")), row.text("Value")
        path: Path = tuple(name.split("."))
        places.note(path, layout.ABOUT, row.number, "Value")
        if name == "illustrative":
            value = _truth(value)
        elif name == "time_needed_minutes":
            value = int(value) if value and value.isascii() and value.isdigit() else value
        if len(path) == 2 and path[0] == "apart_from_capability":
            raw["apart_from_capability"][path[1]] = value
        else:
            raw[name] = value
    return raw


def _truth(value: Any) -> Any:
    return {layout.YES: True, layout.NO: False}.get(str(value).strip().lower(), value)


def _practices(sheets: Mapping[str, list[Row]], places: Places) -> list[dict[str, Any]]:
    practices: list[dict[str, Any]] = []
    for number, row in enumerate(sheets[layout.PRACTICES]):
        practice: dict[str, Any] = {}
        for name in ("id", "title", "summary"):
            practice[name] = row.text(name.capitalize())
            places.note(("practices", number, name), layout.PRACTICES, row.number, name.capitalize())
        places.note(("practices", number), layout.PRACTICES, row.number, "Id")
        practices.append(practice | {"items": []})
    names = {str(row.text("Level")): (row.number, row.text("Name")) for row in sheets[layout.LEVELS]}
    for row in sheets[layout.ITEMS]:
        number = _practice_of(row, practices)
        path: Path = ("practices", number, "items", len(practices[number]["items"]))
        practices[number]["items"].append(_item(row, path, names, places))
    return practices


def _practice_of(row: Row, practices: list[dict[str, Any]]) -> int:
    for number, practice in enumerate(practices):
        if practice["id"] is not None and practice["id"] == row.text("Practice"):
            return number
    raise QuestionSetRefused.whole(
        "No practice on the sheet Practices has this id", sheet=layout.ITEMS, row=row.number, column="A (Practice)"
    )


def _item(row: Row, path: Path, names: Mapping[str, tuple[int, Any]], places: Places) -> dict[str, Any]:
    item: dict[str, Any] = {}
    places.note(path, layout.ITEMS, row.number, "Id")
    for name in ("id", "title", "question"):
        item[name] = row.text(name.capitalize())
        places.note((*path, name), layout.ITEMS, row.number, name.capitalize())
    item["levels"] = []
    for number, heading in enumerate(layout.LEVEL_COLUMNS, start=1):
        named_at, name = names.get(str(number), (1, None))
        here = (*path, "levels", number - 1)
        places.note((*here, "descriptor"), layout.ITEMS, row.number, heading)
        places.note((*here, "name"), layout.LEVELS, named_at, "Name")
        item["levels"].append({"level": number, "name": name, "descriptor": row.text(heading)})
    for name, headings in (
        ("evidence_prompts", layout.EVIDENCE_COLUMNS),
        ("discussion_prompts", layout.DISCUSSION_COLUMNS),
    ):
        item[name] = []
        for heading in headings:
            if row.text(heading) is not None:
                places.note((*path, name, len(item[name])), layout.ITEMS, row.number, heading)
                item[name].append(row.text(heading))
    return item


def _glossary(rows: list[Row], places: Places) -> list[dict[str, Any]]:
    entries = []
    for number, row in enumerate(rows):
        for name in ("term", "meaning"):
            places.note(("glossary", number, name), layout.GLOSSARY, row.number, name.capitalize())
        entries.append({"term": row.text("Term"), "meaning": row.text("Meaning")})
    return entries


def _mapping(rows: list[Row], places: Places) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for row in rows:
        item_id = str(row.text("Item"))
        for name, heading in (("from", "Earlier item"), ("comparable", "Comparable"), ("reason", "Reason")):
            places.note(("mapping", item_id, name), layout.MAPPING, row.number, heading)
        places.note(("mapping", item_id), layout.MAPPING, row.number, "Item")
        if item_id in mapping:
            raise QuestionSetRefused.whole("This item stands there twice", sheet=layout.MAPPING, row=row.number)
        comparable = _truth(row.text("Comparable"))
        mapping[item_id] = {"from": row.text("Earlier item"), "comparable": comparable, "reason": row.text("Reason")}
    return mapping
