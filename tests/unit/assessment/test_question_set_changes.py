"""What a version changes is told text by text, against what each item was before."""

from services.assessment.domain.question_set_changes import changes_between
from services.assessment.domain.question_sets import parse
from tests.unit.assessment.question_set_example import whole_next_version, whole_question_set

OLDER, NEWER = whole_question_set(), whole_next_version()


def test_nothing_changes_against_itself() -> None:
    found = changes_between(OLDER, OLDER, {})

    assert {name: part for name, part in found.items() if part} == {"unchanged": 3}


def test_items_are_compared_with_what_they_were() -> None:
    found = changes_between(OLDER, NEWER, parse(NEWER).links)

    assert [(item["id"], item["what"], item["from"]) for item in found["items"]] == [
        ("i1", "changed", "i1"),
        ("i2b", "changed", "i2"),
        ("i9", "new", None),
    ]
    assert found["items"][0]["changes"] == [
        {"place": "Title", "before": "Why", "after": "Why now"},
        {"place": "Question", "before": "Why?", "after": "Why now?"},
    ]
    assert (found["items"][0]["comparable"], found["items"][0]["reason"]) == (
        False,
        "It asks about the whole board now.",
    )
    assert (found["unchanged"], found["gone"]) == (1, [{"id": "i3", "title": "Coaching"}])


def test_a_changed_descriptor_prompt_term_and_fact_are_each_shown() -> None:
    newer = whole_question_set(title="Another title", glossary=[])
    newer["practices"][0]["summary"] = "t"
    item = newer["practices"][0]["items"][0]
    item["levels"][3]["descriptor"], item["evidence_prompts"] = "Other words here", ["One", "Two"]

    found = changes_between(OLDER, newer, {})

    assert found["about"] == [{"place": "Title", "before": "A small question set", "after": "Another title"}]
    assert found["practices"] == [{"place": "Practice p1", "before": "Purpose\ns", "after": "Purpose\nt"}]
    assert found["glossary"] == [
        {"place": "Coaching", "before": "Helping people to find their own answer.", "after": None}
    ]
    assert found["items"][0]["changes"] == [
        {"place": "Level 4", "before": "What level 4 looks like", "after": "Other words here"},
        {"place": "Where to look", "before": "What have you seen?", "after": "One\nTwo"},
    ]


def test_without_an_earlier_version_every_item_is_new() -> None:
    found = changes_between(None, OLDER, {})

    assert [item["what"] for item in found["items"]] == ["new"] * 3
    assert (found["about"], found["gone"]) == ([], [])
