"""The words of the question sets: short, plain, told apart from their neighbours, and honest about being ours."""

from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.contracts.plain_words import OLDEST_READER, longest_sentence, reading_age, texts_in

FOLDER = Path(__file__).parents[3] / "services" / "assessment" / "question_sets"
SETS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
ITEMS = [
    pytest.param(item, id=f"{name}/{item['id']}")
    for name, question_set in SETS.items()
    for practice in question_set["practices"]
    for item in practice["items"]
]
LONGEST_DESCRIPTOR = 25
"""Words: five descriptors side by side on a phone."""


def items_of(question_set: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for practice in question_set["practices"] for item in practice["items"]]


def test_the_trust_set_has_the_five_practices_with_their_twenty_two_items() -> None:
    practices = SETS["trust-2026-1"]["practices"]

    assert [practice["id"] for practice in practices] == ["p1", "p2", "p3", "p4", "p5"]
    assert [len(practice["items"]) for practice in practices] == [4, 4, 5, 5, 4]


@pytest.mark.parametrize("name", SETS)
def test_every_set_asks_about_the_same_practices(name: str) -> None:
    practices = {key: [practice["title"] for practice in SETS[key]["practices"]] for key in (name, "trust-2026-1")}

    assert practices[name] == practices["trust-2026-1"]
    assert len(items_of(SETS[name])) >= 10


def test_there_is_a_set_for_trusts_for_icbs_and_for_places() -> None:
    assert sorted(question_set["audience"] for question_set in SETS.values()) == ["icb", "place", "trust"]


@pytest.mark.parametrize("name", SETS)
def test_a_question_set_is_named_after_its_file_and_says_that_it_is_illustrative(name: str) -> None:
    question_set = SETS[name]

    assert question_set["id"] == name
    assert question_set["audience"] in {"trust", "icb", "place"}
    assert question_set["illustrative"] is True
    assert "not an official NHS text" in question_set["illustrative_note"]
    assert "not confirmed" in question_set["illustrative_note"]
    assert question_set["licence_note"]
    assert date.fromisoformat(question_set["effective_from"])


@pytest.mark.parametrize("name", SETS)
def test_a_question_set_tells_itself_apart_from_the_compulsory_one(name: str) -> None:
    apart = SETS[name]["apart_from_capability"]

    assert apart["heading"]
    assert "capability" in apart["heading"] + apart["text"]


@pytest.mark.parametrize("name", SETS)
def test_ids_are_unique_and_say_which_practice_they_belong_to(name: str) -> None:
    practices = SETS[name]["practices"]
    ids = [item["id"] for item in items_of(SETS[name])]

    assert len(ids) == len(set(ids))
    assert [item["id"] for p in practices for item in p["items"] if not item["id"].startswith(f"{p['id']}-")] == []


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_describes_the_five_levels_in_order(item: dict[str, Any]) -> None:
    named = [(level["level"], level["name"]) for level in item["levels"]]

    assert named == [
        (1, "Starting"),
        (2, "Developing"),
        (3, "Progressing"),
        (4, "Spreading"),
        (5, "Improving and sustaining"),
    ]


@pytest.mark.parametrize("item", ITEMS)
def test_a_descriptor_is_short_and_ends_as_a_sentence(item: dict[str, Any]) -> None:
    descriptors = [level["descriptor"] for level in item["levels"]]

    assert [text for text in descriptors if not 5 <= len(text.split()) <= LONGEST_DESCRIPTOR] == []
    assert [text for text in descriptors if not text.endswith(".")] == []


@pytest.mark.parametrize("item", ITEMS)
def test_neighbouring_levels_begin_with_different_words(item: dict[str, Any]) -> None:
    starts = [[word.lower() for word in level["descriptor"].split()[:4]] for level in item["levels"]]

    assert [pair for pair in pairwise(starts) if pair[0] == pair[1]] == []


@pytest.mark.parametrize("item", ITEMS)
def test_neighbouring_levels_share_less_than_half_of_their_words(item: dict[str, Any]) -> None:
    words = [set(level["descriptor"].lower().replace(".", "").split()) for level in item["levels"]]

    assert [pair for pair in pairwise(words) if len(pair[0] & pair[1]) * 2 >= min(len(pair[0]), len(pair[1]))] == []


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_asks_one_question_and_helps_with_evidence_and_discussion(item: dict[str, Any]) -> None:
    assert item["question"].endswith("?")
    assert item["question"].count("?") == 1
    assert len(item["question"].split()) <= 20
    assert 2 <= len(item["evidence_prompts"]) <= 3
    assert 2 <= len(item["discussion_prompts"]) <= 3
    assert all(prompt.endswith("?") for prompt in item["discussion_prompts"])


@pytest.mark.parametrize("name", SETS)
def test_a_question_set_can_be_read_at_about_twelve(name: str) -> None:
    read = [level["descriptor"] for item in items_of(SETS[name]) for level in item["levels"]]
    asked = [item["question"] for item in items_of(SETS[name])]

    assert reading_age(read + asked) <= OLDEST_READER


@pytest.mark.parametrize("name", SETS)
def test_no_sentence_of_a_question_set_is_long(name: str) -> None:
    assert [text for text in texts_in(SETS[name]) if longest_sentence(text) > 30] == []


@pytest.mark.parametrize("name", SETS)
def test_apostrophes_are_straight_and_dashes_are_plain(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")

    assert [mark for mark in "‘’“”–—" if mark in text] == []


@pytest.mark.parametrize("name", SETS)
def test_every_glossary_term_occurs_in_the_set(name: str) -> None:
    words = " ".join(texts_in(SETS[name]["practices"])).lower()

    assert [entry["term"] for entry in SETS[name]["glossary"] if entry["term"].lower() not in words] == []
