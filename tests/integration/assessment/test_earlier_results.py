"""Self-assessments from before come in as marked history; a hostile or wrong file is refused whole."""

import csv
import io
import zipfile
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from tests.integration.assessment.boards import SMALL, Board, found_board

TEMPLATE = f"/v1/earlier-results/templates/{SMALL}"
FILLED = {"self-assessment": "Spring 2024", "agreed-on": "2024-03-31", "p1": "2", "i1": "2", "i2": "4"}


def empty(board: Board) -> list[list[str]]:
    content = board.acting(board.lead).get(f"{TEMPLATE}/csv").data.decode("utf-8")
    return list(csv.reader(io.StringIO(content, newline="")))


def filled(board: Board, **changes: str) -> list[list[str]]:
    values = FILLED | {name.replace("_", "-"): value for name, value in changes.items()}
    return [[*row[:2], values.get(row[0], row[2]), *row[3:]] for row in empty(board)]


def as_csv(table: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    return out.getvalue().encode()


def as_xlsx(table: list[list[str]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Earlier")
        for line, row in enumerate(table):
            for place, cell in enumerate(row):
                sheet.write(line, place, cell)
    return out.getvalue()


def upload(board: Board, content: bytes, name: str = "earlier.csv", *, person: Any = None) -> Any:
    data = {"file": (io.BytesIO(content), name)}
    return board.acting(person or board.lead).send("POST", "/v1/earlier-results", data=data)


def keep(board: Board, content: bytes, name: str = "earlier.csv") -> dict[str, Any]:
    looked_at = upload(board, content, name)
    assert looked_at.status_code == 201, looked_at.json
    response = board.acting(board.lead).post(f"/v1/earlier-results/{looked_at.json['id']}/confirm")
    assert response.status_code == 200, response.json
    return dict(response.json)


def history(board: Board) -> list[dict[str, Any]]:
    return list(board.acting(board.chair).get("/v1/results").json["items"])


def test_a_file_counts_for_nothing_until_it_is_confirmed(board: Board) -> None:
    looked_at = upload(board, as_csv(filled(board)))
    before = history(board)

    board.acting(board.lead).post(f"/v1/earlier-results/{looked_at.json['id']}/confirm")

    (kept,) = history(board)
    assert (looked_at.status_code, looked_at.json["confirmed"], before) == (201, False, [])
    assert (kept["name"], kept["imported"], kept["agreed_on"]) == ("Spring 2024", True, "2024-03-31")
    assert [practice["level"] for practice in kept["practices"]] == [2, None]


def test_the_workbook_is_filled_in_and_read_like_the_text(board: Board) -> None:
    book = openpyxl.load_workbook(io.BytesIO(board.acting(board.lead).get(f"{TEMPLATE}/xlsx").data))
    sheet = book.active
    assert sheet is not None
    for row in sheet.iter_rows(min_row=2):
        row[2].value = {"p1": 2, "i1": 2.0, "i2": 4}.get(str(row[0].value), FILLED.get(str(row[0].value), row[2].value))
    out = io.BytesIO()
    book.save(out)

    kept = keep(board, out.getvalue(), "earlier.xlsx")

    assert [item["level"] for item in kept["practices"][0]["items"]] == [2, 4]


def test_the_first_signed_result_moves_from_the_imported_one_and_says_so(board: Board) -> None:
    keep(board, as_csv(filled(board)))
    round_id = board.signed_round(level=3)

    moved = board.acting(board.chair).get(f"/v1/rounds/{round_id}/result").json["movement"]

    assert (moved["previous_round_id"], moved["previous_round_name"], moved["previous_imported"]) == (
        None,
        "Spring 2024",
        True,
    )
    assert moved["items"]["i1"]["words"] == "up 1 level, from 2 to 3"
    assert moved["items"]["i3"]["words"] == "not agreed before"
    assert moved["practices"]["p1"]["words"] == "up 1 level, from 2 to 3"
    assert [item["imported"] for item in history(board)] == [False, True]


def test_of_one_day_there_is_one_and_it_can_be_taken_out_again(board: Board) -> None:
    kept = keep(board, as_csv(filled(board)))
    second = upload(board, as_csv(filled(board, p1="5")))

    refused = board.acting(board.lead).post(f"/v1/earlier-results/{second.json['id']}/confirm")
    gone = board.acting(board.lead).delete(f"/v1/earlier-results/{kept['id']}")

    assert (refused.status_code, gone.status_code, history(board)) == (409, 200, [])


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"i1": "9"}, "Row 6, column C (Value): Write a level from 1 to 5"),
        ({"agreed_on": "last spring"}, "Row 3, column C (Value): Write the day"),
        ({"question_set": "no-such-set"}, "There is no question set of this name"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_kept(board: Board, changes: dict[str, str], fault: str) -> None:
    response = upload(board, as_csv(filled(board, **changes)))

    assert (response.status_code, response.json["type"]) == (422, "/problems/earlier-result-refused")
    assert response.json["errors"][0]["message"].startswith(fault)
    assert history(board) == []


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 50_000_000)
    return out.getvalue()


def with_part(content: bytes, name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part.filename, text if part.filename == name else old.read(part))
        if name not in old.namelist():
            new.writestr(name, text)
    return out.getvalue()


ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst>&e;</sst>'


def hostile(board: Board, kind: str) -> tuple[bytes, str]:
    good = as_xlsx(filled(board))
    return {
        "bomb": (bomb(), "earlier.xlsx"),
        "entity": (with_part(good, "xl/sharedStrings.xml", ENTITY), "earlier.xlsx"),
        "macro": (with_part(good, "xl/vbaProject.bin", "x"), "earlier.xlsx"),
        "truncated": (good[:-200], "earlier.xlsx"),
        "formula": (as_xlsx(filled(board, i1="=1+1")), "earlier.xlsx"),
        "lying name": (good, "earlier.csv"),
        "not a workbook": (b"PK\x03\x04nothing", "earlier.xlsx"),
        "not utf-8": (as_csv(filled(board)) + b"\xff", "earlier.csv"),
        "too large": (b"a," * 600_000, "earlier.csv"),
        "other headings": (b"Name,Level\r\nx,1\r\n", "earlier.csv"),
        "empty": (b"", "earlier.csv"),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "bomb",
        "entity",
        "macro",
        "truncated",
        "formula",
        "lying name",
        "not a workbook",
        "not utf-8",
        "too large",
        "other headings",
        "empty",
    ],
)
def test_a_hostile_file_is_refused_whole(board: Board, kind: str) -> None:
    content, name = hostile(board, kind)

    response = upload(board, content, name)

    assert (response.status_code, response.json["type"]) == (422, "/problems/earlier-result-refused"), response.json
    assert history(board) == []


def test_another_organisation_never_sees_it(board: Board) -> None:
    kept = keep(board, as_csv(filled(board)))
    others = found_board(board.service, tenant=board.tenant)

    client = others.acting(others.lead)

    assert client.get(f"/v1/earlier-results/{kept['id']}").status_code == 404
    assert client.delete(f"/v1/earlier-results/{kept['id']}").status_code == 404
    assert history(others) == []
