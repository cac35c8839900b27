"""Suggested priorities: a stated rule, so that nobody has to trust a number they cannot work out themselves."""

from hypothesis import given
from hypothesis import strategies as st

from services.action_plan.domain.suggestions import (
    FEWEST_SUGGESTIONS,
    MOST_SUGGESTIONS,
    AgreedItem,
    Suggestion,
    Why,
    suggest,
)

LEVEL = st.integers(1, 5)


@st.composite
def results(draw: st.DrawFn) -> list[AgreedItem]:
    """Some agreed items: an aim is never below the level, as assessment promises."""
    items = []
    for place in range(draw(st.integers(1, 25))):
        level = draw(LEVEL)
        aim = draw(st.none() | st.integers(level, 5))
        items.append(AgreedItem(f"i{place}", f"p{place % 5}", level, aim, draw(st.none() | LEVEL)))
    return items


def item(item_id: str, level: int, aim_level: int | None = None, previous_level: int | None = None) -> AgreedItem:
    return AgreedItem(item_id, "p1", level, aim_level, previous_level)


def ids(suggestions: list[Suggestion]) -> list[str]:
    return [suggestion.item.item_id for suggestion in suggestions]


def codes(suggestion: Suggestion) -> list[Why]:
    return [reason.code for reason in suggestion.reasons]


def test_the_item_furthest_from_the_boards_own_aim_comes_first() -> None:
    agreed = [item("near", 3, aim_level=4), item("far", 2, aim_level=5), item("lowest", 1)]

    found = suggest(agreed)

    assert ids(found) == ["far", "near", "lowest"]
    assert found[0].reasons[0].numbers == {"level": 2, "aim_level": 5, "levels": 3}
    assert found[0].score == 9


def test_an_item_that_fell_outweighs_one_that_is_merely_lowest() -> None:
    found = suggest([item("lowest", 2), item("fell", 3, previous_level=5), item("same", 4, previous_level=4)])

    assert ids(found)[:2] == ["fell", "lowest"]
    assert found[0].reasons[0].numbers == {"level": 3, "previous_level": 5, "levels": 2}


def test_reasons_add_up_and_the_weightiest_stands_first() -> None:
    found = suggest(
        [item("all", 1, aim_level=2, previous_level=2), item("other", 5), item("more", 4)], unfinished={"all": 7}
    )

    assert codes(found[0])[0] is Why.BELOW_AIM
    assert set(codes(found[0])) == {Why.BELOW_AIM, Why.FELL, Why.LOWEST_LEVEL, Why.UNFINISHED_ACTIONS}
    assert found[0].score == 3 + 2 + 2 + 3


def test_unfinished_actions_and_national_priorities_lift_an_item() -> None:
    agreed = [item("lowest", 2), item("plain", 3), item("left", 3), item("national", 3)]

    found = suggest(agreed, unfinished={"left": 1}, national={"national"})

    assert ids(found) == ["lowest", "left", "national"]
    assert codes(found[1]) == [Why.UNFINISHED_ACTIONS]
    assert codes(found[2]) == [Why.NATIONAL_PRIORITY]


def test_three_are_suggested_even_when_only_one_is_pressing() -> None:
    found = suggest([item("lowest", 1), item("high", 4), item("middle", 3), item("higher", 4)])

    assert ids(found) == ["lowest", "middle", "high"]
    assert codes(found[1]) == [Why.NEXT_LOWEST_LEVEL]


def test_nothing_is_suggested_to_a_board_that_is_at_the_top_everywhere() -> None:
    assert suggest([item("a", 5), item("b", 5, aim_level=5)]) == []
    assert suggest([]) == []


@given(results())
def test_every_suggestion_is_an_agreed_item_once_with_a_reason_and_there_are_at_most_eight(
    agreed: list[AgreedItem],
) -> None:
    found = suggest(agreed)

    assert len(found) <= MOST_SUGGESTIONS
    assert len(set(ids(found))) == len(found)
    assert {suggestion.item for suggestion in found} <= set(agreed)
    assert all(suggestion.reasons for suggestion in found)


@given(results())
def test_scores_never_rise_down_the_list_and_equal_ones_have_the_lower_level_first(agreed: list[AgreedItem]) -> None:
    order = [(-suggestion.score, suggestion.item.level) for suggestion in suggest(agreed)]

    assert order == sorted(order)


@given(results())
def test_there_are_three_to_choose_from_while_three_items_can_still_rise(agreed: list[AgreedItem]) -> None:
    can_rise = sum(each.level < 5 for each in agreed)

    assert len(suggest(agreed)) >= min(FEWEST_SUGGESTIONS, can_rise)


@given(results())
def test_an_item_left_out_never_outweighs_one_that_is_shown(agreed: list[AgreedItem]) -> None:
    shown = suggest(agreed)
    left_out = [each for each in agreed if each.item_id not in ids(shown)]

    weights = [
        suggestion.score
        for each in left_out
        for suggestion in suggest([each, item("floor", 1)])
        if suggestion.item is each
    ]
    assert all(weight <= shown[-1].score or weight == 0 for weight in weights)


@given(results(), st.data())
def test_a_higher_aim_never_moves_an_item_down(agreed: list[AgreedItem], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(agreed))
    higher = AgreedItem(chosen.item_id, chosen.practice_id, chosen.level, 5, chosen.previous_level)
    raised = [higher if each is chosen else each for each in agreed]

    before, after = ids(suggest(agreed)), ids(suggest(raised))

    if chosen.item_id in before and chosen.level < 5:
        assert after.index(chosen.item_id) <= before.index(chosen.item_id)


@given(results())
def test_the_same_result_always_gives_the_same_suggestions(agreed: list[AgreedItem]) -> None:
    assert suggest(agreed) == suggest(list(agreed))
