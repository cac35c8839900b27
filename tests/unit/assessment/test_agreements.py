import pytest

from services.assessment.domain.agreements import agreed_together, check_all_agreed, checked_agreement
from services.assessment.domain.errors import NotValid, StillOpen
from services.assessment.domain.ranges import Range

VIEWS = Range(counts=(0, 2, 4, 1, 0), cannot_judge=1)


def test_the_commonest_level_needs_no_reason() -> None:
    assert checked_agreement(level=3, views=VIEWS).reason == ""


def test_another_level_needs_a_reason() -> None:
    with pytest.raises(NotValid) as refusal:
        checked_agreement(level=2, views=VIEWS, reason="   ")

    assert refusal.value.field == "reason"


def test_another_level_is_accepted_with_its_reason() -> None:
    assert checked_agreement(level=2, views=VIEWS, reason="The visits stopped in May.").level == 2


@pytest.mark.parametrize("level", [2, 3])
def test_neither_of_two_levels_that_tie_needs_a_reason(level: int) -> None:
    tied = Range(counts=(0, 3, 3, 0, 0), cannot_judge=0)

    assert checked_agreement(level=level, views=tied).level == level


def test_where_no_range_is_shown_no_reason_is_asked_for() -> None:
    assert checked_agreement(level=5, views=None).level == 5


def test_the_aim_may_equal_the_agreed_level_but_not_lie_below_it() -> None:
    assert checked_agreement(level=3, views=VIEWS, aim_level=3).aim_level == 3

    with pytest.raises(NotValid) as refusal:
        checked_agreement(level=3, views=VIEWS, aim_level=2)
    assert refusal.value.field == "aim_level"


@pytest.mark.parametrize(("field", "level"), [("level", 0), ("level", 6), ("aim_level", 6)])
def test_levels_outside_one_to_five_are_refused(field: str, level: int) -> None:
    levels = {"level": 3} | {field: level}

    with pytest.raises(NotValid) as refusal:
        checked_agreement(views=None, **levels)

    assert refusal.value.field == field


@pytest.mark.parametrize("field", ["reason", "evidence", "differed"])
def test_long_texts_are_refused_by_name(field: str) -> None:
    with pytest.raises(NotValid) as refusal:
        checked_agreement(level=3, views=VIEWS, **{field: "x" * 5_001})

    assert refusal.value.field == field


def test_a_close_item_takes_the_lower_of_two_levels_that_tie() -> None:
    assert agreed_together(Range(counts=(0, 3, 3, 0, 0), cannot_judge=0)).level == 2


def test_an_item_with_wide_views_cannot_be_agreed_together_with_others() -> None:
    with pytest.raises(NotValid):
        agreed_together(VIEWS)


def test_open_items_and_practices_are_named() -> None:
    with pytest.raises(StillOpen) as refusal:
        check_all_agreed(
            items={"i1": "Go and see", "i2": "Daily huddles"},
            practices={"p1": "Leadership"},
            agreed_items=["i1"],
            agreed_practices=[],
        )

    assert "1 of 2 items still to agree: Daily huddles" in str(refusal.value)
    assert "Leadership" in str(refusal.value)
    assert "Go and see" not in str(refusal.value)


def test_a_complete_discussion_passes() -> None:
    check_all_agreed(items={"i": "I"}, practices={"p": "P"}, agreed_items=["i"], agreed_practices=["p"])
