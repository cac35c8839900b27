"""What an observer who sees every range of views, through any reopenings, can learn of one person's level.

Two examinations of the rule in `range_rule.py`, of one round and of two that follow each other within months (the first
one abandoned, say, and the board asked again). At a threshold of two every possible world is tried: whatever the
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
    Observed,
    Round,
    View,
    observed,
)

Asked = Sequence[dict[int, str]]
ITEM = "i1"


class OnlyTheLastRange(Round):
    """The weaker rule: compared with the range shown last, and with nothing before it."""

    def _told_apart(self, closing: Closing, *, split: bool = False) -> bool:
        return False


class OneRoundAlone(Round):
    """The weaker rule: compared with nothing that was shown in another round."""

    def _told_apart(self, closing: Closing, *, split: bool = False) -> bool:
        self.earlier = ()
        return super()._told_apart(closing, split=split)


def everything_learnt(
    rule: type[Round],
    asked: Asked,
    possible: Sequence[View],
    *,
    fewest: int = 2,
    minds_change: bool = False,
    second_round_from: int | None = None,
) -> list[tuple[int, int, View, int]]:
    """Of each observation: (person, closing, level) that it proves, and of how many people it proves that level:
    people by name, or all who gave one.

    Unless `minds_change`, the observer also knows that nobody changed an answer, and so can subtract. Closings from
    `second_round_from` on belong to a second round, in which people answer as in the first.
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
        played = [
            Closing(asked[number], {ITEM: {person: world[number, person] for person in asked[number]}})
            for number in closings
        ]
        rounds = [played[:second_round_from], played[second_round_from:]] if second_round_from else [played]
        worlds[tuple(shown[ITEM] for shown in observed(rounds, rule=rule, fewest=fewest))].append(world)
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
    ours = everything_learnt(Round, asked, (1, 2))

    assert any(with_it == 1 for _, _, _, with_it in weak)
    assert [found for found in ours if found[3] < 2] == []


@pytest.mark.parametrize("minds_change", [False, True])
def test_somebody_who_joins_after_a_range_was_seen_is_not_given_away(minds_change: bool) -> None:
    asked = [asked_people([1, 2, 3, 4]), asked_people([1, 2, 3, 4, 5])]

    learnt = everything_learnt(Round, asked, (1, 2), minds_change=minds_change)

    assert [found for found in learnt if found[3] < 2] == []


def test_that_sides_were_not_shown_gives_nobody_away() -> None:
    """All five, sides held back as one gave too few levels; then two of the larger side: the fifth would be known."""
    asked = [asked_people(one, [1, 2]) for one in ([1, 2, 3, 4, 5], [3, 4])]

    learnt = everything_learnt(Round, asked, (1, 2, CANNOT_JUDGE))

    assert [found for found in learnt if found[3] < 2] == []


def test_asking_again_without_somebody_gives_nobody_away() -> None:
    """Five, given up "by mistake", then four of them: the first range less the second is the fifth person's level."""
    asked = [asked_people([1, 2, 3, 4, 5]), asked_people([2, 3, 4, 5])]

    weak = everything_learnt(OneRoundAlone, asked, (1, 2), second_round_from=1)
    ours = everything_learnt(Round, asked, (1, 2), second_round_from=1)

    assert any(with_it == 1 for _, _, _, with_it in weak)
    assert [found for found in ours if found[3] < 2] == []


memberships = st.lists(st.sets(st.integers(1, 5), min_size=1), min_size=2, max_size=4)


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(memberships, st.sets(st.integers(1, 5)))
def test_no_observer_learns_a_level_of_fewer_than_the_threshold(people: list[set[int]], executives: set[int]) -> None:
    asked = [asked_people(sorted(one), sorted(executives)) for one in people]

    learnt = everything_learnt(Round, asked, (1, 2, CANNOT_JUDGE))

    assert [found for found in learnt if found[3] < 2] == []


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(memberships, st.sets(st.integers(1, 5)), st.integers(1, 3))
def test_the_same_where_the_last_closings_are_of_a_second_round(
    people: list[set[int]], executives: set[int], first_of_second: int
) -> None:
    asked = [asked_people(sorted(one), sorted(executives)) for one in people]

    learnt = everything_learnt(
        Round, asked, (1, 2, CANNOT_JUDGE), second_round_from=min(first_of_second, len(asked) - 1)
    )

    assert [found for found in learnt if found[3] < 2] == []


@settings(max_examples=6, deadline=None)
@given(st.lists(st.sets(st.integers(1, 4), min_size=1), min_size=2, max_size=2), st.sets(st.integers(1, 4)))
def test_the_same_where_people_change_their_minds(people: list[set[int]], executives: set[int]) -> None:
    asked = [asked_people(sorted(one), sorted(executives)) for one in people]

    learnt = everything_learnt(Round, asked, (1, 2), minds_change=True)

    assert [found for found in learnt if found[3] < 2] == []


