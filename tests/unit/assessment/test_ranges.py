import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.assessment.domain.ranges import Range, close_items, in_words

counts_of_people = st.tuples(*[st.integers(0, 6)] * 5).filter(any)


def views(counts: tuple[int, int, int, int, int], cannot_judge: int = 0) -> Range:
    return Range(counts=counts, cannot_judge=cannot_judge)


@given(counts_of_people)
def test_the_middle_and_the_ends_are_those_of_the_single_views(counts: tuple[int, int, int, int, int]) -> None:
    single_views = [level for level, people in enumerate(counts, start=1) for _ in range(people)]

    found = views(counts)

    assert found.median == statistics.median(single_views)
    assert (found.lowest, found.highest) == (min(single_views), max(single_views))
    assert sorted(found.commonest) == sorted(statistics.multimode(single_views))


def test_levels_that_tie_are_all_the_commonest() -> None:
    assert views((0, 3, 3, 1, 0)).commonest == (2, 3)


def test_only_items_whose_views_lie_within_one_level_are_agreed_together() -> None:
    ranges = [("near", views((0, 2, 4, 0, 0))), ("same", views((0, 0, 0, 5, 0))), ("wide", views((1, 0, 5, 0, 0)))]

    assert close_items(ranges) == ["near", "same"]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (views((0, 0, 5, 0, 0)), "All 5 people chose level 3"),
        (views((1, 0, 5, 0, 0), 2), "6 people chose levels from 1 to 3; 2 did not know enough to say"),
    ],
)
def test_a_range_can_be_read_without_seeing_it(found: Range, words: str) -> None:
    assert in_words(found) == words
