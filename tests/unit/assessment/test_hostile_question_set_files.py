"""Files made to do harm are refused whole, quickly, in plain words."""

import io
import time
import tracemalloc
import zipfile
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook

from services.assessment.question_set_files import workbook_out
from services.assessment.question_set_files.reading import LARGEST_FILE, read_question_set
from services.assessment.question_set_files.refusal import QuestionSetRefused
from tests.unit.assessment.question_set_example import whole_question_set

GOOD = workbook_out.write(whole_question_set())
SHEET = "xl/worksheets/sheet3.xml"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
MOST_SECONDS, MOST_BYTES = 20, 120_000_000


def refused(content: bytes, name: str = "set.xlsx") -> str:
    with pytest.raises(QuestionSetRefused) as refusal:
        read_question_set(content, name)
    return str(refusal.value)


def with_parts(**replaced: bytes | None) -> bytes:
    """The good workbook with parts replaced, added, or (None) left out; names are given with __ for /."""
    wanted = {name.replace("__", "/"): content for name, content in replaced.items()}
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name in [*source.namelist(), *(extra for extra in wanted if extra not in source.namelist())]:
            content = wanted[name] if name in wanted else source.read(name)
            if content is not None:
                made.writestr(name, content)
    return target.getvalue()


def sheet_with(rows: str, before: str = "") -> bytes:
    xml = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{before}'
    return with_parts(**{SHEET.replace("/", "__"): f"{xml}<sheetData>{rows}</sheetData></worksheet>".encode()})


@pytest.fixture
def quick_and_small() -> Iterator[None]:
    """Refusing costs neither long nor much memory."""
    tracemalloc.start()
    began = time.process_time()
    yield
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert time.process_time() - began < MOST_SECONDS
    assert most < MOST_BYTES


@pytest.mark.usefixtures("quick_and_small")
def test_an_archive_that_expands_to_a_gigabyte_is_not_expanded() -> None:
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(GOOD)) as source,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made,
    ):
        for name in source.namelist():
            made.writestr(name, source.read(name))
        with made.open("xl/media/image1.png", "w") as part:
            for _ in range(300):
                part.write(bytes(1_000_000))

    assert len(bomb.getvalue()) < LARGEST_FILE
    assert "expands to more" in refused(bomb.getvalue())


@pytest.mark.usefixtures("quick_and_small")
def test_an_archive_that_lies_about_its_size_is_not_believed() -> None:
    honest = with_parts(xl__media__a=bytes(20_000_000))
    lying = honest.replace((20_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))

    assert lying != honest
    assert "damaged" in refused(lying)


@pytest.mark.usefixtures("quick_and_small")
def test_cells_without_number_are_not_counted_out() -> None:
    assert "more cells" in refused(sheet_with("<row>" + "<c/>" * 300_000 + "</row>"))


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7 \xff\xfe", "set.xlsx", "not what its name says"),
        (GOOD, "set.yaml", "not what its name says"),
        (b"id: a", "set.xlsx", "not what its name says"),
        (GOOD, "set.exe", "not what its name says"),
        (b"\xd0\xcf\x11\xe0old", "set.xlsx", "old or a protected"),
        (GOOD[:1_000], "set.xlsx", "damaged"),
        (b"\xff\xfe\x00", "set.yaml", "UTF-8"),
        (b"x" * (LARGEST_FILE + 1), "set.yaml", "larger than"),
        (b"a: &x [1]\nb: *x\n", "set.yaml", "References"),
        (b"[" * 5_000, "set.yaml", "nested too deeply"),
        (b"[" * 100_000, "set.json", "nested too deeply"),
        (b"!!python/object/apply:os.system ['true']", "set.yaml", "cannot be read as YAML"),
        (b'{"id": "a", "id": "b"}', "set.json", "twice"),
        (b"", "set.json", "cannot be read as JSON"),
    ],
)
def test_a_file_that_is_something_else_is_refused(content: bytes, name: str, words: str) -> None:
    assert words in refused(content, name)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (with_parts(xl__workbook=b"", **{"xl__workbook.xml": None}), "not a workbook"),
        (with_parts(**{"xl__vbaProject.bin": b"macro"}), "macros"),
        (with_parts(**{"xl__externalLinks__externalLink1.xml": b"<x/>"}), "macros"),
        (with_parts(**{"xl__workbook.xml": f"{LAUGHS}<x>&b;</x>".encode()}), "XML that is not read"),
        (with_parts(**{"xl__workbook.xml": b"<x>"}), "XML that is not read"),
        (sheet_with('<row r="99999999999"><c/></row>'), "far outside"),
        (sheet_with('<row r="2"><c r="XFD2"><v>1</v></c></row>'), "far outside"),
        (sheet_with('<row r="2"><c r="AY2"><v>1</v></c></row>'), "far outside"),
        (sheet_with(""), "heading here must be Practice"),
    ],
)
def test_a_workbook_made_by_hand_to_do_harm_is_refused(content: bytes, words: str) -> None:
    assert words in refused(content)


@pytest.mark.usefixtures("quick_and_small")
def test_a_merged_area_of_a_whole_sheet_is_not_walked_through() -> None:
    book = load_workbook(io.BytesIO(GOOD))
    target = io.BytesIO()
    book.save(target)
    with zipfile.ZipFile(target) as source:
        sheet = source.read(SHEET).decode()
    sheet = sheet.replace("</sheetData>", '</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')
    made = io.BytesIO()
    with zipfile.ZipFile(target) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in source.namelist():
            copy.writestr(name, sheet if name == SHEET else source.read(name))

    raw, _ = read_question_set(made.getvalue(), "set.xlsx")

    assert [item["id"] for practice in raw["practices"] for item in practice["items"]] == ["i1", "i2", "i3"]


@pytest.mark.parametrize("value", ["=1+1", '=HYPERLINK("https://example.org")', "=cmd|'/c calc'!A0"])
def test_a_formula_is_refused_with_its_cell(value: str) -> None:
    book = load_workbook(io.BytesIO(GOOD))
    book["Items"]["D3"] = value
    target = io.BytesIO()
    book.save(target)

    assert refused(target.getvalue()).startswith("Sheet Items, row 3, column D: This cell holds a formula")


def test_a_sheet_too_many_or_too_few_is_named() -> None:
    book = load_workbook(io.BytesIO(GOOD))
    book.create_sheet("Secrets")
    target = io.BytesIO()
    book.save(target)
    fewer = load_workbook(io.BytesIO(GOOD))
    fewer.remove(fewer["Items"])
    without = io.BytesIO()
    fewer.save(without)

    assert refused(target.getvalue()).startswith("Sheet Secrets: Remove this sheet")
    assert "no sheet called Items" in refused(without.getvalue())
