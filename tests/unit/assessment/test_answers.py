import pytest

from services.assessment.domain.answers import checked_answer
from services.assessment.domain.errors import NotValid


def test_a_level_with_words_is_kept_without_the_blanks_around_it() -> None:
    answer = checked_answer(level=3, cannot_judge=False, why="  We visited two wards.\r\n", evidence=None, offered=True)

    assert (answer.level, answer.why, answer.evidence) == (3, "We visited two wards.", "")


def test_not_knowing_enough_is_an_answer() -> None:
    assert checked_answer(level=None, cannot_judge=True, why="", evidence="", offered=False).cannot_judge


@pytest.mark.parametrize("level", [-1, 0, 6])
def test_a_level_outside_one_to_five_is_refused(level: int) -> None:
    with pytest.raises(NotValid) as refusal:
        checked_answer(level=level, cannot_judge=False, why="", evidence="", offered=False)

    assert refusal.value.field == "level"


@pytest.mark.parametrize(("level", "cannot_judge"), [(3, True), (None, False)])
def test_an_answer_says_exactly_one_thing(level: int | None, cannot_judge: bool) -> None:
    with pytest.raises(NotValid):
        checked_answer(level=level, cannot_judge=cannot_judge, why="", evidence="", offered=False)


@pytest.mark.parametrize("field", ["why", "evidence"])
def test_a_text_of_more_than_five_thousand_characters_is_refused(field: str) -> None:
    texts = {"why": "", "evidence": ""} | {field: "x" * 5_001}

    with pytest.raises(NotValid) as refusal:
        checked_answer(level=1, cannot_judge=False, offered=False, **texts)

    assert refusal.value.field == field
    assert "5,000" in str(refusal.value)


def test_a_text_of_exactly_five_thousand_characters_is_kept() -> None:
    answer = checked_answer(level=1, cannot_judge=False, why="x" * 5_000, evidence="", offered=False)

    assert len(answer.why) == 5_000


def test_a_text_with_a_nul_character_is_refused() -> None:
    with pytest.raises(NotValid):
        checked_answer(level=1, cannot_judge=False, why="a\x00b", evidence="", offered=False)
