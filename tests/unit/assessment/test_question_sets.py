from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.assessment.domain.errors import NotValid
from services.assessment.domain.question_sets import parse
from tests.unit.assessment.question_set_example import raw_question_set


def test_items_and_practices_keep_their_order_and_know_each_other() -> None:
    question_set = parse(raw_question_set())

    assert list(question_set.items) == ["i1", "i2", "i3"]
    assert question_set.practices == {"p1": "Purpose", "p2": "People"}
    assert question_set.practice_of["i3"] == "p2"
    assert question_set.level_names[4] == "Level 4"


def _drop_title(raw: dict[str, Any]) -> None:
    del raw["title"]


def _empty_practice(raw: dict[str, Any]) -> None:
    raw["practices"][0]["items"] = []


def _same_item_twice(raw: dict[str, Any]) -> None:
    raw["practices"][1]["items"][0]["id"] = "i1"


def _four_levels(raw: dict[str, Any]) -> None:
    raw["practices"][1]["items"][0]["levels"].pop()


def _levels_out_of_order(raw: dict[str, Any]) -> None:
    raw["practices"][0]["items"][0]["levels"].reverse()


def _day_that_does_not_exist(raw: dict[str, Any]) -> None:
    raw["effective_from"] = "2026-02-30"


@pytest.mark.parametrize(
    "spoil",
    [_day_that_does_not_exist, _drop_title, _empty_practice, _same_item_twice, _four_levels, _levels_out_of_order],
)
def test_a_spoiled_question_set_is_refused(spoil: Callable[[dict[str, Any]], None]) -> None:
    raw = raw_question_set()
    spoil(raw)

    with pytest.raises(NotValid):
        parse(raw)


def test_an_unknown_item_is_refused_by_name_of_the_field() -> None:
    with pytest.raises(NotValid) as refusal:
        parse(raw_question_set()).require_item("i9")

    assert refusal.value.field == "item_id"


@pytest.mark.parametrize(
    ("kind", "audience"), [("trust", "trust"), ("icb", "icb"), ("place", "place"), ("national", "icb")]
)
def test_each_kind_of_organisation_answers_the_questions_written_for_it(kind: str, audience: str) -> None:
    for written_for in ("trust", "icb", "place"):
        question_set = parse(raw_question_set() | {"audience": written_for})
        if written_for == audience:
            question_set.require_for(kind)
        else:
            with pytest.raises(NotValid, match="another kind"):
                question_set.require_for(kind)


@pytest.mark.parametrize("kind", ["region", None])
def test_a_region_or_an_unknown_organisation_answers_none(kind: str | None) -> None:
    with pytest.raises(NotValid):
        parse(raw_question_set()).require_for(kind)


def test_a_set_is_used_from_its_first_day_to_its_last() -> None:
    question_set = parse(raw_question_set() | {"effective_from": "2026-04-01", "effective_to": "2027-03-31"})

    question_set.require_in_use(date(2026, 4, 1))
    question_set.require_in_use(date(2027, 3, 31))
    for day in (date(2026, 3, 31), date(2027, 4, 1)):
        with pytest.raises(NotValid):
            question_set.require_in_use(day)


def test_a_set_without_days_is_used_on_any_day() -> None:
    parse(raw_question_set()).require_in_use(date(2020, 1, 1))
