"""What an observer who sees every range of views, through any reopenings, can learn of one person's level.

Two examinations of the rule in `range_rule.py`. At a threshold of two every possible world is tried: whatever the
observer can conclude about one person holds for a second one too. At the real threshold of five, exchanging the whole
histories of two people changes nothing that is seen, for at least four others. Learning one person's level is then
learning that a group agrees, which the invitation says can be seen.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice, product

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.unit.assessment.range_rule import (
    CANNOT_JUDGE,
    EXECUTIVE,
    FIVE,
    OTHER,
    Closing,
    Item,
    Observed,
    View,
    observed,
)

Asked = Sequence[dict[int, str]]


class OnlyTheLastRange(Item):
    """The weaker rule: compared with the range shown last, and with nothing before it."""

    def _told_apart(self, closing: Closing, *, split: bool = False) -> bool:
        return False


def everything_learnt(
    item: type[Item], asked: Asked, possible: Sequence[View], *, fewest: int = 2, minds_change: bool = False
) -> list[tuple[int, int, View, int]]:
    """Of each observation: (person, closing, level) that it proves, and of how many people it proves that level:
    people by name, or all who gave one.

    Unless `minds_change`, the observer also knows that nobody changed an answer, and so can subtract.
    """
    people = sorted({person for sides in asked for person in sides})
    closings = range(len(asked))
    unknown = [
        (number if minds_change else 0, person) for number in (closings if minds_change else [0]) for person in people
    ]
    worlds: dict[tuple[Observed, ...], list[dict[tuple[int, int], View]]] = defaultdict(list)
    for views in product(possible, repeat=len(unknown)):
        given_views = dict(zip(unknown, views, strict=True))
        world = {
            (number, person): given_views[number if minds_change else 0, person]
            for number in closings
            for person in asked[number]
        }
        seen = observed(
            item(fewest=fewest),
            [
                Closing(asked[number], {person: world[number, person] for person in asked[number]})
                for number in closings
            ],
        )
        worlds[seen].append(world)
    return [
        found for seen, consistent in worlds.items() for found in _certain(seen, consistent, minds_change=minds_change)
    ]


def _certain(
    seen: tuple[Observed, ...], worlds: Sequence[dict[tuple[int, int], View]], *, minds_change: bool
) -> list[tuple[int, int, View, int]]:
    first, others = worlds[0], worlds[1:]
    certain = {place: view for place, view in first.items() if all(world[place] == view for world in others)}
    learnt = []
    for (number, person), view in certain.items():
        if isinstance(view, int):
            alike = {who for (at, who), same in certain.items() if same == view and (at == number or not minds_change)}
            agreeing = max(_unanimous(one, view) for one in (seen[number : number + 1] if minds_change else seen))
            learnt.append((person, number, view, max(len(alike), agreeing)))
    return learnt


def _unanimous(seen: Observed, level: int) -> int:
    """How many people of the board, or of a side of it, gave a level, where all of them gave this one."""
    shown = [counts for counts in (seen.counts, seen.executives, seen.others) if counts is not None]
    return max((counts[level - 1] for counts in shown if sum(counts) == counts[level - 1]), default=0)


def asked_people(people: Sequence[int], executives: Sequence[int] = ()) -> dict[int, str]:
    return {person: EXECUTIVE if person in executives else OTHER for person in people}


def test_comparing_with_the_last_range_alone_gives_one_person_away() -> None:
    """Five, then two of them, then four of them: the first range less the third is the fifth person's level."""
    asked = [asked_people([1, 2, 3, 4, 5]), asked_people([4, 5]), asked_people([2, 3, 4, 5])]

    weak = everything_learnt(OnlyTheLastRange, asked, (1, 2))
    ours = everything_learnt(Item, asked, (1, 2))

    assert any(with_it == 1 for _, _, _, with_it in weak)
    assert [found for found in ours if found[3] < 2] == []


