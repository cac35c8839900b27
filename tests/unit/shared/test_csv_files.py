"""Whoever writes a file for a spreadsheet: no cell of it is run as a formula."""

import ast
import csv
import io

import pytest

from shared.csv_files import as_no_formula, csv_of
from tests.architecture.source_tree import python_files, relative

HOSTILE = ['=HYPERLINK("http://x.invalid")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_spreadsheet_would_run_is_text_in_a_header_too(text: str) -> None:
    rows = list(csv.reader(io.StringIO(csv_of([[text], ["plain", text]]), newline="")))

    assert rows == [[f"'{text}"], ["plain", f"'{text}"]]


def test_numbers_and_nothing_stay_what_they_are() -> None:
    assert [as_no_formula(value) for value in (-3, 0, None, 2.5)] == [-3, 0, None, 2.5]
    assert csv_of([["a", "b"], [-3, None]]) == "a,b\r\n-3,\r\n"


def calls(name: str) -> list[tuple[str, ast.Call]]:
    """Return where something of this name is called in what is shipped."""
    return [
        (relative(path), node)
        for path in python_files("services", "shared", "infra", "deploy")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == name
    ]


@pytest.mark.parametrize("name", ["writer", "DictWriter"])
def test_no_csv_is_written_but_by_the_one_function_that_takes_care(name: str) -> None:
    found = {path for path, node in calls(name) if ast.unparse(node.func).startswith("csv.")}

    assert found == ({"shared/csv_files.py"} if name == "writer" else set())


def test_every_workbook_is_told_to_take_no_text_for_a_formula() -> None:
    sources = {
        path: next(p.read_text() for p in python_files("services") if relative(p) == path)
        for path, _ in calls("Workbook")
    }

    assert len(sources) >= 3
    for path, source in sources.items():
        assert '"strings_to_formulas": False' in source, path


def test_no_workbook_has_a_cell_written_by_what_guesses_its_kind() -> None:
    guessing = {(path, ast.unparse(node)) for path, node in calls("write") if "sheet" in ast.unparse(node.func)}

    assert not guessing