view = st.one_of(st.integers(1, 5), st.just(CANNOT_JUDGE))
few_or_many = st.sampled_from([0, 0, 1, 4, 5, 6])


ITEMS = ("i1", "i2")
Views = dict[str, dict[int, View]]


@st.composite
def lives_of_rounds(draw: st.DrawFn) -> list[list[Closing]]:
    """Two rounds, each reopened, in which none, a few or many leave, join and change their minds."""
    size = draw(st.integers(FIVE, 12))
    sides = {person: draw(st.sampled_from([EXECUTIVE, OTHER])) for person in range(size)}
    views: Views = {item: {person: draw(st.integers(1, 5)) for person in range(size)} for item in ITEMS}
    counted = set(range(size))
    closings = [Closing({person: sides[person] for person in counted}, _copied(views))]
    for _ in range(draw(st.integers(1, 4))):
        for person in draw(st.permutations(range(size)))[: draw(few_or_many)]:
            counted ^= {person}
        for item in ITEMS:
            for person in draw(st.permutations(range(size)))[: draw(few_or_many)]:
                views[item][person] = draw(view)
        closings.append(Closing({person: sides[person] for person in counted}, _copied(views)))
    second = draw(st.integers(1, len(closings)))
    return [closings[:second], closings[second:]]


def _copied(views: Views) -> Views:
    return {item: dict(given) for item, given in views.items()}


def exchanged(rounds: Sequence[Sequence[Closing]], one: int, other: int) -> list[list[Closing]]:
    """The same lives with all answers of two people exchanged."""
    at = {one: other, other: one}
    return [
        [
            Closing(
                closing.sides,
                {
                    item: {at.get(person, person): given[person] for person in given}
                    for item, given in closing.views.items()
                },
            )
            for closing in closings
        ]
        for closings in rounds
    ]


def people_shown(rounds: Sequence[Sequence[Closing]]) -> set[int]:
    """Everybody whose answers are in a range that was shown."""
    found: set[int] = set()
    earlier: list[tuple[Closing, bool]] = []
    for closings in rounds:
        this = Round(ITEMS, earlier=tuple(earlier))
        for closing in closings:
            this.close(closing)
            found |= set(closing.sides) if this.counted_last is closing else set()
        earlier += this.looked_at
    return found


@settings(max_examples=40, deadline=None)
@given(lives_of_rounds())
def test_everybody_counted_can_change_places_with_four_others_unnoticed(rounds: list[list[Closing]]) -> None:
    seen = observed(rounds)
    size = len(rounds[0][0].views[ITEMS[0]])

    for person in sorted(people_shown(rounds)):
        others = (other for other in range(size) if other != person)
        alike = (other for other in others if observed(exchanged(rounds, person, other)) == seen)
        assert len(list(islice(alike, FIVE - 1))) == FIVE - 1


def six(sides: dict[int, str], **views: list[View]) -> Closing:
    return Closing(sides, {item: dict(enumerate(given)) for item, given in views.items()})


@pytest.mark.parametrize("changed", [0, 1, 4])
def test_no_item_says_whether_somebody_touched_it(changed: int) -> None:
    """None, one or four of them change their answers to one item: all items stay, and all are marked alike."""
    sides = asked_people(range(6))
    first = six(sides, i1=[3] * 6, i2=[4] * 6, i3=[2] * 4 + [CANNOT_JUDGE] * 2)
    second = six(sides, i1=[5] * changed + [3] * (6 - changed), i2=[4] * 6, i3=[2] * 4 + [CANNOT_JUDGE] * 2)

    before, after = observed([[first, second]])

    assert {item: (shown.counts, shown.late) for item, shown in after.items()} == {
        item: (shown.counts, True) for item, shown in before.items()
    }


def test_somebody_who_now_gives_a_level_on_a_hidden_item_is_not_told_by_it() -> None:
    sides = asked_people(range(6))
    first = six(sides, i1=[3] * 6, i2=[4] * 4 + [CANNOT_JUDGE] * 2)
    second = six(sides, i1=[3] * 6, i2=[4] * 5 + [CANNOT_JUDGE])

    _, after = observed([[first, second]])

    assert after["i2"].counts is None


def test_the_same_people_asked_again_see_their_ranges() -> None:
    """The rule does not punish a board that gives up and begins again with the same people."""
    closing = six(asked_people(range(6)), i1=[3] * 6)

    first, second = observed([[closing], [closing]])

    assert first == second
    assert first["i1"].counts == (0, 0, 6, 0, 0)
