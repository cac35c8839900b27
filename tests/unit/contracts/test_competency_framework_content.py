"""The words of the competency frameworks: first person, observable, private by promise, and honest about being ours."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.contracts.plain_words import OLDEST_READER, longest_sentence, reading_age, texts_in

FOLDER = Path(__file__).parents[3] / "services" / "competency_framework" / "frameworks"
FRAMEWORKS = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}
STATEMENTS = [
    pytest.param(statement, id=statement["id"])
    for framework in FRAMEWORKS.values()
    for domain in framework["domains"]
    for statement in domain["statements"]
]


def statements_of(framework: dict[str, Any]) -> list[dict[str, Any]]:
    return [statement for domain in framework["domains"] for statement in domain["statements"]]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_is_named_after_its_file_and_says_that_it_is_illustrative(name: str) -> None:
    framework = FRAMEWORKS[name]

    assert framework["id"] == name
    assert framework["illustrative"] is True
    assert "not an official NHS framework" in framework["illustrative_note"]
    assert date.fromisoformat(framework["effective_from"])


def test_the_improvement_framework_has_twelve_statements_in_five_domains() -> None:
    framework = FRAMEWORKS["improvement-leadership-2026-1"]

    assert len(framework["domains"]) == 5
    assert len(statements_of(framework)) == 12


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_having_had_no_chance_is_an_answer_like_the_others(name: str) -> None:
    codes = [step["code"] for step in FRAMEWORKS[name]["scale"]]

    assert codes == ["almost_always", "frequently", "occasionally", "rarely_or_never", "no_chance"]
    assert "real answer" in FRAMEWORKS[name]["guidance"]["no_chance"]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_relation_to_a_national_framework_is_marked_as_our_own_reading(name: str) -> None:
    relations = [domain["relates_to"] for domain in FRAMEWORKS[name]["domains"]]

    assert all("our own reading" in relation["note"] for relation in relations)
    assert {number for relation in relations for number in relation["domains"]} == {1, 2, 5}


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_guidance_says_who_can_see_and_what_it_is_not(name: str) -> None:
    guidance = FRAMEWORKS[name]["guidance"]

    assert guidance["who_can_see"].startswith("Only you")
    assert "seven" in guidance["who_can_see"]
    assert "not an appraisal" in guidance["what_it_is_not"]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_statement_ids_are_unique_and_say_their_domain(name: str) -> None:
    domains = FRAMEWORKS[name]["domains"]
    ids = [statement["id"] for statement in statements_of(FRAMEWORKS[name])]

    assert len(ids) == len(set(ids))
    assert [s["id"] for d in domains for s in d["statements"] if not s["id"].startswith(f"{d['id']}-")] == []


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_is_short_in_the_first_person_and_says_what_it_looks_like(statement: dict[str, Any]) -> None:
    assert statement["statement"].startswith("I ")
    assert len(statement["statement"].split()) <= 20
    assert len(statement["looks_like"]) >= 2


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_framework_can_be_read_at_about_twelve(name: str) -> None:
    framework = FRAMEWORKS[name]

    read = texts_in(framework["guidance"]) + [
        text for s in statements_of(framework) for text in texts_in(s) if " " in text
    ]
    assert reading_age(read) <= OLDEST_READER
    assert [text for text in read if longest_sentence(text) > 30] == []


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_apostrophes_are_straight_and_dashes_are_plain(name: str) -> None:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")

    assert [mark for mark in "‘’“”–—" if mark in text] == []
