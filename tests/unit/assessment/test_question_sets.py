from collections.abc import Callable
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


@pytest.mark.parametrize("spoil", [_drop_title, _empty_practice, _same_item_twice, _four_levels, _levels_out_of_order])
def test_a_spoiled_question_set_is_refused(spoil: Callable[[dict[str, Any]], None]) -> None:
    raw = raw_question_set()
    spoil(raw)

    with pytest.raises(NotValid):
        parse(raw)


def test_an_unknown_item_is_refused_by_name_of_the_field() -> None:
    with pytest.raises(NotValid) as refusal:
        parse(raw_question_set()).require_item("i9")

    assert refusal.value.field == "item_id"
