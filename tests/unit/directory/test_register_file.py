"""Reading the published register: what is read, and that a faulty file is refused whole with row and column."""

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from services.directory.domain.register_file import (
    MAX_BYTES,
    RegisterFileRefused,
    RowError,
    parse_register,
)

FIXTURES = Path(__file__).parent / "fixtures"


def row(
    code: str = "RX1",
    name: str = "ANYTOWN NHS TRUST",
    opened: str = "20100401",
    closed: str = "",
    *,
    columns: int = 27,
    icb: str = "QOP",
) -> str:
    cells = [""] * columns
    cells[0], cells[1], cells[2], cells[3], cells[10], cells[11] = code, name, "Y62", icb, opened, closed
    return ",".join(f'"{cell}"' for cell in cells)


def file_of(*rows: str) -> bytes:
    return "\r\n".join(rows).encode() + b"\r\n"


def errors_of(content: bytes) -> tuple[RowError, ...]:
    with pytest.raises(RegisterFileRefused) as refusal:
        parse_register(content)
    return refusal.value.errors


def test_the_published_layout_is_read_without_a_header() -> None:
    rows = parse_register((FIXTURES / "etr_excerpt_2026-07.csv").read_bytes())

    assert len(rows) == 13
    assert (rows[0].code, rows[0].region, rows[0].icb) == ("G6V2S", "Y56", "Z9B2Z")


def test_a_row_in_the_file_is_not_an_open_organisation() -> None:
    rows = {r.code: r for r in parse_register((FIXTURES / "etr_excerpt_2026-07.csv").read_bytes())}

    assert not rows["RW6"].open.holds(date(2026, 7, 8))
    assert rows["R0A"].open.holds(date(2026, 7, 8))


def test_the_closing_date_is_the_last_open_day() -> None:
    rows = {r.code: r for r in parse_register((FIXTURES / "etr_excerpt_2026-07.csv").read_bytes())}

    closed = rows["RVJ"].open

    assert closed.holds(date(2026, 6, 30))
    assert not closed.holds(date(2026, 7, 1))


def test_a_trust_outside_england_has_no_region_and_no_board() -> None:
    rows = {r.code: r for r in parse_register((FIXTURES / "etr_excerpt_2026-07.csv").read_bytes())}

    assert (rows["RQF"].region, rows["RQF"].icb) == (None, None)


def test_an_older_layout_with_fewer_columns_is_refused_with_its_row() -> None:
    errors = errors_of(file_of(row(), row("RX2", columns=24)))

    assert errors == (RowError(2, None, "there are 24 columns; the register has 27 and no header row."),)


def test_a_header_row_is_refused_and_named() -> None:
    header = ",".join(f"column{n}" for n in range(27)).encode()

    errors = errors_of(header + b"\r\n" + file_of(row()))

    assert {e.row for e in errors} == {1}


@pytest.mark.parametrize("opened", ["", "2010-04-01", "20101301", "20100230", "١٢٣٤٥٦٧٨", "201004011"])
def test_a_wrong_opening_date_is_refused_with_row_and_column(opened: str) -> None:
    errors = errors_of(file_of(row(), row("RX2", opened=opened)))

    assert [(e.row, e.column) for e in errors] == [(2, 11)]


@pytest.mark.parametrize("closed", ["20090331", "99999999", "31/03/2026"])
def test_a_wrong_closing_date_is_refused_with_row_and_column(closed: str) -> None:
    errors = errors_of(file_of(row(closed=closed)))

    assert [(e.row, e.column) for e in errors] == [(1, 12)]


def test_a_code_given_twice_is_refused_and_names_the_first_row() -> None:
    errors = errors_of(file_of(row("RX1"), row("RX2"), row("RX1")))

    assert errors == (RowError(3, 1, "RX1 was already in row 1."),)


@pytest.mark.parametrize("code", ["", "rx1", "RX 1", "RX-1", "ABCDEFGHIJK", "../X", "RÉ1"])
def test_a_code_that_is_none_is_refused(code: str) -> None:
    assert [(e.row, e.column) for e in errors_of(file_of(row(code)))] == [(1, 1)]


@pytest.mark.parametrize("code", ["R0A", "G6V2S", "TAD", "DEMO01"])
def test_no_shape_is_asked_of_a_code(code: str) -> None:
    assert parse_register(file_of(row(code)))[0].code == code


@pytest.mark.parametrize("name", ["", "=HYPERLINK(1)", "A\u0007B", "X" * 201])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    assert [(e.row, e.column) for e in errors_of(file_of(row(name=name)))] == [(1, 2)]


def test_every_faulty_row_is_listed_so_that_the_file_can_be_mended_at_once() -> None:
    errors = errors_of(file_of(row("x"), row("RX2"), row("RX3", opened="soon"), row("RX4", icb="q-op")))

    assert [(e.row, e.column) for e in errors] == [(1, 1), (3, 11), (4, 4)]


def test_no_more_than_fifty_problems_are_listed() -> None:
    assert len(errors_of(file_of(*[row("x") for _ in range(200)]))) == 50


def test_another_encoding_is_refused_with_its_row() -> None:
    content = file_of(row("RX1")) + row("RX2", name="ÉCOLE").encode("latin-1")

    assert [e.row for e in errors_of(content)] == [2]


def test_a_byte_order_mark_is_not_part_of_the_first_code() -> None:
    assert parse_register(b"\xef\xbb\xbf" + file_of(row("RX1")))[0].code == "RX1"


def test_unbalanced_quotation_marks_are_refused() -> None:
    assert errors_of(b'"RX1","ANYTOWN\n')[0].row == 1


def test_a_file_with_zero_bytes_in_it_is_refused() -> None:
    assert errors_of(file_of(row()) + b"\x00\x00")[0].row == 2


def test_an_empty_file_is_refused() -> None:
    assert errors_of(b"") == (RowError(None, None, "it has no rows."),)


def test_a_file_over_the_limit_is_refused_before_it_is_read() -> None:
    assert errors_of(b"x" * (MAX_BYTES + 1)) == (RowError(None, None, "it is larger than 2 MB."),)


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return buffer.getvalue()


def test_the_file_may_come_in_a_zip_archive_as_published() -> None:
    assert parse_register(zipped(etr_csv=file_of(row("RX1"))))[0].code == "RX1"


def test_a_zip_archive_that_unpacks_without_end_is_refused() -> None:
    bomb = zipped(etr_csv=b"0" * 60_000_000)

    assert len(bomb) < 100_000
    assert errors_of(bomb) == (RowError(None, None, "it is larger than 2 MB."),)


def test_a_zip_archive_with_several_files_is_refused() -> None:
    assert errors_of(zipped(etr_csv=file_of(row()), ect_csv=file_of(row())))[0].row is None


def test_a_damaged_zip_archive_is_refused() -> None:
    assert "damaged" in errors_of(zipped(etr_csv=file_of(row()))[:60])[0].message


def test_the_refusal_says_where_the_first_problem_is() -> None:
    with pytest.raises(RegisterFileRefused, match=r"Row 1, column 11: .* Problems found in all: 2."):
        parse_register(file_of(row(opened="soon"), row("RX2", opened="later")))
