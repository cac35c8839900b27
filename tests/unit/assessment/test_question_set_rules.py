"""What is wrong with a set is said all at once, each at its place, with what would be right."""

from collections.abc import Callable
from typing import Any

import pytest

from services.assessment.domain.question_set_rules import MOST_FAULTS, Fault, faults_of
from services.assessment.domain.question_sets import QuestionSet, parse
from tests.unit.assessment.question_set_example import raw_question_set, whole_next_version, whole_question_set

SMALL = parse(raw_question_set())
FIRST_ITEM = ("practices", 0, "items", 0)
Change = Callable[[dict[str, Any]], object]


def first_item(raw: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = raw["practices"][0]["items"][0]
    return found


def faults(raw: Any, replaced: QuestionSet | None = None) -> list[Fault]:
    return faults_of(raw, replaced)


def test_a_whole_set_has_no_fault() -> None:
    assert faults(whole_question_set()) == []


def test_a_whole_version_that_replaces_another_has_no_fault() -> None:
    assert faults(whole_next_version(), SMALL) == []


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        (lambda raw: raw.pop("licence_note"), ("licence_note",), "empty"),
        (lambda raw: raw.update(title="  "), ("title",), "empty"),
        (lambda raw: raw.update(version=2027.1), ("version",), "quotation marks"),
        (lambda raw: raw.update(title="x" * 20_000), ("title",), "120 characters or fewer; this has 20,000"),
        (lambda raw: raw.update(title="a\x00b"), ("title",), "cannot be shown"),
        (lambda raw: raw.update(colour="red"), ("colour",), "no such field"),
        (lambda raw: raw.update(id="Trust 2026"), ("id",), "small letters"),
        (lambda raw: raw.update(audience="region"), ("audience",), "trust, icb, place"),
        (lambda raw: raw.update(illustrative="perhaps"), ("illustrative",), "true or false"),
        (lambda raw: raw.update(time_needed_minutes=0), ("time_needed_minutes",), "1 to 240"),
        (lambda raw: raw.update(effective_from="2027-02-30"), ("effective_from",), "real day"),
        (lambda raw: raw.update(effective_to="2025-12-31"), ("effective_to",), "before the first"),
        (lambda raw: raw.update(apart_from_capability=None), ("apart_from_capability",), "heading, text"),
        (lambda raw: raw.update(glossary=["Coaching"]), ("glossary", 0), "term, meaning"),
        (lambda raw: raw.update(practices=[]), ("practices",), "At least one row"),
        (lambda raw: raw.update(practices=["p1"]), ("practices", 0), "id, title"),
        (lambda raw: raw["practices"][0].update(items=[]), ("practices", 0, "items"), "At least one row"),
        (lambda raw: raw["practices"][1].update(id="p1"), ("practices", 1, "id"), "used twice"),
        (lambda raw: first_item(raw).update(id="i2"), ("practices", 0, "items", 1, "id"), "used twice"),
        (lambda raw: first_item(raw).update(question="Why? How?"), (*FIRST_ITEM, "question"), "one question"),
        (lambda raw: first_item(raw)["levels"].pop(), (*FIRST_ITEM, "levels"), "levels 1 to 5"),
        (lambda raw: first_item(raw).update(levels="five"), (*FIRST_ITEM, "levels"), "At least one row"),
        (lambda raw: first_item(raw).update(evidence_prompts=["x"] * 6), (*FIRST_ITEM, "evidence_prompts"), "5 rows"),
        (lambda raw: first_item(raw).update(evidence_prompts=[7]), (*FIRST_ITEM, "evidence_prompts", 0), "text"),
        (lambda raw: raw.update(mapping={"i1": {}}), ("mapping",), "replaces"),
        (lambda raw: raw.update(mapping=["i1"]), ("mapping",), "one entry an item"),
        (lambda raw: raw.update(replaces="small-0"), ("replaces",), "no published version"),
    ],
)
def test_a_fault_is_named_at_its_place(change: Change, path: tuple[str | int, ...], words: str) -> None:
    raw = whole_question_set()
    change(raw)

    found = faults(raw)

    assert path in [fault.path for fault in found], found
    assert words in next(fault.message for fault in found if fault.path == path)


def test_a_descriptor_has_at_most_twenty_five_words() -> None:
    raw = whole_question_set()
    first_item(raw)["levels"][2]["descriptor"] = "word " * 26

    (fault,) = faults(raw)

    assert fault == Fault((*FIRST_ITEM, "levels", 2, "descriptor"), "Use 25 words or fewer; this has 26")


def test_neighbouring_levels_must_begin_differently() -> None:
    raw = whole_question_set()
    for number in (1, 2):
        first_item(raw)["levels"][number]["descriptor"] = f"Most of our services do {number} things."

    (fault,) = faults(raw)

    assert fault.path == (*FIRST_ITEM, "levels", 2, "descriptor")
    assert "like level 2" in fault.message


def test_a_level_has_one_name_in_the_whole_set() -> None:
    raw = whole_question_set()
    raw["practices"][1]["items"][0]["levels"][4]["name"] = "Best"

    (fault,) = faults(raw)

    assert fault.path == ("practices", 1, "items", 0, "levels", 4, "name")
    assert "Level 5 is called Level 5 elsewhere" in fault.message


@pytest.mark.parametrize("nothing", [None, "text", 7, ["a"]])
def test_something_else_is_no_question_set(nothing: Any) -> None:
    assert [fault.path for fault in faults(nothing)] == [()]


def test_not_more_than_fifty_faults_are_told() -> None:
    raw = whole_question_set(**{f"field{number}": 1 for number in range(200)})

    assert len(faults(raw)) == MOST_FAULTS


def mapped(**changes: Any) -> list[Fault]:
    raw = whole_next_version()
    raw["mapping"] = raw["mapping"] | changes
    return faults(raw, SMALL)


@pytest.mark.parametrize(
    ("link", "path", "words"),
    [
        ({"from": "i8", "comparable": True}, ("mapping", "i2", "from"), "has no such item"),
        ({"from": ["i1"], "comparable": True}, ("mapping", "i2", "from"), "text"),
        ({"from": None, "comparable": True}, ("mapping", "i2", "from"), "can be compared with"),
        ({"from": "i1", "comparable": "yes"}, ("mapping", "i2", "comparable"), "true or false"),
        ({"from": "i1", "comparable": False}, ("mapping", "i2", "reason"), "empty"),
        ({"from": "i1", "comparable": True, "more": 1}, ("mapping", "i2"), "from, comparable and reason"),
        ("i1", ("mapping", "i2"), "from, comparable and reason"),
    ],
)
def test_a_wrong_entry_of_the_mapping_is_named(link: Any, path: tuple[str, ...], words: str) -> None:
    found = mapped(i2=link)

    assert [fault.path for fault in found] == [path]
    assert words in found[0].message


def test_every_item_says_what_it_was_and_nothing_else_does() -> None:
    raw = whole_next_version()
    del raw["mapping"]["i9"]
    raw["mapping"]["i77"] = {"from": "i1", "comparable": True}

    assert [fault.path for fault in faults(raw, SMALL)] == [("mapping", "i9"), ("mapping", "i77")]


def test_a_version_replaces_one_for_the_same_audience_and_not_itself() -> None:
    for_icbs = parse(raw_question_set() | {"audience": "icb"})

    assert [fault.path for fault in faults(whole_next_version(), for_icbs)] == [("replaces",)]
    assert ("replaces",) in [fault.path for fault in faults(whole_next_version(id="small-1"), SMALL)]
