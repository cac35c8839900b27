"""Published figures as everybody reads them: one function turns cells into rows, for the API, the page and the CSV.

Headers (which set, as at when, what the check said) are read with the application's login; cells only through the
national login, which can read nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from flask import Flask, current_app
from sqlalchemy import Select, bindparam, select

from services.insight.config import InsightConfig
from services.insight.domain.disclosure import SUPPRESSED, percentage
from services.insight.domain.measures import HIDDEN_BECAUSE, HOW_NUMBERS_ARE_SHOWN, LICENCE
from services.insight.models import figure_set, national_cell
from shared.contracts.roles import Role
from shared.csv_files import csv_of
from shared.database import Database, UnitOfWork
from shared.principal import Principal
from shared.problems import NotFound
from shared.rows_as_json import rows_as_json

EXTENSION: Final = "national_cells"
CSV_COLUMNS: Final = (
    "set_number", "revision", "set_as_at", "row_as_at", "measure", "measure_title", "breakdown", "group_code",
    "group_name", "value", "value_title", "count", "percentage", "total", "hidden_because", "definition",
    "how_numbers_are_shown", "demonstration", "licence",
)  # fmt: skip
_told = [column for column in national_cell.c if column is not national_cell.c.set_id]
CELLS: Final = select(rows_as_json(select(*_told).where(national_cell.c.set_id == bindparam("set_id"))))
"""Some hundreds of cells a set, so they come as one value: unpacked one by one they took half of a request's time."""
Json = dict[str, Any]


def open_cell_reader(app: Flask, config: InsightConfig) -> None:
    """Give the application its connection to the cells."""
    app.extensions[EXTENSION] = Database(config.national_url, pool_size=2)


def sets_shown(uow: UnitOfWork) -> list[Json]:
    """Return the headers of the sets that the principal may see, newest first."""
    statement = _visible_to(uow.principal).order_by(figure_set.c.number.desc())
    found = uow.session.execute(statement).mappings()
    return [header_of(dict(row)) for row in found]


def set_shown(uow: UnitOfWork, set_id: str) -> Json:
    """Return one set with its rows; raises NotFound for one the principal may not see."""
    found = uow.session.execute(_visible_to(uow.principal).where(figure_set.c.id == set_id)).mappings().first()
    if found is None:
        raise NotFound
    return header_of(dict(found)) | {
        "measures": found["measures"],
        "rows": rows_of(found["measures"], _cells(uow.principal, set_id)),
        "how_numbers_are_shown": HOW_NUMBERS_ARE_SHOWN,
        "licence": LICENCE,
    }


def _visible_to(principal: Principal) -> Select[Any]:
    """Select the sets a person may see: what is not published is the analysts' alone, within the national team too."""
    if principal.holds(Role.NATIONAL_ANALYST):
        return select(figure_set)
    return select(figure_set).where(figure_set.c.state.in_(["published", "revised"]))


def header_of(found: Mapping[str, Any]) -> Json:
    """Return what is known of a set besides its numbers."""
    verdict = found["verdict"]
    header = {
        name: found[name]
        for name in (
            "id", "number", "state", "as_at", "prepared_at", "published_at", "revises", "revision", "revision_note",
            "fictional",
        )
    }  # fmt: skip
    return header | {
        "check": {
            "passed": verdict.get("passed"),
            "in_words": _in_words(found["state"], verdict),
            "unknowns": verdict.get("unknowns", 0),
            "insiders": verdict.get("insiders", 0),
        },
        "cells_shown": verdict.get("cells_shown", 0),
        "cells_hidden": verdict.get("cells_hidden", 0),
    }


def _in_words(state: str, verdict: Mapping[str, Any]) -> list[str]:
    """Say what the check found, without saying the count that it found."""
    if not verdict:
        return ["The set is being made and checked." if state == "checking" else "The set was never checked."]
    if verdict["passed"]:
        return [
            "Nobody who keeps every set can work out how a single trust stands, not even with the help of one of them."
        ]
    return sorted({_finding(finding) for finding in verdict["findings"]})


def _finding(finding: Mapping[str, Any]) -> str:
    where = ", ".join(part for part in (finding["region"], finding["sector"]) if part) or "England"
    who = "one of the trusts counted" if finding["insider"] else "a reader"
    return f"{finding['measure']}: {who} could work out how many trusts of {where} are at “{finding['value']}”."


def rows_of(measures: Sequence[Json], cells: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Turn cells into rows, in the order of the measures; the only place where cells become something to show."""
    known = {measure["code"]: (place, measure) for place, measure in enumerate(measures)}

    def row_of(cell: Mapping[str, Any]) -> tuple[int, str, str]:
        return known[cell["measure"]][0], cell["breakdown"], cell["group_code"]

    ordered = sorted(cells, key=lambda cell: (*row_of(cell), cell["position"]))
    return [_row(known[key_cells[0]["measure"]][1], key_cells) for key_cells in _grouped(ordered, row_of)]


def _grouped(cells: list[Mapping[str, Any]], key: Any) -> Iterator[list[Mapping[str, Any]]]:
    for _, group in groupby(cells, key=key):
        yield list(group)


def _row(measure: Json, cells: list[Mapping[str, Any]]) -> Json:
    first = cells[0]
    titles = {value["code"]: value["title"] for value in measure["values"]}
    counts = [_number(cell["shown"]) for cell in cells]
    numbers = [count for count in counts if isinstance(count, int)]
    total = sum(numbers) if len(numbers) == len(counts) else SUPPRESSED
    return {
        "measure": first["measure"],
        "breakdown": first["breakdown"],
        "group_code": first["group_code"],
        "group_name": first["group_name"],
        "as_at": first["as_at"],
        "hidden": first["hidden"],
        "hidden_because": HIDDEN_BECAUSE.get(first["hidden"]) if first["hidden"] else None,
        "total": total,
        "cells": [
            {
                "value": cell["value"],
                "title": titles[cell["value"]],
                "count": count,
                "percentage": percentage(count, total),
            }
            for cell, count in zip(cells, counts, strict=True)
        ],
    }


def _number(shown: str) -> int | str:
    return SUPPRESSED if shown == SUPPRESSED else int(shown)


def _cells(principal: Principal, set_id: str) -> list[Json]:
    database: Database = current_app.extensions[EXTENSION]
    with UnitOfWork(database, principal) as uow:
        cells: list[Json] = uow.session.execute(CELLS, {"set_id": set_id}).scalar_one()
        return cells


def as_csv(shown: Json) -> str:
    """Return a set as CSV (RFC 4180): one line a cell, each complete in itself, so that no line loses its caveats."""
    measures = {measure["code"]: measure for measure in shown["measures"]}
    lines = [_line(shown, measures[row["measure"]], row, cell) for row in shown["rows"] for cell in row["cells"]]
    return csv_of([CSV_COLUMNS, *lines])


def _line(shown: Json, measure: Json, row: Json, cell: Json) -> list[Any]:
    return [
        shown["number"], shown["revision"], shown["as_at"], row["as_at"], row["measure"], measure["title"],
        row["breakdown"], row["group_code"], row["group_name"], cell["value"], cell["title"], cell["count"],
        cell["percentage"], row["total"], row["hidden_because"] or "", measure["definition"],
        shown["how_numbers_are_shown"], "yes" if shown["fictional"] else "no", shown["licence"],
    ]  # fmt: skip
