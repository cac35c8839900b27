from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.assessment.domain.corrections import (
    Correction,
    check_correction,
    corrected_content,
    items_with_another_level,
    practices_differ,
    what_changed,
)
from services.assessment.domain.errors import NotValid
from services.assessment.domain.question_sets import parse
from services.assessment.domain.results import Signature
from tests.unit.assessment.question_set_example import raw_question_set
from tests.unit.assessment.test_results import agreement, content

QUESTIONS = parse(raw_question_set())
SIGNATURE = Signature("chief", "chief-executive", datetime(2026, 6, 1, tzinfo=UTC), date(2026, 6, 1), "Item 2")
CORRECTION = Correction(reason="We read the wrong column.", items={"i1": agreement(4)}, practices={})


def corrected(correction: Correction = CORRECTION) -> dict[str, object]:
    return corrected_content(content(), correction, QUESTIONS, revision=2, corrects="0" * 64, signature=SIGNATURE)


def test_a_correction_changes_what_it_names_and_says_why_and_what_it_corrects() -> None:
    new = corrected()

    assert items_with_another_level(content(), new) == 1
    assert what_changed(content(), new) == ["Why: level 4 instead of 2"]
    assert new["correction"] == {
        "revision": 2,
        "reason": "We read the wrong column.",
        "corrects_sha256": "0" * 64,
    }
    assert new["took_part"] == content()["took_part"]
    assert not practices_differ(content(), new)


def test_the_signed_content_itself_is_left_alone() -> None:
    before = content()

    corrected_content(before, CORRECTION, QUESTIONS, revision=2, corrects="0" * 64, signature=SIGNATURE)

    assert before == content()


def test_an_overall_level_is_corrected_by_itself() -> None:
    new = corrected(Correction(reason="r", items={}, practices={"p2": 2}))

    assert practices_differ(content(), new)
    assert what_changed(content(), new) == ["People, overall: level 2 instead of 4"]


def test_words_may_be_corrected_without_the_level() -> None:
    new = corrected(Correction(reason="r", items={"i3": replace(agreement(4), evidence="The survey")}, practices={}))

    assert what_changed(content(), new) == ["Coaching: the words changed, the level did not"]
    assert items_with_another_level(content(), new) == 0


def test_a_correction_of_nothing_is_refused() -> None:
    with pytest.raises(NotValid, match="Nothing differs"):
        corrected(Correction(reason="r", items={"i1": agreement(2)}, practices={"p1": 3}))


@pytest.mark.parametrize(
    ("items", "practices"),
    [(["i1", "i1"], {}), (["of-another-set"], {}), ([], {"p9": 3}), ([], {"p1": 6})],
)
def test_items_named_twice_or_of_another_set_and_levels_that_do_not_exist_are_refused(
    items: list[str], practices: dict[str, int]
) -> None:
    with pytest.raises(NotValid):
        check_correction(items, practices, QUESTIONS)
