from datetime import date

import pytest

from services.assessment.domain.earlier import (
    AGREED_ON,
    NAME,
    QUESTION_SET,
    Reader,
    Row,
    question_set_of,
    template_rows,
)
from services.assessment.domain.errors import NotValid
from services.assessment.domain.question_sets import parse
from services.assessment.domain.results import levels_by_item, levels_by_practice
from tests.unit.assessment.question_set_example import raw_question_set

QUESTIONS = parse(raw_question_set())
GOOD = {NAME: "Spring 2024", AGREED_ON: "2024-03-31", QUESTION_SET: "small-1", "p1": "2", "i1": "3", "i3": "5"}


def rows(values: dict[str, str]) -> list[Row]:
    return [
        (number, {"Id": id_, "What": "", "Value": value, "Reason": "Because", "Evidence": ""})
        for number, (id_, value) in enumerate(values.items(), start=2)
    ]


def reader() -> Reader:
    return Reader(QUESTIONS, today=date(2026, 5, 1))


def faults(values: dict[str, str]) -> list[str]:
    reading = reader()
    assert reading.read(rows(values), "DEMO01") is None
    return [fault.words for fault in reading.faults]


def test_the_empty_file_has_a_row_for_everything_that_has_a_level() -> None:
    table = template_rows(QUESTIONS)

    assert table[0] == ["Id", "What", "Value", "Reason", "Evidence"]
    assert [row[0] for row in table[1:]] == [NAME, AGREED_ON, QUESTION_SET, "p1", "i1", "i2", "p2", "i3"]
    assert table[3][2] == "small-1"


def test_a_filled_file_becomes_a_content_as_results_are_kept_and_what_was_not_given_stays_out() -> None:
    found = reader().read(rows(GOOD), "DEMO01")

    assert found is not None
    assert (found.name, found.agreed_on, found.question_set_id) == ("Spring 2024", date(2024, 3, 31), "small-1")
    assert levels_by_item(found.content) == {"i1": 3, "i3": 5}
    assert levels_by_practice(found.content) == {"p1": 2, "p2": None}
    assert found.content["practices"][0]["items"][0]["reason"] == "Because"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"i1": "6"}, "Row 6, column C (Value): Write a level from 1 to 5"),
        ({"i1": "3.5"}, "Row 6, column C (Value): Write a level from 1 to 5"),
        ({AGREED_ON: "31/03/2024"}, "Row 3, column C (Value): Write the day"),
        ({AGREED_ON: "2027-01-01"}, "Row 3, column C (Value): The day must have passed"),
        ({NAME: ""}, "Row 2, column C (Value): Give the self-assessment a name"),
        ({NAME: "x" * 201}, "Row 2, column C (Value): Use 200 characters or fewer"),
        ({"other": "3"}, "Row 8, column A (Id): The question set has nothing of this id"),
        ({"i1": "", "i3": "", "p1": ""}, "Row 7, column C (Value): No level is given anywhere"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(change: dict[str, str], fault: str) -> None:
    (found,) = faults(GOOD | change)

    assert found.startswith(fault)


def test_all_faults_are_told_together_and_an_id_that_stands_twice_with_its_first_row() -> None:
    reading = reader()
    twice = [*rows(GOOD | {"p1": "x"}), (20, rows({"i1": "4"})[0][1])]

    reading.read(twice, "DEMO01")

    assert [fault.words for fault in reading.faults] == [
        "Row 20, column A (Id): This id stands in row 6 already",
        "Row 5, column C (Value): Write a level from 1 to 5, or leave it empty",
    ]


def test_a_file_that_does_not_say_its_question_set_is_refused() -> None:
    with pytest.raises(NotValid, match="which question set"):
        question_set_of(rows({"i1": "3"}))
