"""A question set goes out as YAML, JSON or a workbook and comes in again unchanged; faults name their cell."""

import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from openpyxl import Workbook, load_workbook

from services.assessment.commands.question_sets import FILES
from services.assessment.domain.question_set_rules import faults_of
from services.assessment.domain.question_sets import parse
from services.assessment.question_set_files import text_out, workbook_out
from services.assessment.question_set_files.reading import read_question_set
from services.assessment.question_set_files.refusal import QuestionSetRefused
from tests.unit.assessment.question_set_example import raw_question_set, whole_next_version, whole_question_set

WRITERS: Mapping[str, Callable[[Mapping[str, Any]], bytes]] = {
    "yaml": text_out.as_yaml,
    "json": text_out.as_json,
    "xlsx": workbook_out.write,
}
SETS = [path.name for path in sorted(FILES.glob("*.yaml"))]
DOCS = Path(__file__).parents[3] / "docs"
SCHEMA = Draft202012Validator(json.loads((DOCS / "question-set.schema.json").read_text()))


def refusal_of(content: bytes, name: str) -> QuestionSetRefused:
    with pytest.raises(QuestionSetRefused) as refused:
        read_question_set(content, name)
    return refused.value


def changed_workbook(change: Callable[[Workbook], object], content: Mapping[str, Any] | None = None) -> bytes:
    book = load_workbook(io.BytesIO(workbook_out.write(content or whole_question_set())))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def faults_in_workbook(change: Callable[[Workbook], object], content: Mapping[str, Any] | None = None) -> list[Any]:
    raw, where = read_question_set(changed_workbook(change, content), "set.xlsx")
    found = faults_of(raw, parse(raw_question_set()) if raw.get("replaces") else None)
    return QuestionSetRefused.of(found, where).extra["faults"]


@pytest.mark.parametrize("ending", WRITERS)
@pytest.mark.parametrize("name", SETS)
def test_each_set_beside_the_code_comes_back_as_it_went_out(name: str, ending: str) -> None:
    content = yaml.safe_load((FILES / name).read_text(encoding="utf-8"))

    again, _ = read_question_set(WRITERS[ending](content), f"set.{ending}")

    assert _without_nothing(again) == _without_nothing(content)
    assert faults_of(again, None) == []


@pytest.mark.parametrize("ending", WRITERS)
def test_the_mapping_to_the_version_before_comes_back_too(ending: str) -> None:
    content = whole_next_version()

    again, _ = read_question_set(WRITERS[ending](content), f"set.{ending}")

    assert again["mapping"] == content["mapping"]
    assert again["replaces"] == "small-1"


def _without_nothing(value: Any) -> Any:
    """Fields that hold nothing may be left out."""
    if isinstance(value, dict):
        return {key: _without_nothing(part) for key, part in value.items() if part is not None}
    return [_without_nothing(part) for part in value] if isinstance(value, list) else value


def test_text_that_looks_like_a_formula_stays_text() -> None:
    content = whole_question_set(title="=1+1", licence_note="+44", how_to_answer="https://example.org")

    again, _ = read_question_set(workbook_out.write(content), "set.xlsx")

    assert (again["title"], again["licence_note"]) == ("=1+1", "+44")


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "place", "words"),
    [
        ("Items", "G3", "word " * 26, (3, "G (Level 3)"), "25 words"),
        ("Items", "D2", None, (2, "D (Question)"), "empty"),
        ("Items", "B3", "i1", (3, "B (Id)"), "used twice"),
        ("Items", "J2", "x" * 20_000, (2, "J (Where to look 1)"), "300 characters or fewer; this has 20,000"),
        ("Levels", "B4", None, (4, "B (Name)"), "empty"),
        ("Practices", "A2", "P 1", None, "No practice"),
        ("About", "B4", "region", (4, "B (Value)"), "trust, icb, place"),
        ("Glossary", "B2", None, (2, "B (Meaning)"), "empty"),
    ],
)
def test_a_fault_in_a_workbook_names_sheet_row_and_column(
    sheet: str, cell: str, value: Any, place: tuple[int, str] | None, words: str
) -> None:
    def change(book: Workbook) -> None:
        book[sheet][cell] = value

    if place is None:
        (fault,) = refusal_of(changed_workbook(change), "set.xlsx").extra["faults"]
        assert (fault["sheet"], fault["row"]) == ("Items", 2)
    else:
        (fault,) = faults_in_workbook(change)[:1]
        assert (fault["sheet"], fault["row"], fault["column"]) == (sheet, *place)
        assert fault["text"].startswith(f"Sheet {sheet}, row {place[0]}, column {place[1]}: ")
    assert words in fault["message"]


def test_a_fault_of_the_mapping_names_its_row() -> None:
    def change(book: Workbook) -> None:
        book["Mapping"]["D2"] = None

    (fault,) = faults_in_workbook(change, whole_next_version())

    assert (fault["sheet"], fault["row"], fault["column"]) == ("Mapping", 2, "D (Reason)")


def test_a_fault_in_a_text_names_its_field() -> None:
    raw, where = read_question_set(text_out.as_yaml(whole_question_set(title="")), "set.yaml")

    (fault,) = QuestionSetRefused.of(faults_of(raw, None), where).extra["faults"]

    assert fault["text"] == "Title: This is empty. Write something here"


def test_text_that_cannot_be_read_names_line_and_column() -> None:
    assert str(refusal_of(b"id: a\nversion: [1\n", "set.yaml")).startswith("Line 3, column 1: ")
    assert str(refusal_of(b'{"id": }', "set.json")).startswith("Line 1, column 8: ")


@pytest.mark.parametrize("content", [whole_question_set(), whole_next_version()], ids=["first", "next"])
def test_what_the_rules_accept_the_published_schema_accepts(content: dict[str, Any]) -> None:
    assert list(SCHEMA.iter_errors(content)) == []


@pytest.mark.parametrize("name", SETS)
def test_the_sets_beside_the_code_fit_the_published_schema(name: str) -> None:
    assert list(SCHEMA.iter_errors(yaml.safe_load((FILES / name).read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "changes",
    [{"title": ""}, {"audience": "region"}, {"colour": 1}, {"practices": []}, {"id": "No"}, {"illustrative": "yes"}],
)
def test_what_the_published_schema_refuses_the_rules_refuse(changes: dict[str, Any]) -> None:
    content = whole_question_set(**changes)

    assert list(SCHEMA.iter_errors(content)) != []
    assert faults_of(content, None) != []
