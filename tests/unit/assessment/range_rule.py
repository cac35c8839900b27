"""The rule by which ranges of views may show, in plain words and with every answer known.

The counting function of the database is held to it by `tests/integration/assessment/test_round_against_a_model.py`;
what it lets an observer learn is examined by `test_what_ranges_give_away.py` beside this file.

People are counted who are asked and said that they have finished. Who that is, and on which side of the board they sit,
is no secret; answers are. Two people who were always counted together, on the same side, cannot be told apart by
anything that is shown. So answers are looked at again only while each such group has at least five people: whoever
learns a level learns that a group of five agrees. That holds from one round to the next as well, while people may still
answer the second as they answered the first. What a closing shows is decided once for the whole round.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

FIVE = 5
CANNOT_JUDGE = "cannot judge"
EXECUTIVE, OTHER, NEITHER = "executive", "other", "neither"
View = int | str
Counts = tuple[int, int, int, int, int]


@dataclass(frozen=True)
class Closing:
    """Who is counted, on which side each sits, and what those who answered said of each item."""

    sides: Mapping[int, str]
    views: Mapping[str, Mapping[int, View]]

    def given(self, item: str) -> dict[int, View]:
        """What counts of an item: answers of people who are counted."""
        return {person: view for person, view in self.views.get(item, {}).items() if person in self.sides}


@dataclass(frozen=True)
class Observed:
    """All that anybody but the author of an answer ever sees of an item."""

    counts: Counts | None = None
    cannot_judge: int = 0
    executives: Counts | None = None
    others: Counts | None = None
    late: bool = False


NOTHING = Observed()
LookedAt = tuple[Closing, bool]
"""A closing whose answers had a say in what shows, and whether those of each side had: that sides were *not* shown says
something of a side too."""


@dataclass
class Round:
    """What has been shown of a round so far; `earlier` is what was looked at in rounds of the months before."""

    items: Sequence[str]
    says_sides: bool = True
    fewest: int = FIVE
    earlier: Sequence[LookedAt] = ()
    counted_last: Closing | None = None
    looked_at: list[LookedAt] = field(default_factory=list)
    counted: dict[str, Observed] = field(default_factory=dict)
    """What shows since ranges were counted last, unless fewer than five people were counted meanwhile."""

    def close(self, closing: Closing) -> dict[str, Observed]:
        """Close answering: what is shown of each item from now on."""
        if len(closing.sides) < self.fewest:
            self.counted = {}
            return dict.fromkeys(self.items, NOTHING)
        if self._told_apart(closing):
            return self._as_before()
        weighed = False
        if self._comparable(closing):
            weighed = self._sides_are_weighed(closing)
            split = weighed and (self.counted_last is None or self._sides_comparable(self.counted_last, closing))
            self.counted = {item: _shown(closing, item, self.fewest, split=split) for item in self.items}
            self.counted_last, seen = closing, dict(self.counted)
        else:
            seen = self._as_before()
        self.looked_at.append((closing, weighed))
        return seen

    def _as_before(self) -> dict[str, Observed]:
        late = self.counted_last is not None
        return {item: replace(self.counted.get(item, NOTHING), late=late) for item in self.items}

    def _told_apart(self, closing: Closing, *, split: bool = False) -> bool:
        """Whether looking at these answers too would single out fewer than five people by when and where they sat."""
        looked_at = [*self.earlier, *self.looked_at, (closing, split)]
        people = {person for one, _ in looked_at for person in one.sides}
        groups = Counter(
            tuple(one.sides.get(person) if sides else person in one.sides for one, sides in looked_at)
            for person in people
        )
        return min(groups.values(), default=0) < self.fewest

    def _comparable(self, closing: Closing) -> bool:
        """Of each item none or many answers differ from what was counted last, and of one many."""
        if self.counted_last is None:
            return True
        changed = {_differ(self.counted_last.given(item), closing.given(item)) for item in self.items}
        return all(many >= self.fewest for many in changed - {0}) and changed != {0}

    def _sides_are_weighed(self, closing: Closing) -> bool:
        """Whether answers decide if the sides show. All it rests on is public: who is counted, where they sit, what
        showed before."""
        people = Counter(closing.sides.values())
        enough = min(people[EXECUTIVE], people[OTHER]) >= self.fewest and not 0 < people[NEITHER] < self.fewest
        if not self.says_sides or not enough or self._told_apart(closing, split=True):
            return False
        return self.counted_last is None or any(shown.executives is not None for shown in self.counted.values())

    def _sides_comparable(self, before: Closing, closing: Closing) -> bool:
        """No side differs on any item from what was counted before by one to four answers."""
        changed = {
            _differ(_levels_of(before, item, side), _levels_of(closing, item, side))
            for item in self.items
            for side in (EXECUTIVE, OTHER, NEITHER)
        }
        return all(many >= self.fewest for many in changed - {0})


def _shown(closing: Closing, item: str, fewest: int, *, split: bool) -> Observed:
    given = closing.given(item)
    if sum(view != CANNOT_JUDGE for view in given.values()) < fewest:
        return NOTHING
    split = split and all(
        len(_levels_of(closing, item, side)) >= fewest or (side == NEITHER and NEITHER not in closing.sides.values())
        for side in (EXECUTIVE, OTHER, NEITHER)
    )
    return Observed(
        counts=_counts(list(given.values())),
        cannot_judge=sum(view == CANNOT_JUDGE for view in given.values()),
        executives=_counts(list(_levels_of(closing, item, EXECUTIVE).values())) if split else None,
        others=_counts(list(_levels_of(closing, item, OTHER).values())) if split else None,
    )


def _differ(before: Mapping[int, View], now: Mapping[int, View]) -> int:
    return sum(before.get(person) != now.get(person) for person in {*before, *now})


def _levels_of(closing: Closing, item: str, side: str) -> dict[int, View]:
    return {
        person: view
        for person, view in closing.given(item).items()
        if closing.sides[person] == side and view != CANNOT_JUDGE
    }


def _counts(views: Sequence[View]) -> Counts:
    one, two, three, four, five = (sum(view == level for view in views) for level in range(1, 6))
    return one, two, three, four, five


def observed(
    rounds: Sequence[Sequence[Closing]], *, rule: type[Round] = Round, fewest: int = FIVE
) -> tuple[dict[str, Observed], ...]:
    """Everything an observer sees through these closings of rounds that follow each other within months."""
    items = sorted({item for closings in rounds for closing in closings for item in closing.views})
    seen: list[dict[str, Observed]] = []
    earlier: list[LookedAt] = []
    for closings in rounds:
        this = rule(items, fewest=fewest, earlier=tuple(earlier))
        seen += [this.close(closing) for closing in closings]
        earlier += this.looked_at
    return tuple(seen)
