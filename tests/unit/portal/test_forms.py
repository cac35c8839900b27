"""Reading what was typed: every refusal names the field and says what would be right."""

from datetime import date

import pytest

from services.portal.forms import FormRefused, Typed, rows_of


def test_all_errors_of_a_form_are_told_together() -> None:
    typed = Typed({"name": ["  "], "role": ["owner"]})
    typed.text("name", missing="Enter a name.")
    typed.choice("role", ["chair"], missing="Choose a role.")

    with pytest.raises(FormRefused) as refused:
        typed.check()

    assert refused.value.errors == [
        {"field": "name", "message": "Enter a name."},
        {"field": "role", "message": "Choose a role."},
    ]


def test_text_is_trimmed_and_its_line_ends_are_made_one_kind() -> None:
    assert Typed({"why": ["  a\r\nb "]}).text("why") == "a\nb"


def test_text_that_is_too_long_is_refused_with_both_numbers() -> None:
    typed = Typed({"why": ["x" * 12]})

    typed.text("why", longest=10)

    assert typed.errors[0]["message"] == "Use 10 characters or fewer. You have used 12."


@pytest.mark.parametrize(
    ("parts", "day"),
    [(("3", "3", "2026"), date(2026, 3, 3)), (("31", "12", "26"), date(2026, 12, 31)), (("", "", ""), None)],
)
def test_a_date_is_read_from_three_fields(parts: tuple[str, str, str], day: date | None) -> None:
    typed = Typed({"on-day": [parts[0]], "on-month": [parts[1]], "on-year": [parts[2]]})

    assert typed.day("on") == day
    assert not typed.errors


@pytest.mark.parametrize("parts", [("31", "2", "2026"), ("x", "2", "2026"), ("1", "", "2026")])
def test_a_date_that_does_not_exist_is_refused_at_its_first_field(parts: tuple[str, str, str]) -> None:
    typed = Typed({"on-day": [parts[0]], "on-month": [parts[1]], "on-year": [parts[2]]})

    assert typed.day("on") is None
    assert typed.errors[0]["field"] == "on-day"


@pytest.mark.parametrize("text", ["0", "6", "2.5", "", "²"])
def test_a_number_outside_its_limits_is_refused(text: str) -> None:
    typed = Typed({"level": [text]})

    assert typed.number("level", lowest=1, highest=5, missing="Choose a level.") is None
    assert typed.errors


def test_ticked_options_come_in_the_order_offered_and_strangers_are_left_out() -> None:
    assert Typed({"kind": ["c", "a", "x"]}).choices("kind", ["a", "b", "c"]) == ["a", "c"]


def test_repeated_fields_are_read_as_rows() -> None:
    typed = Typed({"title": ["One", "", "Three"], "item": ["p1", "p2", "p3"]})

    rows = rows_of(typed, ["title", "item"], wanted=lambda row: bool(row["title"]))

    assert rows == [{"title": "One", "item": "p1"}, {"title": "Three", "item": "p3"}]