@pytest.mark.parametrize("minds_change", [False, True])
def test_somebody_who_joins_after_a_range_was_seen_is_not_given_away(minds_change: bool) -> None:
    asked = [asked_people([1, 2, 3, 4]), asked_people([1, 2, 3, 4, 5])]

    learnt = everything_learnt(Item, asked, (1, 2), minds_change=minds_change)

    assert [found for found in learnt if found[3] < 2] == []


def test_that_sides_were_not_shown_gives_nobody_away() -> None:
    """All five, sides held back as one gave too few levels; then two of the larger side: the fifth would be known."""
    asked = [asked_people(one, [1, 2]) for one in ([1, 2, 3, 4, 5], [3, 4])]

    learnt = everything_learnt(Item, asked, (1, 2, CANNOT_JUDGE))

    assert [found for found in learnt if found[3] < 2] == []


memberships = st.lists(st.sets(st.integers(1, 5), min_size=1), min_size=2, max_size=4)


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(memberships, st.sets(st.integers(1, 5)))
def test_no_observer_learns_a_level_of_fewer_than_the_threshold(people: list[set[int]], executives: set[int]) -> None:
    asked = [asked_people(sorted(one), sorted(executives)) for one in people]

    learnt = everything_learnt(Item, asked, (1, 2, CANNOT_JUDGE))

    assert [found for found in learnt if found[3] < 2] == []


@settings(max_examples=6, deadline=None)
@given(st.lists(st.sets(st.integers(1, 4), min_size=1), min_size=2, max_size=2), st.sets(st.integers(1, 4)))
def test_the_same_where_people_change_their_minds(people: list[set[int]], executives: set[int]) -> None:
    asked = [asked_people(sorted(one), sorted(executives)) for one in people]

    learnt = everything_learnt(Item, asked, (1, 2), minds_change=True)

    assert [found for found in learnt if found[3] < 2] == []


view = st.one_of(st.integers(1, 5), st.just(CANNOT_JUDGE))
few_or_many = st.sampled_from([0, 0, 1, 4, 5, 6])


@st.composite
def life_of_an_item(draw: st.DrawFn) -> list[Closing]:
    """Reopenings in which none, a few or many leave, join and change their minds."""
    size = draw(st.integers(FIVE, 12))
    sides = {person: draw(st.sampled_from([EXECUTIVE, OTHER])) for person in range(size)}
    views: dict[int, View] = {person: draw(st.integers(1, 5)) for person in range(size)}
    asked = set(range(size))
    closings = [Closing({person: sides[person] for person in asked}, dict(views))]
    for _ in range(draw(st.integers(1, 3))):
        order = draw(st.permutations(range(size)))
        for person in order[: draw(few_or_many)]:
            asked ^= {person}
        order = draw(st.permutations(range(size)))
        for person in order[: draw(few_or_many)]:
            views[person] = draw(view)
        closings.append(Closing({person: sides[person] for person in asked}, dict(views)))
    return closings


def exchanged(closings: Sequence[Closing], one: int, other: int) -> list[Closing]:
    """The same life with all answers of two people exchanged."""
    at = {one: other, other: one}
    return [
        Closing(closing.sides, {at.get(person, person): closing.views[person] for person in closing.views})
        for closing in closings
    ]


@settings(max_examples=40, deadline=None)
@given(life_of_an_item())
def test_everybody_counted_can_change_places_with_four_others_unnoticed(closings: list[Closing]) -> None:
    seen = observed(Item(), closings)
    size = len(closings[0].views)
    counted = Item()
    shown = [closing for closing in closings if counted.close(closing) and counted.shown_last is closing]

    for person in sorted({person for closing in shown for person in closing.sides}):
        others = (other for other in range(size) if other != person)
        alike = (other for other in others if observed(Item(), exchanged(closings, person, other)) == seen)
        assert len(list(islice(alike, FIVE - 1))) == FIVE - 1
