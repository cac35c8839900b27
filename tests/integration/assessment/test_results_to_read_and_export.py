"""The matrix of two results costs few statements; a result leaves as CSV, XLSX and JSON with its definitions."""

import csv
import io
import json
from typing import Any

import openpyxl
import pytest

from services.assessment.domain.export import COLUMNS
from tests.integration.assessment.boards import SMALL_PRACTICES, Board, today

FORMULA = '=HYPERLINK("http://example.invalid","x")'


@pytest.fixture
def exported(board: Board) -> tuple[Board, str]:
    """A second signed result, with words that a spreadsheet would run."""
    board.signed_round(level=2)
    round_id = board.open(name='+Autumn, "2026"\n')
    board.everybody_answers(round_id)
    board.close(round_id)
    board.record(round_id, "i1", 3, reason=FORMULA, aim_level=4)
    board.record(round_id, "i2", 2, reason="Line one\nline two, with a comma", evidence="Größe: ≥ 3 – ok")
    board.record(round_id, "i3", 1, reason="-1 is not a sum")
    for practice_id in SMALL_PRACTICES:
        board.acting(board.lead).put(f"/v1/rounds/{round_id}/practice-levels/{practice_id}", {"level": 3})
    board.do(board.lead, round_id, "agree")
    board.do(board.chair, round_id, "sign-off", {"meeting_on": today().isoformat()})
    return board, round_id


def file_of(exported: tuple[Board, str], kind: str) -> Any:
    board, round_id = exported
    response = board.acting(board.members[0]).get(f"/v1/rounds/{round_id}/result/files/{kind}")
    assert response.status_code == 200, response.data
    assert response.headers["Content-Disposition"].startswith('attachment; filename="self-assessment-')
    return response


def test_the_matrix_of_two_results_costs_few_statements(exported: tuple[Board, str]) -> None:
    board, round_id = exported
    client = board.acting(board.chair)
    client.get(f"/v1/rounds/{round_id}/result")

    with board.service.counted_statements() as statements:
        response = client.get(f"/v1/rounds/{round_id}/result")

    assert response.json["movement"]["items"]["i1"]["words"] == "up 1 level, from 2 to 3"
    read = [
        statement
        for statement in statements
        if statement.lstrip().lower().startswith("select") and "round" in statement
    ]
    assert len(read) == 3, read
    assert len(statements) <= 6, statements


def test_csv_is_rfc_4180_in_utf_8_and_no_cell_runs_as_a_formula(exported: tuple[Board, str]) -> None:
    content = file_of(exported, "csv").data

    text = content.decode("utf-8")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    by_item = {row["item"]: row for row in rows}
    assert list(rows[0]) == list(COLUMNS)
    assert text.count("\r\n") == 6
    assert len(rows) == 5
    assert by_item["Why"]["reason"] == f"'{FORMULA}"
    assert by_item["With whom"]["reason"] == "Line one\nline two, with a comma"
    assert by_item["With whom"]["evidence"] == "Größe: ≥ 3 – ok"
    assert by_item["Why"]["self_assessment"].startswith("'+Autumn")
    assert (by_item["Coaching"]["change"], by_item["Coaching"]["movement"]) == ("-1", "down 1 level, from 2 to 1")
    assert not any(str(cell).startswith(("=", "+", "@")) for row in rows for cell in row.values())


def test_the_workbook_holds_texts_as_texts_and_a_sheet_of_definitions(exported: tuple[Board, str]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(file_of(exported, "xlsx").data))

    result, meanings = book["Result"], book["Definitions"]
    header = [cell.value for cell in result[1]]
    reasons = [row[header.index("reason")] for row in result.iter_rows(min_row=2)]
    assert FORMULA in [cell.value for cell in reasons]
    assert {cell.data_type for row in result.iter_rows() for cell in row} <= {"s", "n"}
    assert [row[0].value for row in meanings.iter_rows(min_row=2)] == list(COLUMNS)


def test_json_carries_definitions_rows_and_the_hash(exported: tuple[Board, str]) -> None:
    told = json.loads(file_of(exported, "json").data)

    assert told["definitions"] == dict(COLUMNS)
    assert [row["level"] for row in told["rows"] if row["kind"] == "item"] == [3, 2, 1]
    assert len(told["sha256"]) == 64


def test_the_definitions_are_a_file_of_their_own_for_those_who_take_the_csv(exported: tuple[Board, str]) -> None:
    rows = list(csv.DictReader(io.StringIO(file_of(exported, "definitions").data.decode())))

    assert [row["column"] for row in rows] == list(COLUMNS)


def test_a_kind_of_file_that_there_is_not_is_not_found(exported: tuple[Board, str]) -> None:
    board, round_id = exported

    assert board.acting(board.chair).get(f"/v1/rounds/{round_id}/result/files/pdf").status_code == 404
