"""Movement is shown across versions where the questions are the same, and nowhere else."""

from services.assessment.domain.question_set_versions import NO_LINK, links_to
from services.assessment.domain.question_sets import Link, QuestionSet, parse
from tests.unit.assessment.question_set_example import item, next_version, raw_question_set

FIRST, SECOND = parse(raw_question_set()), parse(next_version())
THIRD = parse(
    next_version(
        id="small-3",
        replaces="small-2",
        mapping={
            "i1": {"from": "i1", "comparable": True, "reason": None},
            "i2": {"from": "i2", "comparable": False, "reason": "Other levels."},
            "i2b": {"from": "i2b", "comparable": True, "reason": None},
            "i9": {"from": "i9", "comparable": True, "reason": None},
        },
    )
)
ALL = {one.id: one for one in (FIRST, SECOND, THIRD)}


def links(newer: QuestionSet, older: QuestionSet) -> dict[str, Link]:
    return links_to(newer, older, ALL.__getitem__)


def test_a_version_compares_with_itself_item_by_item() -> None:
    assert links(FIRST, FIRST) == {key: Link(key, True, None) for key in ("i1", "i2", "i3")}


def test_a_version_says_for_each_of_its_items_what_it_was_before() -> None:
    found = links(SECOND, FIRST)

    assert found["i2"] == found["i2b"] == Link("i2", True, None)
    assert found["i1"] == Link("i1", False, "It asks about the whole board now.")
    assert found["i9"] == Link(None, False, "This question is new.")


def test_over_several_versions_one_step_that_is_not_comparable_ends_the_comparison_with_its_reason() -> None:
    found = links(THIRD, FIRST)

    assert found["i1"] == Link("i1", False, "It asks about the whole board now.")
    assert found["i2"] == Link("i2", False, "Other levels.")
    assert found["i2b"] == Link("i2", True, None)
    assert found["i9"] == Link(None, False, "This question is new.")


def test_versions_that_nobody_has_compared_are_not_compared() -> None:
    other = parse(raw_question_set() | {"id": "other"})

    assert set(links_to(other, FIRST, ALL.__getitem__).values()) == {Link(None, False, NO_LINK)}


def test_looking_from_the_older_version_to_the_newer_compares_nothing() -> None:
    assert {link.comparable for link in links(FIRST, SECOND).values()} == {False}


def test_an_item_its_mapping_forgot_counts_as_new() -> None:
    raw = next_version()
    raw["practices"][0]["items"].append(item("i7", "Forgotten"))

    found = links_to(parse(raw), FIRST, ALL.__getitem__)

    assert (found["i7"].from_item, found["i7"].comparable) == (None, False)
