from typing import Any

from services.assessment.domain.movement import Link, item_movement, practice_movement


def result(levels: dict[str, int], practices: dict[str, int]) -> dict[str, Any]:
    """A frozen content in which the items named like "p1-a" belong to practice p1."""
    return {
        "practices": [
            {
                "practice_id": practice_id,
                "level": level,
                "items": [
                    {"item_id": item_id, "level": each}
                    for item_id, each in levels.items()
                    if item_id.startswith(practice_id)
                ],
            }
            for practice_id, level in practices.items()
        ]
    }


BEFORE = result({"p1-a": 2, "p1-b": 3, "p2-c": 3}, {"p1": 2, "p2": 3})
NOW = result({"p1-a": 4, "p1-b": 2, "p2-c": 3, "p2-d": 1}, {"p1": 3, "p2": 3})


def test_movement_is_said_in_words() -> None:
    moved = item_movement(NOW, BEFORE, None)

    assert moved["p1-a"] == {"previous_level": 2, "change": 2, "words": "up 2 levels, from 2 to 4"}
    assert moved["p1-b"]["words"] == "down 1 level, from 3 to 2"
    assert moved["p2-c"]["words"] == "no change, still level 3"
    assert moved["p2-d"] == {"previous_level": None, "change": None, "words": "not agreed before"}
    assert practice_movement(NOW, BEFORE, None)["p1"]["words"] == "up 1 level, from 2 to 3"


def test_a_first_result_has_nothing_to_move_from() -> None:
    assert {each["words"] for each in item_movement(NOW, None, None).values()} == {"not agreed before"}
    assert {each["words"] for each in practice_movement(NOW, None, None).values()} == {"not agreed before"}


def test_across_question_sets_an_item_moves_from_the_one_it_continues() -> None:
    links = {
        "p1-a": Link("p1-b", comparable=True),
        "p1-b": Link("p1-a", comparable=False, reason="the question was split in two"),
        "p2-c": Link(None, comparable=False),
    }

    moved = item_movement(NOW, BEFORE, links)

    assert moved["p1-a"]["words"] == "up 1 level, from 3 to 4"
    assert moved["p1-b"] == {
        "previous_level": None,
        "change": None,
        "words": "not comparable: the question was split in two",
    }
    assert moved["p2-c"]["words"] == "not asked before"


def test_a_practice_is_compared_only_when_all_its_items_are() -> None:
    links = {item: Link(item, comparable=True) for item in ("p1-a", "p1-b", "p2-c")}

    moved = practice_movement(NOW, BEFORE, links | {"p2-d": Link(None, comparable=False)})

    assert moved["p1"]["change"] == 1
    assert moved["p2"] == {"previous_level": None, "change": None, "words": "not comparable: its items changed"}
